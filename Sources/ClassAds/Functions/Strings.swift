/// Strings (spec 07, 9.5).
extension Evaluator {
    mutating func strings(_ function: Function, _ arguments: [Value]) throws(EvaluationFailure) -> Value {
        switch function {
        case .strcat: return try concatenate(arguments)
        case .join: return try join(arguments)
        case .substr: return try substring(arguments)
        case .toUpper, .toLower:
            guard let text = text(of: arguments[0]) else { return arguments[0] }
            try charge(text.count)
            return .string(ByteString(text.map(function == .toUpper ? ASCII.upper : ASCII.lower)))
        case .strcmp, .stricmp:
            if arguments[0].isUndefined || arguments[1].isUndefined { return .undefined }
            guard let left = text(of: arguments[0]), let right = text(of: arguments[1]) else { return .error }
            let order = function == .strcmp ? ASCII.compare(left, right) : ASCII.compareFolded(left, right)
            return .integer(Int64(order.signum()))
        case .split:
            guard case .string(let text) = arguments[0] else { return .error }
            var separators: [UInt8] = Array(", \t".utf8)
            if arguments.count == 2 {
                guard case .string(let given) = arguments[1] else { return .error }
                separators = given.bytes
            }
            try charge(text.count)
            return Self.list(Self.split(text.bytes, separators))
        default: return splitName(function, arguments[0])
        }
    }

    /// A computed list of strings.
    static func list(_ pieces: [[UInt8]]) -> Value {
        .list(ListValue(computed: pieces.map { .string(ByteString($0)) }))
    }

    private mutating func concatenate(_ arguments: [Value]) throws(EvaluationFailure) -> Value {
        var result: [UInt8] = []
        for argument in arguments {
            guard let text = text(of: argument) else { return argument }
            try charge(text.count)
            result += text
        }
        return .string(ByteString(result))
    }

    private mutating func join(_ arguments: [Value]) throws(EvaluationFailure) -> Value {
        var separator: [UInt8] = []
        var items: [Value] = []
        var sawUndefined = false
        if arguments.count <= 2, case .list(let list)? = arguments.last {
            for element in list.literal.elements { items.append(try evaluate(element)) }
        } else {
            items = Array(arguments.dropFirst())
        }
        let hasSeparator: Bool
        if arguments.count == 1, case .list = arguments[0] {
            hasSeparator = false
        } else {
            hasSeparator = !arguments.isEmpty
        }
        if hasSeparator {
            if arguments[0].isError { return .error }
            sawUndefined = arguments[0].isUndefined
            separator = text(of: arguments[0]) ?? []
        }
        var result: [UInt8] = []
        var isUsable = false
        for item in items {
            if item.isError { return .error }
            guard let text = text(of: item) else {
                sawUndefined = true
                continue
            }
            try charge(text.count + separator.count)
            if !result.isEmpty { result += separator }
            result += text
            isUsable = true
        }
        return sawUndefined && !isUsable ? .undefined : .string(ByteString(result))
    }

    private mutating func substring(_ arguments: [Value]) throws(EvaluationFailure) -> Value {
        if arguments.contains(where: \.isUndefined) { return .undefined }
        guard case .string(let text) = arguments[0], case .integer(let offset) = arguments[1] else { return .error }
        var start = Int(Int32(truncatingIfNeeded: offset))
        start = start < 0 ? max(0, text.count + start) : min(start, text.count)
        var length = text.count - start
        if arguments.count == 3 {
            guard case .integer(let given) = arguments[2] else { return .error }
            let wanted = Int(Int32(truncatingIfNeeded: given))
            length = wanted < 0 ? max(0, length + wanted) : min(length, wanted)
        }
        try charge(length)
        return .string(ByteString(text.bytes[start..<(start + length)]))
    }

    /// Cuts at separators; an empty piece counts where the last separator that was no space comes again after
    /// another separator.
    private static func split(_ text: [UInt8], _ separators: [UInt8]) -> [[UInt8]] {
        let separators = ByteSet(separators)
        var pieces: [[UInt8]] = []
        var piece: [UInt8] = []
        var last: UInt8?
        for byte in text {
            guard separators.contains(byte) else {
                piece.append(byte)
                continue
            }
            let isBlank = ASCII.isSpace(byte)
            if !piece.isEmpty {
                pieces.append(piece)
                piece = []
            } else if !isBlank, last == byte {
                pieces.append([])
            }
            if !isBlank { last = byte }
        }
        if !piece.isEmpty { pieces.append(piece) }
        return pieces
    }

    private func splitName(_ function: Function, _ argument: Value) -> Value {
        guard case .string(let text) = argument else { return .error }
        guard let sign = text.bytes.firstIndex(of: UInt8(ascii: "@")) else {
            return Self.list(function == .splitUserName ? [text.bytes, []] : [[], text.bytes])
        }
        return Self.list([Array(text.bytes[..<sign]), Array(text.bytes[(sign + 1)...])])
    }
}
