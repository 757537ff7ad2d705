import CEDAR
import ClassAds
import Testing

@testable import FlockSimCore

@Suite struct ScheddHeaderTests {
    private static let jobs = [ScheddBench.job("a1")]

    @Test(arguments: ["Owner", "AutoClusterAttrs", "SubmitterTag"])
    func headerWithoutARequiredAttributeClosesTheConnection(missing: String) throws {
        var bench = try ScheddBench(jobs: Self.jobs)
        #expect(bench.say(.header(ScheddBench.header().without([missing]))) == nil)
    }

    @Test func submitterThatWasNotAdvertisedIsNotKnown() throws {
        var bench = try ScheddBench(jobs: Self.jobs)
        #expect(bench.say(.header(ScheddBench.header("bob@ap.test"))) == nil)
    }

    @Test func submitterIsForgottenAfterTwentyMinutes() throws {
        var bench = try ScheddBench(jobs: Self.jobs)
        bench.now += 1200
        #expect(bench.say(.header(ScheddBench.header())) != nil)
        bench.now += 1
        #expect(bench.say(.header(ScheddBench.header())) == nil)
    }

    @Test func poolOfTheSessionReplacesTheTagOfTheHeader() throws {
        var bench = try ScheddBench(jobs: Self.jobs)
        #expect(bench.say(.header(ScheddBench.header(tag: "somewhere:1"))) != nil)
    }

    @Test func tagIsBelievedWithoutSession() throws {
        var bench = try ScheddBench(jobs: Self.jobs)
        let (outcome, _) = bench.schedd.negotiator(
            says: .header(ScheddBench.header(tag: "somewhere:1")), on: 1, sessionPool: nil, now: bench.now)
        guard case .close = outcome else {
            Issue.record("a tag under which nothing was advertised was accepted")
            return
        }
    }

    @Test(arguments: [
        NegotiatorMessage.sendRequests(limit: 1), .sendJob, .end, .rejected(reason: nil),
        .match(claim: "<h>#1#1#x", slot: ClassAd()),
    ])
    func messageOutsideOfARoundClosesTheConnection(message: NegotiatorMessage) throws {
        var bench = try ScheddBench(jobs: Self.jobs)
        #expect(bench.say(message) == nil)
    }
}

@Suite struct ScheddRequestTests {
    @Test func consecutiveJobsOfOneAutoclusterAreOneRequest() throws {
        var bench = try ScheddBench(jobs: [
            ScheddBench.job("a1", count: 2), ScheddBench.job("a1", count: 3), ScheddBench.job("a2"),
            ScheddBench.job("a1"),
        ])
        #expect(bench.requests() == ["1.0 x5", "3.0 x1", "4.0 x1", "-"])
    }

    @Test func attributesThatNoNegotiatorNamesDoNotSeparate() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1"), ScheddBench.job("a2")])
        #expect(bench.requests(ScheddBench.header(attributes: "RequestCpus")) == ["1.0 x2", "-"])
    }

    @Test func withoutSignificantAttributesWholeAdsAreSent() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1")])
        _ = bench.say(.header(ScheddBench.header(attributes: "")))
        guard case .jobInfo(let ad)? = bench.say(.sendRequests(limit: 9))?.first else {
            Issue.record("no request")
            return
        }
        #expect(ad.string("Cmd") == "/bin/sh")
        #expect(ad["AutoClusterId"] == nil)
    }

    @Test func higherPriorityComesFirst() throws {
        var late = ScheddBench.job("a2")
        late.priority = 5
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1"), late])
        #expect(bench.requests() == ["2.0 x1", "1.0 x1", "-"])
    }

    @Test func fullListHasNoEndAndTheNextHasTheRest() throws {
        var bench = try ScheddBench(jobs: [
            ScheddBench.job("a1"), ScheddBench.job("a2"), ScheddBench.job("a3"),
        ])
        #expect(bench.requests(limit: 2) == ["1.0 x1", "2.0 x1"])
        #expect(bench.say(.sendRequests(limit: 2)).map(ScheddBench.describe) == ["3.0 x1", "-"])
    }

    @Test func loneEndOfAListEndsTheRound() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1")])
        #expect(bench.requests(limit: 1) == ["1.0 x1"])
        #expect(bench.say(.sendRequests(limit: 1)).map(ScheddBench.describe) == ["-"])
        #expect(bench.say(.end) == nil)
    }

    @Test func roundStaysOpenAfterAListThatWasNotEmpty() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1")])
        #expect(bench.requests() == ["1.0 x1", "-"])
        #expect(bench.match(ScheddBench.slot()).job == "1.0")
        #expect(bench.say(.end) != nil)
    }

    @Test func newHeaderMayFollowTheEnd() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1")])
        _ = bench.requests()
        _ = bench.say(.end)
        #expect(bench.requests() == ["1.0 x1", "-"])
    }

    @Test func constraintHoldsBackAutoclustersOfOtherJobs() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job(nil), ScheddBench.job("a1")])
        let header = ScheddBench.header(constraint: try Expression(parsing: "FlockTarget =!= undefined"))
        #expect(bench.requests(header) == ["2.0 x1", "-"])
    }

    @Test func constraintIsEvaluatedForTheFirstJobOfAnAutoclusterOnly() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1"), ScheddBench.job(nil)])
        let header = ScheddBench.header(
            attributes: "RequestCpus", constraint: try Expression(parsing: "FlockTarget =!= undefined"))
        #expect(bench.requests(header) == ["1.0 x2", "-"])
    }

    @Test func matchedJobsAreNotOfferedAgain() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1", count: 2)])
        _ = bench.requests()
        _ = bench.match(ScheddBench.slot())
        _ = bench.say(.end)
        #expect(bench.requests() == ["1.1 x1", "-"])
    }

    @Test func rejectedAutoclusterIsNotOfferedAgainInTheRound() throws {
        var bench = try ScheddBench(jobs: [
            ScheddBench.job("a1"), ScheddBench.job("a2"), ScheddBench.job("a1"),
        ])
        #expect(bench.requests(limit: 1) == ["1.0 x1"])
        _ = bench.say(.rejected(reason: "no slot |1|1.0|"))
        #expect(bench.say(.sendRequests(limit: 9)).map(ScheddBench.describe) == ["2.0 x1", "-"])
        #expect(bench.schedd.jobs[JobID(cluster: 1, proc: 0)]?.ad.string("LastRejMatchReason") == "no slot")
    }

    @Test func oldWaySendsOneWholeJobAtATime() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1", count: 2)])
        _ = bench.say(.header(ScheddBench.header()))
        let sent = (0..<3).map { _ in bench.say(.sendJob).map(ScheddBench.describe) }
        #expect(sent == [["1.0 x1"], ["1.1 x1"], ["-"]])
    }

    @Test func otherSubmittersJobsAreNotOffered() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1", owner: "bob"), ScheddBench.job("a1")])
        #expect(bench.requests() == ["2.0 x1", "-"])
    }

    @Test func userMaySubmitUnderAnothersSubmitterName() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1", owner: "bob", submitter: "alice")])
        _ = bench.say(.header(ScheddBench.header()))
        guard case .jobInfo(let ad)? = bench.say(.sendRequests(limit: 9))?.first else {
            Issue.record("no request")
            return
        }
        #expect(ad.string("User") == "bob@ap.test")
        #expect(ad.string("Owner") == "bob")
    }
}

