/// A syntax tree.
///
/// Trees are immutable and shared; a copy costs one reference count. Names are
/// folded, functions looked up and depths counted when a node is made.
enum Node: Sendable {
    case literal(Value)
    case reference(Reference)
    case selection(Selection)
    case unary(UnaryOperation)
    case binary(BinaryOperation)
    case conditional(Conditional)
    case call(FunctionCall)
    case list(ListLiteral)
    case ad(AdLiteral)
    /// One of the two ads of the running match, or its context (spec 07, 12).
    case matched(MatchSide)
    case matchContext(MatchSide)

    /// Levels below this node, itself included.
    var depth: Int {
        switch self {
        case .literal, .reference, .matched, .matchContext: 1
        case .selection(let node): node.depth
        case .unary(let node): node.depth
        case .binary(let node): node.depth
        case .conditional(let node): node.depth
        case .call(let node): node.depth
        case .list(let node): node.depth
        case .ad(let node): node.depth
        }
    }
}

/// A side of a match.
enum MatchSide: Sendable { case left, right }

/// `name` or `.name`.
final class Reference: Sendable {
    let name: Name
    let isAbsolute: Bool

    init(_ name: Name, isAbsolute: Bool = false) {
        self.name = name
        self.isAbsolute = isAbsolute
    }
}

/// `base.name`.
final class Selection: Sendable {
    let base: Node
    let name: Name
    let depth: Int

    init(_ base: Node, _ name: Name) {
        self.base = base
        self.name = name
        depth = base.depth + 1
    }
}

/// An operator before its operand, or parentheses around it.
final class UnaryOperation: Sendable {
    let symbol: UnaryOperator
    let operand: Node
    let depth: Int

    init(_ symbol: UnaryOperator, _ operand: Node) {
        self.symbol = symbol
        self.operand = operand
        depth = operand.depth + 1
    }
}

/// An operator between two operands, elvis and subscript included.
final class BinaryOperation: Sendable {
    let symbol: BinaryOperator
    let left: Node
    let right: Node
    let depth: Int

    init(_ symbol: BinaryOperator, _ left: Node, _ right: Node) {
        self.symbol = symbol
        self.left = left
        self.right = right
        depth = max(left.depth, right.depth) + 1
    }
}

/// `condition ? whenTrue : whenFalse`.
final class Conditional: Sendable {
    let condition: Node
    let whenTrue: Node
    let whenFalse: Node
    let depth: Int

    init(_ condition: Node, _ whenTrue: Node, _ whenFalse: Node) {
        self.condition = condition
        self.whenTrue = whenTrue
        self.whenFalse = whenFalse
        depth = max(condition.depth, whenTrue.depth, whenFalse.depth) + 1
    }
}

/// `{ a,b,c }`.
final class ListLiteral: Sendable {
    let elements: [Node]
    let depth: Int

    init(_ elements: [Node]) {
        self.elements = elements
        depth = elements.reduce(0) { max($0, $1.depth) } + 1
    }
}

/// `[ a = 1; b = 2 ]`.
final class AdLiteral: Sendable {
    let table: AttributeTable
    let depth: Int

    init(_ table: AttributeTable) {
        self.table = table
        depth = table.attributes.reduce(0) { max($0, $1.expression.depth) } + 1
    }
}
