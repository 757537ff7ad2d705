/// What remains of an expression after partial evaluation.
public enum Flattened: Sendable, Equatable {
    /// Everything was known.
    case value(Value)
    /// An expression of what was not known.
    case residual(Expression)
}

extension ClassAd {
    /// Evaluates what can be evaluated in this ad and leaves the rest as an expression (spec 07, 14.1).
    ///
    /// With `inline`, references are replaced by what remains of the attributes they lead to. Nil if flattening
    /// fails, for example for circular attributes.
    public func flatten(
        _ expression: Expression, inline: Bool = false, in environment: EvaluationEnvironment = .system
    ) -> Flattened? {
        var flattener = Flattener(
            evaluator: Evaluator(startingIn: Scope(self), environment: environment), isInline: inline)
        do throws(EvaluationFailure) {
            let result = try flattener.flatten(expression.node)
            return if let value = result.value { .value(value) } else { .residual(Expression(try result.tree())) }
        } catch {
            return nil
        }
    }
}

/// Partial evaluation (spec 07, 14.1).
struct Flattener {
    var evaluator: Evaluator
    let isInline: Bool
    /// Levels of nodes, which bounds the recursion.
    private var depth = 0

    private static let maximumDepth = 1200

    init(evaluator: Evaluator, isInline: Bool) {
        self.evaluator = evaluator
        self.isInline = isInline
    }

    enum Result {
        case value(Value)
        case residual(Node)
        /// `value symbol tree` of an associative operator.
        case split(BinaryOperator, Value, Node)

        /// The result as a tree; lists and ads that were evaluated cannot be one.
        func tree() throws(EvaluationFailure) -> Node {
            switch self {
            case .value(let value): try Self.literal(value)
            case .residual(let node): node
            case .split(let symbol, let value, let node):
                .binary(BinaryOperation(symbol, try Self.literal(value), node))
            }
        }

        private static func literal(_ value: Value) throws(EvaluationFailure) -> Node {
            switch value {
            case .list, .classAd: throw EvaluationFailure()
            case .undefined, .error, .boolean, .integer, .real, .string, .absoluteTime, .relativeTime:
                .literal(value.asLiteral)
            }
        }

        var value: Value? {
            if case .value(let value) = self { value } else { nil }
        }

        /// Whether it is an evaluated list or ad.
        var isStructure: Bool {
            switch self {
            case .value(.list), .value(.classAd): true
            case .value, .residual, .split: false
            }
        }
    }

    mutating func flatten(_ node: Node) throws(EvaluationFailure) -> Result {
        depth += 1
        evaluator.steps += 1
        if depth > Self.maximumDepth || evaluator.steps > evaluator.environment.maximumSteps {
            throw EvaluationFailure()
        }
        defer { depth -= 1 }
        switch node {
        // What a list of ads gave for one of their attributes.
        case .literal(.list(let list)): return try flatten(.list(list.literal))
        case .literal(.classAd(let ad)): return try flatten(AdLiteral(ad.scope.table))
        case .literal, .matched, .matchContext: return .value(try evaluator.evaluate(node))
        case .reference(let reference): return try flatten(reference)
        case .selection(let selection): return try flatten(selection)
        case .list(let list):
            var elements: [Node] = []
            for element in list.elements { elements.append(try flatten(element).tree()) }
            return .residual(.list(ListLiteral(elements)))
        case .ad(let ad): return try flatten(ad)
        case .call(let call): return try flatten(call)
        case .conditional(let conditional): return try flatten(conditional)
        case .unary(let operation):
            let operand = try flatten(operation.operand)
            if let value = operand.value { return .value(Value.apply(operation.symbol, value)) }
            return .residual(.unary(UnaryOperation(operation.symbol, try operand.tree())))
        case .binary(let operation):
            let left = try flatten(operation.left)
            let right = try flatten(operation.right)
            return operation.symbol.isAssociative
                ? try Self.combine(operation.symbol, left, right) : try apply(operation.symbol, left, right)
        }
    }

