/// Functions that decide what is evaluated (spec 07, 9.7).
extension Evaluator {
    mutating func ifThenElse(_ arguments: [Node]) throws(EvaluationFailure) -> Value {
        let condition = try evaluate(arguments[0])
        if let choice = condition.booleanValue { return try evaluate(arguments[choice ? 1 : 2]) }
        return condition.isUndefined ? .undefined : .error
    }

    mutating func evaluateText(_ argument: Value) throws(EvaluationFailure) -> Value {
        guard let text = text(of: argument) else { return .error }
        // Parsing is work as well.
        steps += text.count
        try charge(text.count)
        guard let expression = try? Expression(parsing: text, timeZone: environment.timeZone) else {
            return .error  // a text that does not parse is an ERROR, spec 07, 9.7
        }
        return try evaluate(expression.node, in: current)
    }

    mutating func unparse(_ argument: Node) throws(EvaluationFailure) -> Value {
        switch argument {
        case .reference, .selection: break
        default: return .error
        }
        var name = Printer(.new)
        name.write(argument)
        guard let (holder, index) = current.find(NameKey(name.output)) else { return .string(ByteString()) }
        var printer = Printer(.new, match: match)
        printer.indentation = 0
        printer.write(holder.table.attributes[index].expression)
        try charge(printer.output.count)
        return .string(ByteString(printer.output))
    }

    mutating func unresolved(_ call: FunctionCall) throws(EvaluationFailure) -> Value {
        switch call.arguments[0] {
        case .reference, .selection: break
        default: return .error
        }
        guard let meant = referent(of: call.arguments[0]) else { return .undefined }
        var expression: RegularExpression?
        if call.arguments.count == 2 {
            guard case .string(let text) = try evaluate(call.arguments[1]) else { throw EvaluationFailure() }
            expression = call.pattern.regularExpression(text.bytes, .caseless)
            if expression == nil { return .error }
        }
        var collector = ReferenceCollector(.external, evaluator: self)
        // References that cannot be told count as none.
        let names = collector.collect(meant.node) ? collector.names.sorted : []
        steps = collector.steps
        let trimmed = names.map { ASCII.equalFolded($0.prefix(7), "target.") ? Array($0.dropFirst(7)) : $0 }
        guard let expression else {
            let text = Array(trimmed.joined(separator: [UInt8(ascii: ",")]))
            try charge(text.count)
            return .string(ByteString(text))
        }
        for name in trimmed where try firstMatch(of: expression, in: name, mode: .nonEmpty) != nil {
            return .boolean(true)
        }
        return .boolean(false)
    }

    // MARK: Nested contexts (spec 07, 9.10)

    mutating func evaluateInEachContext(_ expression: Node, _ list: Node) throws(EvaluationFailure) -> Value {
        let meant = referent(of: expression) ?? (expression, lexical)
        switch try contexts(list) {
        case .failure(let value): return value
        case .success(let elements):
            var values: [Value] = []
            for element in elements { values.append(evaluate(meant, inContext: element).asLiteral) }
            return .list(ListValue(computed: values))
        }
    }

    mutating func countMatches(_ expression: Node, _ list: Node) throws(EvaluationFailure) -> Value {
        let meant = referent(of: expression) ?? (expression, lexical)
        switch try contexts(list) {
        case .failure(let value): return value.isUndefined ? .integer(0) : value
        case .success(let elements):
            var count: Int64 = 0
            for element in elements where evaluate(meant, inContext: element).isTrue { count += 1 }
            return .integer(count)
        }
    }

    private enum Contexts {
        case success([Node])
        case failure(Value)
    }

    private mutating func contexts(_ argument: Node) throws(EvaluationFailure) -> Contexts {
        if case .list(let list) = argument { return .success(list.elements) }
        let value = try evaluate(argument)
        guard case .list(let list) = value else { return .failure(value.isUndefined ? .undefined : .error) }
        return .success(list.literal.elements)
    }

    /// The expression that a reference leads to and the ad it was written in; nil if there is none.
    ///
    /// As in the reference implementation the search moves the current ad (spec 07, 7.2), and it stays moved for
    /// what is evaluated after it: in a match, an attribute that is found nowhere leaves the search, and the
    /// rest of the expression, in the match ad.
    private mutating func referent(of argument: Node) -> (node: Node, home: Scope)? {
        let found: Resolution
        var start = current
        let special: SpecialName?
        switch argument {
        case .reference(let reference):
            found = lookup(reference)
            special = reference.name.special
            if reference.isAbsolute { start = root }
        case .selection(let selection):
            // A base that cannot be evaluated leads nowhere.
            switch attempt(selection.base) ?? .error {
            case .classAd(let ad): start = ad.scope
            case .list:
                guard case .list(let list)? = attempt(argument) else { return nil }
                return (.list(list.literal), lexical)
            default: return nil
            }
            found = lookup(selection.name.key, selection.name.special, from: start)
            special = selection.name.special
        default: return nil
        }
        switch found {
        case .attribute(let holder, let index, let scope):
            current = scope
            return (holder.table.attributes[index].expression, holder)
        case .absent:
            while special == nil, start !== root, let parent = start.parent { start = parent }
            current = start
            return nil
        case .ad(let scope):
            current = start
            return (.literal(.classAd(AdValue(scope))), lexical)
        case .currentTime:
            current = start
            return (.literal(.integer(environment.now)), lexical)
        }
    }

    /// The value of an expression in an element of the list; ERROR if either cannot be evaluated.
    private mutating func evaluate(_ meant: (node: Node, home: Scope), inContext element: Node) -> Value {
        let value = attempt(element) ?? .error
        guard case .classAd(let ad) = value else { return value.isUndefined ? .undefined : .error }
        let other = otherSide(containing: ad.scope)
        return isolated(from: ad.scope) { (evaluator) throws(EvaluationFailure) in
            evaluator.lexical = meant.home
            evaluator.crossing = other.map { (ad.scope, $0) }
            return try evaluator.evaluate(meant.node)
        }
    }

    /// The ad opposite to the one that contains a nested ad.
    private func otherSide(containing scope: Scope) -> Scope? {
        guard let match else { return nil }
        var next: Scope? = scope
        while let scope = next {
            if scope === match.left { return match.right }
            if scope === match.right { return match.left }
            next = scope.parent
        }
        return nil
    }
}
