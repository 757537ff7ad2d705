/// Turns text into trees by recursive descent (spec 07, 4).
struct Parser {
    private var lexer: Lexer
    private let zone: LocalTimeZone
    private var token: Token = .end
    /// Where the token starts, for messages.
    private var tokenPosition = 0
    private var depth = 0

    /// Levels of expression, unary and postfix together (spec 07, 10.2).
    private static let maximumDepth = 500
    /// Levels of a tree.
    ///
    /// The parser's own depth does not bound chains like `1+1+…`; this keeps recursion over
    /// trees, their release included, within the stack. Evaluation gives up far earlier.
    static let maximumTreeDepth = 3000

    /// The text must stay in place while the parser is used.
    init(_ text: UnsafeBufferPointer<UInt8>, syntax: Syntax, zone: LocalTimeZone) {
        lexer = Lexer(text, syntax: syntax)
        self.zone = zone
        advance()
    }

    /// One expression; unless `full`, anything may follow it.
    ///
    /// As in HTCondor an outermost ternary is never followed up (spec 07, 4, "Full parse").
    mutating func parse(full: Bool) throws(ClassAdError) -> Node {
        let node = try expression()
        if full, token != .end {
            if case .conditional = node { return node }
            throw failure(.trailingText, "the end of the expression")
        }
        return node
    }

    // MARK: Tokens

    private mutating func advance() {
        token = lexer.next(after: token)
        tokenPosition = lexer.position
    }

    private func failure(_ kind: ClassAdError.Kind, _ expectation: String) -> ClassAdError {
        let kind = token == .invalid && kind == .unexpectedToken ? .badToken : kind
        return ClassAdError(kind, at: tokenPosition, expecting: expectation)
    }

    private mutating func accept(_ wanted: Token) -> Bool {
        guard token == wanted else { return false }
        advance()
        return true
    }

    private mutating func expect(_ wanted: Token, _ expectation: String) throws(ClassAdError) {
        guard accept(wanted) else { throw failure(.unexpectedToken, expectation) }
    }

    private mutating func identifier() throws(ClassAdError) -> Name {
        guard case .identifier(let spelling) = token else { throw failure(.unexpectedToken, "a name") }
        advance()
        return Name(spelling)
    }

    private mutating func descend() throws(ClassAdError) {
        depth += 1
        if depth > Self.maximumDepth { throw failure(.tooDeep, "less nesting") }
    }

    private func bounded(_ node: Node) throws(ClassAdError) -> Node {
        if node.depth > Self.maximumTreeDepth { throw failure(.tooDeep, "a shorter chain of operators") }
        return node
    }

    // MARK: Grammar

    private mutating func expression() throws(ClassAdError) -> Node {
        try descend()
        let condition = try binary(minimum: 1)
        guard case .question = token else {
            depth -= 1
            return condition
        }
        advance()
        let whenTrue = try expression()
        try expect(.colon, "':'")
        let whenFalse = try expression()
        depth -= 1
        return try bounded(.conditional(Conditional(condition, whenTrue, whenFalse)))
    }

    /// Left-associative operators that bind at least as tightly as `minimum`.
    private mutating func binary(minimum: Int) throws(ClassAdError) -> Node {
        var left = try unary()
        while let symbol = binaryOperator, symbol.precedence >= minimum {
            advance()
            let right = try binary(minimum: symbol.precedence + 1)
            left = try bounded(.binary(BinaryOperation(symbol, left, right)))
        }
        return left
    }

    private var binaryOperator: BinaryOperator? {
        switch token {
        case .binary(let symbol): symbol
        case .plus: .add
        case .minus: .subtract
        default: nil
        }
    }

    private mutating func unary() throws(ClassAdError) -> Node {
        try descend()
        defer { depth -= 1 }
        let symbol: UnaryOperator? =
            switch token {
            case .minus: .minus
            case .plus: .plus
            case .complement: .complement
            case .not: .not
            default: nil
            }
        guard let symbol else { return try postfix() }
        advance()
        return try bounded(.unary(UnaryOperation(symbol, try unary())))
    }

