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
        guard let result = try? flattener.flatten(expression.node) else { return nil }  // nil tells of the failure
        switch result {
        case .value(let value): return .value(value)
        case .residual, .split: return .residual(Expression(result.tree))
        }
    }
}

/// Partial evaluation (spec 07, 14.1).
struct Flattener {
    var evaluator: Evaluator
    let isInline: Bool
    private var depth = 0

    init(evaluator: Evaluator, isInline: Bool) {
        self.evaluator = evaluator
        self.isInline = isInline
    }

    enum Result {
        case value(Value)
        case residual(Node)
        /// `value symbol tree` of an associative operator.
        case split(BinaryOperator, Value, Node)

        /// The result as a tree.
        var tree: Node {
            switch self {
            case .value(let value): .literal(value)
            case .residual(let node): node
            case .split(let symbol, let value, let node):
                .binary(BinaryOperation(symbol, .literal(value), node))
            }
        }

        var value: Value? {
            if case .value(let value) = self { value } else { nil }
        }
    }

    mutating func flatten(_ node: Node) throws(EvaluationFailure) -> Result {
        depth += 1
        evaluator.steps += 1
        if depth > Evaluator.maximumDepth || evaluator.steps > evaluator.environment.maximumSteps {
            throw EvaluationFailure()
        }
        defer { depth -= 1 }
        switch node {
        case .literal, .matched, .matchContext: return .value(try evaluator.evaluate(node))
        case .reference(let reference): return try flatten(reference)
        case .selection(let selection): return try flatten(selection)
        case .list(let list):
            var elements: [Node] = []
            for element in list.elements { elements.append(try flatten(element).tree) }
            return .residual(.list(ListLiteral(elements)))
        case .ad(let ad): return try flatten(ad)
        case .call(let call): return try flatten(call)
        case .conditional(let conditional): return try flatten(conditional)
        case .unary(let operation):
            let operand = try flatten(operation.operand)
            if let value = operand.value { return .value(Value.apply(operation.symbol, value)) }
            return .residual(.unary(UnaryOperation(operation.symbol, operand.tree)))
        case .binary(let operation):
            let left = try flatten(operation.left)
            let right = try flatten(operation.right)
            return operation.symbol.isAssociative
                ? Self.combine(operation.symbol, left, right) : try apply(operation.symbol, left, right)
        }
    }

    private mutating func apply(
        _ symbol: BinaryOperator, _ left: Result, _ right: Result
    ) throws(EvaluationFailure) -> Result {
        guard let leftValue = left.value, let rightValue = right.value else {
            return .residual(.binary(BinaryOperation(symbol, left.tree, right.tree)))
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
        let whenTrue = try flatten(conditional.whenTrue).tree
        let whenFalse = try flatten(conditional.whenFalse).tree
        let test = condition.value == nil ? condition.tree : conditional.condition
        return .residual(.conditional(Conditional(test, whenTrue, whenFalse)))
    }

    private mutating func flatten(_ call: FunctionCall) throws(EvaluationFailure) -> Result {
        guard call.function != nil else { return .value(.error) }
        var arguments: [Node] = []
        var allKnown = true
        for argument in call.arguments {
            let result = try flatten(argument)
            switch result {
            case .value(.list), .value(.classAd): throw EvaluationFailure()
            case .value: break
            case .residual, .split: allKnown = false
            }
            arguments.append(result.tree)
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
            attributes.append(Attribute(name: attribute.name, expression: try flatten(attribute.expression).tree))
        }
        (evaluator.current, evaluator.lexical) = saved
        return .residual(.ad(AdLiteral(AttributeTable(unordered: attributes))))
    }

    // MARK: References

    private mutating func flatten(_ reference: Reference) throws(EvaluationFailure) -> Result {
        try flatten(evaluator.lookup(reference), writtenAs: .reference(reference))
    }

    private mutating func flatten(_ selection: Selection) throws(EvaluationFailure) -> Result {
        switch try evaluator.evaluate(selection.base) {
        case .undefined: break
        case .classAd(let ad):
            let found = evaluator.lookup(selection.name.key, selection.name.special, from: ad.scope)
            if case .absent = found { break }
            return try flatten(found, writtenAs: .selection(selection))
        default: return .value(.error)
        }
        guard isInline else { return .residual(.selection(selection)) }
        let base = try flatten(selection.base)
        guard base.value == nil else { return .residual(.selection(selection)) }
        return .residual(.selection(Selection(base.tree, selection.name)))
    }

    private mutating func flatten(
        _ found: Evaluator.Resolution, writtenAs written: Node
    ) throws(EvaluationFailure) -> Result {
        switch found {
        case .absent, .ad: return .residual(written)
        case .nothing: return .value(.undefined)
        case .currentTime: return .value(.integer(evaluator.environment.now))
        case .attribute(let holder, let index, let scope):
            let node = holder.table.attributes[index].expression
            if case .ad = node { return .residual(written) }
            let saved = (evaluator.current, evaluator.lexical)
            (evaluator.current, evaluator.lexical) = (scope, holder)
            let result = try flatten(node)
            (evaluator.current, evaluator.lexical) = saved
            if result.value != nil { return result }
            return .residual(isInline ? result.tree : written)
        }
    }

    // MARK: Associative operators

    /// The steps of spec 07, 14.1.
    private static func combine(_ symbol: BinaryOperator, _ left: Result, _ right: Result) -> Result {
        var (left, right) = (left, right)
        if symbol == .and || symbol == .or {
            if let value = left.value, right.value == nil {
                let known = value.booleanValue.map(Value.boolean) ?? value
                if let decided = decide(symbol, known, .undefined, other: right) { return decided }
                left = .value(known)
            } else if let value = right.value, left.value == nil {
                let known = value.booleanValue.map(Value.boolean) ?? value
                if let decided = decide(symbol, .undefined, known, other: left) { return decided }
                right = .value(known)
            }
        }
        switch (left, right) {
        case (.value(let left), .value(let right)): return .value(Value.apply(symbol, left, right))
        case (.value(let value), .residual(let tree)), (.residual(let tree), .value(let value)):
            return .split(symbol, value, tree)
        case (.split(symbol, let first, let left), .split(symbol, let second, let right)):
            return .split(symbol, Value.apply(symbol, first, second), .binary(BinaryOperation(symbol, left, right)))
        case (.split(symbol, let first, let tree), .value(let second)),
            (.value(let first), .split(symbol, let second, let tree)):
            return .split(symbol, Value.apply(symbol, first, second), tree)
        case (.split(symbol, let value, let left), .residual(let right)),
            (.split(symbol, let value, let left), .split(_, _, let right)),
            (.residual(let left), .split(symbol, let value, let right)),
            (.split(_, _, let left), .split(symbol, let value, let right)):
            return .split(symbol, value, .binary(BinaryOperation(symbol, left, right)))
        default:
            return .residual(.binary(BinaryOperation(symbol, left.tree, right.tree)))
        }
    }

    /// What a logical operator yields whatever the unknown side is.
    private static func decide(_ symbol: BinaryOperator, _ left: Value, _ right: Value, other: Result) -> Result? {
        let result = Value.apply(symbol, left, right)
        if case .boolean = result { return .value(result) }
        guard symbol == .and, left == .boolean(true) || right == .boolean(true) else { return nil }
        // As in the reference, the known part of a split is lost here.
        if case .split(_, _, let tree) = other { return .residual(tree) }
        return .residual(other.tree)
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
