extension Evaluator {
    /// What a name stands for.
    enum Resolution {
        case attribute(holder: Scope, index: Int, scope: Scope)
        /// An ad, from a special name.
        case ad(Scope)
        case currentTime
        case absent
    }

    /// The procedure of spec 07, 7.2.
    func lookup(_ key: NameKey, _ special: SpecialName?, from start: Scope) -> Resolution {
        var scope = start
        while true {
            if let (holder, index) = scope.find(key) {
                return .attribute(holder: holder, index: index, scope: scope)
            }
            let parent = scope === root ? nil : scope.parent
            if let special {
                switch special {
                case .own: return .ad(start)
                case .parent: return parent.map(Resolution.ad) ?? .absent
                case .root: return .ad(root)
                case .currentTime: return .currentTime
                }
            }
            guard let parent else { return .absent }
            scope = parent
        }
    }

    /// Looks a plain or absolute reference up, on the other side of a match too (spec 07, 7.4 and 7.5).
    func lookup(_ reference: Reference) -> Resolution {
        let start = reference.isAbsolute ? root : current
        let found = lookup(reference.name.key, reference.name.special, from: start)
        guard case .absent = found, !reference.isAbsolute, let other = otherSide else { return found }
        return lookup(reference.name.key, reference.name.special, from: other)
    }

    /// The ad that names are looked up in next when the current one has no such attribute.
    private var otherSide: Scope? {
        if let crossing, crossing.from === current { return crossing.to }
        guard let match else { return nil }
        if match.left === current { return match.right }
        if match.right === current { return match.left }
        return nil
    }

    mutating func evaluate(_ reference: Reference) throws(EvaluationFailure) -> Value {
        let start = reference.isAbsolute ? root : current
        if let value = start.literal(reference.name.key) { return value }
        return try evaluate(lookup(reference))
    }

    mutating func evaluate(_ selection: Selection) throws(EvaluationFailure) -> Value {
        try select(selection.name, selection.name.special, from: try evaluate(selection.base))
    }

    /// Spec 07, 7.4, third form.
    private mutating func select(
        _ name: Name, _ special: SpecialName?, from base: Value
    ) throws(EvaluationFailure) -> Value {
        switch base {
        case .undefined: return .undefined
        case .classAd(let ad):
            if let value = ad.scope.literal(name.key) { return value }
            return try evaluate(lookup(name.key, special, from: ad.scope))
        case .list(let list):
            var values: [Node] = []
            for element in list.literal.elements {
                let value = try nested(from: current) { (evaluator) throws(EvaluationFailure) in
                    // A level of its own: lists may hold themselves.
                    try evaluator.descend()
                    return try evaluator.select(name, special, from: try evaluator.evaluate(element))
                }
                values.append(.literal(value.asLiteral))
            }
            return .list(ListValue(ListLiteral(values), scope: lexical))
        case .error, .boolean, .integer, .real, .string, .absoluteTime, .relativeTime: return .error
        }
    }

    mutating func evaluate(_ resolution: Resolution) throws(EvaluationFailure) -> Value {
        switch resolution {
        case .attribute(let holder, let index, let scope): try evaluateAttribute(holder, index, in: scope)
        case .ad(let scope): .classAd(AdValue(scope))
        case .currentTime: .integer(environment.now)
        case .absent: .undefined
        }
    }

    /// Evaluates an attribute in the ad it was looked up in; UNDEFINED while it is being evaluated already
    /// (spec 07, 7.6).
    mutating func evaluateAttribute(
        _ holder: Scope, _ index: Int, in scope: Scope
    ) throws(EvaluationFailure) -> Value {
        if let match, let side = holder.sideOfContext(index) { return .classAd(AdValue(match[side])) }
        let node = holder.table.attributes[index].expression
        if case .literal = node { return try evaluate(node) }
        if pending.contains(where: { $0.index == index && $0.holder.isSame(as: holder) }) { return .undefined }
        pending.append((holder, index))
        let (savedCurrent, savedLexical) = (current, lexical)
        current = scope
        lexical = holder === scope ? scope : holder
        let value = try evaluate(node)
        current = savedCurrent
        lexical = savedLexical
        pending.removeLast()
        return value
    }
}
