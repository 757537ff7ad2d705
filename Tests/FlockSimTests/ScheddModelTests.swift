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

@Suite struct ScheddReuseTests {
    /// A schedd whose first job has a claim on a slot with the broker's usual protection.
    private static func claimed(
        gate: String? = nil, flockByDefault: Bool = true, jobs: [JobDescription], identity: String? = "alice@ap.test",
        leftovers: ClassAd? = nil
    ) throws -> (ScheddBench, ClaimID, [ScheddAction]) {
        var bench = try ScheddBench(flockByDefault: flockByDefault, gate: gate, jobs: jobs)
        _ = bench.requests()
        let (claim, job) = bench.match(
            ScheddBench.slot(annex: "a1", identity: identity, requirements: "TARGET.FlockTarget =?= \"a1\""))
        #expect(job == "1.0")
        let actions = bench.grant(claim, leftovers: leftovers)
        return (bench, claim, actions)
    }

    @Test func claimRunsTheSubmittersNextJobAlsoIfItIsNotTagged() throws {
        var (bench, claim, actions) = try Self.claimed(jobs: [ScheddBench.job("a1"), ScheddBench.job(nil)])
        #expect(actions.activated == ["1.0"])
        #expect(bench.finish(claim).activated == ["2.0"])
    }

    @Test func leftoversRunTheSubmittersOtherJobsAlsoIfTheyAreNotTagged() throws {
        let (_, _, actions) = try Self.claimed(
            jobs: [ScheddBench.job("a1"), ScheddBench.job(nil)], leftovers: ScheddBench.slot("slot1@n1"))
        #expect(actions.claimRequests.map(\.job.jobID) == ["2.0"])
    }

    @Test func restrictionKeepsOtherUsersOut() throws {
        let jobs = [ScheddBench.job("a1"), ScheddBench.job("a1", owner: "bob", submitter: "alice")]
        var (bench, claim, _) = try Self.claimed(jobs: jobs)
        let actions = bench.finish(claim)
        #expect(actions.activated == [])
        #expect(actions.releases == 1)
    }

    @Test func withoutRestrictionOtherUsersOfTheSubmitterNameComeIn() throws {
        let jobs = [ScheddBench.job("a1"), ScheddBench.job("a1", owner: "bob", submitter: "alice")]
        var (bench, claim, _) = try Self.claimed(jobs: jobs, identity: nil)
        #expect(bench.finish(claim).activated == ["2.0"])
    }

    @Test func gateKeepsUntaggedJobsAndThoseOfOtherAnnexesOut() throws {
        let jobs = [ScheddBench.job("a1"), ScheddBench.job(nil), ScheddBench.job("a2"), ScheddBench.job("a1")]
        var (bench, claim, actions) = try Self.claimed(
            gate: Gate.exclusive, jobs: jobs, leftovers: ScheddBench.slot("slot1@n1"))
        #expect(actions.claimRequests.map(\.job.jobID) == ["4.0"])
        #expect(bench.finish(claim).releases == 1)
    }

    @Test func jobsThatMayNotFlockStayOut() throws {
        var tagged = ScheddBench.job("a1")
        tagged.flockTo = "broker:9620, default"
        var (bench, claim, _) = try Self.claimed(flockByDefault: false, jobs: [tagged, ScheddBench.job(nil)])
        #expect(bench.finish(claim).activated == [])
    }

