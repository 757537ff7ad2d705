/// An ad during a quick evaluation: its attributes without reference counts.
///
/// Valid while the table it was made of is kept unchanged.
struct AdView {
    let index: ShapeIndex
    let cells: UnsafeBufferPointer<Cell>

    @inline(__always)
    init(_ table: AttributeTable) {
        // The shape and the array keep their elements in place while the table is kept.
        index = table.shape.withIndex { $0 }
        cells = table.cells.withUnsafeBufferPointer { $0 }
    }
}

/// Runs programs on one ad or the two ads of a match.
///
/// A result is that of ``Evaluator`` or ``Scalar/unsettled``: then the latter
/// has to be asked, which costs a second evaluation and nothing else, because
/// evaluating changes nothing.
struct QuickEvaluator {
    private let left: AdView
    private let right: AdView?
    private let environment: EvaluationEnvironment
    private var depth = 0
    private var steps = 0
    /// Keeps the bytes of computed strings.
    private var computed: [ByteString] = []
    private var computedBytes = 0

    /// Levels of the language from which on the exact count matters.
    private static let maximumDepth = 300
    /// Attributes that lead to attributes, which may be a circle.
    private static let maximumNesting = 24
    /// Instructions after which the exact count takes over.
    private static let maximumSteps = 20_000
    private static let maximumComputedBytes = 1 << 20

    /// Nil if an ad is one that needs the ``Evaluator``.
    ///
    /// The tables must be kept during the evaluation.
    @inline(__always)
    init?(_ own: ClassAd, target: ClassAd?, environment: EvaluationEnvironment) {
        guard !own.isChained, !own.table.shape.redefinesScopes else { return nil }
        left = AdView(own.table)
        if let target {
            guard !target.isChained, !target.table.shape.redefinesScopes else { return nil }
            right = AdView(target.table)
        } else {
            right = nil
        }
        self.environment = environment
    }

    /// The value of a program in the left ad.
    @inline(__always)
    mutating func run(_ program: Program) -> Scalar { run(program, isLeft: true, nesting: 0) }

    /// Calls `body` while the computed strings are kept.
    @inline(__always)
    func keepingStrings<Result>(_ body: () -> Result) -> Result { withExtendedLifetime(computed, body) }

    private mutating func run(_ program: Program, isLeft: Bool, nesting: Int) -> Scalar {
        guard program.isSupported, nesting <= Self.maximumNesting, isWithinLimits else { return .unsettled }
        depth += program.depth
        guard depth <= Self.maximumDepth else { return .unsettled }
        defer { depth -= program.depth }
        return withUnsafeTemporaryAllocation(of: Scalar.self, capacity: program.stackSize) { stack in
            program.instructions.withUnsafeBufferPointer { instructions in
                execute(program, instructions, stack, isLeft: isLeft, nesting: nesting)
            }
        }
    }

    @inline(__always)
    private mutating func execute(
        _ program: Program, _ instructions: UnsafeBufferPointer<Program.Instruction>,
        _ stack: UnsafeMutableBufferPointer<Scalar>, isLeft: Bool, nesting: Int
    ) -> Scalar {
        var next = 0
        var top = -1
        while next < instructions.count {
            steps += 1
            let instruction = instructions[next]
            next += 1
            switch instruction {
            case .constant(let index):
                top += 1
                stack[top] = program.constants.withUnsafeBufferPointer { $0[index] }
            case .attribute(let name):
                top += 1
                stack[top] = program.names.withUnsafeBufferPointer { names in
                    attribute(names.baseAddress.unsafelyUnwrapped + name, isLeft: isLeft, nesting: nesting)
                }
                if stack[top].kind == .unsettled { return .unsettled }
            case .ownAttribute(let name):
                top += 1
                stack[top] = program.names.withUnsafeBufferPointer { names in
                    attribute(
                        names.baseAddress.unsafelyUnwrapped + name, inLeft: isLeft, nesting: nesting) ?? .undefined
                }
                if stack[top].kind == .unsettled { return .unsettled }
            case .otherAttribute(let name):
                top += 1
                stack[top] = program.names.withUnsafeBufferPointer { names in
                    attribute(
                        names.baseAddress.unsafelyUnwrapped + name, inLeft: !isLeft, nesting: nesting) ?? .undefined
                }
                if stack[top].kind == .unsettled { return .unsettled }
            case .unary(let symbol):
                stack[top] = Scalar.apply(symbol, stack[top])
            case .binary(let symbol):
                top -= 1
                if stack[top].kind == .string { steps += stack[top].bytes.count / 64 }
                stack[top] = Scalar.apply(symbol, stack[top], stack[top + 1])
                if stack[top].kind == .unsettled { return .unsettled }
            case .and(let end):
                let left = stack[top]
                if left.kind == .error {
                    next = end
                } else if left.truth == false {
                    stack[top] = .boolean(false)
                    next = end
                }
            case .or(let end):
                let left = stack[top]
                if left.kind == .error {
                    next = end
                } else if left.truth == true {
                    stack[top] = .boolean(true)
                    next = end
                }
            case .combine(let deciding):
                top -= 1
                stack[top] = Scalar.logic(stack[top], stack[top + 1], deciding: deciding)
            case .elvis(let end):
                if stack[top].kind == .undefined { top -= 1 } else { next = end }
            case .condition(let otherwise, let end):
                if let truth = stack[top].truth {
                    top -= 1
                    if !truth { next = otherwise }
                } else {
                    if stack[top].kind != .undefined { stack[top] = .error }
                    next = end
                }
            case .jump(let place):
                next = place
            case .leave:
                return .unsettled
            case .test(let function):
                stack[top] = .boolean(Self.test(function, stack[top].kind))
            case .call(let index):
                let call = program.calls[index]
                let count = call.arguments.count
                top -= count - 1
                stack[top] = value(of: call, UnsafeBufferPointer(rebasing: stack[top..<(top + count)]))
                if stack[top].kind == .unsettled { return .unsettled }
            }
        }
        return isWithinLimits ? stack[0] : .unsettled
    }

