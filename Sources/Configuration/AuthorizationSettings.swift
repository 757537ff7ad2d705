package import CondorSecurity

extension SettingType where Value == [AuthorizationEntry] {
    /// Patterns of users and hosts as HTCondor's `ALLOW_*` and `DENY_*` have them.
    package static let authorization = SettingType(
        name: "list", unit: nil, range: "user@domain/host patterns"
    ) { text throws(InvalidValue) in
        var entries: [AuthorizationEntry] = []
        for item in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            guard entries.count < maximumAuthorizationEntries else {
                throw InvalidValue("at most \(maximumAuthorizationEntries) entries")
            }
            do {
                entries.append(try AuthorizationEntry(String(item)))
            } catch {
                throw InvalidValue("user@domain/host patterns; \(error)")
            }
        }
        return entries
    }
}

extension SettingType where Value == [AuthorizationEntry] {
    /// Users with their domains, optionally at hosts; a name alone, which would mean a host, is refused.
    package static let users = SettingType(name: "list", unit: nil, range: "user@domain or user@domain/host") {
        text throws(InvalidValue) in
        let entries = try authorization.parse(text)
        guard entries.allSatisfy({ $0.description.prefix { $0 != "/" }.contains("@") }) else {
            throw InvalidValue("users with their domains, user@domain")
        }
        return entries
    }
}

/// Entries of one list: every one is looked at for every command.
private let maximumAuthorizationEntries = 1000

/// The two lists of one level, or of all levels that have none of their own.
package struct AuthorizationListSettings: Sendable {
    /// The level; `nil` for DEFAULT.
    package let level: AuthorizationLevel?
    /// Who may.
    package let allow: Setting<[AuthorizationEntry]>
    /// Who may not.
    package let deny: Setting<[AuthorizationEntry]>

    fileprivate init(_ level: AuthorizationLevel?, default note: String, _ sentence: String) {
        let word = level?.rawValue ?? "DEFAULT"
        self.level = level
        allow = Setting(
            "ALLOW_\(word)", .authorization, default: "", narrowName: "ALLOW_\(word)_FLOCK_BROKER",
            defaultNote: note, sentence)
        deny = Setting(
            "DENY_\(word)", .authorization, default: "", narrowName: "DENY_\(word)_FLOCK_BROKER",
            level == nil
                ? "Who is refused at levels without a list of refusals of their own."
                : "Who is refused \(word), whatever other lists say.")
    }
}

extension Settings {
    /// The lists of authorization, named as HTCondor names them.
    package static let authorizationLists: [AuthorizationListSettings] = [
        AuthorizationListSettings(.read, default: "`*`", "Who may query."),
        AuthorizationListSettings(
            .write, default: "users of the own domain and FLOCK_BROKER_TRUSTED_SCHEDDS",
            "Who may have annexes: create, look after and end his own."),
        AuthorizationListSettings(
            .administrator, default: "the access point and FLOCK_BROKER_ADMINISTRATORS",
            "Who may look after everybody's annexes."),
        AuthorizationListSettings(
            .daemon, default: "the access point and FLOCK_BROKER_ADMINISTRATORS",
            "Who may advertise what no other level is for."),
        AuthorizationListSettings(
            .negotiator, default: "the access point and FLOCK_BROKER_ADMINISTRATORS",
            "Who may advertise negotiators and accounting."),
        AuthorizationListSettings(
            .config, default: "the access point and FLOCK_BROKER_ADMINISTRATORS",
            "Who may change the configuration from afar; no command of the broker does that."),
        AuthorizationListSettings(
            .advertiseSchedd,
            default: "the access point, FLOCK_BROKER_ADMINISTRATORS and FLOCK_BROKER_TRUSTED_SCHEDDS",
            "Whose schedd and submitter ads are believed."),
        AuthorizationListSettings(
            .advertiseStartd, default: "annex capabilities",
            "Who may advertise startds; with a list, annex capabilities must fit it as well."),
        AuthorizationListSettings(
            .advertiseMaster, default: "annex capabilities",
            "Who may advertise masters; with a list, annex capabilities must fit it as well."),
        AuthorizationListSettings(
            nil, default: "the defaults of the levels", "Who may do what no other list of this kind is set for."),
    ]

