import CEDAR
import ClassAds
import Cryptography
import TestSupport
import Testing

@testable import FlockSimCore

/// A small startd and the jobs to try on it.
struct StartdBench {
    var startd: StartdModel
    private(set) var now: Int64 = 1_800_000_000

    init(
        start: String = "TARGET.FlockTarget =?= MY.AnnexName", layout: StartdConfiguration.Layout = .partitionable,
        cpus: Int64 = 4
    ) {
        startd = StartdModel(
            StartdConfiguration(
                identity: DaemonIdentity(
                    name: "node1", machine: "node1", host: "127.0.0.1", port: 4000, startTime: now),
                resources: SlotResources(cpus: cpus, memory: 4000, disk: 1_000_000), layout: layout, start: start,
                attributes: ["AnnexName": "a1"], uidDomain: "pilot.test", collectorHost: "broker:9620"),
            random: CountingRandom(), now: now)
        _ = startd.start(now: now)
    }

    /// The claim ids that could be claimed now, by slot.
    var offered: [String: ClaimID] {
        Dictionary(uniqueKeysWithValues: startd.slots.indices.map { (startd.slotName($0), startd.slots[$0].offered) })
    }

    static func job(_ tag: String? = "a1", proc: Int = 0, cpus: Int = 1, memory: Int = 100) -> ClassAd {
        var job: ClassAd = [
            "ClusterId": 1, "Owner": "alice", "User": "alice@ap.test", "RequestDisk": 1024,
            "_condor_SEND_LEFTOVERS": true, "_condor_SEND_CLAIMED_AD": true,
        ]
        job.set("ProcId", proc)
        job.set("RequestCpus", cpus)
        job.set("RequestMemory", memory)
        if let tag { job.set("FlockTarget", tag) }
        return job
    }

    mutating func claim(_ claim: ClaimID, _ job: ClassAd = Self.job()) -> (ClaimReply, [StartdAction]) {
        startd.requestClaim(
            ClaimRequest(claim: claim.text, job: job, scheddAddress: "<127.0.0.1:5000>", aliveInterval: 300),
            clientMachine: "ap", now: now)
    }

    mutating func activate(_ claim: ClaimID, _ job: ClassAd = Self.job()) -> ActivationRequest.Reply {
        startd.activate(ActivationRequest(claim: claim.text, job: job), now: now).0
    }

    /// A claim on the partitionable slot, with a job running on it.
    mutating func run(_ job: ClassAd = Self.job()) throws -> ClaimID {
        let claim = try #require(offered["slot1@node1"])
        let (reply, _) = self.claim(claim, job)
        try #require(reply.isAccepted)
        try #require(activate(claim, job) == .accepted)
        return claim
    }

    mutating func pass(_ seconds: Int64) -> [StartdAction] {
        now += seconds
        return startd.tick(now: now)
    }
}

extension [StartdAction] {
    var invalidated: [String] {
        compactMap {
            guard case .update(let update) = $0, update.command == .invalidateStartdAds else { return nil }
            return "\(update.ads[0].string("TargetType") ?? "") \(update.ads[0].string("Name") ?? "")"
        }
    }

    var notices: [ScheddNotice] {
        compactMap {
            guard case .tellSchedd(_, _, let notice) = $0 else { return nil }
            return notice
        }
    }

    var events: [SimulationEvent.Kind] {
        compactMap {
            guard case .event(let event) = $0 else { return nil }
            return event.event
        }
    }

    var isStopped: Bool {
        contains {
            guard case .stopped = $0 else { return false }
            return true
        }
    }
}

@Suite struct StartdClaimTests {
    @Test func slotRefusesAJobThatItsStartExpressionRefuses() throws {
        var bench = StartdBench()
        let claim = try #require(bench.offered["slot1@node1"])
        #expect(bench.claim(claim, StartdBench.job("other")).0.codes == [0])
    }

    @Test func refusedClaimIDIsReplacedByANewOne() throws {
        var bench = StartdBench()
        let claim = try #require(bench.offered["slot1@node1"])
        _ = bench.claim(claim, StartdBench.job(nil))
        #expect(bench.offered["slot1@node1"]?.sessionID != claim.sessionID)
        #expect(bench.claim(claim).0.codes == [0])
    }

