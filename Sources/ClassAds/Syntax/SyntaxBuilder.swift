/// What the parser makes of a text.
///
/// The grammar exists once, in ``Parser``; a builder makes trees of it, another only looks whether the text is
/// correct.
protocol SyntaxBuilder {
    associatedtype Tree
    associatedtype TreeName
    associatedtype Trees: TreeSequence where Trees.Tree == Tree
    associatedtype Attributes: AttributeSequence where Attributes.Tree == Tree, Attributes.TreeName == TreeName

    /// Levels of a tree, itself included.
    func depth(of tree: Tree) -> Int
    /// Whether the outermost construct is `? :`.
    func isConditional(_ tree: Tree) -> Bool

    /// The name in the lexer.
    func name(_ lexer: borrowing Lexer) -> TreeName
    /// A literal token; the bytes of a string are in the lexer.
    func literal(_ token: Token, _ lexer: borrowing Lexer) -> Tree
    func reference(_ name: TreeName, isAbsolute: Bool) -> Tree
    func selection(_ base: Tree, _ name: TreeName) -> Tree
    func unary(_ symbol: UnaryOperator, _ operand: Tree) -> Tree
    func binary(_ symbol: BinaryOperator, _ left: Tree, _ right: Tree) -> Tree
    func conditional(_ condition: Tree, _ whenTrue: Tree, _ whenFalse: Tree) -> Tree
    /// A call, or the literal time that it stands for; a kind of error if the time is none (spec 07, 4).
    mutating func call(_ name: TreeName, _ arguments: Trees) -> Result<Tree, SyntaxBuilderFailure>
    func list(_ elements: Trees) -> Tree
    func ad(_ attributes: Attributes) -> Tree
}

/// Why a call is no expression.
struct SyntaxBuilderFailure: Error {
    let expectation: String
}

/// The arguments of a call or the elements of a list.
protocol TreeSequence {
    associatedtype Tree
    init()
    mutating func append(_ tree: Tree)
}

/// The attributes of an ad in brackets.
protocol AttributeSequence {
    associatedtype Tree
    associatedtype TreeName
    init()
    mutating func append(_ name: TreeName, _ tree: Tree)
}
