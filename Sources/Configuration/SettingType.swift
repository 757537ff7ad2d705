/// A text that cannot be the value of a setting.
package struct InvalidValue: Error, Equatable, CustomStringConvertible {
    /// What the setting expects, as it is told to the administrator.
    package var expectation: String

    package init(_ expectation: String) {
        self.expectation = expectation
    }

    package var description: String { "expected \(expectation)" }
}

/// How the text of a setting becomes a value, and how that is described in the manual.
package struct SettingType<Value: Sendable>: Sendable {
    /// The word for the type in the manual: `boolean`, `time`, `list`.
    package var name: String
    /// The unit of a number without a suffix, or `nil`.
    package var unit: String?
    /// The values that are accepted, in words, or `nil` if every text is.
    package var range: String?
    /// Reads a text without surrounding white space.
    package var parse: @Sendable (String) throws(InvalidValue) -> Value
}

extension SettingType where Value == String {
    /// Any text; an empty one means "not set".
    package static let text = SettingType(name: "text", unit: nil, range: nil) { text in text }

    /// An absolute path, or nothing.
    package static let path = SettingType(name: "path", unit: nil, range: "an absolute path") {
        text throws(InvalidValue) in
        guard text.isEmpty || text.hasPrefix("/") else { throw InvalidValue("an absolute path") }
        return text
    }
}

extension SettingType where Value == Bool {
    /// HTCondor's spellings of truth, in any case.
    package static let boolean = SettingType(name: "boolean", unit: nil, range: "true or false") {
        text throws(InvalidValue) in
        switch text.lowercased() {
        case "true", "yes", "on", "t", "1": return true
        case "false", "no", "off", "f", "0": return false
        default: throw InvalidValue("true or false")
        }
    }
}

extension SettingType where Value == Int {
    /// A whole number within a range.
    package static func integer(_ range: ClosedRange<Int>) -> SettingType {
        let words = "\(range.lowerBound) to \(range.upperBound)"
        return SettingType(name: "number", unit: nil, range: words) { text throws(InvalidValue) in
            guard let number = Int(text), range.contains(number) else {
                throw InvalidValue("a whole number from \(words)")
            }
            return number
        }
    }

    /// A number of bytes with an optional unit: `K`, `M`, `G`, `T`, each 1024 times the one before.
    package static func size(_ range: ClosedRange<Int>) -> SettingType {
        let words = "\(range.lowerBound) to \(range.upperBound) bytes"
        return SettingType(name: "size", unit: "bytes", range: words) { text throws(InvalidValue) in
            let units: [(suffix: String, factor: Int)] = [
                ("", 1), ("b", 1), ("k", 1 << 10), ("kb", 1 << 10), ("m", 1 << 20), ("mb", 1 << 20),
                ("g", 1 << 30), ("gb", 1 << 30), ("t", 1 << 40), ("tb", 1 << 40),
            ]
            guard let count = scaled(text, units: units), range.contains(count) else {
                throw InvalidValue("a size such as 64K or 10M, from \(words)")
            }
            return count
        }
    }
}

extension SettingType where Value == Duration {
    /// A time with an optional unit: `s` (also without), `m`, `h`, `d`, `w`.
    ///
    /// - Parameter range: the accepted range in seconds.
    package static func time(_ range: ClosedRange<Int>) -> SettingType {
        let words = "\(timeText(range.lowerBound)) to \(timeText(range.upperBound))"
        return SettingType(name: "time", unit: "seconds", range: words) { text throws(InvalidValue) in
            let units: [(suffix: String, factor: Int)] = [
                ("", 1), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800),
            ]
            guard let seconds = scaled(text, units: units), range.contains(seconds) else {
                throw InvalidValue("a time such as 90, 30m or 24h, from \(words)")
            }
            return .seconds(seconds)
        }
    }

    /// A number of seconds in the largest unit that divides it: `90s`, `15m`, `24h`, `7d`.
    private static func timeText(_ seconds: Int) -> String {
        for (factor, unit) in [(86_400, "d"), (3600, "h"), (60, "m")] where seconds > factor && seconds % factor == 0 {
            return "\(seconds / factor)\(unit)"
        }
        return "\(seconds)s"
    }
}

extension SettingType where Value == [String] {
    /// Items separated by commas or white space.
    package static let list = SettingType(name: "list", unit: nil, range: nil) { text in items(of: text) }

    /// A list whose items come from a fixed set of words.
    package static func choices(_ words: [String]) -> SettingType {
        SettingType(name: "list", unit: nil, range: "any of " + words.joined(separator: ", ")) {
            text throws(InvalidValue) in
            var chosen: [String] = []
            for item in items(of: text) {
                guard let word = words.first(where: { $0.lowercased() == item.lowercased() }) else {
                    throw InvalidValue("any of " + words.joined(separator: ", "))
                }
                chosen.append(word)
            }
            return chosen
        }
    }

    private static func items(of text: String) -> [String] {
        text.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map(String.init)
    }
}

extension SettingType where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One word of the cases of an enumeration, in any case.
    package static var choice: SettingType {
        let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return SettingType(name: "word", unit: nil, range: words) { text throws(InvalidValue) in
            guard let value = Value.allCases.first(where: { $0.rawValue == text.lowercased() }) else {
                throw InvalidValue("one of \(words)")
            }
            return value
        }
    }
}

/// Reads `<digits><unit>` with optional blanks between, and `nil` if it is anything else or overflows.
private func scaled(_ text: String, units: [(suffix: String, factor: Int)]) -> Int? {
    let digits = text.prefix(while: { $0.isASCII && $0.isNumber })
    let suffix = text.dropFirst(digits.count).drop(while: { $0.isWhitespace }).lowercased()
    guard let number = Int(digits), let unit = units.first(where: { $0.suffix == suffix }) else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit.factor)
    return overflow ? nil : product
}
