import BrokerCore
import ClassAds
import TestSupport
import Testing

@Suite struct SignificantAttributesTests {
    /// Spec 05, 2.5, and what keeps jobs of several owners apart.
    static let always = [
        "User", "Owner", "FlockTarget", "FlockTo", "TargetAnnexName", "AccountingGroup", "JobUniverse", "RequestCpus",
        "RequestMemory", "RequestDisk", "RequestGPUs", "ConcurrencyLimits",
    ]

    @Test func withoutSlotsTheListIsFixed() {
        #expect(significantAttributes([]) == Self.always)
    }

    /// The real negotiator of the recording found the same ones.
    @Test func whatTheRecordedSlotRefersToIsInTheList() throws {
        let recording: RecordedNegotiation = try vectors("nego-negotiate-pslot")
        let header = try #require(recording.conversation.first?.decoded?.ad)
        let theirs = try #require(ClassAd(lines: header).string("AutoClusterAttrs")).split(separator: ",").map {
            $0.lowercased()
        }
        let ours = significantAttributes([try RecordedAds.partitionableSlot()]).map { $0.lowercased() }
        #expect(Set(ours) == Set(theirs).union(Self.always.map { $0.lowercased() }))
    }

    @Test func referencesOfStartAndRankCountAndOwnAttributesDoNot() throws {
        let slot = try Fixture.slot(lines: [
            "Start = TARGET.Colour == MY.Paint && Texture is undefined", "Rank = TARGET.Size", "Paint = \"red\"",
        ])
        #expect(significantAttributes([slot]) == Self.always + ["Colour", "Texture", "Size"])
    }

    @Test func theListOnlyGrowsAndKeepsItsOrder() throws {
        var attributes = SignificantAttributes()
        #expect(attributes.include(try Fixture.slot(lines: ["Start = TARGET.Zebra"])))
        #expect(attributes.include(try Fixture.slot(lines: ["Start = TARGET.Ant"])))
        #expect(!attributes.include(try Fixture.slot(lines: ["Start = TARGET.zebra"])))
        #expect(attributes.text == (Self.always + ["Zebra", "Ant"]).joined(separator: ","))
    }

    @Test func idsOfJobsWouldMakeEveryJobAGroupOfItsOwnAndAreLeftOut() throws {
        let slot = try Fixture.slot(lines: [
            "Start = TARGET.ProcId > 0 && TARGET.ClusterId > 0 && TARGET.RemoteUser is undefined"
        ])
        #expect(significantAttributes([slot]) == Self.always)
    }

    @Test func oneAnnexAddsABoundedNumberOfNames() throws {
        let expression = (0..<200).map { "TARGET.Name\($0)" }.joined(separator: " || ")
        let slot = try Fixture.slot(lines: ["Start = \(expression)"])
        #expect(significantAttributes([slot]).count == Self.always.count + SignificantAttributes.maximumPerAnnex)
    }

    @Test func namesThatWouldBreakTheListAreLeftOut() throws {
        let slot = try Fixture.slot(lines: ["Start = TARGET.'a,b' && TARGET.'x y' && TARGET.'1st'"])
        #expect(significantAttributes([slot]) == Self.always)
    }
}

@Suite struct NegotiationHeaderTests {
    private let header = NegotiationHeader(
        submitter: "alice@ap.test", tag: "127.0.0.1:21658", significantAttributes: "Owner,FlockTarget",
        negotiatorName: "127-0-0-1.test")

    /// The recorded header, with our list, our refusal of claimed slots, and our constraint.
    @Test func theHeaderIsTheRecordedOneWithOurDifferences() throws {
        let recording: RecordedNegotiation = try vectors("nego-negotiate-static")
        var expected = try ClassAd(lines: try #require(recording.conversation.first?.decoded?.ad))
        expected.set("AutoClusterAttrs", "Owner,FlockTarget")
        expected.set("MatchClaimedPslots", false)
        try expected.insert(line: "NegotiatorJobConstraint = (FlockTarget ?: TargetAnnexName) =!= undefined")
        #expect(header.ad(locks: .all) == expected)
    }

    @Test func theConstraintIsALockOfItsOwn() {
        #expect(!header.ad(locks: FlockLocks.all.subtracting(.constraint)).contains("NegotiatorJobConstraint"))
    }

    @Test(arguments: [
        (["FlockTarget = \"blue\""], true), (["TargetAnnexName = \"blue\""], true), ([], false),
        (["FlockTarget = undefined"], false),
    ])
    func theConstraintLetsTaggedJobsPass(lines: [String], passes: Bool) throws {
        let constraint = try #require(header.ad(locks: .all)["NegotiatorJobConstraint"])
        #expect(try ClassAd(lines: lines).evaluate(constraint).isTrue == passes)
    }

    @Test func theConstraintUsesSignificantAttributesOnly() throws {
        let constraint = try #require(header.ad(locks: .all)["NegotiatorJobConstraint"])
        let references = try #require(ClassAd().externalReferences(of: constraint))
        #expect(references.allSatisfy(SignificantAttributes.always.contains))
    }
}
