/// An evaluation that could not be carried out; callers see ERROR (spec 07, 10.1).
struct EvaluationFailure: Error {}

/// Evaluates trees (spec 07, 7 to 10).
struct Evaluator {
    let environment: EvaluationEnvironment
    /// Where names are looked up first.
    var current: Scope
    /// The ad in which the tree being evaluated was written; ads and lists met on the way belong to it.
    ///
    /// It differs from ``current`` for attributes of chained parents and for `evalInEachContext`.
    var lexical: Scope
    /// Where absolute references start.
    var root: Scope
    var match: MatchPair?
    /// An ad other than those of the match that sees the other side (spec 07, 9.10).
    var crossing: (from: Scope, to: Scope)?
    var depth = 0
    var steps = 0
    var stringBytes = 0
    /// Attributes whose expressions are being evaluated.
    var pending: [(holder: Scope, index: Int)] = []

    /// Levels of operators, references and calls (spec 07, 10.2).
    static let maximumDepth = 400

    init(startingIn scope: Scope, match: MatchPair? = nil, environment: EvaluationEnvironment) {
        self.environment = environment
        current = scope
        lexical = scope
        root = match == nil ? scope.outermost : MatchPair.root
        self.match = match
    }

    /// The value of a tree, ERROR for a failure.
    mutating func result(of node: Node) -> Value {
        settled((try? evaluate(node)) ?? .error)  // a failure is an ERROR to all callers, spec 07, 10.1
    }

    /// The value of an attribute, UNDEFINED if there is none.
    ///
    /// Special names count; the other side of a match is not searched. Circular references are noticed from the
    /// second visit on, as when the reference implementation evaluates an attribute by name.
    mutating func result(ofAttribute key: NameKey) -> Value {
        switch lookup(key, SpecialName(key), from: current) {
        case .attribute(let holder, let index, let scope):
            current = scope
            lexical = holder
            return result(of: holder.table.attributes[index].expression)
        case let found: return settled((try? evaluate(found)) ?? .error)  // as above
        }
    }

    /// A value that holds its own even after the match.
    private func settled(_ value: Value) -> Value {
        guard let match else { return value }
        switch value {
        case .classAd(let ad) where ad.scope === MatchPair.root:
            let attributes = ad.scope.table.attributes.map { attribute -> Attribute in
                guard case .matched(let side) = attribute.expression else { return attribute }
                return Attribute(name: attribute.name, expression: .literal(.classAd(AdValue(match[side]))))
            }
            return .classAd(AdValue(Scope(AdLiteral(AttributeTable(unordered: attributes)), parent: nil)))
        case .list(let list) where list.isComputed:
            return .list(
                ListValue(
                    computed: list.literal.elements.map { element in
                        if case .literal(let value) = element { settled(value) } else { .error }
                    }))
        default: return value
        }
    }

    mutating func evaluate(_ node: Node) throws(EvaluationFailure) -> Value {
        steps += 1
        if steps > environment.maximumSteps { throw EvaluationFailure() }
        switch node {
        case .literal(let value):
            // A literal relative time evaluates to a real, spec 07, 9.6.
            if case .relativeTime(let seconds) = value { return .real(seconds) }
            return value
        case .list(let list): return .list(ListValue(list, scope: lexical))
        case .ad(let ad): return .classAd(AdValue(Scope(ad, parent: lexical)))
        case .matched(let side): return match.map { .classAd(AdValue($0[side])) } ?? .undefined
        case .matchContext(let side): return .classAd(AdValue(MatchPair.contextScope(side)))
        case .reference, .selection, .unary, .binary, .conditional, .call:
            try descend()
            let value = try evaluateInner(node)
            depth -= 1
            return value
        }
    }

    /// Counts a level against the limit.
    @inline(__always)
    mutating func descend() throws(EvaluationFailure) {
        depth += 1
        if depth > Self.maximumDepth { throw EvaluationFailure() }
    }

    private mutating func evaluateInner(_ node: Node) throws(EvaluationFailure) -> Value {
        switch node {
        case .reference(let reference): try evaluate(reference)
        case .selection(let selection): try evaluate(selection)
        case .unary(let operation): Value.apply(operation.symbol, try evaluate(operation.operand))
        case .binary(let operation): try evaluate(operation)
        case .conditional(let conditional): try evaluate(conditional)
        case .call(let call): try evaluate(call)
        case .literal, .list, .ad, .matched, .matchContext: try evaluate(node)
        }
    }

