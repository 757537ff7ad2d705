extension ClassAd {
    /// Reads the first ad of an XML text (spec 07, 15.5).
    ///
    /// - Throws: ``ClassAdError`` if the text does not hold an ad.
    public init(parsingXML text: some Sequence<UInt8>, timeZone: LocalTimeZone = .system) throws(ClassAdError) {
        var reader = XMLReader(Array(text), zone: timeZone)
        self.init(table: try reader.firstAd())
    }

    /// Reads the first ad of an XML text (spec 07, 15.5).
    ///
    /// - Throws: ``ClassAdError`` if the text does not hold an ad.
    public init(parsingXML text: String, timeZone: LocalTimeZone = .system) throws(ClassAdError) {
        try self.init(parsingXML: text.utf8, timeZone: timeZone)
    }
}

/// Reads the XML that ``XMLWriter`` writes, with the leniency of the reference (spec 07, 15.5).
struct XMLReader {
    private let text: [UInt8]
    private let zone: LocalTimeZone
    private var position = 0
    private var depth = 0

    /// Nested lists and ads.
    private static let maximumDepth = 200

    private struct Tag {
        var name: [UInt8]
        var isClosing = false
        var isEmpty = false
        var attributes: [[UInt8]: [UInt8]] = [:]

        func `is`(_ wanted: StaticString) -> Bool {
            wanted.withUTF8Buffer { name.elementsEqual($0) }
        }
    }

    init(_ text: [UInt8], zone: LocalTimeZone) {
        self.text = text.firstIndex(of: 0).map { Array(text[..<$0]) } ?? text
        self.zone = zone
    }

    private func failure(_ expectation: String) -> ClassAdError {
        ClassAdError(.badDocument, at: position, expecting: expectation)
    }

    mutating func firstAd() throws(ClassAdError) -> AttributeTable {
        while let tag = nextTag() {
            if tag.is("c"), !tag.isClosing { return tag.isEmpty ? AttributeTable() : try ad() }
        }
        throw failure("<c>")
    }

    // MARK: Ads