    @Test func slotThatRefusesAJobIsNotReusedForIt() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1"), ScheddBench.job(nil), ScheddBench.job("a1")])
        _ = bench.requests()
        let (claim, _) = bench.match(ScheddBench.slot())
        _ = bench.grant(claim, ad: ScheddBench.slot(requirements: "TARGET.FlockTarget =?= \"a1\""))
        #expect(bench.finish(claim).activated == ["3.0"])
    }

    @Test func concurrencyLimitsMustBeThoseOfTheMatch() throws {
        var limited = ScheddBench.job("a1")
        limited.attributes.set("ConcurrencyLimits", "Licence")
        var (bench, claim, _) = try Self.claimed(jobs: [ScheddBench.job("a1"), limited])
        #expect(bench.finish(claim).releases == 1)
    }

    @Test func jobThatTheSlotRanksLowerIsNotTaken() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1"), ScheddBench.job("a2")])
        _ = bench.requests()
        var slot = ScheddBench.slot()
        slot.setExpression("Rank", "TARGET.FlockTarget =?= \"a1\"")
        let (claim, _) = bench.match(slot)
        var claimedAd = ScheddBench.slot()
        claimedAd.set("CurrentRank", 1.0)
        _ = bench.grant(claim, ad: claimedAd)
        #expect(bench.finish(claim).activated == [])
    }

    @Test func claimIsGivenBackWhenTheStartdTakesNoFurtherJob() throws {
        var (bench, claim, _) = try Self.claimed(jobs: [ScheddBench.job("a1", count: 2)])
        _ = bench.schedd.activationAnswered(claim.sessionID, reply: .accepted, now: bench.now)
        _ = bench.schedd.jobDurationPassed(claim.sessionID, now: bench.now)
        let actions = bench.schedd.deactivated(claim.sessionID, willStartAnother: false, now: bench.now)
        #expect(actions.releases == 1)
        #expect(bench.schedd.counts["finished"] == 1)
    }

    @Test func refusedActivationGivesTheClaimBack() throws {
        var (bench, claim, _) = try Self.claimed(jobs: [ScheddBench.job("a1")])
        let actions = bench.schedd.activationAnswered(claim.sessionID, reply: .refused, now: bench.now)
        #expect(actions.releases == 1)
        #expect(bench.schedd.counts["idle"] == 1)
    }

    @Test func releaseByTheStartdLetsTheJobWaitAgain() throws {
        var (bench, claim, _) = try Self.claimed(jobs: [ScheddBench.job("a1")])
        _ = bench.schedd.activationAnswered(claim.sessionID, reply: .accepted, now: bench.now)
        let actions = bench.schedd.startdReleased(claim.text, now: bench.now)
        #expect(actions.events.map(\.event) == [.jobEvicted])
        #expect(bench.schedd.counts == ["started": 1, "finished": 0, "idle": 1, "matched": 0, "running": 0])
    }

    @Test func aliveIsAnsweredForHeldClaimsOnly() throws {
        let (bench, claim, _) = try Self.claimed(jobs: [ScheddBench.job("a1")])
        #expect(bench.schedd.aliveAnswer(claim.text) == 300)
        #expect(bench.schedd.aliveAnswer(claim.text + "x") == -1)
    }
}

@Suite struct ScheddAdvertisingTests {
    private static func submitters(_ actions: [ScheddAction]) -> [ClassAd] {
        actions.compactMap {
            guard case .update(let update) = $0, update.command == .updateSubmitterAd else { return nil }
            return update.ads[0]
        }
    }

    @Test func submitterWithoutJobsIsNotAdvertised() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1")])
        _ = bench.requests()
        let (claim, _) = bench.match(ScheddBench.slot())
        _ = bench.grant(claim)
        _ = bench.finish(claim)
        #expect(Self.submitters(bench.schedd.advertise(now: bench.now)).isEmpty)
    }

    @Test func eachScanHasItsOwnNegotiationSession() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1"), ScheddBench.job("a1", owner: "bob")])
        let first = Self.submitters(bench.schedd.advertise(now: bench.now)).map { $0.string("Capability") }
        let second = Self.submitters(bench.schedd.advertise(now: bench.now)).map { $0.string("Capability") }
        #expect(first.count == 2)
        #expect(Set(first).count == 1)
        #expect(Set(first).isDisjoint(with: second))
    }

    @Test func negotiationSessionIsForNegotiationAndLivesTwoIntervals() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1")])
        let ad = try #require(Self.submitters(bench.schedd.advertise(now: bench.now)).first)
        let capability = try #require(ad.string("Capability").flatMap { ClaimID($0) })
        #expect(capability.info?.validCommands == [.negotiate])
        #expect(capability.info?.expiresAt == bench.now + 600)
    }

    /// Rows of the table in spec 05, 1.3.
    @Test(
        arguments: [
            (nil, true, 1, true), (nil, false, 0, false), ("P:1", true, 1, true), ("P:1", false, 0, true),
            ("P:1, default", false, 1, true), ("Q:1", true, 0, false), ("p:1", true, 0, true),
        ] as [(String?, Bool, Int, Bool)])
    func countingAndOfferingFollowDifferentRules(
        flockTo: String?, byDefault: Bool, counted: Int, offered: Bool
    ) throws {
        var job = ScheddBench.job("a1")
        job.flockTo = flockTo
        var bench = try ScheddBench(pool: "P:1", flockByDefault: byDefault, jobs: [job])
        let idle = Self.submitters(bench.schedd.advertise(now: bench.now)).first?.integer("IdleJobs") ?? 0
        #expect(idle == counted)
        #expect(FlockRules(pools: ["P:1"], byDefault: byDefault).canFlock(flockTo: flockTo, to: "P:1") == offered)
    }

    @Test func shutdownTakesTheAdsBack() throws {
        var bench = try ScheddBench(jobs: [ScheddBench.job("a1")])
        let commands = bench.schedd.shutdown(now: bench.now).compactMap { action -> CommandNumber? in
            guard case .update(let update) = action else { return nil }
            return update.command
        }
        #expect(commands == [.invalidateSubmitterAds, .invalidateScheddAds])
    }
}

