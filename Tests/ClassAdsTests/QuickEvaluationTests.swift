import Testing

@testable import ClassAds

/// Programs yield what the evaluation of the tree yields, or leave it to that.
@Suite struct QuickEvaluationTests {
    private let environment = EvaluationEnvironment(now: 1_700_000_000, maximumSteps: 100_000)

    /// The value that the quick evaluation settles, and that of the tree.
    private func both(
        _ expression: Expression, in ad: ClassAd, target: ClassAd? = nil
    ) -> (quick: Value?, tree: Value) {
        var evaluator = Evaluator(startingIn: Scope(ad), environment: environment)
        if let target {
            let match = MatchPair(ad, target)
            evaluator = Evaluator(startingIn: match.left, match: match, environment: environment)
        }
        let tree = evaluator.result(of: expression.node)
        guard case .body(let body) = expression.cell,
            var quick = QuickEvaluator(ad, target: target, environment: environment)
        else { return (nil, tree) }
        let result = quick.run(body.program)
        return (withExtendedLifetime((ad, target)) { quick.keepingStrings { result.value } }, tree)
    }

    @Test(arguments: ["operators.jsonl", "functions.jsonl", "scope-eval.jsonl", "lex.jsonl", "time.jsonl"])
    func recordedExpressionsHaveOneValue(file: String) throws {
        var settled = 0
        var different: [String] = []
        for testCase in try Vectors.cases(file) where testCase["op"] as? String == "eval" {
            let input = try #require(testCase["in"] as? [String: Any])
            guard let text = input["expr"] as? String, let expression = try? Expression(parsing: text) else { continue }
            let own = (input["my"] as? String).flatMap { try? ClassAd(parsing: $0) } ?? ClassAd()
            let target = (input["target"] as? String).flatMap { try? ClassAd(parsing: $0) }
            let (quick, tree) = both(expression, in: own, target: target)
            guard let quick else { continue }
            settled += 1
            if quick != tree { different.append("\(text): \(quick), \(tree)") }
        }
        #expect(different.isEmpty, "\(different.prefix(5))")
        if file != "lex.jsonl", file != "time.jsonl" { #expect(settled > 500) }
    }

    @Test func recordedMatchesHaveOneValue() throws {
        var settled = 0
        for testCase in try Vectors.cases("match.jsonl") {
            let input = try #require(testCase["in"] as? [String: Any])
            guard let left = (input["left"] as? String).flatMap({ try? ClassAd(parsing: $0) }),
                let right = (input["right"] as? String).flatMap({ try? ClassAd(parsing: $0) })
            else { continue }
            for (own, target) in [(left, right), (right, left)] {
                for (name, expression) in own.attributes {
                    let (quick, tree) = both(expression, in: own, target: target)
                    guard let quick else { continue }
                    settled += 1
                    #expect(quick == tree, "\(name) of \(own) facing \(target)")
                }
            }
        }
        #expect(settled > 1000)
    }

    @Test func realAdsAreEvaluatedQuickly() throws {
        let slot = try ClassAd(longForm: Vectors.text("startd-25.14.long"))
        let job = try ClassAd(longForm: Vectors.text("job.long"))
        for (own, target) in [(slot, job), (job, slot)] {
            let requirements = try #require(own["Requirements"])
            #expect(both(requirements, in: own, target: target).quick == .boolean(true))
        }
    }

    @Test(arguments: [
        #"{ 1, 2 }[0] == 1"#, #".A == 1"#, #"[ a = 1 ].a == 1"#,
        #"absTime("2020-01-01T00:00:00Z") == absTime("2020-01-01T01:00:00+01:00")"#,
        #"parent.A =?= undefined"#, #"eval("A") == 1"#, #"A is A && { 1 }[0] == 1"#,
    ])
    func whatNeedsTheTreeIsLeftToIt(text: String) throws {
        let ad: ClassAd = ["A": 1]
        let (quick, tree) = both(try Expression(parsing: text), in: ad)
        #expect(quick == nil)
        #expect(tree == .boolean(true))
    }

    @Test func partsThatAreNotReachedNeedNoProgram() throws {
        let ad: ClassAd = ["A": 1]
        #expect(both(try Expression(parsing: "A == 1 || { 1 }[0] == 1"), in: ad).quick == .boolean(true))
        #expect(both(try Expression(parsing: "ifThenElse(A > 1, { 1 }[0], 5)"), in: ad).quick == .integer(5))
    }

    @Test func adsThatRedefineScopesAreLeftToTheTree() throws {
        let expression = try Expression(parsing: "TARGET.A == 1 && A == 2")
        let own = try ClassAd(parsing: "[ target = [ A = 1 ]; A = 2 ]")
        let (quick, tree) = both(expression, in: own, target: ["A": 3])
        #expect(quick == nil)
        #expect(tree == .boolean(true))
    }

    @Test func circlesAndAvalanchesAreLeftToTheTree() throws {
        let circle = try ClassAd(parsing: "[ a = b + 1; b = a + 1 ]")
        #expect(both(try Expression(parsing: "a + 1"), in: circle).quick == nil)
        // Each attribute doubles the work.
        var avalanche: ClassAd = ["a0": 1]
        for level in 1...23 {
            avalanche["a\(level)"] = try Expression(parsing: "a\(level - 1) + a\(level - 1)")
        }
        #expect(both(try Expression(parsing: "a23 + 0"), in: avalanche).quick == nil)
    }

    /// A circle is noticed from the second visit on: the inner `Requirements` is true, so the outer one is false.
    @Test func requirementsThatNameThemselvesAreVisitedTwice() throws {
        let ad = try ClassAd(parsing: "[ Requirements = Requirements =?= undefined ]")
        #expect(!ad.accepts(ClassAd()))
    }

    @Test func chainedRequirementsCount() throws {
        var child = ClassAd()
        child.chain(to: try ClassAd(parsing: "[ Requirements = TARGET.Cpus > 1 ]"))
        #expect(child.accepts(["Cpus": 2]))
        #expect(!child.accepts(["Cpus": 1]))
    }
}