    private mutating func evaluate(_ operation: BinaryOperation) throws(EvaluationFailure) -> Value {
        let left = try evaluate(operation.left)
        // Comparing long strings is work in proportion.
        if case .string(let text) = left, text.count > 128 { steps += text.count / 64 }
        switch operation.symbol {
        case .and:
            if let value = left.booleanValue, !value { return .boolean(false) }
            if left.isError { return .error }
            return Value.and(left, try evaluate(operation.right))
        case .or:
            if let value = left.booleanValue, value { return .boolean(true) }
            if left.isError { return .error }
            return Value.or(left, try evaluate(operation.right))
        case .elvis:
            return left.isUndefined ? try evaluate(operation.right) : left
        case .subscripted:
            return try subscripted(left, try evaluate(operation.right))
        default:
            return Value.apply(operation.symbol, left, try evaluate(operation.right))
        }
    }

    private mutating func evaluate(_ conditional: Conditional) throws(EvaluationFailure) -> Value {
        let condition = try evaluate(conditional.condition)
        if let choice = condition.booleanValue {
            return try evaluate(choice ? conditional.whenTrue : conditional.whenFalse)
        }
        return condition.isUndefined ? .undefined : .error
    }

    // MARK: Subscripts

    /// Spec 07, 8.8.
    mutating func subscripted(_ base: Value, _ index: Value) throws(EvaluationFailure) -> Value {
        if base.isError || index.isError { return .error }
        if base.isUndefined || index.isUndefined { return .undefined }
        switch (base, index) {
        case (.list(let list), .integer(let index)):
            let index = Int(Int32(truncatingIfNeeded: index))
            guard list.literal.elements.indices.contains(index) else { return .error }
            return try evaluate(list.literal.elements[index], in: list.scope ?? .empty)
        case (.classAd(let ad), .string(let name)):
            guard let (holder, index) = ad.scope.find(NameKey(name.bytes)) else { return .undefined }
            return isolated(from: ad.scope) { (evaluator) throws(EvaluationFailure) in
                try evaluator.evaluateAttribute(holder, index, in: ad.scope).detached
            }
        default: return .error
        }
    }

    // MARK: Changes of place

    /// Evaluates a tree in another ad, which is also where it was written.
    mutating func evaluate(_ node: Node, in scope: Scope) throws(EvaluationFailure) -> Value {
        let (savedCurrent, savedLexical) = (current, lexical)
        current = scope
        lexical = scope
        let value = try evaluate(node)
        current = savedCurrent
        lexical = savedLexical
        return value
    }

    /// Carries out a new evaluation that starts in `scope`; its failure is an ERROR.
    ///
    /// Depth, steps and attributes in evaluation carry over, so that nesting stays bounded.
    mutating func isolated(
        from scope: Scope, _ body: (inout Evaluator) throws(EvaluationFailure) -> Value
    ) -> Value {
        (try? nested(from: scope, body)) ?? .error  // a failure inside is an ERROR outside, spec 07, 8.8
    }

    /// Carries out a new evaluation that starts in `scope`; its failure is one of this evaluation too.
    mutating func nested(
        from scope: Scope, _ body: (inout Evaluator) throws(EvaluationFailure) -> Value
    ) throws(EvaluationFailure) -> Value {
        // What the copy costs counts as work.
        steps += 1 + pending.count
        var inner = self
        inner.current = scope
        inner.lexical = scope
        inner.root = scope.outermost
        defer {
            steps = inner.steps
            stringBytes = inner.stringBytes
        }
        return try body(&inner)
    }

    /// The value of a tree in this place; nil for a failure, of which nothing but the work done remains.
    mutating func attempt(_ node: Node) -> Value? {
        var inner = self
        guard let value = try? inner.evaluate(node) else {
            steps = inner.steps
            stringBytes = inner.stringBytes
            return nil
        }
        self = inner
        return value
    }

    /// Counts bytes of a built string against the limit.
    mutating func charge(_ bytes: Int) throws(EvaluationFailure) {
        stringBytes += bytes
        if stringBytes > environment.maximumStringBytes { throw EvaluationFailure() }
    }
}

extension Value {
    /// The value that a literal made of it has: relative times lose their fraction.
    var asLiteral: Value {
        if case .relativeTime(let seconds) = self {
            .relativeTime(Double(Int64(smallWholePartOf: seconds)))
        } else {
            self
        }
    }

    /// Lists and ads without the place where they were written (spec 07, 8.8).
    var detached: Value {
        switch self {
        case .list(let list): .list(list.detached)
        case .classAd(let ad): .classAd(AdValue(ad.scope.detached))
        case .undefined, .error, .boolean, .integer, .real, .string, .absoluteTime, .relativeTime: self
        }
    }
}