    private mutating func apply(
        _ symbol: BinaryOperator, _ left: Result, _ right: Result
    ) throws(EvaluationFailure) -> Result {
        guard let leftValue = left.value, let rightValue = right.value else {
            if symbol != .subscripted, symbol != .elvis, left.isStructure || right.isStructure {
                // Comparisons and arithmetic with an evaluated list come to nothing; the others fail.
                return .value(.undefined)
            }
            return .residual(.binary(BinaryOperation(symbol, try left.tree(), try right.tree())))
        }
        if symbol == .subscripted { return .value(try evaluator.subscripted(leftValue, rightValue)) }
        return .value(Value.apply(symbol, leftValue, rightValue))
    }

    private mutating func flatten(_ conditional: Conditional) throws(EvaluationFailure) -> Result {
        let condition = try flatten(conditional.condition)
        if let value = condition.value, !value.isUndefined {
            guard let choice = value.booleanValue else { return .value(.error) }
            return try flatten(choice ? conditional.whenTrue : conditional.whenFalse)
        }
        let whenTrue = try flatten(conditional.whenTrue)
        let whenFalse = try flatten(conditional.whenFalse).tree()
        let test = condition.value == nil ? try condition.tree() : conditional.condition
        guard let whenTrue = try? whenTrue.tree() else {
            // Without its first arm the reference takes it for an elvis operator.
            return .residual(.binary(BinaryOperation(.elvis, test, whenFalse)))
        }
        return .residual(.conditional(Conditional(test, whenTrue, whenFalse)))
    }

    private mutating func flatten(_ call: FunctionCall) throws(EvaluationFailure) -> Result {
        guard call.function != nil else { return .value(.error) }
        var arguments: [Node] = []
        var allKnown = true
        for argument in call.arguments {
            let result = try flatten(argument)
            if result.value == nil { allKnown = false }
            arguments.append(try result.tree())
        }
        if allKnown { return .value(try evaluator.evaluate(.call(call))) }
        return .residual(.call(FunctionCall(call.name, arguments)))
    }

    private mutating func flatten(_ ad: AdLiteral) throws(EvaluationFailure) -> Result {
        let saved = (evaluator.current, evaluator.lexical)
        let scope = Scope(ad, parent: evaluator.lexical)
        (evaluator.current, evaluator.lexical) = (scope, scope)
        var attributes: [Attribute] = []
        for attribute in ad.table.attributes {
            attributes.append(Attribute(name: attribute.name, expression: try flatten(attribute.expression).tree()))
        }
        (evaluator.current, evaluator.lexical) = saved
        return .residual(.ad(AdLiteral(AttributeTable(unordered: attributes))))
    }

    // MARK: References

    private mutating func flatten(_ reference: Reference) throws(EvaluationFailure) -> Result {
        try flatten(evaluator.lookup(reference), writtenAs: .reference(reference))
    }

    private mutating func flatten(_ selection: Selection) throws(EvaluationFailure) -> Result {
        // At the limit a base is not evaluated any more, which is no failure yet.
        if evaluator.depth >= Evaluator.maximumDepth { return .value(.error) }
        switch try evaluator.evaluate(selection.base) {
        case .undefined: break
        case .classAd(let ad):
            let found = evaluator.lookup(selection.name.key, selection.name.special, from: ad.scope)
            if case .absent = found { break }
            if case .ad = found { evaluator.current = ad.scope }
            return try flatten(found, writtenAs: .selection(selection))
        case .list:
            guard case .list(let list) = try evaluator.evaluate(selection) else { return .value(.error) }
            return isInline ? try flatten(.list(list.literal)) : .residual(.selection(selection))
        default: return .value(.error)
        }
        guard isInline else { return .residual(.selection(selection)) }
        let saved = (evaluator, depth)
        let base = try? referred(selection.base)  // a base that cannot be flattened stays as it is
        let steps = evaluator.steps
        (evaluator, depth) = saved
        evaluator.steps = steps
        guard let base, base.value == nil else { return .residual(.selection(selection)) }
        return .residual(.selection(Selection(try base.tree(), selection.name)))
    }

