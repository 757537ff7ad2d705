/// Cuts texts into pieces that mean something, to damage or shorten them.
enum TokenCutter {
    private static let operators = [
        ">>>", "=?=", "=!=", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "?:",
    ].map { Array($0.utf8) }

    /// The tokens of a text, blanks included; joined they are the text again.
    static func tokens(_ text: String) -> [String] {
        var rest = Array(text.utf8)[...]
        var tokens: [String] = []
        while let first = rest.first {
            var length = 1
            if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
                length = quoted(rest, first)
            } else if isWord(first) {
                length = rest.prefix { isWord($0) || ($0 == UInt8(ascii: ".") && isDigit(first)) }.count
            } else if first <= 32 {
                length = rest.prefix { $0 <= 32 }.count
            } else if let symbol = operators.first(where: { rest.starts(with: $0) }) {
                length = symbol.count
            } else if first >= 0x80 {
                length = rest.prefix { $0 >= 0x80 }.count
            }
            tokens.append(String(decoding: rest.prefix(length), as: UTF8.self))
            rest = rest.dropFirst(length)
        }
        return tokens
    }

    private static func quoted(_ text: ArraySlice<UInt8>, _ delimiter: UInt8) -> Int {
        var isEscaped = false
        for (index, byte) in text.enumerated().dropFirst() {
            if byte == delimiter, !isEscaped { return index + 1 }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        }
        return 1
    }

    private static func isDigit(_ byte: UInt8) -> Bool { 48...57 ~= byte }

    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || 65...90 ~= byte || 97...122 ~= byte || byte == 95
    }

    /// The kind of a token, by its first byte.
    enum Kind { case string, number, name, blank, symbol }

    static func kind(_ token: String) -> Kind {
        guard let first = token.utf8.first else { return .blank }
        if first == UInt8(ascii: "\"") { return token.utf8.count > 1 ? .string : .symbol }
        if isDigit(first) { return .number }
        if isWord(first) { return .name }
        return first <= 32 ? .blank : .symbol
    }

    /// Pairs of brackets that belong together.
    static func brackets(_ tokens: [String]) -> [(open: Int, close: Int)] {
        var open: [Int] = []
        var pairs: [(open: Int, close: Int)] = []
        for (index, token) in tokens.enumerated() {
            if ["(", "[", "{"].contains(token) { open.append(index) }
            if [")", "]", "}"].contains(token), let start = open.popLast() { pairs.append((start, index)) }
        }
        return pairs
    }
}
