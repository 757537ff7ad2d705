/// An expression as a list of instructions for a stack of plain values.
///
/// Nearly all expressions of real ads compare numbers and strings of two ads.
/// For these there is a program; what else the language knows (lists, nested
/// ads, times, absolute references, most functions) is left to ``Evaluator``,
/// which also stays the measure of what a program must yield.
final class Program: Sendable {
    enum Instruction {
        case constant(Int)
        /// The attribute of a name on this side, else on the other side of a match (spec 07, 7.5).
        case attribute(Int)
        /// `MY.name`.
        case ownAttribute(Int)
        /// `TARGET.name`.
        case otherAttribute(Int)
        case unary(UnaryOperator)
        case binary(BinaryOperator)
        /// Jumps with the left operand as result if it decides.
        case and(end: Int)
        case or(end: Int)
        /// Combines an operand that did not decide with the other one.
        case combine(deciding: Bool)
        /// Jumps with the left operand as result unless it is undefined; otherwise drops it.
        case elvis(end: Int)
        /// Goes on if the condition is true, jumps if it is false; otherwise its result is that of the whole.
        case condition(otherwise: Int, end: Int)
        case jump(Int)
        /// A type test.
        case test(Function)
        case call(Int)
        /// Here begins a part that only ``Evaluator`` knows.
        case leave
    }

    let instructions: [Instruction]
    let constants: [Scalar]
    let names: [NameKey]
    let calls: [FunctionCall]
    /// Most values at a time on the stack.
    let stackSize: Int
    /// Levels of the tree.
    let depth: Int
    /// Keeps the bytes of ``constants``.
    private let strings: [ByteString]

    /// Whether the expression is one for which there is a program.
    var isSupported: Bool { !instructions.isEmpty }

    init(_ node: Node) {
        var compiler = ProgramCompiler()
        let isSupported = compiler.compile(node)
        instructions = isSupported ? compiler.instructions : []
        constants = compiler.constants
        names = compiler.names
        calls = compiler.calls
        stackSize = compiler.stackSize
        depth = node.depth
        strings = compiler.strings
    }
}
