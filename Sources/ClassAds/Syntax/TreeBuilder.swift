/// Makes trees.
struct TreeBuilder: SyntaxBuilder {
    /// The zone of literal times written without one.
    let zone: LocalTimeZone

    struct Attributes: AttributeSequence {
        var attributes: [Attribute] = []
        mutating func append(_ name: Name, _ tree: Node) {
            attributes.append(Attribute(name: name, expression: tree))
        }
    }

    func depth(of tree: Node) -> Int { tree.depth }

    func isConditional(_ tree: Node) -> Bool {
        if case .conditional = tree { true } else { false }
    }

    func name(_ lexer: borrowing Lexer) -> Name { lexer.withContent { NameTable.shared.name($0) } }

    func literal(_ token: Token, _ lexer: borrowing Lexer) -> Node {
        switch token {
        case .integer(let value): .literal(.integer(value))
        case .real(let value): .literal(.real(value))
        case .string: .literal(.string(ByteString(lexer.contentBytes)))
        case .boolean(let value): .literal(.boolean(value))
        case .undefined: .literal(.undefined)
        default: .literal(.error)
        }
    }

    func reference(_ name: Name, isAbsolute: Bool) -> Node { .reference(Reference(name, isAbsolute: isAbsolute)) }

    func selection(_ base: Node, _ name: Name) -> Node { .selection(Selection(base, name)) }

    func unary(_ symbol: UnaryOperator, _ operand: Node) -> Node { .unary(UnaryOperation(symbol, operand)) }

    func binary(_ symbol: BinaryOperator, _ left: Node, _ right: Node) -> Node {
        .binary(BinaryOperation(symbol, left, right))
    }

    func conditional(_ condition: Node, _ whenTrue: Node, _ whenFalse: Node) -> Node {
        .conditional(Conditional(condition, whenTrue, whenFalse))
    }

    func call(_ name: Name, _ arguments: [Node]) -> Result<Node, SyntaxBuilderFailure> {
        if let kind = LiteralTime(functionName: name.spelling), arguments.count == 1,
            case .literal(.string(let text)) = arguments[0]
        {
            return kind.value(text.bytes, zone: zone).map(Node.literal)
        }
        return .success(.call(FunctionCall(name.spelling, arguments)))
    }

    func list(_ elements: [Node]) -> Node { .list(ListLiteral(elements)) }

    func ad(_ attributes: Attributes) -> Node { .ad(AdLiteral(AttributeTable(unordered: attributes.attributes))) }
}

extension [Node]: TreeSequence {}

/// `absTime("…")` and `relTime("…")`, which are literals made while parsing (spec 07, 4).
enum LiteralTime {
    case absolute, relative

    init?(functionName name: some Collection<UInt8>) {
        guard name.count == 7 else { return nil }
        if ASCII.equalFolded(name, "absTime") {
            self = .absolute
        } else if ASCII.equalFolded(name, "relTime") {
            self = .relative
        } else {
            return nil
        }
    }

    func value(_ text: [UInt8], zone: LocalTimeZone) -> Result<Value, SyntaxBuilderFailure> {
        switch self {
        case .absolute:
            guard let time = AbsoluteTime(text: text, zone: zone) else {
                return .failure(SyntaxBuilderFailure(expectation: "an absolute time"))
            }
            return .success(.absoluteTime(time))
        case .relative:
            guard let seconds = RelativeTimeText.parse(text) else {
                return .failure(SyntaxBuilderFailure(expectation: "a relative time"))
            }
            return .success(.relativeTime(seconds))
        }
    }
}
