/// A set of bytes with constant-time look-up, whatever the size of the text it was made of.
struct ByteSet: Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            let bit = UInt64(1) << UInt64(byte & 63)
            switch byte >> 6 {
            case 0: words.0 |= bit
            case 1: words.1 |= bit
            case 2: words.2 |= bit
            default: words.3 |= bit
            }
        }
    }

    func contains(_ byte: UInt8) -> Bool {
        let word =
            switch byte >> 6 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return word >> UInt64(byte & 63) & 1 == 1
    }
}

/// Byte classes and comparisons of the C locale, the only one the language knows (spec 07, 1.1).
enum ASCII {
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let backslash = UInt8(ascii: "\\")
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let zero = UInt8(ascii: "0")
    static let minus = UInt8(ascii: "-")
    static let plus = UInt8(ascii: "+")
    static let dot = UInt8(ascii: ".")

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    @inline(__always)
    static func isIdentifierStart(_ byte: UInt8) -> Bool { isLetter(byte) || byte == 0x5F }

    @inline(__always)
    static func isIdentifierPart(_ byte: UInt8) -> Bool { isIdentifierStart(byte) || isDigit(byte) }

    /// Space, tab, newline, vertical tab, form feed, carriage return.
    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }

    @inline(__always)
    static func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }

    @inline(__always)
    static func isOctalDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 8 }

    @inline(__always)
    static func isPrintable(_ byte: UInt8) -> Bool { byte &- 0x20 < 95 }

    @inline(__always)
    static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    @inline(__always)
    static func upper(_ byte: UInt8) -> UInt8 { byte &- 0x61 < 26 ? byte & 0xDF : byte }

    /// The order of `strcasecmp`: negative, zero or positive.
    static func compareFolded(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Int {
        var rest = right.makeIterator()
        for byte in left {
            guard let other = rest.next() else { return 1 }
            let difference = Int(lower(byte)) - Int(lower(other))
            if difference != 0 { return difference }
        }
        return rest.next() == nil ? 0 : -1
    }

    /// The order of `strcmp`: negative, zero or positive.
    static func compare(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Int {
        var rest = right.makeIterator()
        for byte in left {
            guard let other = rest.next() else { return 1 }
            let difference = Int(byte) - Int(other)
            if difference != 0 { return difference }
        }
        return rest.next() == nil ? 0 : -1
    }

    /// Equality without regard to the case of ASCII letters.
    static func equalFolded(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        left.count == right.count && compareFolded(left, right) == 0
    }

    /// Equality with a literal, without regard to the case of ASCII letters.
    static func equalFolded(_ left: some Collection<UInt8>, _ right: StaticString) -> Bool {
        right.withUTF8Buffer { equalFolded(left, $0) }
    }
}
