/// Rules that hold for every Swift file of the product and that the formatter does not know.
enum HouseRules {
    /// Most lines that a source file may have; a longer one holds more than one concept.
    static let maximumLines = 500

    /// What switches off a check of the compiler, and so needs its reason beside it.
    static let escapes = ["@unchecked Sendable", "nonisolated(unsafe)", "unowned(unsafe)", "try!", "as!"]

    /// The lines that use one of ``escapes`` without saying why.
    ///
    /// The reason is a `//` comment on the same line or alone on the line above. Documentation does not count: it says
    /// what a thing is, and every declaration has it.
    static func unexplainedEscapes(in source: SourceText) -> [String] {
        source.lines.enumerated().compactMap { index, line in
            guard let escape = escapes.first(where: { contains($0, line.code) }), !isReason(line) else { return nil }
            if index > 0, source.lines[index - 1].code.isEmpty, isReason(source.lines[index - 1]) { return nil }
            return "line \(line.number): \(escape)"
        }
    }

    /// The number of lines of a text that ends with a newline, as `wc -l` counts them.
    static func lineCount(of source: SourceText) -> Int {
        source.lines.last?.code.isEmpty == true && source.lines.last?.comment == nil
            ? source.lines.count - 1 : source.lines.count
    }

    private static func isReason(_ line: SourceText.Line) -> Bool {
        guard let comment = line.comment else { return false }
        return !line.isDocumentation && comment.contains(where: \.isLetter)
    }

    /// Whether `code` holds `word`, not as the end of a longer name.
    private static func contains(_ word: String, _ code: String) -> Bool {
        code.ranges(of: word).contains { range in
            guard range.lowerBound > code.startIndex else { return true }
            let before = code[code.index(before: range.lowerBound)]
            return !before.isLetter && !before.isNumber && before != "_"
        }
    }
}
