extension ClassAd {
    /// The ad as XML, attributes in alphabetical order, without private ones, ended by a newline (spec 07, 15.5).
    public func xml() -> String { String(decoding: xmlBytes(), as: UTF8.self) }

    /// The bytes of ``xml()``.
    public func xmlBytes() -> [UInt8] {
        var writer = XMLWriter()
        writer.write(unchained.alphabetical)
        return writer.output + [ASCII.newline]
    }
}

/// Writes ads as XML (spec 07, 15.5).
struct XMLWriter {
    private(set) var output: [UInt8] = []
    private var level = 0

    mutating func write(_ attributes: some RandomAccessCollection<Attribute>) {
        write("<c>\n")
        level += 1
        for attribute in attributes {
            indent()
            write("<a n=\"")
            writeText(attribute.name.spelling, delimiter: ASCII.quote)
            write("\">")
            write(attribute.expression)
            write("</a>\n")
        }
        level -= 1
        indent()
        write("</c>")
    }

    private mutating func indent() {
        output += [UInt8](repeating: ASCII.space, count: 4 * level)
    }

    private mutating func write(_ text: String) { output += text.utf8 }

    private mutating func write(_ node: Node) {
        switch node {
        case .list(let list): write(list)
        case .ad(let ad): write(ad.table.attributes)
        case .literal(let value): write(value)
        default:
            write("<e>")
            writeEntities(Expression(node).bytes(.new))
            write("</e>")
        }
    }

    private mutating func write(_ list: ListLiteral) {
        write("<l>")
        for element in list.elements { write(element) }
        write("</l>")
    }

    private mutating func write(_ value: Value) {
        switch value {
        case .undefined: write("<un/>")
        case .error: write("<er/>")
        case .boolean(let value): write(value ? "<b v=\"t\"/>" : "<b v=\"f\"/>")
        case .integer(let value): write("<i>\(value)</i>")
        // A literal relative time counts as a real, spec 07, 9.6.
        case .real(let value), .relativeTime(let value): write("<r>\(Self.real(value))</r>")
        case .string(let value):
            write("<s>")
            writeText(value.bytes)
            write("</s>")
        case .absoluteTime(let time): write("<at>\(time.text)</at>")
        case .list(let list): write(list.literal)
        case .classAd(let ad): write(ad.scope.table.attributes)
        }
    }

    private static func real(_ value: Double) -> String {
        if value == 0 { return "0.0" }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-INF" : "INF" }
        return String(decoding: NumberText.new(value), as: UTF8.self)
    }

    private mutating func writeText(_ text: [UInt8], delimiter: UInt8? = nil) {
        var escaped: [UInt8] = []
        Escapes.append(text, delimiter: delimiter, to: &escaped)
        writeEntities(escaped)
    }

    private mutating func writeEntities(_ text: [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): write("&amp;")
            case UInt8(ascii: "<"): write("&lt;")
            case UInt8(ascii: ">"): write("&gt;")
            default: output.append(byte)
            }
        }
    }
}
