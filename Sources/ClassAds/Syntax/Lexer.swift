/// Cuts a text into tokens (spec 07, 3).
struct Lexer {
    private let text: UnsafeBufferPointer<UInt8>
    private let syntax: Syntax
    private let keepsEscapes: Bool
    /// The next byte to read.
    private(set) var position: Int
    /// Where the bytes of the last string or identifier are, if they are as written.
    private var content = 0..<0
    /// The bytes of the last string or quoted identifier, if they are not as written.
    private var rewritten: [UInt8]?

    /// The text must stay in place while the lexer is used; `keepsEscapes` leaves those of new syntax as they are.
    init(_ text: UnsafeBufferPointer<UInt8>, syntax: Syntax, keepsEscapes: Bool = false) {
        self.text = text
        self.syntax = syntax
        self.keepsEscapes = keepsEscapes
        position = 0
    }

    /// The byte at a distance from the current one; 0 past the end, and a 0 in the text is its end.
    @inline(__always)
    func byte(_ distance: Int = 0) -> UInt8 {
        let index = position + distance
        return index < text.count ? text[index] : 0
    }

    /// The bytes of the last string or identifier.
    @inline(__always)
    func withContent<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let rewritten { return rewritten.withUnsafeBufferPointer(body) }
        return body(UnsafeBufferPointer(rebasing: text[content]))
    }

    /// The bytes of the last string or identifier.
    var contentBytes: [UInt8] { rewritten ?? Array(text[content]) }

    /// The next token; `previous` decides what a minus sign means.
    mutating func next(after previous: Token) -> Token {
        guard skipBlanks() else { return .invalid }
        let first = byte()
        if ASCII.isIdentifierStart(first) { return word() }
        if ASCII.isDigit(first) { return number() }
        switch first {
        case 0: return .end
        case ASCII.quote:
            return quoted(ASCII.quote) ? .string : .invalid
        case ASCII.apostrophe:
            return quoted(ASCII.apostrophe) ? .identifier : .invalid
        case ASCII.dot where ASCII.isDigit(byte(1)):
            return number()
        case ASCII.minus where !previous.endsOperand:
            if ASCII.isDigit(byte(1)) || (byte(1) == ASCII.dot && ASCII.isDigit(byte(2))) { return number() }
            position += 1
            return .minus
        case ASCII.dot:
            return dots()
        default:
            return punctuation(first)
        }
    }

    /// Skips white space and comments; false if a comment does not end (spec 07, 3.1).
    private mutating func skipBlanks() -> Bool {
        while true {
            while ASCII.isSpace(byte()) { position += 1 }
            guard byte() == UInt8(ascii: "/") else { return true }
            if byte(1) == UInt8(ascii: "/") {
                while byte() != 0, byte() != ASCII.newline { position += 1 }
            } else if byte(1) == UInt8(ascii: "*") {
                position += 2
                while byte() != UInt8(ascii: "*") || byte(1) != UInt8(ascii: "/") {
                    if byte() == 0 { return false }
                    position += 1
                }
                position += 2
            } else {
                return true
            }
        }
    }

    /// Moves past bytes that were looked at.
    mutating func advance(_ length: Int) { position += length }

    // MARK: Words

    private mutating func word() -> Token {
        let start = position
        while ASCII.isIdentifierPart(byte()) { position += 1 }
        content = start..<position
        rewritten = nil
        return Self.reserved(text[start..<position]) ?? .identifier
    }

    /// Reserved words, in any case (spec 07, 3.2).
    private static func reserved(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Token? {
        switch name.count {
        case 2 where ASCII.equalFolded(name, "is"): .binary(.identical)
        case 4 where ASCII.equalFolded(name, "isnt"): .binary(.notIdentical)
        case 4 where ASCII.equalFolded(name, "true"): .boolean(true)
        case 5 where ASCII.equalFolded(name, "false"): .boolean(false)
        case 5 where ASCII.equalFolded(name, "error"): .error
        case 9 where ASCII.equalFolded(name, "undefined"): .undefined
        default: nil
        }
    }

    // MARK: Numbers

    /// A number, its minus sign included (spec 07, 3.3).
    private mutating func number() -> Token {
        let start = position
        let isNegative = byte() == ASCII.minus
        if isNegative { position += 1 }
        let digits = position
        if byte() == ASCII.zero, byte(1) | 0x20 == UInt8(ascii: "x") {
            position += 2
            guard ASCII.isHexDigit(byte()) else { return .invalid }
            while ASCII.isHexDigit(byte()) { position += 1 }
            if byte() == ASCII.dot {
                // With a fraction it is a real, which C reads as hexadecimal.
                guard skipFraction() == true else { return .invalid }
                return .real(NumberText.leadingReal(text[start..<position]).value)
            }
            // Only the first byte of the token is looked at, so that a sign lets a zero through.
            return isNegative ? .integer(0) : .invalid
        }
        while ASCII.isDigit(byte()) { position += 1 }
        guard let isReal = skipFraction() else { return .invalid }
        if isReal { return .real(NumberText.leadingReal(text[start..<position]).value) }
        if text[start] == ASCII.zero, position > start + 1 { return .invalid }
        // After a sign leading zeros pass, if the digits could be octal.
        if text[digits] == ASCII.zero, !text[digits..<position].allSatisfy(ASCII.isOctalDigit) { return .invalid }
        return .integer(Self.integer(text[digits..<position], isNegative: isNegative))
    }

    /// Skips fraction and exponent; false if there is neither, nil if one lacks its digits.
    private mutating func skipFraction() -> Bool? {
        var isReal = false
        if byte() == ASCII.dot {
            guard ASCII.isDigit(byte(1)) else { return nil }
            isReal = true
            position += 1
            while ASCII.isDigit(byte()) { position += 1 }
        }
        if byte() | 0x20 == UInt8(ascii: "e") {
            position += 1
            if byte() == ASCII.plus || byte() == ASCII.minus { position += 1 }
            guard ASCII.isDigit(byte()) else { return nil }
            while ASCII.isDigit(byte()) { position += 1 }
            isReal = true
        }
        return isReal
    }

    /// The value of decimal digits; zero if it does not fit.
    private static func integer(_ digits: Slice<UnsafeBufferPointer<UInt8>>, isNegative: Bool) -> Int64 {
        var value: Int64 = 0
        for digit in digits {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let step = Int64(digit &- ASCII.zero)
            let (sum, overflow2) =
                isNegative ? tens.subtractingReportingOverflow(step) : tens.addingReportingOverflow(step)
            if overflow || overflow2 { return 0 }
            value = sum
        }
        return value
    }

    /// One or two dots; two and a digit make the real 0 (spec 07, 3.4).
    private mutating func dots() -> Token {
        position += 1
        guard byte() == ASCII.dot else { return .dot }
        guard ASCII.isDigit(byte(1)) else {
            position += 1
            return .dot
        }
        return skipFraction() == nil ? .invalid : .real(0)
    }

    // MARK: Quoted text

    /// Reads quoted text; false if it is not correct.
    private mutating func quoted(_ delimiter: UInt8) -> Bool {
        if plainQuoted(delimiter) { return true }
        guard let bytes = syntax == .new ? quotedNew(delimiter) : quotedOld(delimiter) else { return false }
        rewritten = bytes
        return true
    }

    /// Reads quoted text without backslashes and, in new syntax, without a second piece; false if it is not that.
    private mutating func plainQuoted(_ delimiter: UInt8) -> Bool {
        var end = position + 1
        while end < text.count, text[end] != delimiter {
            if text[end] == ASCII.backslash || text[end] == 0 { return false }
            end += 1
        }
        guard end < text.count else { return false }
        if syntax == .new {
            var next = end + 1
            while next < text.count, ASCII.isSpace(text[next]) { next += 1 }
            if next < text.count, text[next] == delimiter { return false }
        }
        content = (position + 1)..<end
        rewritten = nil
        position = end + 1
        return true
    }

    /// Quoted text in new syntax; adjacent pieces are joined (spec 07, 3.5).
    private mutating func quotedNew(_ delimiter: UInt8) -> [UInt8]? {
        var raw: [UInt8] = []
        var hasEscapes = false
        while true {
            position += 1
            while byte() != delimiter {
                if byte() == 0 { return nil }
                if byte() == ASCII.backslash {
                    hasEscapes = true
                    raw.append(ASCII.backslash)
                    position += 1
                    if byte() == 0 { return nil }
                }
                raw.append(byte())
                position += 1
            }
            position += 1
            var blanks = 0
            while ASCII.isSpace(byte(blanks)) { blanks += 1 }
            guard byte(blanks) == delimiter else { break }
            position += blanks
        }
        return hasEscapes && !keepsEscapes ? Escapes.undo(raw) : raw
    }

    /// Quoted text in old syntax (spec 07, 3.5).
    private mutating func quotedOld(_ delimiter: UInt8) -> [UInt8]? {
        var result: [UInt8] = []
        position += 1
        while true {
            let next = byte()
            if next == 0 { return nil }
            position += 1
            guard next == delimiter else {
                result.append(next)
                continue
            }
            guard result.last == ASCII.backslash, text[position - 2] == ASCII.backslash else { return result }
            if byte() == 0 || byte() == ASCII.newline { return result }
            result[result.count - 1] = delimiter
        }
    }
}
