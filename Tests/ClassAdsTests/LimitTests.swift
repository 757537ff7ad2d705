import ClassAds
import Testing

/// Bounds on what hostile expressions can cost (spec 07, 10.2).
@Suite struct LimitTests {
    private func nested(_ open: String, _ count: Int, _ close: String) -> String {
        String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
    }

    private func chain(_ terms: Int) -> String { Array(repeating: "1", count: terms).joined(separator: "+") }

    @Test(arguments: [("(", ")"), ("f(", ")"), ("[a=", "]")])
    func nestingOf165LevelsIsTheDeepest(open: String, close: String) throws {
        _ = try Expression(parsing: nested(open, 165, close))
        #expect(throws: ClassAdError.self) { try Expression(parsing: nested(open, 166, close)) }
    }

    @Test(arguments: ["!", "a?:", "a?b:"])
    func rightNestingOf497LevelsIsTheDeepest(unit: String) throws {
        _ = try Expression(parsing: String(repeating: unit, count: 497) + "c")
        #expect(throws: ClassAdError.self) { try Expression(parsing: String(repeating: unit, count: 498) + "c") }
    }

    @Test func chainsOfOperatorsAreBoundedInTheTree() throws {
        _ = try Expression(parsing: chain(3000))
        #expect(throws: ClassAdError.self) { try Expression(parsing: chain(100_000)) }
        #expect(throws: ClassAdError.self) {
            try Expression(parsing: "a" + String(repeating: ".a", count: 100_000))
        }
        #expect(throws: ClassAdError.self) {
            try Expression(parsing: "a" + String(repeating: "[0]", count: 100_000))
        }
    }

    @Test func evaluationEndsAt400Levels() throws {
        let ad = ClassAd()
        #expect(ad.evaluate(try Expression(parsing: chain(401))) == .integer(401))
        #expect(ad.evaluate(try Expression(parsing: chain(402))) == .error)
    }

    @Test func chainsOfAttributesEndAt399Links() throws {
        for (links, value) in [(399, Value.integer(7)), (400, .error)] {
            var ad = ClassAd()
            for link in 0..<links { try ad.insert(line: "x\(link) = x\(link + 1)") }
            ad.set("x\(links)", 7)
            #expect(ad.evaluate(try Expression(parsing: "x0")) == value)
        }
    }

    @Test func stepsAreBounded() throws {
        var ad = ClassAd()
        for level in 0..<30 { try ad.insert(line: "x\(level) = x\(level + 1) + x\(level + 1)") }
        ad.set("x30", 1)
        let environment = EvaluationEnvironment(now: 0, maximumSteps: 10_000)
        #expect(ad.evaluate("x0", in: environment) == .error)
        #expect(ad.evaluate("x20", in: EvaluationEnvironment(now: 0)) == .integer(1024))
    }

    @Test func memoryForStringsIsBounded() throws {
        var ad = ClassAd()
        for level in 0..<30 { try ad.insert(line: "x\(level) = strcat(x\(level + 1),x\(level + 1))") }
        ad.set("x30", "0123456789")
        let environment = EvaluationEnvironment(now: 0, maximumStringBytes: 100_000)
        #expect(ad.evaluate("x0", in: environment) == .error)
        #expect(ad.evaluate("x27", in: environment).stringValue?.count == 80)
    }

    @Test func regularExpressionsThatRunAwayFail() throws {
        let subject = String(repeating: "a", count: 40)
        let expression = try Expression(parsing: "regexp(\"^(a+)+$\", \"\(subject)b\") || true")
        #expect(ClassAd().evaluate(expression) == .error)
    }

    @Test func collectingReferencesIsBounded() throws {
        var ad = ClassAd()
        for level in 0..<60 { try ad.insert(line: "x\(level) = x\(level + 1) + x\(level + 1)") }
        let environment = EvaluationEnvironment(now: 0, maximumSteps: 10_000)
        #expect(ad.externalReferences(of: try Expression(parsing: "x0"), in: environment) == nil)
    }

    @Test func theLeastIntegerDividesWithoutTrapping() throws {
        let least = "(-9223372036854775808)"
        #expect(ClassAd().evaluate(try Expression(parsing: "\(least) / -1")) == .integer(.max))
        #expect(ClassAd().evaluate(try Expression(parsing: "\(least) % -1")) == .integer(0))
        #expect(ClassAd().evaluate(try Expression(parsing: "quantize(-9223372036854775806, -1)")) == .integer(.min))
    }

    @Test func groupsThatTookNoPartInsertNothing() throws {
        let expression = try Expression(parsing: #"regexps("(a)|(b)(c)", "bc", "<\\1\\3>")"#)
        #expect(ClassAd().evaluate(expression) == .string("<c>"))
    }
}
