/// Lists and ads over several lines, as `unparse()` writes them (spec 07, 9.7).
extension Printer {
    mutating func writeIndented(_ elements: [Node]) {
        indent(by: 3)
        startLine()
        write("{")
        indent(by: 3)
        for (index, element) in elements.enumerated() {
            startLine()
            write(element)
            if index < elements.count - 1 { write(",") }
        }
        indent(by: -3)
        startLine()
        write("}")
        indent(by: -3)
    }

    mutating func writeIndented(_ table: AttributeTable) {
        indent(by: 4)
        startLine()
        write("[")
        indent(by: 4)
        for (index, attribute) in table.attributes.enumerated() {
            startLine()
            writeName(attribute.name.spelling)
            write(" = ")
            write(attribute.expression)
            if index < table.count - 1 { write("; ") }
        }
        indent(by: -4)
        startLine()
        write("]")
        indent(by: -4)
    }

    private mutating func indent(by columns: Int) { indentation = (indentation ?? 0) + columns }

    private mutating func startLine() {
        write([ASCII.newline] + [UInt8](repeating: ASCII.space, count: indentation ?? 0))
    }
}
