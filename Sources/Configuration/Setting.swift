/// What the manual, the checker and the editor know of a setting, whatever its type.
package struct SettingDescription: Sendable {
    /// The full name, as it is written in a file.
    package var name: String
    /// The word for its type.
    package var typeName: String
    /// The unit of a number without a suffix.
    package var unit: String?
    /// The default, as it would be written in a file.
    package var defaultText: String
    /// The values that are accepted, in words.
    package var range: String?
    /// A setting for tests: left out of the manual and without effect unless tests are allowed.
    package var isForTests: Bool
    /// The HTCondor setting whose value is taken when this one is not set.
    package var inheritedName: String?
    /// The same setting under a name for this daemon alone, which goes before.
    package var narrowName: String?
    /// What the manual shows as the default where that is not one text.
    package var defaultNote: String?
    /// One sentence for the manual.
    package var sentence: String
    /// Checks a text without keeping the value.
    package var check: @Sendable (String) throws(InvalidValue) -> Void
}

/// One row of the table of settings: its name, type, default and sentence.
package struct Setting<Value: Sendable>: Sendable {
    /// How texts become values.
    package let type: SettingType<Value>
    /// Everything about the setting that does not depend on its type.
    package let description: SettingDescription

    /// The full name.
    package var name: String { description.name }

    init(
        _ name: String, _ type: SettingType<Value>, default defaultText: String,
        inherits inheritedName: String? = nil, narrowName: String? = nil, defaultNote: String? = nil,
        forTests: Bool = false, _ sentence: String
    ) {
        self.type = type
        self.description = SettingDescription(
            name: name, typeName: type.name, unit: type.unit, defaultText: defaultText, range: type.range,
            isForTests: forTests, inheritedName: inheritedName, narrowName: narrowName, defaultNote: defaultNote,
            sentence: sentence,
            check: { text throws(InvalidValue) in _ = try type.parse(text) })
    }

    /// The value when nothing is configured.
    package var defaultValue: Value {
        do {
            return try type.parse(description.defaultText)
        } catch {
            preconditionFailure("the default of \(name) is not a value of its own type: \(error)")
        }
    }
}
