/// What an expression evaluates to (spec 07, 2).
public enum Value: Sendable {
    /// A missing attribute, or something computed from one.
    case undefined
    /// A wrong type or a failed operation.
    case error
    /// True or false.
    case boolean(Bool)
    /// A signed 64-bit integer.
    case integer(Int64)
    /// A double; infinities and NaN occur.
    case real(Double)
    /// Bytes.
    case string(ByteString)
    /// A point in time with a zone offset.
    case absoluteTime(AbsoluteTime)
    /// A number of seconds.
    case relativeTime(Double)
    /// A list of expressions.
    case list(ListValue)
    /// A nested ad.
    case classAd(AdValue)
}

extension Value {
    /// A string value.
    public static func string(_ text: String) -> Value { .string(ByteString(text)) }

    /// Whether `&&`, ternaries and Requirements take this for true (spec 07, 2: boolean-equivalent).
    public var isTrue: Bool { booleanValue == true }

    /// The boolean equivalent: of a boolean, an integer or a real; otherwise nil (spec 07, 2).
    public var booleanValue: Bool? {
        switch self {
        case .boolean(let value): value
        case .integer(let value): value != 0
        case .real(let value): value != 0
        case .undefined, .error, .string, .absoluteTime, .relativeTime, .list, .classAd: nil
        }
    }

    /// What an integer look-up takes: an integer, a truncated real, 1 or 0 for a boolean (spec 07, 17).
    public var integerValue: Int64? {
        switch self {
        case .boolean(let value): value ? 1 : 0
        case .integer(let value): value
        case .real(let value): Int64(wholePartOf: value)
        case .undefined, .error, .string, .absoluteTime, .relativeTime, .list, .classAd: nil
        }
    }

    /// What a float look-up takes: an integer, a real, 1.0 or 0.0 for a boolean (spec 07, 17).
    public var realValue: Double? {
        switch self {
        case .boolean(let value): value ? 1 : 0
        case .integer(let value): Double(value)
        case .real(let value): value
        case .undefined, .error, .string, .absoluteTime, .relativeTime, .list, .classAd: nil
        }
    }

    /// The text of a string value, with bytes that are not UTF-8 replaced.
    public var stringValue: String? { byteStringValue?.description }

    /// The bytes of a string value.
    public var byteStringValue: ByteString? {
        if case .string(let value) = self { value } else { nil }
    }

    /// Whether the value is UNDEFINED.
    public var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    /// Whether the value is ERROR.
    public var isError: Bool {
        if case .error = self { true } else { false }
    }
}

extension Value: Equatable {
    /// Same type and same contents; lists and ads by structure, NaN equal to itself.
    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.undefined, .undefined), (.error, .error): true
        case (.boolean(let left), .boolean(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.real(let left), .real(let right)), (.relativeTime(let left), .relativeTime(let right)):
            left == right || (left.isNaN && right.isNaN)
        case (.string(let left), .string(let right)): left == right
        case (.absoluteTime(let left), .absoluteTime(let right)): left == right
        case (.list(let left), .list(let right)): left == right
        case (.classAd(let left), .classAd(let right)): left == right
        default: false
        }
    }
}

extension Value: CustomStringConvertible {
    /// The value in new syntax.
    public var description: String { Expression(.literal(self)).text(.new) }
}

extension Int64 {
    /// The whole part of a double; what does not fit gives the least integer, as on x86-64 (spec 07, 9.2).
    init(wholePartOf value: Double) {
        self = Int64(exactly: value.rounded(.towardZero)) ?? .min
    }

    /// The whole part of a double where the reference has 32 bits, as for all relative times; what does not fit gives
    /// their least integer.
    init(smallWholePartOf value: Double) {
        self = Int64(Int32(exactly: value.rounded(.towardZero)) ?? .min)
    }
}