    private mutating func ad() throws(ClassAdError) -> AttributeTable {
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure("less nesting") }
        defer { depth -= 1 }
        var table = AttributeTable()
        while let tag = nextTag(), tag.is("a"), !tag.isClosing {
            guard let name = tag.attributes[Array("n".utf8)], !name.isEmpty else { throw failure("a name") }
            guard !tag.isEmpty, let node = try value() else { throw failure("a value") }
            table.insert(NameTable.shared.name(name), Cell(node))
            skipClosing("a")
        }
        return table
    }

    /// The value of the next tag; nil if that is none.
    private mutating func value() throws(ClassAdError) -> Node? {
        let start = position
        guard let tag = nextTag(), !tag.isClosing else {
            position = start
            return nil
        }
        if tag.is("c") { return .ad(AdLiteral(tag.isEmpty ? AttributeTable() : try ad())) }
        if tag.is("l") { return try list(tag) }
        if tag.is("un") { return finish(tag, .literal(.undefined)) }
        if tag.is("er") { return finish(tag, .literal(.error)) }
        if tag.is("b") {
            let value = tag.attributes[Array("v".utf8)]
            return finish(tag, .literal(.boolean(value == Array("t".utf8) || value == Array("T".utf8))))
        }
        let content = tag.isEmpty ? [] : self.content()
        let node: Node
        if tag.is("s") {
            guard let string = Escapes.undo(content) else { throw failure("a string without the byte 0") }
            node = .literal(.string(ByteString(string)))
        } else if tag.is("i") {
            let (value, length) = Self.leadingInteger(content)
            node = .literal(length == 0 ? .error : .integer(value))
        } else if tag.is("r") {
            node = .literal(Self.real(content))
        } else if tag.is("e") {
            node = try Expression(parsing: content, full: false, timeZone: zone).node
        } else if tag.is("at") {
            guard let time = AbsoluteTime(text: content, zone: zone) else { throw failure("an absolute time") }
            node = .literal(.absoluteTime(time))
        } else if tag.is("rt") {
            guard let seconds = RelativeTimeText.parse(content) else { throw failure("a relative time") }
            node = .literal(.relativeTime(seconds))
        } else {
            return nil
        }
        return finish(tag, node)
    }

    private mutating func finish(_ tag: Tag, _ node: Node) -> Node {
        if !tag.isEmpty { skipClosing(tag.name) }
        return node
    }

    private mutating func list(_ tag: Tag) throws(ClassAdError) -> Node {
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure("less nesting") }
        defer { depth -= 1 }
        var elements: [Node] = []
        if !tag.isEmpty {
            while let node = try value() { elements.append(node) }
            skipClosing("l")
        }
        return .list(ListLiteral(elements))
    }

    private static func leadingInteger(_ text: [UInt8]) -> (Int64, Int) {
        let trimmed = text.drop(while: ASCII.isSpace)
        let sign = trimmed.first == ASCII.minus || trimmed.first == ASCII.plus ? 1 : 0
        let digits = trimmed.dropFirst(sign).prefix(while: ASCII.isDigit)
        guard !digits.isEmpty else { return (0, 0) }
        let number = String(decoding: trimmed.prefix(sign + digits.count), as: UTF8.self)
        return (Int64(number) ?? (sign == 1 && trimmed.first == ASCII.minus ? .min : .max), digits.count)
    }

    private static func real(_ text: [UInt8]) -> Value {
        if text == Array("NaN".utf8) { return .real(.nan) }
        if text == Array("INF".utf8) { return .real(.infinity) }
        if text == Array("-INF".utf8) { return .real(-.infinity) }
        let (value, length) = NumberText.leadingReal(text)
        return length == 0 ? .error : .real(value)
    }

    // MARK: Tags

    /// The text up to the next tag, entities replaced.
    private mutating func content() -> [UInt8] {
        let end = text[position...].firstIndex(of: UInt8(ascii: "<")) ?? text.count
        defer { position = end }
        return Self.replaceEntities(text[position..<end])
    }

    private static func replaceEntities(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.first {
            if byte == UInt8(ascii: "&"), let (entity, character) = entities.first(where: { rest.starts(with: $0.0) }) {
                result.append(character)
                rest = rest.dropFirst(entity.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static let entities: [([UInt8], UInt8)] = [
        (Array("&amp;".utf8), UInt8(ascii: "&")), (Array("&lt;".utf8), UInt8(ascii: "<")),
        (Array("&gt;".utf8), UInt8(ascii: ">")),
    ]

    /// The next tag, whatever stands before it; nil at the end.
    private mutating func nextTag() -> Tag? {
        guard let start = text[position...].firstIndex(of: UInt8(ascii: "<")),
            let end = text[start...].firstIndex(of: UInt8(ascii: ">"))
        else {
            position = text.count
            return nil
        }
        position = end + 1
        var inner = text[(start + 1)..<end]
        var tag = Tag(name: [])
        if inner.first == UInt8(ascii: "/") {
            tag.isClosing = true
            inner = inner.dropFirst()
        } else if inner.last == UInt8(ascii: "/") {
            tag.isEmpty = true
            inner = inner.dropLast()
        }
        tag.name = Array(inner.prefix { !ASCII.isSpace($0) })
        readAttributes(inner.dropFirst(tag.name.count), into: &tag)
        return tag
    }

    /// Reads `name="value"` pairs.
    private func readAttributes(_ text: ArraySlice<UInt8>, into tag: inout Tag) {
        var rest = text.drop(while: ASCII.isSpace)
        while let sign = rest.firstIndex(of: UInt8(ascii: "=")) {
            let name = Array(rest[..<sign].filter { !ASCII.isSpace($0) })
            let quoted = rest[(sign + 1)...].drop { $0 != ASCII.quote }.dropFirst()
            guard let end = quoted.firstIndex(of: ASCII.quote) else { return }
            tag.attributes[name] = Escapes.undo(Self.replaceEntities(quoted[..<end]))
            rest = quoted[(end + 1)...].drop(while: ASCII.isSpace)
        }
    }

    private mutating func skipClosing(_ name: StaticString) {
        skipClosing(name.withUTF8Buffer(Array.init))
    }

    /// Skips the closing tag if it comes next.
    private mutating func skipClosing(_ name: [UInt8]) {
        let start = position
        guard let tag = nextTag(), tag.isClosing, tag.name == name else {
            position = start
            return
        }
    }
}
