import ClassAds
import Testing

/// What a site sets up for expressions (spec 07, 9.12).
///
/// The answers for the map are those of HTCondor 25.14.0.
@Suite struct SiteFunctionTests {
    private static let map = UserMap(
        #"""
        # comment
        * alice physics,chemistry
        * alice second
        * "two words" both
        * /^(b.*)@(.*)$/i \2,\1,x
        KERB carol k1
        * /^d+/U dd
        * "quoted" "a b, c"
        * Eve
        * /(/ broken
        * /x(y)?z/ <\1>\2
        * frank fr\\1\q
        """#)

    private static let environment: EvaluationEnvironment = {
        var environment = EvaluationEnvironment(now: 0)
        environment.userMaps = ["m": map]
        environment.homeDirectory = { $0 == "alice" ? "/home/alice" : nil }
        return environment
    }()

    private func value(_ text: String) throws -> Value {
        ClassAd().evaluate(try Expression(parsing: text), in: Self.environment)
    }

    @Test(arguments: [
        (#"userMap("m", "alice")"#, "physics,chemistry"),
        (#"userMap("M", "alice", "CHEMISTRY")"#, "chemistry"),
        (#"userMap("m", "alice", "x")"#, "physics"),
        (#"userMap("m", "alice", error)"#, "physics"),
        (#"userMap("m", "nobody", "x", "d")"#, "d"),
        (#"userMap("m", "Bob@site")"#, "site,Bob,x"),
        (#"userMap("m", "Bob@site", "bob", 5)"#, "Bob"),
        (#"userMap("m.kerb", "carol")"#, "k1"),
        (#"userMap("m", "two words")"#, "both"),
        (#"userMap("m", "dddd")"#, "dd"),
        (#"userMap("m", "quoted", undefined)"#, "a b"),
        (#"userMap("m", "xz")"#, #"<\1>\2"#),
        (#"userMap("m", "xyz")"#, #"<y>\2"#),
        (#"userMap("m", "frank")"#, #"fr\\1\q"#),
        (#"userMap("m", 5, 1, "d")"#, "d"),
    ])
    func userMapGivesWhatTheFirstFittingRuleSays(text: String, expected: String) throws {
        #expect(try value(text) == .string(expected))
    }

    @Test(arguments: [
        #"userMap("m", "ALICE")"#, #"userMap("m", "carol")"#, #"userMap("n", "alice")"#, #"userMap("m", "Eve")"#,
        #"userMap("m", "(")"#,
    ])
    func userMapWithoutARuleIsUndefined(text: String) throws {
        #expect(try value(text).isUndefined)
    }

    @Test func userMapOfAnErrorIsAnError() throws {
        #expect(try value(#"userMap(error, "Eve", 1, 2)"#).isError)
    }

    @Test func anExpensiveRuleOfAMapEndsTheEvaluation() throws {
        var environment = EvaluationEnvironment(now: 0, maximumSteps: 1000)
        environment.userMaps = ["m": UserMap("* /^(a+)+$/ x")]
        let name = String(repeating: "a", count: 40) + "b"
        let ad = ClassAd()
        #expect(ad.evaluate(try Expression(parsing: "userMap(\"m\", \"\(name)\")"), in: environment).isError)
    }

    @Test func userHomeAsksForTheAccount() throws {
        #expect(try value(#"userHome("alice")"#) == .string("/home/alice"))
        #expect(try value(#"userHome("bob", "/tmp")"#) == .string("/tmp"))
        #expect(try value(#"userHome("bob")"#).isUndefined)
        #expect(try value(#"userHome(5)"#).isError)
    }

    @Test func withoutAnEnvironmentNothingIsKnown() throws {
        let ad = ClassAd()
        #expect(ad.evaluate(try Expression(parsing: #"userHome("root")"#)).isUndefined)
        #expect(ad.evaluate(try Expression(parsing: #"userMap("m", "alice")"#)).isUndefined)
    }
}