@Suite struct ScheddMatchTests {
    @Test func requirementsOfTheNamedJobAreNotEvaluated() throws {
        var impossible = ScheddBench.job("a1")
        impossible.requirements = false
        var bench = try ScheddBench(jobs: [impossible])
        _ = bench.requests()
        #expect(bench.match(ScheddBench.slot(identity: "nobody@x", requirements: "false")).job == "1.0")
    }

    @Test func secondMatchForOneRequestGoesToAnotherJobThatFits() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1"), ScheddBench.job("a2"), ScheddBench.job("a1")])
        _ = bench.requests()
        let slot = ScheddBench.slot(requirements: "TARGET.FlockTarget =?= \"a1\"")
        #expect(bench.match(slot).job == "1.0")
        #expect(bench.match(slot).job == "3.0")
        #expect(bench.match(slot).job == nil)
    }

    @Test func claimThatIsHeldIsIgnored() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1", count: 2)])
        _ = bench.requests()
        let (claim, _) = bench.match(ScheddBench.slot())
        #expect(bench.match(ScheddBench.slot(), claim: claim).job == nil)
    }

    @Test func nullClaimIsDropped() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1")])
        _ = bench.requests()
        _ = bench.say(.match(claim: "null", slot: ScheddBench.slot()))
        #expect(bench.schedd.matches.isEmpty)
    }

    @Test func partitionableSlotNeedsAmountsInTheRequest() throws {
        var job = ScheddBench.job("a1")
        job.attributes["RequestMemory"] = .undefined
        var bench = try ScheddBench(jobs: [job])
        _ = bench.requests()
        var slot = ScheddBench.slot()
        slot.set("PartitionableSlot", true)
        #expect(bench.match(slot).job == nil)
    }

    @Test func stickyAttributesAreStoredInTheJob() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1")])
        _ = bench.requests()
        _ = bench.match(ScheddBench.slot(annex: "a1"))
        let job = bench.schedd.jobs[JobID(cluster: 1, proc: 0)]
        #expect(job?.ad.string("MATCH_EXP_NegotiatorMatchExprFlockTarget") == "a1")
    }

    @Test func refusedClaimLetsTheJobWaitAgain() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1")])
        _ = bench.requests()
        let (claim, _) = bench.match(ScheddBench.slot())
        _ = bench.schedd.claimAnswered(claim.sessionID, reply: .refused, now: bench.now)
        #expect(bench.requests() == ["1.0 x1", "-"])
    }

    @Test func startdsAdReplacesTheBrokersButForTheStickyAttributes() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1", count: 2)])
        _ = bench.requests()
        let (claim, _) = bench.match(
            ScheddBench.slot(annex: "a1", identity: "alice@ap.test", requirements: "TARGET.FlockTarget =?= \"a1\""))
        _ = bench.grant(claim, ad: ScheddBench.slot("slot1_1@n1"))
        let stored = try #require(bench.schedd.matches[claim.sessionID]?.slot)
        #expect(stored.string("Name") == "slot1_1@n1")
        #expect(stored["Requirements"] == true)
        #expect(stored.string("NegotiatorMatchExprFlockTarget") == "a1")
        #expect(stored.string("AuthenticatedIdentity") == "alice@ap.test")
        #expect(stored.boolean("RestrictToAuthenticatedIdentity") == true)
    }
}
