import ClassAds
import Testing

/// Two ads in a match (spec 07, 12).
@Suite struct MatchedAdsTests {
    private static let job = """
        [Requirements = TARGET.Cpus >= RequestCpus; RequestCpus = 2; Rank = TARGET.Memory / 2.0; Owner = "alice"]
        """
    private static let slot = """
        [Requirements = TARGET.Owner == "alice"; Cpus = 4; Memory = 1024; Rank = MY.Cpus; Whole = LEFT.Owner]
        """

    private func match(_ left: String = job, _ right: String = slot) throws -> MatchedAds {
        MatchedAds(left: try ClassAd(parsing: left), right: try ClassAd(parsing: right))
    }

    @Test func bothSidesHaveToAccept() throws {
        #expect(try match().isSymmetric)
        let refused = try match(Self.job, "[Requirements = false; Cpus = 4]")
        #expect(!refused.isSymmetric)
        #expect(refused.accepts(by: .left))
        #expect(!refused.accepts(by: .right))
    }

    @Test func eachSideHasItsRank() throws {
        #expect(try match().value(.rank, of: .left) == .real(512))
        #expect(try match().value(.rank, of: .right) == .integer(4))
        #expect(try match("[]").value(.rank, of: .left).isUndefined)
    }

    @Test func eachAdStandsOnItsOwnSide() throws {
        let match = try match()
        #expect(match.evaluate("Whole", in: .right) == .string("alice"))
        #expect(match.evaluate(try Expression(parsing: "RIGHT.Cpus"), in: .left) == .integer(4))
        #expect(match.evaluate(try Expression(parsing: "TARGET.RequestCpus"), in: .right) == .integer(2))
        #expect(match.evaluate(try Expression(parsing: "RequestCpus"), in: .right) == .integer(2))
    }

    @Test func requirementsThatReferToThemselvesAreUndefinedThere() throws {
        #expect(try match("[Requirements = isUndefined(Requirements)]").accepts(by: .left))
    }
}
