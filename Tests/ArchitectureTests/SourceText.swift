/// A Swift file cut into lines, each divided into code and comment.
///
/// Good enough for rules about single lines; it is no parser. Contents of string literals are dropped from the code, so
/// that neither a `//` in an address nor a keyword in a message is taken for the real thing. Block comments (which the
/// formatter forbids) and strings over several lines are followed from line to line.
struct SourceText {
    /// One line of a file.
    struct Line: Equatable {
        /// Counted from 1.
        var number: Int
        /// The code without comments, string contents replaced by nothing, trimmed.
        var code: String
        /// What follows `//`, with any further slashes, trimmed; `nil` without a comment.
        var comment: String?
        /// Whether the comment is a `///` documentation comment.
        var isDocumentation: Bool {
            comment?.hasPrefix("/") ?? false
        }
    }

    /// The lines in order.
    private(set) var lines: [Line] = []

    private enum State {
        case code
        case string
        case longString
        case blockComment
    }

    init(_ text: String) {
        var state = State.code
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            lines.append(Self.divide(Array(raw), number: index + 1, &state))
        }
    }

    private static func divide(_ raw: [Character], number: Int, _ state: inout State) -> Line {
        var code = ""
        var position = 0
        func follows(_ text: String) -> Bool { raw[position...].starts(with: text) }

        while position < raw.count {
            switch state {
            case .code where follows("//"):
                let comment = String(raw[(position + 2)...])
                return Line(number: number, code: trimmed(code), comment: trimmed(comment))
            case .code where follows("/*"):
                state = .blockComment
                position += 2
            case .code where follows("\"\"\""):
                state = .longString
                position += 3
            case .code where follows("\""):
                state = .string
                position += 1
            case .code:
                code.append(raw[position])
                position += 1
            case .string where follows("\\"), .longString where follows("\\"):
                position += 2
            case .string where follows("\""):
                state = .code
                position += 1
            case .longString where follows("\"\"\""):
                state = .code
                position += 3
            case .blockComment where follows("*/"):
                state = .code
                position += 2
            case .string, .longString, .blockComment:
                position += 1
            }
        }
        if case .string = state { state = .code }  // a plain literal never crosses the end of its line
        return Line(number: number, code: trimmed(code), comment: nil)
    }

    private static func trimmed(_ text: String) -> String {
        let rest = text.drop(while: \.isWhitespace)
        guard let last = rest.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(rest[...last])
    }
}
