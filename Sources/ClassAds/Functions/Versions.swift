/// Version numbers (spec 07, 9.5).
extension Evaluator {
    func versions(_ function: Function, _ arguments: [Value]) -> Value {
        if function == .versionInRange {
            if arguments[1].isUndefined || arguments[2].isUndefined { return .undefined }
        } else if arguments[0].isUndefined || arguments[1].isUndefined {
            return .undefined
        }
        let texts = arguments.map { text(of: $0) }
        guard let first = texts[0], let second = texts[1] else { return .error }
        let order = NaturalOrder.compare(first, second)
        switch function {
        case .versionGT: return .boolean(order > 0)
        case .versionGE: return .boolean(order >= 0)
        case .versionLT: return .boolean(order < 0)
        case .versionLE: return .boolean(order <= 0)
        case .versionEQ: return .boolean(order == 0)
        case .versioncmp: return .integer(Int64(order))
        default:
            guard let third = texts[2] else { return .error }
            return .boolean(order >= 0 && NaturalOrder.compare(first, third) <= 0)
        }
    }
}

/// The order in which `1.2` comes before `1.10` (spec 07, 9.5).
enum NaturalOrder {
    /// Negative, zero or positive; the very number is visible through `versioncmp`.
    static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let difference = zip(left, right).prefix { $0 == $1 }.count
        if difference == left.count, difference == right.count { return 0 }
        let bytes = Int(signed(left, difference)) - Int(signed(right, difference))
        var start = difference
        while start > 0, ASCII.isDigit(left[start - 1]) { start -= 1 }
        let bothDigits = isDigit(left, difference) && isDigit(right, difference)
        if start == difference, !bothDigits { return bytes }
        let (zerosLeft, endLeft) = run(left, start)
        let (zerosRight, endRight) = run(right, start)
        if zerosLeft != zerosRight { return zerosRight - zerosLeft }
        if zerosLeft > 0 { return bytes }
        return endLeft == endRight ? bytes : endLeft - endRight
    }

    private static func signed(_ text: [UInt8], _ index: Int) -> Int8 {
        index < text.count ? Int8(bitPattern: text[index]) : 0
    }

    private static func isDigit(_ text: [UInt8], _ index: Int) -> Bool {
        index < text.count && ASCII.isDigit(text[index])
    }

    /// The leading zeros of the digits from `start` on, a lone last one not counted, and where the digits end.
    private static func run(_ text: [UInt8], _ start: Int) -> (zeros: Int, end: Int) {
        var end = start
        while isDigit(text, end) { end += 1 }
        var zeros = 0
        while start + zeros + 1 < end, text[start + zeros] == ASCII.zero { zeros += 1 }
        return (zeros, end)
    }
}
