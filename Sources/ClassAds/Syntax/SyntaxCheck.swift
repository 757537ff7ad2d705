/// Looks whether a text is an expression, without making its tree.
struct SyntaxCheck: SyntaxBuilder {
    /// Whether there may be a literal time, whose text has to be looked at as well.
    private(set) var mayHoldTime = false

    struct Tree {
        let depth: Int32
        let isConditional: Bool

        init(depth: Int32 = 1, isConditional: Bool = false) {
            self.depth = depth
            self.isConditional = isConditional
        }
    }

    /// Whether the name is that of a literal time.
    typealias TreeName = Bool

    struct Trees: TreeSequence {
        var depth: Int32 = 0
        mutating func append(_ tree: Tree) { depth = max(depth, tree.depth) }
    }

    struct Attributes: AttributeSequence {
        var depth: Int32 = 0
        mutating func append(_ name: Bool, _ tree: Tree) { depth = max(depth, tree.depth) }
    }

    func depth(of tree: Tree) -> Int { Int(tree.depth) }

    func isConditional(_ tree: Tree) -> Bool { tree.isConditional }

    func name(_ lexer: borrowing Lexer) -> Bool { lexer.withContent { LiteralTime(functionName: $0) != nil } }

    func literal(_ token: Token, _ lexer: borrowing Lexer) -> Tree { Tree() }

    func reference(_ name: Bool, isAbsolute: Bool) -> Tree { Tree() }

    func selection(_ base: Tree, _ name: Bool) -> Tree { Tree(depth: base.depth + 1) }

    func unary(_ symbol: UnaryOperator, _ operand: Tree) -> Tree { Tree(depth: operand.depth + 1) }

    func binary(_ symbol: BinaryOperator, _ left: Tree, _ right: Tree) -> Tree {
        Tree(depth: max(left.depth, right.depth) + 1)
    }

    func conditional(_ condition: Tree, _ whenTrue: Tree, _ whenFalse: Tree) -> Tree {
        Tree(depth: max(condition.depth, whenTrue.depth, whenFalse.depth) + 1, isConditional: true)
    }

    mutating func call(_ name: Bool, _ arguments: Trees) -> Result<Tree, SyntaxBuilderFailure> {
        if name { mayHoldTime = true }
        return .success(Tree(depth: arguments.depth + 1))
    }

    func list(_ elements: Trees) -> Tree { Tree(depth: elements.depth + 1) }

    func ad(_ attributes: Attributes) -> Tree { Tree(depth: attributes.depth + 1) }
}
