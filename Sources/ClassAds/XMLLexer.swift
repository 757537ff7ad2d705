/// Cuts XML into tags and texts, as leniently as the reference (spec 07, 15.5).
struct XMLLexer {
    /// The tags that mean something.
    enum TagName {
        case classAd, attribute, integer, real, string, boolean, undefined, error, absoluteTime, relativeTime, list
        case expression
        /// `classads` and what comes before it.
        case document
        case unknown

        init(_ name: ArraySlice<UInt8>) {
            self = Self.table[String(decoding: name, as: UTF8.self)] ?? .unknown
        }

        private static let table: [String: TagName] = [
            "c": .classAd, "a": .attribute, "i": .integer, "r": .real, "s": .string, "b": .boolean, "un": .undefined,
            "er": .error, "at": .absoluteTime, "rt": .relativeTime, "l": .list, "e": .expression,
            "classads": .document, "?xml": .document, "?xml-stylesheet": .document, "DOCTYPE": .document,
        ]
    }

    enum TagKind {
        case opening, closing, empty
        /// Not ended, or with a byte 0 in an attribute.
        case broken
    }

    struct Tag {
        var name: TagName
        var kind: TagKind
        var attributes: [[UInt8]: [UInt8]] = [:]
    }

    enum Token {
        case tag(Tag)
        case text([UInt8])
    }

    private let text: [UInt8]
    /// How far the text has been read.
    private(set) var position = 0
    private var peeked: Token?
    /// Blanks count directly after `<s>`.
    private var isAfterString = false

    init(_ text: [UInt8]) {
        self.text = text.firstIndex(of: 0).map { Array(text[..<$0]) } ?? text
    }

    /// The next token, taken; nil at the end.
    mutating func next() -> Token? {
        defer { peeked = nil }
        return peek()
    }

    /// The next token, left in its place.
    mutating func peek() -> Token? {
        if peeked == nil { peeked = read() }
        return peeked
    }

    /// Takes the next token if it is the closing tag of this name.
    mutating func skipClosing(_ name: TagName) {
        guard case .tag(let tag) = peek(), tag.name == name, tag.kind == .closing else { return }
        peeked = nil
    }

    private mutating func read() -> Token? {
        if !isAfterString {
            while position < text.count, ASCII.isSpace(text[position]) { position += 1 }
        }
        isAfterString = false
        guard position < text.count else { return nil }
        guard text[position] == UInt8(ascii: "<") else { return .text(readText()) }
        position += 1
        let tag = readTag()
        isAfterString = tag.name == .string && tag.kind == .opening
        return .tag(tag)
    }

    // MARK: Texts

    /// The text up to the next tag, entities replaced.
    private mutating func readText() -> [UInt8] {
        var result: [UInt8] = []
        while position < text.count, text[position] != UInt8(ascii: "<") {
            if text[position] == UInt8(ascii: "&") {
                result += readEntity()
            } else {
                result.append(text[position])
                position += 1
            }
        }
        return result
    }

    /// The character of an entity, or its text; it takes everything up to a semicolon, a blank or the next one.
    private mutating func readEntity() -> [UInt8] {
        let start = position
        position += 1
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "&") { return Array(text[start..<position]) }
            position += 1
            if byte == ASCII.space { return Array(text[start..<position]) }
            if byte == UInt8(ascii: ";") {
                let entity = text[start..<position]
                return Self.entities.first { entity.elementsEqual($0.name) }.map { [$0.character] } ?? Array(entity)
            }
        }
        // What does not end is lost.
        return []
    }

    private static let entities: [(name: [UInt8], character: UInt8)] = [
        (Array("&amp;".utf8), UInt8(ascii: "&")), (Array("&lt;".utf8), UInt8(ascii: "<")),
        (Array("&gt;".utf8), UInt8(ascii: ">")),
    ]

    // MARK: Tags

    /// The tag after `<`.
    private mutating func readTag() -> Tag {
        while position < text.count, ASCII.isSpace(text[position]) { position += 1 }
        guard position < text.count else { return Tag(name: .unknown, kind: .broken) }
        // The first byte belongs to the tag even if it is `>`.
        guard let end = text[position...].dropFirst().firstIndex(of: UInt8(ascii: ">")) else {
            position = text.count
            return Tag(name: .unknown, kind: .broken)
        }
        var inner = text[position..<end]
        position = end + 1
        var kind = TagKind.opening
        if inner.first == UInt8(ascii: "/") {
            kind = .closing
            inner = inner.dropFirst()
        } else if inner.last == UInt8(ascii: "/") {
            kind = .empty
            inner = inner.dropLast()
        }
        let name = inner.prefix { !ASCII.isSpace($0) }
        var tag = Tag(name: TagName(name), kind: kind)
        readAttributes(inner[name.endIndex...], into: &tag)
        return tag
    }

    /// Reads `name="value"` pairs; the first byte after the equals sign counts as the quote, whatever it is.
    private func readAttributes(_ text: ArraySlice<UInt8>, into tag: inout Tag) {
        let equals = UInt8(ascii: "=")
        var rest = text
        while !rest.isEmpty {
            rest = rest.drop(while: ASCII.isSpace)
            let name = rest.prefix { !ASCII.isSpace($0) && $0 != equals }
            rest = rest[name.endIndex...].drop { ASCII.isSpace($0) || $0 == equals }.dropFirst()
            var end = rest.startIndex
            while end < rest.endIndex,
                rest[end] != ASCII.quote || (end > rest.startIndex && rest[end - 1] == ASCII.backslash)
            {
                end += 1
            }
            if let value = Escapes.undo(Self.replaceEntities(rest[..<end])) {
                if !name.isEmpty, !value.isEmpty { tag.attributes[Array(name)] = value }
            } else {
                tag.kind = .broken
            }
            rest = rest[end...]
        }
    }

    private static func replaceEntities(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.first {
            if byte == UInt8(ascii: "&"), let entity = entities.first(where: { rest.starts(with: $0.name) }) {
                result.append(entity.character)
                rest = rest.dropFirst(entity.name.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
