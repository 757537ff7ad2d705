/// Strings that hold lists (spec 07, 9.9).
enum StringList {
    /// Comma and space.
    static let defaultDelimiters: [UInt8] = Array(", ".utf8)
    /// Comma and white space.
    static let memberDelimiters: [UInt8] = Array(", \t\r\n".utf8)

    /// The items, white space around them removed, empty ones left out.
    static func items(_ text: [UInt8], _ delimiters: [UInt8]) -> [[UInt8]] {
        text.split(whereSeparator: ByteSet(delimiters).contains).compactMap { piece in
            let start = piece.drop(while: ASCII.isSpace)
            guard let end = start.lastIndex(where: { !ASCII.isSpace($0) }) else { return nil }
            return Array(start[...end])
        }
    }
}

extension Evaluator {
    mutating func stringLists(_ function: Function, _ arguments: [Value]) -> Value {
        for argument in arguments {
            guard case .string(let text) = argument else { continue }
            steps += text.count / 8
        }
        switch function {
        case .stringListsIntersect: return Self.intersect(arguments)
        case .stringListMember, .stringListIMember, .stringListSubsetMatch, .stringListISubsetMatch:
            return Self.stringListMember(function, arguments)
        default: return Self.summary(function, arguments)
        }
    }

    /// Sizes, sums and extremes.
    private static func summary(_ function: Function, _ arguments: [Value]) -> Value {
        let texts = arguments.compactMap { $0.byteStringValue?.bytes }
        guard texts.count == arguments.count else { return .error }
        let items = StringList.items(texts[0], texts.count == 2 ? texts[1] : StringList.defaultDelimiters)
        if function == .stringListSize { return .integer(Int64(items.count)) }
        var isInteger = true
        var numbers: [Double] = []
        for item in items {
            let (number, length) = NumberText.leadingReal(item)
            guard length > 0 else { return .error }
            numbers.append(number)
            isInteger =
                isInteger && item.allSatisfy { ASCII.isDigit($0) || $0 == ASCII.plus || $0 == ASCII.minus }
        }
        let result: Double
        switch function {
        case .stringListSum: result = numbers.reduce(0, +)
        case .stringListAvg: result = numbers.isEmpty ? 0 : numbers.reduce(0, +) / Double(numbers.count)
        case .stringListMin: result = numbers.reduce(Double(Float.greatestFiniteMagnitude)) { $1 < $0 ? $1 : $0 }
        // The reference starts from the least positive float.
        default: result = numbers.reduce(Double(Float.leastNormalMagnitude)) { $1 > $0 ? $1 : $0 }
        }
        if numbers.isEmpty {
            return function == .stringListSum || function == .stringListAvg ? .real(0) : .undefined
        }
        return isInteger ? .integer(Int64(wholePartOf: result)) : .real(result)
    }

    private static func stringListMember(_ function: Function, _ arguments: [Value]) -> Value {
        var texts: [[UInt8]?] = []
        for argument in arguments {
            switch argument {
            case .string(let text): texts.append(text.bytes)
            case .undefined: texts.append(nil)
            default: return .error
            }
        }
        if texts[0] == nil, texts[1] == nil { return .undefined }
        let delimiters = (texts.count == 3 ? texts[2] : nil) ?? StringList.memberDelimiters
        let wanted = texts[0] ?? []
        let ignoresCase = function == .stringListIMember || function == .stringListISubsetMatch
        let folded = { (item: [UInt8]) in ignoresCase ? item.map(ASCII.lower) : item }
        let items = Set(StringList.items(texts[1] ?? [], delimiters).map(folded))
        let contains = { (item: [UInt8]) in items.contains(folded(item)) }
        switch function {
        case .stringListMember, .stringListIMember: return .boolean(!wanted.isEmpty && contains(wanted))
        default:
            if wanted.isEmpty { return .boolean(true) }
            let parts = StringList.items(wanted, delimiters)
            return .boolean(!parts.isEmpty && parts.allSatisfy(contains))
        }
    }

    private static func intersect(_ arguments: [Value]) -> Value {
        if arguments.contains(where: \.isError) { return .error }
        if arguments.contains(where: \.isUndefined) { return .undefined }
        let texts = arguments.compactMap { $0.byteStringValue?.bytes }
        guard texts.count == arguments.count else { return .error }
        let given = texts.count == 3 ? texts[2] : []
        let delimiters = ByteSet(given.isEmpty ? StringList.defaultDelimiters : given)
        let items = Set(texts[0].split(whereSeparator: delimiters.contains))
        return .boolean(texts[1].split(whereSeparator: delimiters.contains).contains(where: items.contains))
    }
}
