import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import TestSupport
import Testing

/// Decisions in words: `1.0 -> slot1`, `1.0 rejected: …`, `1.0 skipped: …`.
private func words(_ plan: Negotiator.Plan) -> [String] {
    plan.decisions.map { decision in
        switch decision {
        case .match(let matching): "\(matching.request.jobID) -> \(matching.offer.name)"
        case .reject(let request, let reason): "\(request.jobID) rejected: \(reason.text)"
        case .skip(let request, let reason): "\(request.jobID) skipped: \(reason)"
        }
    }
}

@Suite struct NegotiatorTests {
    private func plan(
        _ requests: [ResourceRequest], _ offers: [SlotOffer], annexes: [OfferingAnnex] = [Fixture.annex()],
        policy: Negotiator.Policy = .init(), ledger: HandOutLedger = HandOutLedger(),
        party: Negotiator.Party = Fixture.party
    ) -> [String] {
        var ledger = ledger
        return words(
            Negotiator(policy: policy).plan(
                requests, for: party, offers: offers, annexes: annexes, ledger: &ledger, now: Fixture.now))
    }

    @Test func aTaggedJobOfTheOwnerGetsASlot() throws {
        #expect(plan([try Fixture.request()], [try Fixture.slot("a")]) == ["1.0 -> a"])
    }

