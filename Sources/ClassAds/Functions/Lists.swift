/// Lists (spec 07, 9.4). Elements are evaluated in the scope of the caller.
extension Evaluator {
    static func size(_ value: Value) -> Value {
        switch value {
        case .list(let list): .integer(Int64(list.count))
        case .classAd(let ad): .integer(Int64(ad.scope.table.count))
        case .string(let text): .integer(Int64(text.count))
        case .undefined: .undefined
        case .error, .boolean, .integer, .real, .absoluteTime, .relativeTime: .error
        }
    }

    private static func isNumber(_ value: Value) -> Bool {
        switch value {
        case .boolean, .integer, .real: true
        case .undefined, .error, .string, .absoluteTime, .relativeTime, .list, .classAd: false
        }
    }

    /// The numbers of a list without its UNDEFINED elements; nil if there is anything else.
    private mutating func numbers(_ list: ListValue) throws(EvaluationFailure) -> [Value]? {
        var numbers: [Value] = []
        for element in list.literal.elements {
            let value = try evaluate(element)
            if value.isUndefined { continue }
            guard Self.isNumber(value) else { return nil }
            numbers.append(value)
        }
        return numbers
    }

    mutating func total(_ function: Function, _ argument: Value) throws(EvaluationFailure) -> Value {
        guard case .list(let list) = argument else { return argument.isUndefined ? .undefined : .error }
        guard let numbers = try numbers(list) else { return .error }
        guard var sum = numbers.first else { return .integer(0) }
        for number in numbers.dropFirst() { sum = Value.apply(.add, sum, number) }
        return function == .sum ? sum : Value.apply(.divide, sum, .real(Double(numbers.count)))
    }

    mutating func extreme(_ function: Function, _ argument: Value) throws(EvaluationFailure) -> Value {
        guard case .list(let list) = argument else { return argument.isUndefined ? .undefined : .error }
        guard let numbers = try numbers(list) else { return .error }
        guard var kept = numbers.first else { return .undefined }
        for number in numbers.dropFirst() {
            var number = number
            Self.promote(&kept, &number)
            if Value.apply(function == .min ? .less : .greater, number, kept).isTrue { kept = number }
        }
        return kept
    }

    /// Makes two numbers the same type, as a comparison does.
    private static func promote(_ left: inout Value, _ right: inout Value) {
        let isReal =
            switch (left, right) {
            case (.real, _), (_, .real): true
            default: false
            }
        let promoted = { (value: Value) -> Value in
            isReal ? .real(value.realValue ?? 0) : .integer(value.integerValue ?? 0)
        }
        (left, right) = (promoted(left), promoted(right))
    }

    mutating func member(
        _ function: Function, _ wanted: Value, _ argument: Value
    ) throws(EvaluationFailure) -> Value {
        let symbol: BinaryOperator = function == .member ? .equal : .identical
        if argument.isUndefined { return .undefined }
        if function == .member, wanted.isUndefined { return .undefined }
        guard case .list(let list) = argument else { return .error }
        switch wanted {
        case .list, .classAd: return .error
        case .error where function == .member: return .error
        default: break
        }
        for element in list.literal.elements
        where Value.apply(symbol, try evaluate(element), wanted).isTrue { return .boolean(true) }
        return .boolean(false)
    }

    private static let comparisons: [ByteString: BinaryOperator] = [
        "<": .less, "<=": .lessOrEqual, "!=": .notEqual, "==": .equal, ">": .greater, ">=": .greaterOrEqual,
        "is": .identical, "isnt": .notIdentical,
    ]

    mutating func compareAll(_ function: Function, _ arguments: [Value]) throws(EvaluationFailure) -> Value {
        if arguments[0].isUndefined { return .undefined }
        guard case .string(let name) = arguments[0], let symbol = Self.comparisons[name] else { return .error }
        if arguments[1].isUndefined { return .undefined }
        guard case .list(let list) = arguments[1] else { return .error }
        for element in list.literal.elements {
            switch Value.apply(symbol, try evaluate(element), arguments[2]) {
            case .boolean(let isTrue):
                if isTrue == (function == .anyCompare) { return .boolean(isTrue) }
            case .undefined: return .boolean(false)
            default: return .error
            }
        }
        return .boolean(function == .allCompare)
    }
}
