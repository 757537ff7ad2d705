/// `name(a,b)`; the function is looked up once, when the tree is made.
final class FunctionCall: Sendable {
    let name: [UInt8]
    let function: Function?
    let arguments: [Node]
    let depth: Int
    /// The regular expression of the last evaluation, for the next one.
    let pattern = PatternCache()

    init(_ name: [UInt8], _ arguments: [Node]) {
        self.name = name
        self.arguments = arguments
        function = Function(name: name)
        depth = arguments.reduce(0) { max($0, $1.depth) } + 1
    }
}
