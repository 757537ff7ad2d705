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
///
/// Deviations: a tag without a meaning inside a list is an error, where the reference does not come back; an entity
/// without its end in an attribute of a tag is plain text, where it reads on behind its buffer.
struct XMLReader {
    private var lexer: XMLLexer
    private let zone: LocalTimeZone
    private var depth = 0

    /// Nested lists and ads.
    private static let maximumDepth = 200

    init(_ text: [UInt8], zone: LocalTimeZone) {
        lexer = XMLLexer(text)
        self.zone = zone
    }

    private func failure(_ expectation: String) -> ClassAdError {
        ClassAdError(.badDocument, at: lexer.position, expecting: expectation)
    }

    /// The first ad; a closing or empty `<c>` before it means that there is none.
    mutating func firstAd() throws(ClassAdError) -> AttributeTable {
        while let token = lexer.next() {
            guard case .tag(let tag) = token, tag.name == .classAd else { continue }
            guard tag.kind == .opening else { break }
            return try attributes()
        }
        throw failure("<c>")
    }

    // MARK: Ads

    /// What follows `<c>`, up to its end or to a tag that has no place there.
    private mutating func attributes() throws(ClassAdError) -> AttributeTable {
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure("less nesting") }
        defer { depth -= 1 }
        var table = AttributeTable()
        while let token = lexer.next() {
            guard case .tag(let tag) = token else { continue }
            switch tag.name {
            case .attribute where tag.kind == .opening:
                guard let name = tag.attributes[Array("n".utf8)], let node = try value() else {
                    throw failure("an attribute")
                }
                table.insert(NameTable.shared.name(name), Cell(node))
                lexer.skipClosing(.attribute)
            case .attribute where tag.kind == .broken: throw failure("an attribute")
            case .attribute: break
            case .classAd where tag.kind == .closing: return table
            case .classAd, .document: break
            default: return table
            }
        }
        return table
    }

    /// The value that the next tag begins; nil if none does.
    private mutating func value() throws(ClassAdError) -> Node? {
        guard case .tag(let tag) = lexer.peek() else { return nil }
        switch tag.name {
        case .attribute, .document, .unknown: return nil
        case .classAd:
            _ = lexer.next()
            return tag.kind == .opening ? .ad(AdLiteral(try attributes())) : nil
        case .list:
            _ = lexer.next()
            return try list()
        case .undefined, .error:
            _ = lexer.next()
            if tag.kind == .opening { lexer.skipClosing(tag.name) }
            return .literal(tag.name == .undefined ? .undefined : .error)
        case .boolean:
            _ = lexer.next()
            if tag.kind == .opening { lexer.skipClosing(.boolean) }
            let value = tag.attributes[Array("v".utf8)]
            return .literal(.boolean(value == Array("t".utf8) || value == Array("T".utf8)))
        case .integer, .real, .string, .absoluteTime, .relativeTime, .expression:
            _ = lexer.next()
            var content: [UInt8]?
            if case .text(let text) = lexer.peek() {
                _ = lexer.next()
                content = text
            }
            let node = try literal(tag.name, content)
            lexer.skipClosing(tag.name)
            return node
        }
    }

    private mutating func list() throws(ClassAdError) -> Node {
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure("less nesting") }
        defer { depth -= 1 }
        var elements: [Node] = []
        while let token = lexer.peek() {
            if case .tag(let tag) = token, tag.name == .list, tag.kind == .closing {
                _ = lexer.next()
                break
            }
            guard case .tag(let tag) = token, tag.kind != .closing, let node = try value() else {
                throw failure("an element of the list or its end")
            }
            elements.append(node)
        }
        return .list(ListLiteral(elements))
    }

    private func literal(_ name: XMLLexer.TagName, _ content: [UInt8]?) throws(ClassAdError) -> Node? {
        guard let content else { return name == .string ? .literal(.string(ByteString())) : nil }
        switch name {
        case .integer: return .literal(Self.integer(content))
        case .real:
            let (value, length) = NumberText.leadingReal(content)
            return .literal(length == 0 ? .error : .real(value))
        case .string: return Escapes.undo(content).map { .literal(.string(ByteString($0))) }
        case .absoluteTime:
            return AbsoluteTime(text: content, zone: zone).map { .literal(.absoluteTime($0)) }
        case .relativeTime: return RelativeTimeText.parse(content).map { .literal(.relativeTime($0)) }
        case .expression: return try Expression(parsing: content, full: false, timeZone: zone).node
        default: return nil
        }
    }

    /// The decimal number that a text begins with; ERROR if there is none that fits.
    private static func integer(_ text: [UInt8]) -> Value {
        let sign = text.first == ASCII.minus ? 1 : 0
        let digits = text.dropFirst(sign).prefix(while: ASCII.isDigit)
        let number = Int64(String(decoding: text.prefix(sign + digits.count), as: UTF8.self))
        return digits.isEmpty ? .error : number.map(Value.integer) ?? .error
    }
}