    /// What the names of such lists begin with.
    package static let listPrefixes = ["ALLOW_", "DENY_"]
}

extension BrokerConfiguration {
    /// The domain of users: the configured one in lower case, else the name of the host.
    package func userDomain(host: String) -> String {
        let domain = self[Settings.uidDomain]
        return (domain.isEmpty ? host : domain).lowercased()
    }

    /// The rules of authorization in effect.
    ///
    /// A level has its own list, else that of DAEMON if it is one of advertising, else that of DEFAULT, else our default.
    /// Source: spec 02, 12.2; `src/condor_io/condor_secman.cpp`, getSecSetting.
    package func authorizationRules(host: String, localAddresses: Set<IPAddress> = []) -> AuthorizationRules {
        var lists: [AuthorizationLevel: AuthorizationRules.Lists] = [:]
        for settings in Settings.authorizationLists {
            guard let level = settings.level else { continue }
            let allow = list(for: level, \.allow)
            lists[level] = AuthorizationRules.Lists(
                allow: allow.map { extended($0, level) } ?? standardList(level, host: host),
                deny: list(for: level, \.deny),
                narrowsCapabilities: isSet(settings.allow))
        }
        return AuthorizationRules(lists, localAddresses: localAddresses)
    }

    private typealias Side = KeyPath<AuthorizationListSettings, Setting<[AuthorizationEntry]>>

    /// The configured list of a level, or that of the level it falls back to.
    private func list(for level: AuthorizationLevel, _ side: Side) -> AuthorizationList? {
        var steps: [AuthorizationLevel?] = [level]
        switch level {
        case .advertiseStartd, .advertiseSchedd, .advertiseMaster: steps += [.daemon, nil]
        case .allow, .read, .write, .negotiator, .administrator, .config, .daemon, .client: steps += [nil]
        }
        for step in steps {
            for settings in Settings.authorizationLists where settings.level == step && isSet(settings[keyPath: side]) {
                return AuthorizationList(settings[keyPath: side].name, self[settings[keyPath: side]])
            }
        }
        return nil
    }

    private func isSet(_ setting: Setting<[AuthorizationEntry]>) -> Bool {
        effective(setting.description).origin != nil
    }

    /// A configured list with those whom our own settings name besides.
    private func extended(_ list: AuthorizationList, _ level: AuthorizationLevel) -> AuthorizationList {
        var list = list
        list.entries += named(level)
        return list
    }

    /// What holds for a level that no list is configured for.
    private func standardList(_ level: AuthorizationLevel, host: String) -> AuthorizationList? {
        let domain = userDomain(host: host)
        let standard: [String]
        switch level {
        case .read: standard = ["*"]
        case .write: standard = ["*@\(domain)"]
        case .administrator, .daemon, .negotiator, .config, .advertiseSchedd: standard = ["condor@\(domain)"]
        case .advertiseStartd, .advertiseMaster, .allow, .client: return nil
        }
        // The domain is the administrator's text; one that is no domain matches nobody.
        let entries = standard.compactMap { try? AuthorizationEntry($0) }
        return AuthorizationList("the default of ALLOW_\(level.rawValue)", entries + named(level))
    }

    /// Users whom `FLOCK_BROKER_ADMINISTRATORS` and `FLOCK_BROKER_TRUSTED_SCHEDDS` add to a level.
    private func named(_ level: AuthorizationLevel) -> [AuthorizationEntry] {
        switch level {
        case .administrator, .daemon, .negotiator, .config:
            self[Settings.administrators]
        case .advertiseSchedd:
            self[Settings.administrators] + self[Settings.trustedSchedds]
        case .write:
            self[Settings.trustedSchedds]
        case .read, .allow, .client, .advertiseStartd, .advertiseMaster:
            []
        }
    }
}
