/// Cuts the text of a configuration file into statements, in HTCondor's syntax.
///
/// A comment is a line whose first character is `#`. A line that ends with `\` goes on in the
/// next one; comment lines between are left out. `NAME @=tag` takes all lines up to `@tag`.
/// Source: HTCondor manual, "Introduction to Configuration", comments and line continuations.
struct ConfigurationScanner {
    /// One statement.
    enum Statement: Equatable {
        case assignment(name: String, value: String)
        case include(path: String, onlyIfExists: Bool)
        /// Anything that the small parser refuses: `use`, `if`, a command to run.
        case unsupported(String)
        case malformed(String)
    }

    private let lines: [Substring]
    private var next = 0

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasSuffix("\r") ? line.dropLast() : line
        }
    }

    /// The next statement with the number of its first line, or `nil` at the end.
    mutating func statement() -> (Statement, line: Int)? {
        while next < lines.count {
            let number = next + 1
            let line = lines[next].trimmed
            next += 1
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix("[") { continue }
            if let block = block(startingWith: line) { return (block, number) }
            return (Self.classify(joined(from: line)), number)
        }
        return nil
    }

    /// Adds the lines that continue `first`.
    private mutating func joined(from first: Substring) -> Substring {
        var text = String(first)
        while text.hasSuffix("\\") {
            text.removeLast()
            while next < lines.count, lines[next].trimmed.hasPrefix("#") { next += 1 }
            guard next < lines.count else { break }
            text += lines[next].trimmed
            next += 1
        }
        return text[...]
    }

    /// Reads `NAME @=tag`, its lines and `@tag`.
    private mutating func block(startingWith line: Substring) -> Statement? {
        let halves = line.split(separator: "@=", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].contains("=") else { return nil }
        let name = halves[0].trimmed
        let end = "@" + halves[1].trimmed
        guard Self.isName(name), end.count > 1 else { return .malformed(String(line)) }
        var body: [Substring] = []
        while next < lines.count {
            let content = lines[next]
            next += 1
            if content.trimmed == end { return .assignment(name: String(name), value: body.joined(separator: "\n")) }
            body.append(content)
        }
        return .malformed("\(name) @=\(halves[1].trimmed) has no line \(end)")
    }

    private static func classify(_ line: Substring) -> Statement {
        let word = line.prefix(while: { $0.isLetter || $0 == "@" }).lowercased()
        let rest = line.dropFirst(word.count)
        let isAssignment = rest.drop(while: \.isWhitespace).hasPrefix("=")
        if !isAssignment, rest.first.map({ $0.isWhitespace || $0 == ":" }) ?? true {
            switch word {
            case "include", "@include": return include(rest)
            case "use", "if", "elif", "else", "endif", "error", "warning":
                return .unsupported("\"\(word)\" is understood by HTCondor only")
            default: break
            }
        }
        guard let equals = line.firstIndex(of: "=") else { return .malformed(String(line)) }
        let name = line[..<equals].trimmed
        guard isName(name) else { return .malformed(String(line)) }
        return .assignment(name: String(name), value: String(line[line.index(after: equals)...].trimmed))
    }

    /// Reads what follows `include`: `[ifexist] : path`.
    private static func include(_ rest: Substring) -> Statement {
        guard let colon = rest.firstIndex(of: ":") else { return .malformed("include needs a colon and a path") }
        let words = rest[..<colon].split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
        let path = rest[rest.index(after: colon)...].trimmed
        guard words.isEmpty || words == ["ifexist"], !path.hasSuffix("|") else {
            return .unsupported("including the output of a command is understood by HTCondor only")
        }
        guard !path.isEmpty else { return .malformed("include needs a path") }
        return .include(path: String(path), onlyIfExists: !words.isEmpty)
    }

    /// Letters, digits and `_`, with dots between the parts.
    static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.count <= 256
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}

extension StringProtocol {
    /// The text without white space at its ends.
    var trimmed: SubSequence {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return rest
    }
}
