import BrokerCore
import ClassAds
import TestSupport
import Testing

@Suite struct MatchAdTests {
    /// What a hostile startd might put into its ad to get past the locks.
    static let forged = [
        "AuthenticatedIdentity = \"mallory@ap.test\"", "RestrictToAuthenticatedIdentity = false",
        "NegotiatorMatchExprFlockTarget = \"green\"", "negotiatormatchexprother = 1", "RemotePool = \"x\"",
        "PreemptDslotClaims = \"x\"", "MatchedConcurrencyLimits = \"x\"", "Offline = false",
        "_condor_RESOURCE_CLUSTER = 99", "ClaimId = \"<127.0.0.1:1>#1#1#secret\"", "_condor_PrivX = 1",
    ]

    private func ad(_ locks: FlockLocks = .all, request lines: [String] = [], slot forged: [String] = []) throws
        -> ClassAd
    {
        MatchAd.make(
            slot: try RecordedAds.partitionableSlot(adding: forged), request: try Fixture.request("7.3", lines: lines),
            locks: locks, now: Fixture.now)
    }

    @Test func theAdNamesTheJobTheUserAndTheAnnex() throws {
        let ad = try ad()
        #expect(ad.integer("_condor_RESOURCE_CLUSTER") == 7)
        #expect(ad.integer("_condor_RESOURCE_PROC") == 3)
        #expect(ad.string("AuthenticatedIdentity") == "alice@ap.test")
        #expect(ad.boolean("RestrictToAuthenticatedIdentity") == true)
        #expect(ad.string("NegotiatorMatchExprFlockTarget") == "blue")
    }

    @Test func theIdentityIsThatOfTheRequestsUserAlsoForGuests() throws {
        #expect(try ad(request: ["User = \"bob@ap.test\""]).string("AuthenticatedIdentity") == "bob@ap.test")
    }

    @Test func nothingTheStartdForgedReachesTheSchedd() throws {
        #expect(try ad(slot: Self.forged) == ad())
    }

    @Test func noPrivateAttributeReachesTheSchedd() throws {
        #expect(try ad(slot: Self.forged).names.filter(ClassAd.isPrivate) == [])
    }

    @Test func theRestOfTheAdIsUnchanged() throws {
        let handedOut = try ad()
        let original = try RecordedAds.partitionableSlot().publicAd
        let ours = ["requirements", "authenticatedidentity"]
        for name in original.names where !ours.contains(name.lowercased()) {
            #expect(handedOut[name] == original[name], "\(name)")
        }
        #expect(handedOut.count == original.count + 4)
    }

    @Test func requirementsDemandTheTagBesidesTheOriginal() throws {
        #expect(
            try ad()["Requirements"]
                == Expression(
                    parsing:
                        "((TARGET.FlockTarget ?: TARGET.TargetAnnexName) =?= \"blue\") && (Start && WithinResourceLimits)",
                    syntax: .old))
    }

    @Test func aSlotWithoutRequirementsTakesNoJob() throws {
        let slot = try Fixture.slot(lines: ["Requirements = undefined"])
        let request = try Fixture.request()
        let ad = MatchAd.make(slot: slot, request: request, locks: .all, now: Fixture.now)
        #expect(!ad.accepts(request.ad))
    }

    /// Each lock writes its own attribute and no other.
    @Test(arguments: [
        (FlockLocks.restrictIdentity, "RestrictToAuthenticatedIdentity"),
        (FlockLocks.stickyTag, "NegotiatorMatchExprFlockTarget"),
    ])
    func anOpenLockLeavesItsAttributeOut(lock: FlockLocks, name: String) throws {
        let open = try ad(FlockLocks.all.subtracting(lock), slot: Self.forged)
        var closed = try ad()
        closed[name] = nil
        #expect(open == closed)
    }

    @Test func withoutRewritingTheStartdsRequirementsStand() throws {
        #expect(
            try ad(FlockLocks.all.subtracting(.rewrittenRequirements))["Requirements"]
                == Expression(parsing: "Start && WithinResourceLimits", syntax: .old))
    }

    @Test func concurrencyLimitsOfTheMatchAreWrittenInLowerCase() throws {
        #expect(
            try ad(request: ["ConcurrencyLimits = \"License.X:2\""]).string("MatchedConcurrencyLimits") == "license.x:2"
        )
    }

    @Test func concurrencyLimitsMayDependOnTheSlot() throws {
        #expect(
            try ad(request: ["ConcurrencyLimits = TARGET.Arch"]).string("MatchedConcurrencyLimits") == "x86_64")
    }

    @Test func withoutLimitsTheAttributeIsAbsent() throws {
        #expect(!(try ad().contains("MatchedConcurrencyLimits")))
    }
}
