/// Cuts a line of a map file into its fields.
///
/// A field ends at a blank. One in quotation marks takes blanks, `\"` in it is a mark and `\\` a backslash, and every
/// other backslash stays. A principal may stand between slashes, where `\/` is a slash, with `i` (letters of both cases
/// are the same) and `U` (as little as possible) behind it. Source: `src/condor_utils/MapFile.cpp`, ParseField.
struct MapFields {
    /// One field.
    struct Field: Equatable {
        var text: String
        /// Whether it stood between slashes.
        var isPattern = false
        var isCaseless = false
        var isUngreedy = false
    }

    /// What can be wrong with a field, in words for an administrator.
    enum Failure: String, Error {
        case openQuote = "a quotation mark is not closed"
        case openPattern = "a pattern has no closing slash"
        case unknownOption = "a pattern is followed by something else than i and U"
        case joined = "a closing quotation mark is not followed by a blank"
    }

    private var rest: ArraySlice<UInt8>

    init(_ line: some Sequence<UInt8>) { rest = Array(line)[...] }

    /// The next field; `nil` at the end of the line.
    mutating func next(allowsPattern: Bool = false) throws(Failure) -> Field? {
        rest = rest.drop(while: Self.isBlank)
        switch rest.first {
        case nil:
            return nil
        case UInt8(ascii: "\"")?:
            let text = try enclosed(by: UInt8(ascii: "\""), .openQuote)
            guard rest.first.map(Self.isBlank) ?? true else { throw .joined }
            return Field(text: text)
        case UInt8(ascii: "/")? where allowsPattern:
            var field = Field(text: try enclosed(by: UInt8(ascii: "/"), .openPattern), isPattern: true)
            for option in rest.prefix(while: { !Self.isBlank($0) }) {
                switch option {
                case UInt8(ascii: "i"): field.isCaseless = true
                case UInt8(ascii: "U"): field.isUngreedy = true
                default: throw .unknownOption
                }
            }
            rest = rest.drop { !Self.isBlank($0) }
            return field
        case _?:
            let word = rest.prefix { !Self.isBlank($0) }
            rest = rest[word.endIndex...]
            return Field(text: String(decoding: word, as: UTF8.self))
        }
    }

    private mutating func enclosed(by mark: UInt8, _ unclosed: Failure) throws(Failure) -> String {
        var text: [UInt8] = []
        rest = rest.dropFirst()
        while let byte = rest.popFirst() {
            if byte == mark { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                text.append(byte)
                continue
            }
            if escaped != mark, escaped != UInt8(ascii: "\\") { text.append(byte) }
            text.append(escaped)
        }
        throw unclosed
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
