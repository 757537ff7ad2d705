/// An expression that is not a plain literal: its text, its tree, its program, each made when first needed.
///
/// Ads that came with the same text share one body (``AdPool``), so that what a
/// thousand slots have in common is parsed and compiled once.
final class ExpressionBody: Sendable {
    /// The old-syntax text the expression came with, known to be correct; empty for one that was built.
    let source: [UInt8]

    private let tree: LazyReference<ExpressionTree>
    private let printed = LazyReference<PrintedText>()

    /// An expression that is there as a tree.
    init(_ node: Node) {
        source = []
        tree = LazyReference(ExpressionTree(node))
    }

    /// An expression whose text the syntax check has passed and which holds no literal time.
    init(checked source: [UInt8]) {
        self.source = source
        tree = LazyReference()
    }

    /// The tree.
    var node: Node { loadedTree.node }

    /// The program for the quick evaluation.
    var program: Program { loadedTree.program }

    private var loadedTree: ExpressionTree {
        if let tree = tree.object { return tree }
        let parsed = source.withUnsafeBufferPointer {
            // Without a literal time the zone has no influence.
            Expression.parse($0, syntax: .old, full: false, timeZone: .utc)
        }
        let node = (try? parsed.get()) ?? .literal(.error)  // the check has passed this text, so it parses
        return tree.store(ExpressionTree(node))
    }

    /// Appends the expression in old syntax.
    func appendOldText(to printer: inout Printer) {
        if let printed = printed.object { return printer.write(printed.isSource ? source : printed.text) }
        guard !source.isEmpty else { return printer.write(node) }
        var own = Printer(.old, capacity: source.count)
        own.write(node)
        let isSource = own.output == source
        _ = printed.store(PrintedText(isSource ? [] : own.output, isSource: isSource))
        printer.write(own.output)
    }
}

/// A tree and the program made of it.
private final class ExpressionTree: Sendable {
    let node: Node
    private let compiled = LazyReference<Program>()

    init(_ node: Node) { self.node = node }

    var program: Program { compiled.object ?? compiled.store(Program(node)) }
}

/// An expression in old syntax; usually it is printed as it came.
private final class PrintedText: Sendable {
    let text: [UInt8]
    let isSource: Bool

    init(_ text: [UInt8], isSource: Bool) {
        self.text = text
        self.isSource = isSource
    }
}
