/// One `import` of a Swift file.
struct ImportStatement: Equatable {
    /// Counted from 1.
    var line: Int
    /// The module, without the names of submodules or declarations behind it.
    var module: String
    /// Attributes before the keyword, such as `@preconcurrency`, without their arguments.
    var attributes: [String]

    /// Every import in `source`, also those within `#if`.
    static func all(in source: SourceText) -> [ImportStatement] {
        source.lines.flatMap { line in
            line.code.split(separator: ";").compactMap { ImportStatement($0, line: line.number) }
        }
    }

    /// The import that `code` is, or `nil` if it is something else.
    private init?(_ code: Substring, line: Int) {
        var words = code.split(whereSeparator: \.isWhitespace)[...]
        var attributes: [String] = []
        while let word = words.first, word.hasPrefix("@") || Self.accessLevels.contains(String(word)) {
            if word.hasPrefix("@") { attributes.append(String(word.prefix { $0 != "(" })) }
            words.removeFirst()
        }
        guard words.popFirst() == "import" else { return nil }
        if let kind = words.first, Self.declarationKinds.contains(String(kind)) { words.removeFirst() }
        guard let path = words.first else { return nil }
        self.line = line
        self.module = String(path.prefix { $0 != "." })
        self.attributes = attributes
    }

    private static let accessLevels: Set<String> = ["public", "package", "internal", "fileprivate", "private"]
    private static let declarationKinds: Set<String> = [
        "class", "enum", "func", "let", "protocol", "struct", "typealias", "var",
    ]
}