    @Test func theRecordedJobFitsTheRecordedSlot() throws {
        let recording: RecordedNegotiation = try vectors("nego-negotiate-pslot")
        let lines = try #require(
            recording.conversation.filter { $0.decoded?.op == 419 }.prefix(2).map { $0.decoded?.ad })
        let requests = try lines.map { lines in
            ResourceRequest(
                ad: try ClassAd(lines: try #require(lines) + ["FlockTarget = \"blue\""]), uidDomain: "ap.test",
                now: Fixture.now)
        }
        #expect(
            plan(requests, [try RecordedAds.partitionableSlot()]) == [
                "1.0 -> slot1@annex1@localhost", "2.0 rejected: annex blue has no free slot",
            ])
    }

    @Test func aRequestTakesAtMostItsCountAndAtMostOnePieceOfEachSlot() throws {
        let slots = try (1...4).map { try Fixture.partitionable("s\($0)", claim: $0) }
        #expect(plan([try Fixture.request(count: 3)], slots) == ["1.0 -> s1", "1.0 -> s2", "1.0 -> s3"])
        #expect(plan([try Fixture.request(count: 9)], slots).count == 4)
    }

    @Test func requestsAreServedInTheirOrder() throws {
        let requests = [try Fixture.request("5.0"), try Fixture.request("2.0"), try Fixture.request("3.0")]
        let slots = [try Fixture.slot("a", claim: 1), try Fixture.slot("b", claim: 2)]
        #expect(plan(requests, slots) == ["5.0 -> a", "2.0 -> b", "3.0 rejected: annex blue has no free slot"])
    }

    @Test func theJobsRankDecides() throws {
        let slots = [
            try Fixture.slot("a", claim: 1, lines: ["Mips = 10"]),
            try Fixture.slot("b", claim: 2, lines: ["Mips = 30"]),
            try Fixture.slot("c", claim: 3, lines: ["Mips = 20"]),
        ]
        let request = try Fixture.request(count: 2, lines: ["Rank = TARGET.Mips"])
        #expect(plan([request], slots) == ["1.0 -> b", "1.0 -> c"])
    }

    @Test(arguments: ["Rank = TARGET.Nothing", "Rank = 0.0", "Rank = \"x\"", "Rank = 0.0/0.0"])
    func withoutAPreferenceSlotsInUseAreFilledFirst(rank: String) throws {
        let slots = [
            try Fixture.partitionable("a", claim: 1), try Fixture.partitionable("b", claim: 2, dynamicSlots: 1),
        ]
        #expect(plan([try Fixture.request(lines: [rank])], slots) == ["1.0 -> b"])
    }

    @Test func equalRanksAreBrokenTheSameWay() throws {
        let slots = [
            try Fixture.partitionable("a", claim: 1, lines: ["Mips = 1"]),
            try Fixture.partitionable("b", claim: 2, dynamicSlots: 1, lines: ["Mips = 1"]),
        ]
        #expect(plan([try Fixture.request(lines: ["Rank = TARGET.Mips"])], slots) == ["1.0 -> b"])
    }

    // MARK: Who may run where (spec 05, 5.5)

    @Test func anotherUsersJobIsRejectedAlsoUnderTheOwnersSubmitterName() throws {
        let request = try Fixture.request(lines: ["User = \"bob@ap.test\"", "Owner = \"bob\""])
        #expect(plan([request], [try Fixture.slot()]) == ["1.0 rejected: annex blue belongs to another user"])
    }

    @Test func theOwnerIsComparedExactly() throws {
        let request = try Fixture.request(lines: ["User = \"Alice@ap.test\""])
        #expect(plan([request], [try Fixture.slot()]) == ["1.0 rejected: annex blue belongs to another user"])
    }

    @Test func aGuestsJobRunsAndIsNamedInTheAd() throws {
        let annex = Fixture.annex(guests: ["bob@ap.test"])
        let request = try Fixture.request(lines: ["User = \"bob@ap.test\""])
        #expect(plan([request], [try Fixture.slot("a", of: annex)], annexes: [annex]) == ["1.0 -> a"])
    }

    @Test func anUntaggedJobIsLeftAlone() throws {
        #expect(
            plan([try Fixture.request(lines: ["FlockTarget = undefined"])], [try Fixture.slot()]) == [
                "1.0 skipped: untagged"
            ])
    }

    @Test func twoUsersMayHaveAnnexesOfOneName() throws {
        let bobs = Fixture.annex(owner: "bob@ap.test")
        let slots = [try Fixture.slot("bobs", of: bobs, claim: 1), try Fixture.slot("mine", claim: 2)]
        #expect(plan([try Fixture.request()], slots, annexes: [bobs, Fixture.annex()]) == ["1.0 -> mine"])
    }

    @Test func aTagIsComparedExactly() throws {
        #expect(
            plan([try Fixture.request(lines: ["FlockTarget = \"Blue\""])], [try Fixture.slot()])
                == ["1.0 rejected: there is no annex Blue"])
    }

    @Test func slotsOfAClosedAnnexAreNotGivenAway() throws {
        let closed = Fixture.annex(isOpen: false)
        #expect(
            plan([try Fixture.request()], [try Fixture.slot(of: closed)], annexes: [closed])
                == ["1.0 rejected: annex blue is shutting down"])
    }

    @Test(arguments: [7, 9, 11, 12])
    func universesWithoutAShadowAndParallelAreRejected(universe: Int) throws {
        #expect(
            plan([try Fixture.request(lines: ["JobUniverse = \(universe)"])], [try Fixture.slot()])
                == ["1.0 rejected: jobs of universe \(universe) do not run in annexes"])
    }

    @Test func vanillaJobsAreNotRejectedForTheirUniverse() throws {
        #expect(plan([try Fixture.request(lines: ["JobUniverse = 5"])], [try Fixture.slot("a")]) == ["1.0 -> a"])
    }

    @Test func holdersAreSkipped() throws {
        #expect(plan([try Fixture.request("1.-99")], [try Fixture.slot()]) == ["1.-99 skipped: notAJob"])
    }

    @Test func aRequestWithoutAUserIsRejected() throws {
        #expect(
            plan([try Fixture.request(lines: ["User = \"x\""])], [try Fixture.slot()])
                == ["1.0 rejected: the request does not say whose job it is"])
    }

    @Test func jobsWithConcurrencyLimitsFollowThePolicy() throws {
        let request = try Fixture.request(lines: ["ConcurrencyLimits = \"a\""])
        #expect(
            plan([request], [try Fixture.slot("a")]) == [
                "1.0 rejected: jobs with concurrency limits do not run in annexes"
            ])
        #expect(plan([request], [try Fixture.slot("a")], policy: .init(concurrencyLimits: .ignore)) == ["1.0 -> a"])
    }

    // MARK: Matching (spec 05, 5.1)

    @Test(arguments: ["false", "undefined", "error", "\"true\"", "TARGET.Cpus > 99", "TARGET.NoSuch"])
    func whatTheJobRequiresMustBeTrue(requirements: String) throws {
        #expect(
            plan([try Fixture.request(lines: ["Requirements = \(requirements)"])], [try Fixture.slot()])
                == ["1.0 rejected: no free slot of annex blue meets the job's requirements"])
    }

    @Test(arguments: ["false", "undefined", "TARGET.RequestCpus > 99"])
    func whatTheSlotRequiresMustBeTrue(requirements: String) throws {
        #expect(
            plan([try Fixture.request()], [try Fixture.slot(lines: ["Requirements = \(requirements)"])])
                == ["1.0 rejected: the free slots of annex blue do not accept the job"])
    }

    /// Jobs transformed by HTCondor's own `AssignAnnex` look at the identity (spec 05, 6.4).
    @Test func requirementsAreEvaluatedOnTheAdThatIsHandedOut() throws {
        let request = try Fixture.request(lines: [
            "Requirements = TARGET.AuthenticatedIdentity == \"alice@ap.test\" && TARGET.NegotiatorMatchExprFlockTarget == \"blue\""
        ])
        #expect(
            plan([request], [try Fixture.slot("a", lines: ["AuthenticatedIdentity = \"annex-7@flock\""])]) == [
                "1.0 -> a"
            ])
    }

    @Test(arguments: ["RequestMemory", "RequestDisk"])
    func partitionableSlotsNeedStatedResources(name: String) throws {
        var ad = try Fixture.request().ad
        ad[name] = nil
        let request = ResourceRequest(ad: ad, uidDomain: "ap.test", now: Fixture.now)
        #expect(
            plan([request], [try Fixture.partitionable()])
                == ["1.0 rejected: the job must state \(name) to run in an annex"])
        #expect(plan([request], [try Fixture.slot("a")]) == ["1.0 -> a"])
    }

    @Test func slotsTheScheddCannotReachAreNotHandedOut() throws {
        let party = Negotiator.Party(schedd: "ap", submitter: "alice@ap.test", families: .ipv6)
        #expect(
            plan([try Fixture.request()], [try Fixture.slot()], party: party)
                == ["1.0 rejected: the access point cannot reach the free slots of annex blue"])
    }

    @Test func anExpressionThatNeverEndsIsNoMatch() throws {
        let request = try Fixture.request(lines: [
            "Requirements = LoopA", "LoopA = LoopB || LoopB", "LoopB = LoopA || LoopA",
        ])
        #expect(
            plan([request], [try Fixture.slot()])
                == ["1.0 rejected: no free slot of annex blue meets the job's requirements"])
    }

    @Test func workIsSharedAmongRequestsAndWhatWasNotLookedAtIsNotRejected() throws {
        let slots = try (1...4).map { try Fixture.slot("s\($0)", claim: $0) }
        let requests = [
            try Fixture.request("1.0", lines: ["Requirements = false"]), try Fixture.request("2.0"),
        ]
        let decisions = plan(requests, slots, policy: .init(maximumEvaluations: 4))
        #expect(decisions.first == "1.0 skipped: outOfBudget")
        #expect(decisions.last?.hasPrefix("2.0 -> s") == true)
    }

    @Test func withASmallShareEverySlotHasItsTurn() throws {
        let slots = try (1...4).map { try Fixture.slot("s\($0)", claim: $0) }
        let found = try (0..<4).map { second in
            var ledger = HandOutLedger()
            let negotiator = Negotiator(policy: .init(maximumEvaluations: 1))
            return words(
                negotiator.plan(
                    [try Fixture.request()], for: Fixture.party, offers: slots, annexes: [Fixture.annex()],
                    ledger: &ledger, now: Fixture.now + Int64(second)))
        }
        #expect(Set(found) == [["1.0 -> s1"], ["1.0 -> s2"], ["1.0 -> s3"], ["1.0 -> s4"]])
    }

    // MARK: Hand-outs (spec 05, 2.13)

    @Test func aClaimIsHandedOutOnceAlsoAcrossRounds() throws {
        var ledger = HandOutLedger()
        let slots = [try Fixture.slot("a")]
        let negotiator = Negotiator()
        let first = negotiator.plan(
            [try Fixture.request("1.0")], for: Fixture.party, offers: slots, annexes: [Fixture.annex()],
            ledger: &ledger,
            now: Fixture.now)
        let second = negotiator.plan(
            [try Fixture.request("2.0")], for: Fixture.party, offers: slots, annexes: [Fixture.annex()],
            ledger: &ledger,
            now: Fixture.now + 1)
        #expect(words(first) == ["1.0 -> a"])
        #expect(words(second) == ["2.0 rejected: annex blue has no free slot"])
    }

    @Test func oneClaimUnderTwoSlotNamesIsHandedOutOnce() throws {
        let slots = [try Fixture.slot("a", claim: 1), try Fixture.slot("b", claim: 1)]
        #expect(plan([try Fixture.request(count: 2)], slots) == ["1.0 -> a"])
    }

    @Test func aMatchIsRecordedForItsSchedd() throws {
        var ledger = HandOutLedger()
        _ = Negotiator().plan(
            [try Fixture.request("3.4", autocluster: 9)], for: Fixture.party, offers: [try Fixture.slot("a", claim: 5)],
            annexes: [Fixture.annex()], ledger: &ledger, now: Fixture.now)
        #expect(
            ledger.matches == [
                Match(
                    claimPublicID: Fixture.claim(5).publicForm, annexID: "alice@ap.test/blue", slotKey: "a",
                    schedd: "ap@localhost", submitter: "alice@ap.test", user: "alice@ap.test", cluster: 3, proc: 4,
                    autocluster: 9, handedOutAt: Fixture.now)
            ])
    }

    @Test func slotsThatRefusedTheGroupOfJobsWait() throws {
        var ledger = HandOutLedger()
        let slot = try Fixture.slot("a", claim: 1)
        _ = Negotiator().plan(
            [try Fixture.request()], for: Fixture.party, offers: [slot], annexes: [Fixture.annex()], ledger: &ledger,
            now: Fixture.now)
        _ = ledger.observe(
            SlotSighting(
                annexID: slot.annex.id, slotKey: "a", claimOnOffer: Fixture.claim(2).publicForm, isUnclaimed: true),
            now: Fixture.now)
        let again = [try Fixture.slot("a", claim: 2)]
        #expect(
            plan([try Fixture.request()], again, ledger: ledger)
                == ["1.0 rejected: the free slots of annex blue refused the job a moment ago"])
        #expect(plan([try Fixture.request(autocluster: 2)], again, ledger: ledger) == ["1.0 -> a"])
    }

    @Test func aPlanSaysWhetherSlotsAreLeft() throws {
        var ledger = HandOutLedger()
        let slots = [try Fixture.slot("a", claim: 1), try Fixture.slot("b", claim: 2)]
        let negotiator = Negotiator()
        let first = negotiator.plan(
            [try Fixture.request()], for: Fixture.party, offers: slots, annexes: [Fixture.annex()], ledger: &ledger,
            now: Fixture.now)
        let second = negotiator.plan(
            [try Fixture.request()], for: Fixture.party, offers: slots, annexes: [Fixture.annex()], ledger: &ledger,
            now: Fixture.now)
        #expect(first.hasFreeSlots)
        #expect(!second.hasFreeSlots)
    }
}
