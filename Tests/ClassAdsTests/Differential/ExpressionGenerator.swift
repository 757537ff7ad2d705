import TestSupport

/// Makes expressions in new syntax: every operator, every function, all kinds of operands.
///
/// What it makes has one answer on every platform and at any time: shift counts are literals from 0 to 63, numbers are
/// of moderate size, and neither the clock nor chance is asked.
struct ExpressionGenerator {
    var random: SeededRandom
    /// Whether ads may be written inside expressions; without a place of its own the binding gives them no scope.
    var writesAds = true

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func quoted(_ texts: [String]) -> String { "\"" + random.pick(texts) + "\"" }

    mutating func literal() -> String {
        switch random.below(100) {
        case ..<38: random.pick(Atoms.numbers)
        case ..<70: quoted(Atoms.strings)
        case ..<84: random.pick(Atoms.words)
        case ..<93: random.pick(Atoms.times)
        default: list(depth: 0)
        }
    }

    mutating func expression(depth: Int) -> String {
        if depth <= 0 || random.percent(12) { return random.percent(60) ? literal() : random.pick(Atoms.names) }
        switch random.below(100) {
        case ..<30: return binary(depth)
        case ..<34:
            // Counts outside 0 to 63 have no meaning in C++.
            return "((\(expression(depth: depth - 1))) \(random.pick(["<<", ">>", ">>>"])) \(random.below(64)))"
        case ..<42: return random.pick(["-", "+", "!", "~", "- ", "! "]) + expression(depth: depth - 1)
        case ..<50:
            let parts = (0..<3).map { _ in expression(depth: depth - 1) }
            return "\(parts[0]) ? \(parts[1]) : \(parts[2])"
        case ..<62: return "(" + expression(depth: depth - 1) + ")"
        case ..<67: return "\(operand(depth))[\(expression(depth: depth - 1))]"
        case ..<71: return random.pick(["ad", "n", "ad.r", "MY", "TARGET", "x", "lst"]) + "." + member()
        case ..<90: return call(depth: depth)
        case ..<95: return list(depth: depth)
        default:
            return writesAds ? ad(depth: depth - 1, names: ["a", "b", "x", "y", "'odd n'", "Long_Name1"]) : literal()
        }
    }

    private mutating func member() -> String { random.pick(["a", "b", "x", "y", "z", "p", "q", "s"]) }

    private mutating func operand(_ depth: Int) -> String {
        random.percent(50) ? random.pick(Atoms.names) : "(" + expression(depth: depth - 1) + ")"
    }

    private mutating func binary(_ depth: Int) -> String {
        let symbol = random.pick(Atoms.binaryOperators)
        let needsBlank = symbol.first?.isLetter == true
        let blank = needsBlank ? " " : random.pick([" ", " ", " ", "", "  ", "\t"])
        return expression(depth: depth - 1) + blank + symbol + blank + expression(depth: depth - 1)
    }

    mutating func list(depth: Int) -> String {
        let count = random.below(4)
        return "{" + (0..<count).map { _ in depth > 0 ? expression(depth: depth - 1) : scalar() }.joined(separator: ",")
            + "}"
    }

    private mutating func scalar() -> String {
        random.percent(50)
            ? random.pick(Atoms.numbers) : random.percent(60) ? quoted(Atoms.strings) : random.pick(Atoms.words)
    }

    /// An ad with some of these attributes.
    mutating func ad(depth: Int, names: [String], most: Int = 3) -> String {
        let attributes = (0..<random.below(most + 1)).map { _ in "\(random.pick(names)) = \(expression(depth: depth))" }
        return "[" + attributes.joined(separator: "; ") + "]"
    }

    // MARK: Calls

    mutating func call(depth: Int) -> String {
        let function = random.pick(CatalogFunction.all)
        var count = random.number(function.required...max(function.required, function.arguments.count))
        if random.percent(5) { count = random.below(5) }
        var arguments: [String] = []
        for index in 0..<count {
            let kind = index < function.arguments.count ? function.arguments[index] : .any
            arguments.append(argument(kind, of: function, depth: depth))
        }
        // Without arguments these ask the clock.
        if arguments.isEmpty, ["absTime", "formatTime"].contains(function.name) { arguments = ["0"] }
        var name = function.name
        if random.percent(8) { name = random.percent(50) ? name.lowercased() : name.uppercased() }
        return name + "(" + arguments.joined(separator: random.pick([",", ", ", ", ", ";"])) + ")"
    }

    private mutating func argument(_ kind: ArgumentKind, of function: CatalogFunction, depth: Int) -> String {
        // The library forgets the list that a function made while it still uses it there.
        if kind == .ads { return ads() }
        if random.percent(20) { return expression(depth: depth - 1) }
        switch kind {
        case .any: return random.percent(60) ? literal() : expression(depth: depth - 1)
        case .integer: return "\(random.number(-6...12))"
        case .number: return random.pick(Atoms.numbers)
        case .string: return quoted(Atoms.strings)
        case .list: return random.percent(70) ? list(depth: 0) : random.pick(["lst", "n", "u", "MY.lst", "TARGET.lst"])
        case .ads: return ads()
        case .reference: return random.pick(Atoms.names)
        case .time: return random.pick(Atoms.times)
        default: return quoted(Atoms.special[kind] ?? Atoms.strings)
        }
    }

    /// A list of ads to look into, written or by name.
    private mutating func ads() -> String {
        if random.percent(25) || !writesAds {
            return random.pick(["ads", "MY.ads", "TARGET.ads", "lst", "missing", "undefined", "5"])
        }
        let nested = (0..<random.below(4)).map { _ in
            random.pick([
                "[x = 5]", "[y = x]", "[x = 1; z = y]", "[]", "undefined", "ad", "n", "1", "[a = \"s\"; b = a]",
            ])
        }
        return "{" + nested.joined(separator: ",") + "}"
    }
}
