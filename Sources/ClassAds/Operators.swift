/// Operators with one operand; parentheses are kept as a node of their own (spec 07, 1.1).
enum UnaryOperator: Sendable {
    case minus, plus, complement, not, parentheses

    var text: String {
        switch self {
        case .minus: "-"
        case .plus: "+"
        case .complement: "~"
        case .not: "!"
        case .parentheses: ""
        }
    }
}

/// Operators with two operands (spec 07, 4).
enum BinaryOperator: UInt8, Sendable {
    case or, and, bitOr, bitXor, bitAnd
    case equal, notEqual, identical, notIdentical
    case less, lessOrEqual, greater, greaterOrEqual
    case shiftLeft, shiftRight, shiftRightUnsigned
    case add, subtract, multiply, divide, modulo
    case elvis, subscripted

    /// How tightly it binds; elvis and subscript are postfix forms and have none.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and: 2
        case .bitOr: 3
        case .bitXor: 4
        case .bitAnd: 5
        case .equal, .notEqual, .identical, .notIdentical: 6
        case .less, .lessOrEqual, .greater, .greaterOrEqual: 7
        case .shiftLeft, .shiftRight, .shiftRightUnsigned: 8
        case .add, .subtract: 9
        case .multiply, .divide, .modulo: 10
        case .elvis, .subscripted: 11
        }
    }

    func text(_ syntax: Syntax) -> String {
        switch self {
        case .or: "||"
        case .and: "&&"
        case .bitOr: "|"
        case .bitXor: "^"
        case .bitAnd: "&"
        case .equal: "=="
        case .notEqual: "!="
        case .identical: syntax == .old ? "=?=" : "is"
        case .notIdentical: syntax == .old ? "=!=" : "isnt"
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .shiftLeft: "<<"
        case .shiftRight: ">>"
        case .shiftRightUnsigned: ">>>"
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .modulo: "%"
        case .elvis: "?:"
        case .subscripted: "[]"
        }
    }
}
