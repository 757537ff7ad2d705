/// How JSON is laid out.
public enum JSONStyle: Sendable {
    /// One line per attribute, two blanks per level.
    case pretty
    /// Everything on one line.
    case line
}

extension ClassAd {
    /// The ad as JSON, attributes in alphabetical order, without private ones (spec 07, 15.4).
    public func json(_ style: JSONStyle = .pretty) -> String {
        String(decoding: jsonBytes(style), as: UTF8.self)
    }

    /// The bytes of ``json(_:)``.
    public func jsonBytes(_ style: JSONStyle = .pretty) -> [UInt8] {
        var writer = JSONWriter(style)
        writer.write(unchained.alphabetical)
        return writer.output
    }
}

/// Writes ads as JSON (spec 07, 15.4).
struct JSONWriter {
    private(set) var output: [UInt8] = []
    private let style: JSONStyle
    private var level = 0

    init(_ style: JSONStyle) { self.style = style }

    mutating func write(_ attributes: some RandomAccessCollection<Attribute>) {
        enclose("{", "}", attributes) { writer, attribute in
            writer.writeString(attribute.name.spelling)
            writer.output += ": ".utf8
            writer.write(attribute.expression)
        }
    }

    private mutating func enclose<Item>(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ items: some RandomAccessCollection<Item>,
        _ body: (inout JSONWriter, Item) -> Void
    ) {
        output.append(UInt8(ascii: open))
        level += 1
        var isFirst = true
        for item in items {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            startLine()
            body(&self, item)
        }
        level -= 1
        startLine()
        output.append(UInt8(ascii: close))
    }

    private mutating func startLine() {
        guard style == .pretty else { return }
        output.append(ASCII.newline)
        output.append(contentsOf: repeatElement(ASCII.space, count: 2 * level))
    }

    private mutating func write(_ node: Node) {
        switch node {
        case .list(let list): write(list)
        case .ad(let ad): write(ad.table.attributes)
        case .literal(let value): write(value, node)
        default: writeExpression(node)
        }
    }

    private mutating func write(_ list: ListLiteral) {
        enclose("[", "]", list.elements) { writer, element in writer.write(element) }
    }

    private mutating func write(_ value: Value, _ node: Node) {
        switch value {
        case .undefined: output += "null".utf8
        case .boolean(let value): output += (value ? "true" : "false").utf8
        case .integer(let value): output += String(value).utf8
        // A literal relative time counts as a real, spec 07, 9.6.
        case .real(let value) where value.isFinite: output += NumberText.old(value)
        case .relativeTime(let value) where value.isFinite: output += NumberText.old(value)
        case .string(let value): writeString(value.bytes)
        case .list(let list): write(list.literal)
        case .classAd(let ad): write(ad.scope.table.attributes)
        case .error, .real, .absoluteTime, .relativeTime: writeExpression(node)
        }
    }

    private mutating func writeExpression(_ node: Node) {
        output += #""\/Expr("#.utf8
        appendEscaped(Expression(node).bytes(.new))
        output += #")\/""#.utf8
    }

    private mutating func writeString(_ text: [UInt8]) {
        output.append(ASCII.quote)
        appendEscaped(text)
        output.append(ASCII.quote)
    }

    private mutating func appendEscaped(_ text: [UInt8]) {
        let isPlain = text.withUnsafeBufferPointer { text in
            text.allSatisfy { $0 >= 32 && $0 != ASCII.quote && $0 != ASCII.backslash }
        }
        if isPlain { return output.append(contentsOf: text) }
        for byte in text {
            switch byte {
            case ASCII.quote, ASCII.backslash: output += [ASCII.backslash, byte]
            case 8: output += #"\b"#.utf8
            case 9: output += #"\t"#.utf8
            case 10: output += #"\n"#.utf8
            case 12: output += #"\f"#.utf8
            case 13: output += #"\r"#.utf8
            case ..<32: output += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8
            default: output.append(byte)
            }
        }
    }
}