    @Test func claimIDCanBeUsedOnce() throws {
        var bench = StartdBench()
        let claim = try #require(bench.offered["slot1@node1"])
        #expect(bench.claim(claim).0.codes == [7, 5])
        #expect(bench.claim(claim).0.codes == [0])
    }

    @Test func wrongSecretIsRefused() throws {
        var bench = StartdBench()
        let claim = try #require(bench.offered["slot1@node1"])
        let forged = try #require(ClaimID(String(claim.text.dropLast()) + "x"))
        #expect(bench.claim(forged).0.codes == [0])
    }

    @Test func answerIsShortForAScheddThatAsksForNothingElse() throws {
        var bench = StartdBench()
        let claim = try #require(bench.offered["slot1@node1"])
        let job = StartdBench.job().without(["_condor_SEND_LEFTOVERS", "_condor_SEND_CLAIMED_AD"])
        #expect(bench.claim(claim, job).0.codes == [1])
    }

    @Test func claimIDMovesToTheDynamicSlot() throws {
        var bench = StartdBench()
        let claim = try #require(bench.offered["slot1@node1"])
        _ = bench.claim(claim)
        let slots = bench.startd.changes(now: bench.now).slotAds
        #expect(slots.map { $0.string("Name") } == ["slot1@node1", "slot1_1@node1"])
        #expect(slots.map { $0.string("PublicClaimId") } == [nil, claim.publicForm])
        #expect(slots.map { $0.integer("Cpus") } == [3, 1])
    }

    @Test func privateAdOfAPartitionableSlotListsTheClaimIDsOfItsChildren() throws {
        var bench = StartdBench()
        _ = try bench.run()
        let parent = bench.startd.privateAd(of: 0)
        #expect(parent.string("ClaimId") == bench.offered["slot1@node1"]?.text)
        let child = try #require(bench.offered["slot1_1@node1"])
        #expect(parent["ChildClaimIds"] == [Expression(child.text)])
        #expect(parent.integer("NumDynamicSlots") == 1)
    }

    @Test func requestBeyondWhatIsLeftIsRefused() throws {
        var bench = StartdBench()
        _ = try bench.run(StartdBench.job(cpus: 3))
        let rest = try #require(bench.offered["slot1@node1"])
        #expect(bench.claim(rest, StartdBench.job(cpus: 2)).0.codes == [0])
    }

    @Test(arguments: [(100, 128), (128, 128), (3900, 3968), (3990, 3990)])
    func memoryIsRoundedUpIfThatFits(asked: Int, given: Int64) throws {
        var bench = StartdBench()
        _ = try bench.run(StartdBench.job(memory: asked))
        #expect(bench.startd.publicAd(of: 1, now: bench.now).integer("Memory") == given)
    }

    @Test func fixedSlotsAreClaimedWhole() throws {
        var bench = StartdBench(layout: .fixed(2))
        let claim = try #require(bench.offered["slot2@node1"])
        #expect(bench.claim(claim).0.codes == [7, 5])
        #expect(bench.startd.updates(now: bench.now).slotAds.map { $0.string("State") } == ["Unclaimed", "Claimed"])
    }

    @Test func claimedSlotOffersAnotherID() throws {
        var bench = StartdBench(layout: .fixed(1))
        let claim = try #require(bench.offered["slot1@node1"])
        _ = bench.claim(claim)
        let preempting = try #require(bench.offered["slot1@node1"])
        #expect(preempting.sessionID != claim.sessionID)
        #expect(bench.claim(preempting).0.codes == [0])
    }
}

@Suite struct StartdActivationTests {
    @Test func activationEvaluatesTheSlotAgain() throws {
        var bench = StartdBench()
        let claim = try #require(bench.offered["slot1@node1"])
        _ = bench.claim(claim)
        #expect(bench.activate(claim, StartdBench.job("other")) == .refused)
        #expect(bench.activate(claim) == .accepted)
    }

    @Test func busyClaimRefusesASecondJob() throws {
        var bench = StartdBench()
        let claim = try bench.run()
        #expect(bench.activate(claim, StartdBench.job(proc: 1)) == .refused)
    }

    @Test func offeredIDCannotBeActivated() throws {
        var bench = StartdBench()
        let claim = try #require(bench.offered["slot1@node1"])
        #expect(bench.activate(claim) == .refused)
    }

