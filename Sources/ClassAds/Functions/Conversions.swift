extension Evaluator {
    /// The text of a value where functions take any type (spec 07, 9: "converts to string"); nil for UNDEFINED and
    /// ERROR.
    func text(of value: Value) -> [UInt8]? {
        switch value {
        case .undefined, .error: return nil
        case .string(let text): return text.bytes
        case .absoluteTime(let time): return Array(time.text.utf8)
        case .relativeTime(let seconds):
            return Array(RelativeTimeText.text(Double(Int64(smallWholePartOf: seconds))).utf8)
        case .boolean, .integer, .real, .list, .classAd:
            var printer = Printer(.new, match: match)
            printer.write(value)
            return printer.output
        }
    }

    /// `int`, `real`, `string` and `bool` (spec 07, 9.2).
    mutating func convert(_ function: Function, _ value: Value) throws(EvaluationFailure) -> Value {
        switch function {
        case .int: return Self.toInteger(value)
        case .real: return Self.toReal(value)
        case .bool: return Self.toBoolean(value)
        default:
            guard let text = text(of: value) else { return value }
            try charge(text.count)
            return .string(ByteString(text))
        }
    }

    static func toInteger(_ value: Value) -> Value {
        switch value {
        case .undefined: return .undefined
        case .error, .list, .classAd: return .error
        case .boolean(let value): return .integer(value ? 1 : 0)
        case .integer: return value
        case .real(let value): return .integer(Int64(wholePartOf: value))
        case .relativeTime(let value): return .integer(Int64(smallWholePartOf: value))
        case .absoluteTime(let time): return .integer(time.seconds)
        case .string(let text):
            let (value, length) = NumberText.leadingReal(text.bytes)
            return length == 0 ? .error : .integer(Int64(wholePartOf: value))
        }
    }

    static func toReal(_ value: Value) -> Value {
        switch value {
        case .undefined: return .undefined
        case .error, .list, .classAd: return .error
        case .boolean(let value): return .real(value ? 1 : 0)
        case .integer(let value): return .real(Double(value))
        case .real: return value
        case .relativeTime(let value): return .real(Double(Int64(smallWholePartOf: value)))
        case .absoluteTime(let time): return .real(Double(time.seconds))
        case .string(let text):
            let (value, length) = NumberText.leadingReal(text.bytes)
            return length == 0 ? .error : .real(value)
        }
    }

    /// The number that ``toReal(_:)`` makes; nil for UNDEFINED and ERROR.
    static func real(_ value: Value) -> Double? {
        if case .real(let number) = toReal(value) { number } else { nil }
    }

    private static func toBoolean(_ value: Value) -> Value {
        switch value {
        case .undefined: return .undefined
        case .error, .list, .classAd, .absoluteTime: return .error
        case .boolean, .integer, .real: return .boolean(value.isTrue)
        case .relativeTime(let value): return .boolean(Int64(smallWholePartOf: value) != 0)
        case .string(let text):
            if ASCII.equalFolded(text.bytes, "true") { return .boolean(true) }
            return ASCII.equalFolded(text.bytes, "false") ? .boolean(false) : .undefined
        }
    }
}
