extension Lexer {
    /// Operators and separators (spec 07, 3.4).
    mutating func punctuation(_ first: UInt8) -> Token {
        switch first {
        case UInt8(ascii: "+"): take(1, .plus)
        case UInt8(ascii: "-"): take(1, .minus)
        case UInt8(ascii: "*"): take(1, .binary(.multiply))
        case UInt8(ascii: "/"): take(1, .binary(.divide))
        case UInt8(ascii: "%"): take(1, .binary(.modulo))
        case UInt8(ascii: "&"): follows("&") ? take(2, .binary(.and)) : take(1, .binary(.bitAnd))
        case UInt8(ascii: "|"): follows("|") ? take(2, .binary(.or)) : take(1, .binary(.bitOr))
        case UInt8(ascii: "^"): take(1, .binary(.bitXor))
        case UInt8(ascii: "~"): take(1, .complement)
        case UInt8(ascii: "!"): follows("=") ? take(2, .binary(.notEqual)) : take(1, .not)
        case UInt8(ascii: "<"): less()
        case UInt8(ascii: ">"): greater()
        case UInt8(ascii: "="): equal()
        case UInt8(ascii: "?"): question()
        case UInt8(ascii: ":"): take(1, .colon)
        case UInt8(ascii: ","): take(1, .comma)
        case UInt8(ascii: ";"): take(1, .semicolon)
        case UInt8(ascii: "("): take(1, .openParenthesis)
        case UInt8(ascii: ")"): take(1, .closeParenthesis)
        case UInt8(ascii: "["): take(1, .openBracket)
        case UInt8(ascii: "]"): take(1, .closeBracket)
        case UInt8(ascii: "{"): take(1, .openBrace)
        case UInt8(ascii: "}"): take(1, .closeBrace)
        default: .invalid
        }
    }

    private mutating func less() -> Token {
        if follows("=") { return take(2, .binary(.lessOrEqual)) }
        return follows("<") ? take(2, .binary(.shiftLeft)) : take(1, .binary(.less))
    }

    private mutating func greater() -> Token {
        if follows("=") { return take(2, .binary(.greaterOrEqual)) }
        guard follows(">") else { return take(1, .binary(.greater)) }
        return follows(">", distance: 2) ? take(3, .binary(.shiftRightUnsigned)) : take(2, .binary(.shiftRight))
    }

    private mutating func equal() -> Token {
        if follows("=") { return take(2, .binary(.equal)) }
        if follows("?") { return follows("=", distance: 2) ? take(3, .binary(.identical)) : .invalid }
        if follows("!"), follows("=", distance: 2) { return take(3, .binary(.notIdentical)) }
        return take(1, .assign)
    }

    /// A question mark; with a colon after optional white space it is the elvis operator.
    private mutating func question() -> Token {
        var distance = 1
        while ASCII.isSpace(byte(distance)) { distance += 1 }
        return follows(":", distance: distance) ? take(distance + 1, .elvis) : take(1, .question)
    }

    private func follows(_ character: Unicode.Scalar, distance: Int = 1) -> Bool {
        byte(distance) == UInt8(ascii: character)
    }

    private mutating func take(_ length: Int, _ token: Token) -> Token {
        advance(length)
        return token
    }
}
