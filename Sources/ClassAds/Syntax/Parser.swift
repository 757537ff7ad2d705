/// Reads expressions by recursive descent (spec 07, 4); what becomes of them is up to the builder.
struct Parser<Builder: SyntaxBuilder> {
    typealias Tree = Builder.Tree

    private var lexer: Lexer
    private(set) var builder: Builder
    private var token: Token = .end
    /// Where the token starts, for messages.
    private var tokenPosition = 0
    private var depth = 0

    /// Levels of expression, unary and postfix together (spec 07, 10.2).
    private static var maximumDepth: Int { 500 }
    /// Levels of a tree.
    ///
    /// The parser's own depth does not bound chains like `1+1+…`; this keeps recursion over
    /// trees, their release included, within the stack. Evaluation gives up far earlier.
    private static var maximumTreeDepth: Int { 3000 }

    /// The text must stay in place while the parser is used.
    init(_ text: UnsafeBufferPointer<UInt8>, syntax: Syntax, builder: Builder) {
        lexer = Lexer(text, syntax: syntax)
        self.builder = builder
        advance()
    }

    /// One expression; unless `full`, anything may follow it.
    ///
    /// As in HTCondor an outermost ternary is never followed up (spec 07, 4, "Full parse").
    mutating func parse(full: Bool) throws(ClassAdError) -> Tree {
        let node = try expression()
        if full, token != .end {
            if builder.isConditional(node) { return node }
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

    private mutating func identifier() throws(ClassAdError) -> Builder.TreeName {
        guard token == .identifier else { throw failure(.unexpectedToken, "a name") }
        let name = builder.name(lexer)
        advance()
        return name
    }

    private mutating func descend() throws(ClassAdError) {
        depth += 1
        if depth > Self.maximumDepth { throw failure(.tooDeep, "less nesting") }
    }

    private func bounded(_ node: Tree) throws(ClassAdError) -> Tree {
        if builder.depth(of: node) > Self.maximumTreeDepth { throw failure(.tooDeep, "a shorter chain of operators") }
        return node
    }

    // MARK: Grammar

    private mutating func expression() throws(ClassAdError) -> Tree {
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
        return try bounded(builder.conditional(condition, whenTrue, whenFalse))
    }

    /// Left-associative operators that bind at least as tightly as `minimum`.
    private mutating func binary(minimum: Int) throws(ClassAdError) -> Tree {
        var left = try unary()
        while let symbol = binaryOperator, symbol.precedence >= minimum {
            advance()
            let right = try binary(minimum: symbol.precedence + 1)
            left = try bounded(builder.binary(symbol, left, right))
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

    private mutating func unary() throws(ClassAdError) -> Tree {
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
        let operand = try unary()
        return try bounded(builder.unary(symbol, operand))
    }

    private mutating func postfix() throws(ClassAdError) -> Tree {
        try descend()
        defer { depth -= 1 }
        var node = try primary()
        while true {
            switch token {
            case .dot:
                advance()
                let name = try identifier()
                node = builder.selection(node, name)
            case .openBracket:
                advance()
                let index = try expression()
                try expect(.closeBracket, "']'")
                node = builder.binary(.subscripted, node, index)
            case .elvis:
                advance()
                let other = try postfix()
                node = builder.binary(.elvis, node, other)
            default:
                return node
            }
            node = try bounded(node)
        }
    }

    private mutating func primary() throws(ClassAdError) -> Tree {
        switch token {
        case .identifier:
            let name = try identifier()
            return token == .openParenthesis ? try call(name) : builder.reference(name, isAbsolute: false)
        case .dot:
            advance()
            let name = try identifier()
            return builder.reference(name, isAbsolute: true)
        case .openParenthesis:
            advance()
            let node = try expression()
            try expect(.closeParenthesis, "')'")
            return builder.unary(.parentheses, node)
        case .openBrace:
            let elements = try sequence(from: .openBrace, to: .closeBrace, allowsSemicolons: false)
            return builder.list(elements)
        case .openBracket:
            return builder.ad(try bracketedAd())
        default:
            guard isLiteral else { throw failure(.unexpectedToken, "an expression") }
            let literal = builder.literal(token, lexer)
            advance()
            return literal
        }
    }

    private var isLiteral: Bool {
        switch token {
        case .integer, .real, .string, .boolean, .undefined, .error: true
        default: false
        }
    }

    /// Expressions between two tokens, separated by commas.
    private mutating func sequence(from open: Token, to close: Token, allowsSemicolons: Bool) throws(ClassAdError)
        -> Builder.Trees
    {
        try expect(open, "an opening bracket")
        var nodes = Builder.Trees()
        if accept(close) { return nodes }
        while true {
            nodes.append(try expression())
            if accept(close) { return nodes }
            guard accept(.comma) || (allowsSemicolons && accept(.semicolon)) else {
                throw failure(.unexpectedToken, "',' or a closing bracket")
            }
        }
    }

    private mutating func call(_ name: Builder.TreeName) throws(ClassAdError) -> Tree {
        let arguments = try sequence(from: .openParenthesis, to: .closeParenthesis, allowsSemicolons: true)
        switch builder.call(name, arguments) {
        case .success(let call): return call
        case .failure(let failure): throw self.failure(.badTime, failure.expectation)
        }
    }

    private mutating func bracketedAd() throws(ClassAdError) -> Builder.Attributes {
        try expect(.openBracket, "'['")
        var attributes = Builder.Attributes()
        if accept(.closeBracket) { return attributes }
        while accept(.semicolon) {}
        while true {
            let name = try identifier()
            try expect(.assign, "'='")
            attributes.append(name, try expression())
            guard accept(.semicolon) else {
                try expect(.closeBracket, "';' or ']'")
                return attributes
            }
            while accept(.semicolon) {}
            if accept(.closeBracket) { return attributes }
        }
    }
}
