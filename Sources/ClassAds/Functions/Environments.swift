/// Environment strings of jobs (spec 07, 9.11).
enum Environments {
    static func apply(_ function: Function, _ arguments: [Value]) -> Value {
        var entries: [ByteString: [UInt8]?] = [:]
        if function == .envV1ToV2 {
            if arguments[0].isUndefined { return .undefined }
            guard case .string(let text) = arguments[0], readV1(text.bytes, into: &entries) else { return .error }
        } else {
            for argument in arguments where !argument.isUndefined {
                guard case .string(let text) = argument, readV2(text.bytes, into: &entries) else { return .error }
            }
        }
        let words = entries.sorted { $0.key < $1.key }.map { name, value in
            QuotedWords.quote(name.bytes + (value.map { [UInt8(ascii: "=")] + $0 } ?? []))
        }
        return .string(ByteString(words.joined(separator: [ASCII.space])))
    }

    private static let separators = Set("!#$%&*+,-/:;<>?@^`|~".utf8).union([0x1F])

    private static func readV1(_ text: [UInt8], into entries: inout [ByteString: [UInt8]?]) -> Bool {
        var rest = text[...]
        var separator = UInt8(ascii: ";")
        if let first = rest.first, separators.contains(first) {
            separator = first
            rest.removeFirst()
        }
        for entry in rest.split(whereSeparator: { $0 == separator || $0 == ASCII.newline }) {
            let entry = entry.drop(while: ASCII.isSpace)
            guard entry.isEmpty || add(entry, to: &entries) else { return false }
        }
        return true
    }

    private static func readV2(_ text: [UInt8], into entries: inout [ByteString: [UInt8]?]) -> Bool {
        guard let words = QuotedWords.split(text) else { return false }
        return words.allSatisfy { add($0[...], to: &entries) }
    }

    /// Adds `NAME=value`; a text without `=` only if `$$` in it may still become one.
    private static func add(_ entry: ArraySlice<UInt8>, to entries: inout [ByteString: [UInt8]?]) -> Bool {
        guard let sign = entry.firstIndex(of: UInt8(ascii: "=")) else {
            let dollars = zip(entry, entry.dropFirst()).contains { $0 == UInt8(ascii: "$") && $0 == $1 }
            if dollars { entries[ByteString(entry)] = .some(nil) }
            return dollars
        }
        guard sign > entry.startIndex else { return false }
        entries[ByteString(entry[..<sign])] = Array(entry[(sign + 1)...])
        return true
    }
}