@Suite struct GateTests {
    private static let slot: ClassAd = ["Name": "slot1@n1", "AnnexName": "a1"]

    private static func job(_ tag: String?) -> ClassAd {
        var ad: ClassAd = ["ClusterId": 1]
        if let tag { ad.set("FlockTarget", tag) }
        return ad
    }

    private static func verdict(_ gate: String, slot: ClassAd?, job: ClassAd?) throws -> Bool? {
        try Gate(gate).verdict(slot: slot, job: job, in: .at(0))
    }

    @Test func exclusiveGateIsOpenWithoutSlotOrJob() throws {
        #expect(try Self.verdict(Gate.exclusive, slot: nil, job: Self.job("a1")) == nil)
        #expect(try Self.verdict(Gate.exclusive, slot: Self.slot, job: nil) == nil)
    }

    @Test(arguments: [("a1", true), ("a2", false), (nil, false)])
    func exclusiveGateComparesTagAndAnnex(tag: String?, passes: Bool) throws {
        #expect(try Self.verdict(Gate.exclusive, slot: Self.slot, job: Self.job(tag)) == passes)
    }

    @Test(arguments: [("a1", false), (nil, true)])
    func exclusiveGateKeepsTaggedJobsFromOrdinarySlots(tag: String?, passes: Bool) throws {
        #expect(try Self.verdict(Gate.exclusive, slot: ["Name": "slot1@home"], job: Self.job(tag)) == passes)
    }

    @Test func naiveGateStopsEveryTaggedJobFromBeingOffered() throws {
        var bench = try ScheddBench(
            gate: "(SLOT.NegotiatorMatchExprFlockTarget ?: SLOT.AnnexName) =?= JOB.FlockTarget",
            jobs: [ScheddBench.job("a1")])
        #expect(bench.requests() == ["-"])
    }

    @Test func attributesOfTheJobBecomeSignificant() throws {
        #expect(try Gate(Gate.exclusive).jobAttributes == ["ClusterId", "FlockTarget"])
    }

    @Test func constraintHasTheJobsLiteralsAndTheSlotAsTarget() throws {
        let gate = try Gate("SLOT.A =?= JOB.FlockTarget && \"JOB.x\" != JOB.Missing")
        #expect(
            gate.constraint(for: Self.job("a1")).text(.old)
                == "TARGET.A =?= \"a1\" && \"JOB.x\" != MY.Missing")
    }

    @Test func requestAdCarriesTheConstraintBeforeItsRequirements() throws {
        var bench = try ScheddBench(gate: Gate.exclusive, jobs: [ScheddBench.job("a1")])
        _ = bench.say(.header(ScheddBench.header()))
        guard case .jobInfo(let ad)? = bench.say(.sendRequests(limit: 9))?.first else {
            Issue.record("no request")
            return
        }
        #expect(ad["Requirements"]?.text(.old) == "_condor_RESOURCE_CONSTRAINT && (true)")
        let slot: ClassAd = ["Name": "s", "NegotiatorMatchExprFlockTarget": "a1", "Requirements": true]
        #expect(ClassAd.symmetricMatch(ad, slot))
        #expect(!ClassAd.symmetricMatch(ad, ["Name": "s", "AnnexName": "a2", "Requirements": true]))
    }
}
