/// Turns trees into instructions, as far as ``Program`` has any.
struct ProgramCompiler {
    private(set) var instructions: [Program.Instruction] = []
    private(set) var constants: [Scalar] = []
    private(set) var strings: [ByteString] = []
    private(set) var names: [NameKey] = []
    private(set) var calls: [FunctionCall] = []
    private(set) var stackSize = 0
    private var stackDepth = 0

    private static let maximumInstructions = 4096
    private static let maximumDepth = 200

    /// Appends the instructions of a tree; false if there are none for it.
    mutating func compile(_ node: Node) -> Bool {
        guard node.depth <= Self.maximumDepth, append(node) else { return false }
        if case .leave = instructions[0] { return false }
        return instructions.count <= Self.maximumInstructions
    }

    /// Appends the instructions of a part; of one without instructions, that the program ends there.
    private mutating func append(_ node: Node) -> Bool {
        guard instructions.count < Self.maximumInstructions else { return false }
        let saved = (instructions.count, stackDepth)
        if appendKnown(node) { return true }
        // What was appended of the part so far is never reached again.
        instructions.removeSubrange(saved.0...)
        stackDepth = saved.1
        push(.leave)
        return true
    }

    private mutating func appendKnown(_ node: Node) -> Bool {
        switch node {
        case .literal(let value): return constant(value)
        case .reference(let reference):
            guard !reference.isAbsolute, !Self.isReserved(reference.name) else { return false }
            push(.attribute(index(of: reference.name)))
            return true
        case .selection(let selection): return append(selection)
        case .unary(let operation):
            guard append(operation.operand) else { return false }
            if operation.symbol != .parentheses { instructions.append(.unary(operation.symbol)) }
            return true
        case .binary(let operation): return append(operation)
        case .conditional(let conditional):
            return choice(conditional.condition, conditional.whenTrue, conditional.whenFalse)
        case .call(let call): return append(call)
        case .list, .ad, .matched, .matchContext: return false
        }
    }

    private mutating func push(_ instruction: Program.Instruction) {
        instructions.append(instruction)
        stackDepth += 1
        stackSize = max(stackSize, stackDepth)
    }

    private mutating func constant(_ value: Value) -> Bool {
        // A literal relative time evaluates to a real, spec 07, 9.6.
        if case .relativeTime(let seconds) = value { return constant(.real(seconds)) }
        if case .string(let string) = value { strings.append(string) }
        let scalar = Scalar(keptElsewhere: value)
        guard scalar.kind != .unsettled else { return false }
        constants.append(scalar)
        push(.constant(constants.count - 1))
        return true
    }

    private mutating func index(of name: Name) -> Int {
        names.append(name.key)
        return names.count - 1
    }

    // MARK: Names

    /// Names that mean something where no attribute has them, or that a match ad has (spec 07, 7.3 and 12).
    private static let reserved = Set(
        [
            "self", "my", "parent", "root", "toplevel", "currenttime", "other", "target", "ad", "left", "right",
            "lctx", "rctx", "symmetricmatch", "leftmatchesright", "rightmatchesleft", "leftrankvalue",
            "rightrankvalue",
        ].map { NameKey($0.utf8) })
    private static let my = NameKey("my".utf8)
    private static let target = NameKey("target".utf8)

    private static func isReserved(_ name: Name) -> Bool { name.special != nil || reserved.contains(name.key) }

    private mutating func append(_ selection: Selection) -> Bool {
        guard case .reference(let base) = selection.base, !base.isAbsolute, !Self.isReserved(selection.name) else {
            return false
        }
        if base.name.key == Self.my {
            push(.ownAttribute(index(of: selection.name)))
        } else if base.name.key == Self.target {
            push(.otherAttribute(index(of: selection.name)))
        } else {
            return false
        }
        return true
    }

    // MARK: Operators

    private mutating func append(_ operation: BinaryOperation) -> Bool {
        guard operation.symbol != .subscripted, append(operation.left) else { return false }
        let place = instructions.count
        switch operation.symbol {
        case .and, .or:
            instructions.append(.jump(0))
            guard append(operation.right) else { return false }
            instructions.append(.combine(deciding: operation.symbol == .or))
            let end = instructions.count
            instructions[place] = operation.symbol == .and ? .and(end: end) : .or(end: end)
            stackDepth -= 1
        case .elvis:
            instructions.append(.jump(0))
            stackDepth -= 1
            guard append(operation.right) else { return false }
            instructions[place] = .elvis(end: instructions.count)
        default:
            guard append(operation.right) else { return false }
            instructions.append(.binary(operation.symbol))
            stackDepth -= 1
        }
        return true
    }

    private mutating func choice(_ condition: Node, _ whenTrue: Node, _ whenFalse: Node) -> Bool {
        guard append(condition) else { return false }
        let branch = instructions.count
        instructions.append(.jump(0))
        stackDepth -= 1
        guard append(whenTrue) else { return false }
        let jump = instructions.count
        instructions.append(.jump(0))
        stackDepth -= 1
        let otherwise = instructions.count
        guard append(whenFalse) else { return false }
        let end = instructions.count
        instructions[branch] = .condition(otherwise: otherwise, end: end)
        instructions[jump] = .jump(end)
        return true
    }

    // MARK: Calls

    private mutating func append(_ call: FunctionCall) -> Bool {
        guard let function = call.function, function.arity.contains(call.arguments.count) else { return false }
        if function == .ifThenElse { return choice(call.arguments[0], call.arguments[1], call.arguments[2]) }
        guard function.isOfPlainValues else { return false }
        for argument in call.arguments where !append(argument) { return false }
        if function.isPlainTest {
            instructions.append(.test(function))
            return true
        }
        calls.append(call)
        stackDepth -= call.arguments.count
        push(.call(calls.count - 1))
        return true
    }
}

extension Function {
    /// Whether the value depends on plain argument values alone, and on the clock.
    var isOfPlainValues: Bool {
        switch self {
        case .isUndefined, .isError, .isString, .isInteger, .isReal, .isBoolean, .isList, .isClassAd, .isAbsTime,
            .isRelTime, .int, .real, .string, .bool, .floor, .ceil, .ceiling, .round, .pow, .quantize, .size, .strcat,
            .substr, .toUpper, .toLower, .strcmp, .stricmp, .versioncmp, .versionGT, .versionGE, .versionLT,
            .versionLE, .versionEQ, .versionInRange, .time, .interval, .regexp, .regexps, .replace, .replaceAll,
            .stringListRegexpMember, .stringListSize, .stringListSum, .stringListAvg, .stringListMin, .stringListMax,
            .stringListMember, .stringListIMember, .stringListSubsetMatch, .stringListISubsetMatch,
            .stringListsIntersect:
            true
        default: false
        }
    }

    /// Whether it asks for the type of a plain value.
    fileprivate var isPlainTest: Bool {
        switch self {
        case .isUndefined, .isError, .isString, .isInteger, .isReal, .isBoolean, .isList, .isClassAd, .isAbsTime,
            .isRelTime:
            true
        default: false
        }
    }
}