    private var isWithinLimits: Bool {
        steps <= min(Self.maximumSteps, environment.maximumSteps) && computedBytes <= Self.maximumComputedBytes
    }

    // MARK: Attributes

    /// A name on this side, else on the other one.
    @inline(__always)
    private mutating func attribute(_ key: UnsafePointer<NameKey>, isLeft: Bool, nesting: Int) -> Scalar {
        attribute(key, inLeft: isLeft, nesting: nesting)
            ?? attribute(key, inLeft: !isLeft, nesting: nesting) ?? .undefined
    }

    /// The attribute of one ad; nil if it has none of the name.
    @inline(__always)
    private mutating func attribute(_ key: UnsafePointer<NameKey>, inLeft: Bool, nesting: Int) -> Scalar? {
        let ad: AdView
        if inLeft {
            ad = left
        } else {
            guard let right else { return nil }
            ad = right
        }
        guard let index = ad.index.find(key.pointee) else { return nil }
        switch ad.cells[index] {
        case .undefined: return .undefined
        case .error: return .error
        case .boolean(let value): return .boolean(value)
        case .integer(let value): return .integer(value)
        case .real(let value): return .real(value)
        case .string(let value): return .string(keptElsewhere: value)
        case .body(let body): return run(body.program, isLeft: inLeft, nesting: nesting + 1)
        }
    }

    // MARK: Functions

    private static func test(_ function: Function, _ kind: Scalar.Kind) -> Bool {
        switch kind {
        case .undefined: function == .isUndefined
        case .error: function == .isError
        case .boolean: function == .isBoolean
        case .integer: function == .isInteger
        case .real: function == .isReal
        case .string: function == .isString
        case .unsettled: false
        }
    }

    /// The value of a function of plain values.
    private mutating func value(of call: FunctionCall, _ arguments: UnsafeBufferPointer<Scalar>) -> Scalar {
        guard let function = call.function else { return .error }
        if function == .regexp, let result = regularExpression(call, arguments) { return result }
        var evaluator = Evaluator(startingIn: .empty, environment: environment)
        var values: [Value] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments {
            guard let value = argument.value else { return .unsettled }
            values.append(value)
        }
        guard let result = try? evaluator.apply(function, values, call.pattern) else {
            return .unsettled  // a failure ends the whole evaluation, which the Evaluator sees to
        }
        steps += evaluator.steps
        if case .string(let string) = result {
            computed.append(string)
            computedBytes += string.count
        }
        return Scalar(keptElsewhere: result)
    }

    /// A match against a pattern that is compiled already; nil if it is not so simple.
    private mutating func regularExpression(
        _ call: FunctionCall, _ arguments: UnsafeBufferPointer<Scalar>
    ) -> Scalar? {
        guard arguments.allSatisfy({ $0.kind == .string }),
            let expression = call.pattern.regularExpression(
                arguments[0].bytes, arguments.count == 3 ? arguments[2].bytes : nil)
        else { return nil }
        steps += 8 + arguments[1].bytes.count / 8
        return expression.quickMatch(arguments[1].bytes).map { .boolean($0) }
    }
}
