extension ClassAd {
    /// Reads an ad from JSON (spec 07, 15.4).
    ///
    /// - Throws: ``ClassAdError`` if the text does not hold an ad.
    public init(parsingJSON text: some Sequence<UInt8>, timeZone: LocalTimeZone = .system) throws(ClassAdError) {
        let result = Array(text).withUnsafeBufferPointer { text in
            Result { () throws(ClassAdError) in
                var reader = JSONReader(text, zone: timeZone)
                return try reader.document()
            }
        }
        self.init(table: try result.get())
    }

    /// Reads an ad from JSON (spec 07, 15.4).
    ///
    /// - Throws: ``ClassAdError`` if the text does not hold an ad.
    public init(parsingJSON text: String, timeZone: LocalTimeZone = .system) throws(ClassAdError) {
        try self.init(parsingJSON: text.utf8, timeZone: timeZone)
    }
}

/// Reads JSON with the tokens of the ClassAd language, as HTCondor does (spec 07, 15.4).
///
/// Deviation: `\u` escapes above 7F give UTF-8, where the reference gives garbage.
struct JSONReader {
    private var lexer: Lexer
    private let zone: LocalTimeZone
    private var token: Token = .end
    private var depth = 0

    /// Nested lists and ads.
    private static let maximumDepth = 200

    init(_ text: UnsafeBufferPointer<UInt8>, zone: LocalTimeZone) {
        lexer = Lexer(text, syntax: .new, keepsEscapes: true)
        self.zone = zone
        advance()
    }

    private mutating func advance() { token = lexer.next(after: token) }

    private mutating func accept(_ wanted: Token) -> Bool {
        guard token == wanted else { return false }
        advance()
        return true
    }

    private func failure(_ expectation: String) -> ClassAdError {
        ClassAdError(.badDocument, at: lexer.position, expecting: expectation)
    }

    /// One ad and nothing after it.
    mutating func document() throws(ClassAdError) -> AttributeTable {
        let table = try ad()
        guard token == .end else { throw failure("the end of the text") }
        return table
    }

    /// An object; commas may be doubled where there is at least one attribute.
    private mutating func ad() throws(ClassAdError) -> AttributeTable {
        guard accept(.openBrace) else { throw failure("'{'") }
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure("less nesting") }
        defer { depth -= 1 }
        var attributes: [Attribute] = []
        if accept(.closeBrace) { return AttributeTable() }
        while accept(.comma) {}
        while true {
            guard token == .string, let name = Self.unescape(lexer.contentBytes), !name.isEmpty else {
                throw failure("a name in quotes")
            }
            advance()
            guard accept(.colon) else { throw failure("':'") }
            attributes.append(Attribute(name: NameTable.shared.name(name), expression: try value()))
            var sawComma = false
            while accept(.comma) { sawComma = true }
            if accept(.closeBrace) { return AttributeTable(unordered: attributes) }
            guard sawComma else { throw failure("',' or '}'") }
        }
    }

    private mutating func list() throws(ClassAdError) -> Node {
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure("less nesting") }
        defer { depth -= 1 }
        var elements: [Node] = []
        if accept(.closeBracket) { return .list(ListLiteral(elements)) }
        while true {
            elements.append(try value())
            if accept(.closeBracket) { return .list(ListLiteral(elements)) }
            guard accept(.comma) else { throw failure("',' or ']'") }
        }
    }

    private mutating func value() throws(ClassAdError) -> Node {
        let current = token
        switch current {
        case .openBrace: return .ad(AdLiteral(try ad()))
        case .openBracket:
            advance()
            return try list()
        case .string:
            let raw = lexer.contentBytes
            advance()
            return try string(raw)
        case .integer(let value): advance(); return .literal(.integer(value))
        case .real(let value): advance(); return .literal(.real(value))
        case .boolean(let value): advance(); return .literal(.boolean(value))
        case .identifier where lexer.withContent({ ASCII.equalFolded($0, "null") }):
            advance()
            return .literal(.undefined)
        default: throw failure("a value")
        }
    }

    /// A string, or the expression in `"\/Expr(…)\/"`.
    private func string(_ raw: [UInt8]) throws(ClassAdError) -> Node {
        guard let text = Self.unescape(raw) else { throw failure("a string without the byte 0") }
        let mark: [UInt8] = Array(#"\/"#.utf8)
        guard raw.count >= 4, raw.starts(with: mark), raw.suffix(2) == mark[...],
            text.count >= 8, ASCII.equalFolded(text.prefix(6), "/expr("), text.suffix(2) == Array(")/".utf8)[...]
        else { return .literal(.string(ByteString(text))) }
        return try Expression(parsing: text[6..<(text.count - 2)], timeZone: zone).node
    }

    /// The text that escapes stand for; nil if one is broken or stands for the byte 0.
    ///
    /// A backslash before any other character, octal digits included, is dropped.
    static func unescape(_ raw: [UInt8]) -> [UInt8]? {
        guard raw.contains(ASCII.backslash) else { return raw }
        var result: [UInt8] = []
        var index = 0
        while index < raw.count {
            guard raw[index] == ASCII.backslash, index + 1 < raw.count else {
                result.append(raw[index])
                index += 1
                continue
            }
            guard raw[index + 1] == UInt8(ascii: "u") else {
                result.append(escapes[raw[index + 1]] ?? raw[index + 1])
                index += 2
                continue
            }
            guard let unit = hexadecimal(raw, index + 2), unit != 0 else { return nil }
            index += 6
            var scalar = UInt32(unit)
            if 0xD800..<0xDC00 ~= unit, index + 5 < raw.count, raw[index] == ASCII.backslash,
                raw[index + 1] == UInt8(ascii: "u"), let low = hexadecimal(raw, index + 2), 0xDC00..<0xE000 ~= low
            {
                scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + UInt32(low) - 0xDC00
                index += 6
            }
            result += String(Unicode.Scalar(scalar).map(Character.init) ?? "\u{FFFD}").utf8
        }
        return result
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
        UInt8(ascii: "t"): 9,
    ]

    private static func hexadecimal(_ text: [UInt8], _ start: Int) -> UInt16? {
        guard start + 4 <= text.count, text[start..<(start + 4)].allSatisfy(ASCII.isHexDigit) else { return nil }
        return UInt16(String(decoding: text[start..<(start + 4)], as: UTF8.self), radix: 16)
    }
}
