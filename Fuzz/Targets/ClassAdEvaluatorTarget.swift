import ClassAds

/// An expression in an ad, facing another one.
enum ClassAdEvaluatorTarget {
    /// Limits of a hundredth of the usual ones, so that what goes up to them does not hold up the others.
    static let environment = EvaluationEnvironment(
        now: 1_800_000_000, timeZone: .utc, maximumSteps: 100_000, maximumStringBytes: 1 << 20, random: { 0x5DEE_CE66 })

    /// An expression, its ad, the other ad, with NULs between them.
    static func run(_ input: inout FuzzInput) throws(BrokenRule) {
        let parts = input.parts(3)
        let expression: Expression
        let own: ClassAd
        let other: ClassAd
        do {
            expression = try Expression(parsing: parts[0], timeZone: .utc)
            own = try ad(parts[1])
            other = try ad(parts[2])
        } catch {
            return
        }
        for target in [nil, other] {
            let value = own.evaluate(expression, target: target, in: environment)
            let again = own.evaluate(expression, target: target, in: environment)
            try require(value.description == again.description, "two values: \(value) and \(again)")
            print(Expression(value))
        }
        _ = ClassAd.symmetricMatch(own, other, in: environment)
        _ = own.accepts(other, in: environment)
        _ = own.rank(of: other, in: environment)
        for inline in [false, true] {
            switch own.flatten(expression, inline: inline, in: environment) {
            case .residual(let rest): print(rest)
            case .value(let value): print(Expression(value))
            case nil: break
            }
        }
        _ = own.externalReferences(of: expression)
        _ = own.internalReferences(of: expression)
        _ = own.fullExternalReferences(of: expression)
        _ = own.fullInternalReferences(of: expression)
        for name in own.names {
            _ = own.evaluate(name, target: other, in: environment)
        }
    }

    /// An ad in new syntax if it begins with a bracket, else lines in old syntax.
    private static func ad(_ text: [UInt8]) throws(ClassAdError) -> ClassAd {
        if text.first == UInt8(ascii: "[") { return try ClassAd(parsing: text, timeZone: .utc) }
        return try ClassAd(longForm: text, timeZone: .utc)
    }

    /// Prints what was computed, and reads it: parentheses are not put back (spec 07, 5), so anything may come of it.
    private static func print(_ expression: Expression) {
        for syntax in [Syntax.new, .old] {
            _ = try? Expression(parsing: expression.bytes(syntax), syntax: syntax, timeZone: .utc)
        }
    }
}
