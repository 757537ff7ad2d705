/// A name as written, with its key.
final class Name: Sendable {
    let spelling: [UInt8]
    let key: NameKey
    /// What the name stands for where no attribute has it.
    let special: SpecialName?
    /// Whether attributes of the name are private (spec 07, 16).
    let isPrivate: Bool

    init(_ spelling: [UInt8]) {
        self.spelling = spelling
        key = NameKey(spelling)
        special = SpecialName(key)
        isPrivate = PrivateNames.contains(key, spelling)
    }

    convenience init(_ spelling: String) { self.init(Array(spelling.utf8)) }

    var text: String { String(decoding: spelling, as: UTF8.self) }

    /// Whether the name can be written without quotes as far as its bytes go.
    static func isPlain(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, ASCII.isIdentifierStart(first) else { return false }
        return bytes.allSatisfy(ASCII.isIdentifierPart)
    }
}

/// Names that resolve by themselves where the starting ad has no such attribute (spec 07, 7.3).
enum SpecialName: Sendable {
    case own, parent, root, currentTime

    init?(_ key: NameKey) {
        // "my" to "currenttime".
        guard 2...11 ~= key.length, let special = Self.table[key] else { return nil }
        self = special
    }

    private static let table: [NameKey: SpecialName] = [
        NameKey("self".utf8): .own, NameKey("my".utf8): .own, NameKey("parent".utf8): .parent,
        NameKey("root".utf8): .root, NameKey("toplevel".utf8): .root, NameKey("currenttime".utf8): .currentTime,
    ]
}
