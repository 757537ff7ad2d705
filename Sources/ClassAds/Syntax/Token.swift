/// A lexical unit (spec 07, 3); the bytes of strings and identifiers are with the lexer.
enum Token: Equatable, Sendable {
    case end
    /// Anything that is no token; it fits nowhere, so the parser stops in front of it.
    case invalid
    case integer(Int64)
    case real(Double)
    case string
    case identifier
    case boolean(Bool)
    case undefined
    case error
    case binary(BinaryOperator)
    case plus, minus, complement, not
    case question, colon, elvis
    case assign, dot, comma, semicolon
    case openParenthesis, closeParenthesis, openBracket, closeBracket, openBrace, closeBrace

    /// Whether a minus sign after this token is an operator even before a digit (spec 07, 3.3).
    var endsOperand: Bool {
        switch self {
        case .integer, .real, .string, .identifier, .boolean, .undefined, .error, .dot, .closeParenthesis,
            .closeBracket, .closeBrace:
            true
        case .end, .invalid, .binary, .plus, .minus, .complement, .not, .question, .colon, .elvis, .assign, .comma,
            .semicolon, .openParenthesis, .openBracket, .openBrace:
            false
        }
    }
}
