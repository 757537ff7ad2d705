/// The broker's settings, read and checked.
///
/// A value comes from `<local name>.NAME`, else `FLOCK_BROKER.NAME`, else `NAME`, else the
/// HTCondor setting it inherits from, else the default; the last definition of each counts.
package struct BrokerConfiguration: Sendable {
    /// HTCondor's name for the kind of daemon, the prefix of settings meant for it alone.
    package static let subsystem = "FLOCK_BROKER"

    /// What the administrator should know; an ``ConfigurationRemark/Severity/error`` refuses the configuration.
    package private(set) var remarks: [ConfigurationRemark]
    private let table: MacroTable
    private let localName: String?

    /// Checks every setting of a table.
    package init(_ table: MacroTable, localName: String? = nil) {
        self.table = table
        self.localName = localName
        var remarks = Self.remarksOnNames(in: table, localName: localName)
        for setting in Settings.all {
            do throws(ConfigurationError) {
                guard let (text, origin) = try Self.find(setting, in: table, localName: localName) else { continue }
                do throws(InvalidValue) {
                    try setting.check(text)
                } catch {
                    remarks.append(.init(.error, "\(setting.name): \(error)", at: origin))
                }
            } catch {
                remarks.append(.init(.error, "\(setting.name): \(error.detail)", at: error.origin))
            }
        }
        self.remarks = remarks
        self.remarks += certificateRemarks
    }

    /// Whether no remark is an error.
    package var isValid: Bool { !remarks.contains { $0.severity == .error } }

    /// The value of a setting; its default if it is not set, or not valid.
    package subscript<Value>(_ setting: Setting<Value>) -> Value {
        // Errors were reported as remarks by init, which makes the configuration invalid.
        guard let (text, _) = try? Self.find(setting.description, in: table, localName: localName),
            let value = try? setting.type.parse(text)
        else { return setting.defaultValue }
        return value
    }

    /// The text of a setting as it is in effect, and where it comes from (`nil`: the default).
    package func effective(_ setting: SettingDescription) -> (text: String, origin: ConfigurationOrigin?) {
        // As above: a failure is already a remark.
        guard let (text, origin) = try? Self.find(setting, in: table, localName: localName) else {
            return (setting.defaultText, nil)
        }
        return (text, origin)
    }

    /// The locks of negotiation that a test leaves open; empty unless test settings are allowed.
    package var disabledLocks: [String] {
        self[Settings.allowTestSettings] ? self[Settings.testDisabledLocks] : []
    }

    /// Remarks on the use of settings for tests: an alarm when they are in effect.
    package var testRemarks: [ConfigurationRemark] {
        let asked = self[Settings.testDisabledLocks]
        guard !asked.isEmpty else { return [] }
        let origin = effective(Settings.testDisabledLocks.description).origin
        let locks = asked.joined(separator: ", ")
        guard self[Settings.allowTestSettings] else {
            let text = "\(Settings.testDisabledLocks.name) is ignored without \(Settings.allowTestSettings.name) = true"
            return [.init(.warning, text, at: origin)]
        }
        let text = "NEGOTIATION LOCKS ARE SWITCHED OFF FOR A TEST: \(locks); jobs of others may run on annexes"
        return [.init(.alarm, text, at: origin)]
    }

    /// The names under which a setting is looked up, best first.
    private static func lookupNames(_ setting: SettingDescription, localName: String?) -> [String] {
        let names = [setting.narrowName, setting.name, setting.inheritedName].compactMap(\.self)
        return names.flatMap { name in
            (localName.map { ["\($0).\(name)"] } ?? []) + ["\(subsystem).\(name)", name]
        }
    }

    private static func find(
        _ setting: SettingDescription, in table: MacroTable, localName: String?
    ) throws(ConfigurationError) -> (text: String, origin: ConfigurationOrigin)? {
        for name in lookupNames(setting, localName: localName) {
            guard let definition = table.definition(name) else { continue }
            let text = try table.expand(definition.text, at: definition.origin)
            // HTCondor treats an empty definition as none.
            if text.trimmed.isEmpty { continue }
            return (String(text.trimmed), definition.origin)
        }
        return nil
    }

    /// Names of our family that are not in the table: errors in our own files, warnings elsewhere.
    ///
    /// Names of lists of authorization are only looked at in our own files: HTCondor has many for its own daemons.
    private static func remarksOnNames(in table: MacroTable, localName: String?) -> [ConfigurationRemark] {
        let known = Set(Settings.all.flatMap { [$0.name, $0.narrowName].compactMap(\.self) } + Settings.foreignNames)
        let suggested = Settings.all.filter { !$0.isForTests }.map(\.name)
        var remarks: [ConfigurationRemark] = []
        for definition in table.all {
            let plain = definition.name.uppercased().split(separator: ".").last.map(String.init) ?? ""
            let isList = Settings.listPrefixes.contains(where: plain.hasPrefix)
            guard plain.hasPrefix(Settings.prefix) || (isList && definition.isOwn), !known.contains(plain) else {
                continue
            }
            var text = "\(definition.name.prefix(80)) is not a setting"
            if let name = suggestion(for: plain, among: suggested) { text += "; did you mean \(name)?" }
            remarks.append(.init(definition.isOwn ? .error : .warning, text, at: definition.origin))
        }
        return remarks
    }
}
