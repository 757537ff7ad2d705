/// Walks a tree and the attributes it leads to, and collects names (spec 07, 13.1 and 13.2).
struct ReferenceCollector {
    enum Kind { case external, `internal` }

    private(set) var names = NameSet()
    private let kind: Kind
    private let home: Scope
    private var evaluator: Evaluator
    private var depth = 0
    /// Set while the base of a selection is looked up.
    private var leavesAdsAlone = false

    init(_ kind: Kind, startingIn scope: Scope, environment: EvaluationEnvironment) {
        self.kind = kind
        home = scope
        evaluator = Evaluator(startingIn: scope, environment: environment)
    }

    /// A collector that goes on where an evaluation has got to.
    init(_ kind: Kind, evaluator: Evaluator) {
        self.kind = kind
        home = evaluator.current
        self.evaluator = evaluator
    }

    /// The work done so far.
    var steps: Int { evaluator.steps }

    /// Collects the names of a tree; false if they cannot be told.
    mutating func collect(_ node: Node) -> Bool {
        depth += 1
        defer { depth -= 1 }
        evaluator.steps += 1
        guard depth <= Evaluator.maximumDepth, evaluator.steps <= evaluator.environment.maximumSteps else {
            return false
        }
        switch node {
        case .literal(.classAd(let ad)):
            return leavesAdsAlone || collectAll(ad.scope.table.attributes.map(\.expression))
        case .literal: return true
        case .matched(let side):
            let table = evaluator.match.map { $0[side].table } ?? AttributeTable()
            return leavesAdsAlone || collectAll(table.attributes.map(\.expression))
        case .matchContext(let side):
            return leavesAdsAlone || collectAll(MatchPair.contextScope(side).table.attributes.map(\.expression))
        case .unary(let operation): return collect(operation.operand)
        case .binary(let operation): return collect(operation.left) && collect(operation.right)
        case .conditional(let conditional):
            return collect(conditional.condition) && collect(conditional.whenTrue) && collect(conditional.whenFalse)
        case .call(let call): return collectAll(call.arguments)
        case .list(let list): return collectAll(list.elements)
        case .ad(let ad):
            // Ads written inside belong to this one, though names are looked up where they were before.
            let saved = evaluator.lexical
            evaluator.lexical = Scope(ad, parent: saved)
            defer { evaluator.lexical = saved }
            return leavesAdsAlone || collectAll(ad.table.attributes.map(\.expression))
        case .reference(let reference): return collect(reference)
        case .selection(let selection): return collect(selection)
        }
    }

    private mutating func collectAll(_ nodes: [Node]) -> Bool {
        for node in nodes where !collect(node) { return false }
        return true
    }

    private mutating func collect(_ reference: Reference) -> Bool {
        let start = reference.isAbsolute ? evaluator.root : evaluator.current
        let found = evaluator.lookup(reference.name.key, reference.name.special, from: start)
        switch (kind, found) {
        case (.external, .absent):
            names.insert(reference.name.spelling)
            return true
        case (.internal, .attribute(_, _, let scope)) where scope === home:
            names.insert(reference.name.spelling)
            return follow(found, from: start)
        case (.internal, .absent):
            leave(start, reference.name.special)
            return true
        default:
            return follow(found, from: start)
        }
    }

    /// Moves to where the search for an absent name ended, and stays there until the attribute in hand is done.
    ///
    /// The reference implementation does so for internal references only.
    private mutating func leave(_ start: Scope, _ special: SpecialName?) {
        evaluator.current = start
        while special == nil, evaluator.current !== evaluator.root, let parent = evaluator.current.parent {
            evaluator.current = parent
        }
    }

    /// Goes on in the expression of an attribute that was found.
    private mutating func follow(_ resolution: Evaluator.Resolution, from start: Scope) -> Bool {
        let node: Node
        let place: (current: Scope, lexical: Scope)
        switch resolution {
        case .attribute(let holder, let index, let scope):
            node = holder.table.attributes[index].expression
            place = (scope, holder)
        case .ad(let scope):
            // The attributes of a special name's ad are walked from where the name was looked up.
            node = .literal(.classAd(AdValue(scope)))
            place = (start, start)
        case .currentTime, .absent: return true
        }
        let saved = (evaluator.current, evaluator.lexical)
        (evaluator.current, evaluator.lexical) = place
        defer { (evaluator.current, evaluator.lexical) = saved }
        return collect(node)
    }

    private mutating func collect(_ selection: Selection) -> Bool {
        if kind == .internal {
            guard collectBase(selection.base) else { return false }
        }
        var inner = evaluator
        guard let base = try? inner.evaluate(selection.base) else { return false }  // a failure has no names
        evaluator.steps = inner.steps
        switch base {
        case .undefined:
            if kind == .external {
                var printer = Printer(.new)
                printer.write(selection.base)
                printer.write(".")
                printer.write(selection.name.spelling)
                names.insert(printer.output)
            }
            return true
        case .classAd(let ad):
            let found = evaluator.lookup(selection.name.key, selection.name.special, from: ad.scope)
            if case .absent = found {
                switch kind {
                case .external: names.insert(selection.name.spelling)
                case .internal: leave(ad.scope, selection.name.special)
                }
                return true
            }
            if kind == .internal, case .attribute(_, _, let scope) = found, scope === home {
                names.insert(selection.name.spelling)
            }
            return follow(found, from: ad.scope)
        default: return false
        }
    }

    /// Collects the names of the base of a selection, not those in an ad that it stands for.
    private mutating func collectBase(_ base: Node) -> Bool {
        let saved = leavesAdsAlone
        leavesAdsAlone = true
        defer { leavesAdsAlone = saved }
        return collect(base)
    }

    // MARK: Trimming

    /// The names cut down to attribute names.
    var trimmed: NameSet {
        var result = NameSet()
        for name in names.sorted { result.insert(Self.trim(name, kind)) }
        return result
    }

    private static func trim(_ name: [UInt8], _ kind: Kind) -> [UInt8] {
        var rest = name[...]
        let prefixes: [StaticString] = kind == .external ? ["target.", "other.", ".left.", ".right.", "."] : ["."]
        for prefix in prefixes where ASCII.equalFolded(rest.prefix(prefix.utf8CodeUnitCount), prefix) {
            rest = rest.dropFirst(prefix.utf8CodeUnitCount)
            break
        }
        return Array(rest.prefix { $0 != ASCII.dot && $0 != UInt8(ascii: "[") })
    }
}