    @Test func jobsThatRanAreRemembered() throws {
        var bench = StartdBench()
        let claim = try bench.run()
        _ = bench.startd.deactivate(claim.text, now: bench.now + 7)
        #expect(
            bench.startd.records == [
                JobRecord(
                    job: "1.0", owner: "alice", tag: "a1", slot: "slot1_1@node1", annex: "a1", startedAt: bench.now,
                    endedAt: bench.now + 7)
            ])
    }

    @Test func oldClaimTakesNoFurtherJob() throws {
        var bench = StartdBench()
        let claim = try bench.run()
        _ = bench.pass(1200)
        #expect(bench.startd.deactivate(claim.text, now: bench.now).willStartAnother == false)
        #expect(bench.startd.slots.count == 1)
    }

    @Test func endOfAnUnknownClaimIsNotAnswered() {
        var bench = StartdBench()
        #expect(bench.startd.deactivate("<127.0.0.1:1>#1#1#aa", now: bench.now).willStartAnother == nil)
    }
}

@Suite struct StartdEndOfClaimTests {
    @Test func releaseInvalidatesTheDynamicSlotAndGrowsTheParent() throws {
        var bench = StartdBench()
        let claim = try bench.run()
        _ = bench.startd.changes(now: bench.now)
        let actions = bench.startd.release(claim.text, now: bench.now)
        #expect(actions.invalidated == ["Machine slot1_1@node1"])
        let slots = bench.startd.changes(now: bench.now).slotAds
        #expect(slots.map { $0.integer("Cpus") } == [4])
    }

    @Test func vacatingEvictsTheJobAndTellsTheSchedd() throws {
        var bench = StartdBench()
        _ = try bench.run()
        let actions = bench.startd.vacate(slot: "slot1_1@node1", now: bench.now)
        #expect(actions.notices == [.released])
        #expect(actions.events == [.jobEvicted, .released])
    }

    @Test func vacatingAnUnclaimedSlotDoesNothing() {
        var bench = StartdBench()
        #expect(bench.startd.vacate(slot: "slot1@node1", now: bench.now).isEmpty)
    }

    @Test func scheddIsAskedEveryThirdOfTheLease() throws {
        var bench = StartdBench()
        let claim = try #require(bench.offered["slot1@node1"])
        _ = bench.claim(claim)
        #expect(bench.pass(599).notices.isEmpty)
        #expect(bench.pass(1).notices == [.alive])
        _ = bench.startd.alive(claim.text, answer: 300, now: bench.now)
        #expect(bench.pass(599).notices.isEmpty)
    }

    @Test func theNextTickIsWhenSomethingIsDue() throws {
        var bench = StartdBench()
        #expect(bench.startd.nextTick == nil)
        let claim = try #require(bench.offered["slot1@node1"])
        let claimedAt = bench.now
        _ = bench.claim(claim)
        #expect(bench.startd.nextTick == claimedAt + 600)
        _ = bench.pass(600)
        #expect(bench.startd.nextTick == claimedAt + 1200)
        _ = bench.startd.release(claim.text, now: bench.now)
        #expect(bench.startd.nextTick == bench.now + 600)
        _ = bench.pass(600)
        #expect(bench.startd.nextTick == nil)
    }

    @Test func claimUnknownToTheScheddEnds() throws {
        var bench = StartdBench()
        let claim = try #require(bench.offered["slot1@node1"])
        _ = bench.claim(claim)
        #expect(bench.startd.alive(claim.text, answer: -1, now: bench.now).invalidated == ["Machine slot1_1@node1"])
    }

    @Test func claimWithoutSignOfTheScheddEndsWithItsLease() throws {
        var bench = StartdBench()
        let claim = try #require(bench.offered["slot1@node1"])
        _ = bench.claim(claim)
        #expect(bench.pass(1800).invalidated == ["Machine slot1_1@node1"])
    }

    @Test func sessionOfAClaimOutlivesItForTenMinutes() throws {
        var bench = StartdBench()
        let claim = try bench.run()
        _ = bench.startd.release(claim.text, now: bench.now)
        #expect(!bench.pass(599).closes(claim.sessionID))
        #expect(bench.pass(1).closes(claim.sessionID))
    }
}