    /// Flattens what a reference leads to, one level deeper for the limit on evaluations.
    private mutating func referred(_ node: Node) throws(EvaluationFailure) -> Result {
        defer { evaluator.depth -= 1 }
        try evaluator.descend()
        return try flatten(node)
    }

    /// Flattens what was found, or leaves the reference as it is.
    ///
    /// As in the reference implementation the search stays in the ad where an ad was found, and inline also where
    /// anything was found that leaves a residual.
    private mutating func flatten(
        _ found: Evaluator.Resolution, writtenAs written: Node
    ) throws(EvaluationFailure) -> Result {
        switch found {
        case .absent, .ad: return .residual(written)
        case .currentTime: return .value(.integer(evaluator.environment.now))
        case .attribute(let holder, let index, let scope):
            let node = holder.table.attributes[index].expression
            let saved = (evaluator.current, evaluator.lexical)
            (evaluator.current, evaluator.lexical) = (scope, holder)
            if case .ad = node { return .residual(written) }
            let result = try referred(node)
            if result.value == nil, isInline { return .residual(try result.tree()) }
            (evaluator.current, evaluator.lexical) = saved
            return result.value == nil ? .residual(written) : result
        }
    }

    // MARK: Associative operators

    /// The steps of spec 07, 14.1.
    private static func combine(
        _ symbol: BinaryOperator, _ left: Result, _ right: Result
    ) throws(EvaluationFailure) -> Result {
        var (left, right) = (left, right)
        if symbol == .and || symbol == .or {
            if let value = left.value, right.value == nil {
                let known = value.booleanValue.map(Value.boolean) ?? value
                if let decided = try decide(symbol, known, .undefined, other: right) { return decided }
                left = .value(known)
            } else if let value = right.value, left.value == nil {
                let known = value.booleanValue.map(Value.boolean) ?? value
                if let decided = try decide(symbol, .undefined, known, other: left) { return decided }
                right = .value(known)
            }
        }
        switch (left, right) {
        case (.value(let left), .value(let right)): return .value(apply(symbol, left, right))
        case (.value(let value), .residual(let tree)), (.residual(let tree), .value(let value)):
            return .split(symbol, value, tree)
        case (.split(symbol, let first, let left), .split(symbol, let second, let right)):
            return .split(symbol, apply(symbol, first, second), .binary(BinaryOperation(symbol, left, right)))
        case (.split(symbol, let first, let tree), .value(let second)),
            (.value(let first), .split(symbol, let second, let tree)):
            return .split(symbol, apply(symbol, first, second), tree)
        case (.split(symbol, let value, let left), .residual(let right)),
            (.split(symbol, let value, let left), .split(_, _, let right)),
            (.residual(let left), .split(symbol, let value, let right)),
            (.split(_, _, let left), .split(symbol, let value, let right)):
            return .split(symbol, value, .binary(BinaryOperation(symbol, left, right)))
        default:
            return .residual(.binary(BinaryOperation(symbol, try left.tree(), try right.tree())))
        }
    }

    /// An associative operator with both operands at hand; the logical ones look at both (spec 07, 14.1).
    private static func apply(_ symbol: BinaryOperator, _ left: Value, _ right: Value) -> Value {
        if symbol == .and || symbol == .or, right.booleanValue == nil, !right.isUndefined, !right.isError {
            return .error
        }
        return Value.apply(symbol, left, right)
    }

    /// What a logical operator yields whatever the unknown side is.
    private static func decide(
        _ symbol: BinaryOperator, _ left: Value, _ right: Value, other: Result
    ) throws(EvaluationFailure) -> Result? {
        let result = apply(symbol, left, right)
        if case .boolean = result { return .value(result) }
        guard symbol == .and, left == .boolean(true) || right == .boolean(true) else { return nil }
        // As in the reference, the known part of a split is lost here.
        if case .split(_, _, let tree) = other { return .residual(tree) }
        return .residual(try other.tree())
    }
}

extension BinaryOperator {
    /// Whether flattening gathers its known operands.
    fileprivate var isAssociative: Bool {
        switch self {
        case .add, .multiply, .bitAnd, .bitOr, .bitXor, .and, .or: true
        default: false
        }
    }
}
