/// Right-hand sides that are one plain literal, which most attributes are, read without the lexer.
///
/// What is recognised here means the same as to the parser; everything else is left to it.
enum PlainLiteral {
    /// The literal in old-syntax text, or nil if the parser must look at it.
    static func cell(_ text: UnsafeBufferPointer<UInt8>, pool: AdPool?) -> Cell? {
        guard let first = text.first else { return nil }
        if first == ASCII.quote { return string(text, pool) }
        if ASCII.isDigit(first) || first == ASCII.minus { return integer(text) }
        switch text.count {
        case 4 where ASCII.equalFolded(text, "true"): return .boolean(true)
        case 5 where ASCII.equalFolded(text, "false"): return .boolean(false)
        default: return nil
        }
    }

    /// Text in quotes without a further quote.
    private static func string(_ text: UnsafeBufferPointer<UInt8>, _ pool: AdPool?) -> Cell? {
        guard text.count >= 2, text[text.count - 1] == ASCII.quote, text[text.count - 2] != ASCII.backslash else {
            return nil
        }
        let inner = UnsafeBufferPointer(rebasing: text[1..<(text.count - 1)])
        guard !inner.contains(ASCII.quote), !inner.contains(0) else { return nil }
        return .string(pool?.string(inner) ?? ByteString(inner))
    }

    /// Up to 18 digits, which cannot overflow, without a leading zero.
    private static func integer(_ text: UnsafeBufferPointer<UInt8>) -> Cell? {
        let isNegative = text[0] == ASCII.minus
        let digits = UnsafeBufferPointer(rebasing: text[(isNegative ? 1 : 0)...])
        guard let first = digits.first, digits.count <= 18, first != ASCII.zero || digits.count == 1 else {
            return nil
        }
        var value: Int64 = 0
        for digit in digits {
            guard ASCII.isDigit(digit) else { return nil }
            value = value * 10 + Int64(digit - ASCII.zero)
        }
        return .integer(isNegative ? -value : value)
    }
}
