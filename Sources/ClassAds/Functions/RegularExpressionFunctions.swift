/// Functions with regular expressions (spec 07, 9.8).
extension Evaluator {
    mutating func regularExpressions(
        _ function: Function, _ arguments: [Value], _ cache: PatternCache
    ) throws(EvaluationFailure) -> Value {
        switch function {
        case .regexpMember: return try regularExpressionMember(arguments, cache)
        case .stringListRegexpMember: return try stringListRegularExpressionMember(arguments, cache)
        default: break
        }
        if arguments.contains(where: \.isError) { return .error }
        if arguments.contains(where: \.isUndefined) { return .undefined }
        let texts = arguments.compactMap { $0.byteStringValue?.bytes }
        guard texts.count == arguments.count else { return .error }
        let letters = function == .regexp ? texts.dropFirst(2).first : texts.dropFirst(3).first
        let options = RegularExpression.Options(letters: letters ?? [])
        guard let expression = cache.regularExpression(texts[0], options) else { return .error }
        if function == .regexp { return .boolean(try firstMatch(of: expression, in: texts[1]) != nil) }
        let keepsRest = function != .regexps || letters?.contains(UInt8(ascii: "f")) == true
        let isGlobal = function == .replaceAll || letters?.contains(UInt8(ascii: "g")) == true
        return try substitute(
            expression, in: texts[1], with: texts[2], keepsRest: keepsRest, isGlobal: isGlobal)
    }

    /// Steps that a match counts which is not decided quickly; it may take milliseconds.
    private static let heavyMatch = 10_000

    /// The first match; counts as work in proportion to the text, and as much more if the pattern goes astray.
    mutating func firstMatch(
        of expression: RegularExpression, in text: [UInt8], from start: Int = 0,
        mode: RegularExpression.Mode = .any
    ) throws(EvaluationFailure) -> RegularExpression.Match? {
        for effort in [RegularExpression.Effort.usual, .utmost] {
            steps += effort == .usual ? 8 + text.count / 8 : Self.heavyMatch
            if steps > environment.maximumSteps { throw EvaluationFailure() }
            switch try expression.firstMatch(in: text, from: start, mode: mode, effort: effort) {
            case .match(let match): return match
            case .none: return nil
            case .undecided: continue
            }
        }
        throw EvaluationFailure()
    }

    // MARK: Substitution

    private mutating func substitute(
        _ expression: RegularExpression, in text: [UInt8], with replacement: [UInt8], keepsRest: Bool, isGlobal: Bool
    ) throws(EvaluationFailure) -> Value {
        var result: [UInt8] = []
        var copied = 0
        var start = 0
        var isRetry = false
        while true {
            let mode = isRetry ? RegularExpression.Mode.nonEmptyHere : .any
            guard let match = try firstMatch(of: expression, in: text, from: start, mode: mode) else {
                guard isRetry else { break }
                // After an empty match one byte is passed over.
                start += 1
                isRetry = false
                if start > text.count { break }
                continue
            }
            let whole = match.whole
            if keepsRest, copied < whole.lowerBound { result += text[copied..<whole.lowerBound] }
            guard let inserted = Self.expand(replacement, match, text) else { return .error }
            try charge(inserted.count)
            result += inserted
            copied = max(copied, whole.upperBound)
            guard isGlobal else { break }
            if whole.isEmpty, whole.upperBound >= text.count { return .error }
            // \K can report an end in front of the place the search began at.
            start = max(start, whole.upperBound)
            isRetry = whole.isEmpty
            if start >= text.count, !isRetry { start = text.count }
        }
        if keepsRest { result += text[min(copied, text.count)...] }
        try charge(result.count)
        return .string(ByteString(result))
    }

    /// The replacement with `\d` replaced by groups; nil for a group above the highest one of the match.
    private static func expand(_ replacement: [UInt8], _ match: RegularExpression.Match, _ text: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var index = 0
        while index < replacement.count {
            let byte = replacement[index]
            if byte == ASCII.backslash, index + 1 < replacement.count, ASCII.isDigit(replacement[index + 1]) {
                let group = Int(replacement[index + 1] - ASCII.zero)
                guard group < match.groups.count else { return nil }
                if let range = match.groups[group] { result += text[range] }
                index += 2
            } else {
                result.append(byte)
                index += 1
            }
        }
        return result
    }

    // MARK: Members

    private mutating func regularExpressionMember(
        _ arguments: [Value], _ cache: PatternCache
    ) throws(EvaluationFailure) -> Value {
        if arguments.contains(where: \.isError) { return .error }
        if arguments.contains(where: \.isUndefined) { return .undefined }
        guard case .string(let pattern) = arguments[0], case .list(let list) = arguments[1] else { return .error }
        var options = RegularExpression.Options()
        if arguments.count == 3 {
            guard case .string(let letters) = arguments[2] else { return .error }
            options = RegularExpression.Options(letters: letters.bytes)
        }
        // A pattern that does not compile matches nothing here.
        let expression = cache.regularExpression(pattern.bytes, options)
        var sawUndefined = false
        for element in list.literal.elements {
            switch try evaluate(element) {
            case .string(let text):
                if let expression, try firstMatch(of: expression, in: text.bytes) != nil { return .boolean(true) }
            case .undefined: sawUndefined = true
            default: return .error
            }
        }
        return sawUndefined ? .undefined : .boolean(false)
    }

    private mutating func stringListRegularExpressionMember(
        _ arguments: [Value], _ cache: PatternCache
    ) throws(EvaluationFailure) -> Value {
        let texts = arguments.compactMap { $0.byteStringValue?.bytes }
        guard texts.count == arguments.count else { return .error }
        let delimiters = texts.count > 2 ? texts[2] : StringList.defaultDelimiters
        let letters = texts.count > 3 ? texts[3].map(ASCII.lower) : []
        guard let expression = cache.regularExpression(texts[0], .init(letters: letters)) else { return .error }
        let items = StringList.items(texts[1], delimiters)
        if items.isEmpty { return .undefined }
        for item in items {
            if try firstMatch(of: expression, in: item) != nil { return .boolean(true) }
        }
        return .boolean(false)
    }
}
