/// Argument strings of jobs (spec 07, 9.11).
extension Evaluator {
    mutating func argumentLists(_ function: Function, _ arguments: [Value]) throws(EvaluationFailure) -> Value {
        var version: Int64 = 2
        if arguments.count == 2 {
            guard case .integer(let given) = arguments[1], given == 1 || given == 2 else { return .error }
            version = given
        }
        if function == .argsToList {
            guard case .string(let text) = arguments[0] else { return .error }
            let words =
                version == 1
                ? text.bytes.split(whereSeparator: ASCII.isSpace).map(Array.init) : QuotedWords.split(text.bytes)
            return words.map(Self.list) ?? .error
        }
        guard case .list(let list) = arguments[0] else { return .error }
        var words: [[UInt8]] = []
        for element in list.literal.elements {
            guard case .string(let word) = try evaluate(element) else { return .error }
            if version == 1, word.bytes.contains(where: ASCII.isSpace) { return .error }
            words.append(word.bytes)
        }
        let quoted = version == 1 ? words : words.map(QuotedWords.quote)
        let text = Array(quoted.joined(separator: [ASCII.space]))
        try charge(text.count)
        return .string(ByteString(text))
    }
}

/// Words separated by white space, with `'` quotes and `''` for a quote inside them (spec 07, 9.11, "V2").
enum QuotedWords {
    /// The words; nil if a quote is not closed.
    static func split(_ text: [UInt8]) -> [[UInt8]]? {
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        // A word may be empty if it is quoted.
        var isInWord = false
        var isQuoted = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == ASCII.apostrophe {
                isInWord = true
                if isQuoted, index < text.count, text[index] == ASCII.apostrophe {
                    word.append(byte)
                    index += 1
                } else {
                    isQuoted.toggle()
                }
            } else if !isQuoted, ASCII.isSpace(byte) {
                if isInWord { words.append(word) }
                word = []
                isInWord = false
            } else {
                isInWord = true
                word.append(byte)
            }
        }
        if isQuoted { return nil }
        if isInWord { words.append(word) }
        return words
    }

    /// A word with each white space and quote in quotes, adjacent quoted pieces merged.
    static func quote(_ word: [UInt8]) -> [UInt8] {
        if word.isEmpty { return [ASCII.apostrophe, ASCII.apostrophe] }
        var result: [UInt8] = []
        var isQuoted = false
        for byte in word {
            let needsQuotes = ASCII.isSpace(byte) || byte == ASCII.apostrophe
            if needsQuotes != isQuoted {
                result.append(ASCII.apostrophe)
                isQuoted = needsQuotes
            }
            result.append(byte)
            if byte == ASCII.apostrophe { result.append(byte) }
        }
        if isQuoted { result.append(ASCII.apostrophe) }
        return result
    }
}