    private mutating func postfix() throws(ClassAdError) -> Node {
        try descend()
        defer { depth -= 1 }
        var node = try primary()
        while true {
            switch token {
            case .dot:
                advance()
                node = .selection(Selection(node, try identifier()))
            case .openBracket:
                advance()
                let index = try expression()
                try expect(.closeBracket, "']'")
                node = .binary(BinaryOperation(.subscripted, node, index))
            case .elvis:
                advance()
                node = .binary(BinaryOperation(.elvis, node, try postfix()))
            default:
                return node
            }
            node = try bounded(node)
        }
    }

    private mutating func primary() throws(ClassAdError) -> Node {
        switch token {
        case .identifier(let spelling):
            advance()
            let name = Name(spelling)
            return token == .openParenthesis ? try call(name) : .reference(Reference(name))
        case .dot:
            advance()
            return .reference(Reference(try identifier(), isAbsolute: true))
        case .openParenthesis:
            advance()
            let node = try expression()
            try expect(.closeParenthesis, "')'")
            return .unary(UnaryOperation(.parentheses, node))
        case .openBrace:
            return .list(ListLiteral(try sequence(from: .openBrace, to: .closeBrace, allowsSemicolons: false)))
        case .openBracket:
            return .ad(AdLiteral(try bracketedAd()))
        default:
            guard let value = literal else { throw failure(.unexpectedToken, "an expression") }
            advance()
            return .literal(value)
        }
    }

    private var literal: Value? {
        switch token {
        case .integer(let value): .integer(value)
        case .real(let value): .real(value)
        case .string(let value): .string(ByteString(value))
        case .boolean(let value): .boolean(value)
        case .undefined: .undefined
        case .error: .error
        default: nil
        }
    }

    /// Expressions between two tokens, separated by commas.
    private mutating func sequence(from open: Token, to close: Token, allowsSemicolons: Bool) throws(ClassAdError)
        -> [Node]
    {
        try expect(open, "an opening bracket")
        var nodes: [Node] = []
        if accept(close) { return nodes }
        while true {
            nodes.append(try expression())
            if accept(close) { return nodes }
            guard accept(.comma) || (allowsSemicolons && accept(.semicolon)) else {
                throw failure(.unexpectedToken, "',' or a closing bracket")
            }
        }
    }

    private mutating func call(_ name: Name) throws(ClassAdError) -> Node {
        let arguments = try sequence(from: .openParenthesis, to: .closeParenthesis, allowsSemicolons: true)
        if arguments.count == 1, case .literal(.string(let text)) = arguments[0] {
            // Literal times are made while parsing (spec 07, 4).
            if ASCII.equalFolded(name.spelling, "absTime") {
                guard let time = AbsoluteTime(text: text.bytes, zone: zone) else {
                    throw failure(.badTime, "an absolute time")
                }
                return .literal(.absoluteTime(time))
            }
            if ASCII.equalFolded(name.spelling, "relTime") {
                guard let seconds = RelativeTimeText.parse(text.bytes) else {
                    throw failure(.badTime, "a relative time")
                }
                return .literal(.relativeTime(seconds))
            }
        }
        return .call(FunctionCall(name.spelling, arguments))
    }

    private mutating func bracketedAd() throws(ClassAdError) -> AttributeTable {
        try expect(.openBracket, "'['")
        var attributes: [Attribute] = []
        if accept(.closeBracket) { return AttributeTable() }
        while accept(.semicolon) {}
        while true {
            let name = try identifier()
            try expect(.assign, "'='")
            attributes.append(Attribute(name: name, expression: try expression()))
            guard accept(.semicolon) else {
                try expect(.closeBracket, "';' or ']'")
                return AttributeTable(unordered: attributes)
            }
            while accept(.semicolon) {}
            if accept(.closeBracket) { return AttributeTable(unordered: attributes) }
        }
    }
}