@Suite struct StartdShutdownTests {
    @Test func fastShutdownEvictsInvalidatesAndStops() throws {
        var bench = StartdBench()
        _ = try bench.run()
        let actions = bench.startd.shutdown(.fast, now: bench.now)
        #expect(actions.invalidated == ["Machine slot1_1@node1", "Machine slot1@node1", "StartD node1"])
        #expect(actions.notices == [.released])
        #expect(actions.isStopped)
    }

    @Test func peacefulShutdownWaitsForJobs() throws {
        var bench = StartdBench()
        let claim = try bench.run()
        #expect(!bench.startd.shutdown(.peaceful, now: bench.now).isStopped)
        let (willing, actions) = bench.startd.deactivate(claim.text, now: bench.now)
        #expect(willing == false)
        #expect(actions.isStopped)
    }

    @Test func startdThatStopsTakesNoClaims() throws {
        var bench = StartdBench()
        _ = try bench.run()
        _ = bench.startd.shutdown(.peaceful, now: bench.now)
        let claim = try #require(bench.offered["slot1@node1"])
        #expect(bench.claim(claim).0.codes == [0])
    }
}

@Suite struct StartdAdTests {
    /// Added by a collector, or by the annex.
    private static let notFromTheStartd = [
        "AuthenticatedIdentity", "LastHeardFrom", "UpdatesTotal", "UpdatesLost", "UpdatesHistory",
        "UpdatesSequenced", "AnnexName",
    ]

    @Test func publicAdOfAPartitionableSlotHasTheAttributesOfARealOne() throws {
        var bench = StartdBench()
        let ad = try #require(bench.startd.updates(now: bench.now).slotAds.first)
        let recorded = try RecordedAds().publicPartitionable
        #expect(ad.without(Self.notFromTheStartd).namesUnlike(recorded.without(Self.notFromTheStartd)) == [])
    }

    @Test func publicAdOfABusyDynamicSlotHasTheAttributesOfARealOne() throws {
        var bench = StartdBench()
        var job = StartdBench.job()
        for name in ["GlobalJobId", "ScheddName"] { job.set(name, "x") }
        for name in ["DiskUsage", "ImageSize", "ExecutableSize", "JobUniverse"] { job.set(name, 5) }
        _ = try bench.run(job)
        let ad = try #require(bench.startd.updates(now: bench.now).slotAds.last)
        let recorded = try RecordedAds().publicDynamic
        let made = ad.without(Self.notFromTheStartd + ["RemoteAutoregroup"])
        #expect(made.namesUnlike(recorded.without(Self.notFromTheStartd)) == [])
    }

    @Test func privateAdHasTheAttributesOfARealOne() throws {
        var bench = StartdBench()
        let actions = bench.startd.updates(now: bench.now)
        let ads = actions.compactMap { action -> ClassAd? in
            guard case .update(let update) = action, update.ads.count == 2 else { return nil }
            return update.ads[1]
        }
        // The collector puts the name in.
        let recorded = try RecordedAds().privatePartitionable.without(Self.notFromTheStartd + ["Name"])
        #expect(ads.map { $0.namesUnlike(recorded) } == [[]])
    }

    @Test func roundOfUpdatesBeginsWithTheDaemonAd() throws {
        var bench = StartdBench()
        let types = bench.startd.updates(now: bench.now).compactMap { action -> String? in
            guard case .update(let update) = action else { return nil }
            return update.ads[0].string("MyType")
        }
        #expect(types == ["StartD", "Machine"])
    }

    @Test func updatesOfEachAdAreNumbered() throws {
        var bench = StartdBench()
        let numbers = (0..<2).map { _ in
            bench.startd.updates(now: bench.now).slotAds.first?.integer("UpdateSequenceNumber")
        }
        #expect(numbers == [2, 3])
    }

    @Test func nothingIsSentAgainWithoutAChange() throws {
        var bench = StartdBench()
        _ = try bench.run()
        #expect(!bench.startd.changes(now: bench.now).slotAds.isEmpty)
        #expect(bench.startd.changes(now: bench.now).slotAds.isEmpty)
    }
}

extension [StartdAction] {
    func closes(_ session: String) -> Bool {
        contains {
            guard case .session(.close(let id)) = $0 else { return false }
            return id == session
        }
    }
}
