/// Writes trees as text (spec 07, 5).
struct Printer {
    private(set) var output: [UInt8] = []
    let syntax: Syntax
    /// The running match, so that its ads can be written.
    var match: MatchPair?
    /// Blanks before a line; nil for text on one line (spec 07, 9.7, `unparse`).
    var indentation: Int?

    init(_ syntax: Syntax, match: MatchPair? = nil, capacity: Int = 0) {
        self.syntax = syntax
        self.match = match
        output.reserveCapacity(capacity)
    }

    /// Takes back all that was written, to use the memory again.
    mutating func clear() { output.removeAll(keepingCapacity: true) }

    /// A line `Name = expression`.
    mutating func writeLine(_ name: Name, _ cell: Cell) {
        output.append(contentsOf: name.spelling)
        write(" = ")
        write(cell)
    }

    mutating func write(_ text: StaticString) {
        text.withUTF8Buffer { output.append(contentsOf: $0) }
    }

    mutating func write(_ text: String) { output.append(contentsOf: text.utf8) }

    mutating func write(_ bytes: [UInt8]) { output.append(contentsOf: bytes) }

    mutating func write(_ cell: Cell) {
        switch cell {
        case .undefined: write("undefined")
        case .error: write("error")
        case .boolean(let value): if value { write("true") } else { write("false") }
        case .integer(let value): NumberText.append(value, to: &output)
        case .real(let value): write(Value.real(value))
        case .string(let value): writeQuoted(value.bytes)
        case .body(let body):
            if syntax == .old, indentation == nil { body.appendOldText(to: &self) } else { write(body.node) }
        }
    }

    mutating func write(_ node: Node) {
        switch node {
        case .literal(let value): write(value)
        case .reference(let reference):
            if reference.isAbsolute { write(".") }
            writeName(reference.name.spelling)
        case .selection(let selection):
            write(selection.base)
            write(".")
            write(selection.name.spelling)
        case .unary(let operation):
            if operation.symbol == .parentheses {
                write("(")
                write(operation.operand)
                write(")")
            } else {
                write(" ")
                write(operation.symbol.text)
                write(operation.operand)
            }
        case .binary(let operation): write(operation)
        case .conditional(let conditional):
            write(conditional.condition)
            write(" ? ")
            write(conditional.whenTrue)
            write(" : ")
            write(conditional.whenFalse)
        case .call(let call):
            write(call.name)
            write("(")
            writeSeparated(call.arguments)
            write(")")
        case .list(let list):
            if indentation != nil {
                writeIndented(list.elements)
            } else {
                write("{ ")
                writeSeparated(list.elements)
                write(" }")
            }
        case .ad(let ad): write(ad.table)
        case .matched(let side):
            if let match { write(match[side].table) } else { write(Node.literal(.undefined)) }
        case .matchContext(let side): write(MatchPair.contextScope(side).table)
        }
    }

    mutating func write(_ table: AttributeTable) {
        if indentation != nil { return writeIndented(table) }
        write("[ ")
        var isFirst = true
        for attribute in table.attributes {
            if !isFirst { write("; ") }
            isFirst = false
            writeName(attribute.name.spelling)
            write(" = ")
            write(attribute.cell)
        }
        write(" ]")
    }

    mutating func writeSeparated(_ nodes: [Node]) {
        var isFirst = true
        for node in nodes {
            if !isFirst { write(",") }
            isFirst = false
            write(node)
        }
    }

    private mutating func write(_ operation: BinaryOperation) {
        // The left side of a chain is the deep one; walk it without recursion.
        var pending = [operation]
        while case .binary(let inner) = pending[pending.count - 1].left { pending.append(inner) }
        write(pending[pending.count - 1].left)
        for operation in pending.reversed() {
            if operation.symbol == .subscripted {
                write("[")
                write(operation.right)
                write("]")
            } else {
                write(" ")
                write(operation.symbol.text(syntax))
                write(" ")
                write(operation.right)
            }
        }
    }

    // MARK: Literals

    mutating func write(_ value: Value) {
        switch value {
        case .undefined: write("undefined")
        case .error: write("error")
        case .boolean(let value): if value { write("true") } else { write("false") }
        case .integer(let value): NumberText.append(value, to: &output)
        case .real(let value): write(syntax == .new ? NumberText.new(value) : NumberText.old(value))
        case .string(let value): writeQuoted(value.bytes)
        case .absoluteTime(let time):
            write("absTime(\"")
            write(time.text)
            write("\")")
        case .relativeTime(let seconds):
            write("relTime(\"")
            write(RelativeTimeText.text(seconds))
            write("\")")
        case .list(let list): write(.list(list.literal))
        case .classAd(let ad): write(ad.scope.table)
        }
    }

    mutating func writeQuoted(_ text: [UInt8]) {
        output.append(ASCII.quote)
        switch syntax {
        case .new: Escapes.append(text, delimiter: ASCII.quote, to: &output)
        case .old: appendOld(text, delimiter: ASCII.quote)
        }
        output.append(ASCII.quote)
    }

    private mutating func appendOld(_ text: [UInt8], delimiter: UInt8) {
        guard text.withUnsafeBufferPointer({ $0.contains(delimiter) }) else {
            output.append(contentsOf: text)
            return
        }
        for byte in text {
            if byte == delimiter { output.append(ASCII.backslash) }
            output.append(byte)
        }
    }

    /// A name of an attribute or in a reference, in quotes where needed (spec 07, 5.3).
    mutating func writeName(_ name: [UInt8]) {
        if Name.isPlain(name), !Self.isReserved(name[...]) {
            output += name
            return
        }
        output.append(ASCII.apostrophe)
        switch syntax {
        case .new: Escapes.append(name, delimiter: ASCII.apostrophe, to: &output)
        case .old: appendOld(name, delimiter: ASCII.apostrophe)
        }
        output.append(ASCII.apostrophe)
    }

    private static func isReserved(_ name: ArraySlice<UInt8>) -> Bool {
        switch name.count {
        case 2: ASCII.equalFolded(name, "is")
        case 4: ASCII.equalFolded(name, "isnt") || ASCII.equalFolded(name, "true")
        case 5: ASCII.equalFolded(name, "error") || ASCII.equalFolded(name, "false")
        case 6: ASCII.equalFolded(name, "parent")
        case 9: ASCII.equalFolded(name, "undefined")
        default: false
        }
    }
}
