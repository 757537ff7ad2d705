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
        guard let found = try attribute(of: call.arguments[0]) else { return .error }
        guard case .attribute(let holder, let index, _) = found else { return .undefined }
        var pattern: [UInt8]?
        if call.arguments.count == 2 {
            guard case .string(let text) = try evaluate(call.arguments[1]) else { throw EvaluationFailure() }
            pattern = text.bytes
        }
        var collector = ReferenceCollector(.external, startingIn: current, environment: environment)
        guard collector.collect(holder.table.attributes[index].expression) else { return .error }
        let names = collector.names.sorted.map { name in
            ASCII.equalFolded(name.prefix(7), "target.") ? Array(name.dropFirst(7)) : name
        }
        guard let pattern else { return .string(ByteString(names.joined(separator: [UInt8(ascii: ",")]))) }
        guard let expression = call.pattern.regularExpression(pattern, .caseless) else { return .error }
        for name in names {
            if let match = try firstMatch(of: expression, in: name), !match.whole.isEmpty { return .boolean(true) }
        }
        return .boolean(false)
    }

    /// What an argument written as an attribute reference stands for; nil if it is no such reference.
    private mutating func attribute(of argument: Node) throws(EvaluationFailure) -> Resolution? {
        switch argument {
        case .reference(let reference): return lookup(reference)
        case .selection(let selection):
            guard case .classAd(let ad) = try evaluate(selection.base) else { return .absent }
            return lookup(selection.name.key, selection.name.special, from: ad.scope)
        default: return nil
        }
    }

    // MARK: Nested contexts (spec 07, 9.10)

    mutating func evaluateInEachContext(_ expression: Node, _ list: Node) throws(EvaluationFailure) -> Value {
        let meant = try referent(of: expression)
        switch try contexts(list) {
        case .failure(let value): return value
        case .success(let elements):
            var values: [Value] = []
            for element in elements { values.append(try evaluate(meant, inContext: element)) }
            return .list(ListValue(computed: values))
        }
    }

    mutating func countMatches(_ expression: Node, _ list: Node) throws(EvaluationFailure) -> Value {
        let meant = try referent(of: expression)
        switch try contexts(list) {
        case .failure(let value): return value.isUndefined ? .integer(0) : value
        case .success(let elements):
            var count: Int64 = 0
            for element in elements where try evaluate(meant, inContext: element).isTrue { count += 1 }
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

    /// The expression that a reference leads to, or the argument itself, and the ad it was written in.
    ///
    /// As in the reference implementation the search moves the current ad (spec 07, 7.2), and it stays moved for
    /// what is evaluated after it: in a match, an attribute that is found nowhere leaves the search, and the
    /// rest of the expression, in the match ad.
    private mutating func referent(of argument: Node) throws(EvaluationFailure) -> (node: Node, home: Scope) {
        let found: Resolution
        var start = current
        switch argument {
        case .reference(let reference):
            found = lookup(reference)
            if reference.isAbsolute { start = root }
        case .selection(let selection):
            guard case .classAd(let ad) = try evaluate(selection.base) else { return (argument, lexical) }
            start = ad.scope
            found = lookup(selection.name.key, selection.name.special, from: start)
        default: return (argument, lexical)
        }
        switch found {
        case .attribute(let holder, let index, let scope):
            current = scope
            return (holder.table.attributes[index].expression, holder)
        case .absent:
            while start !== root, let parent = start.parent { start = parent }
            current = start
        case .ad, .nothing, .currentTime:
            current = start
        }
        return (argument, lexical)
    }

    private mutating func evaluate(
        _ meant: (node: Node, home: Scope), inContext element: Node
    ) throws(EvaluationFailure) -> Value {
        let value = try evaluate(element)
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
