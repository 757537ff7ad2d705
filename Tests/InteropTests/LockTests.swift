import Foundation
import Testing

/// The locks that keep an annex to its owner's tagged jobs, opened one by one, and then those around them.
///
/// Locks: the schedd's gate, the pilots' `START`, and those of the broker, which
/// `FLOCK_BROKER_TEST_DISABLED_LOCKS` opens. Each test says which lock held, and where one lock is all that
/// closes a path, also what happens without it. Path numbers are those of spec 05, 5.3.
@Suite(.serialized) struct LockTests {
    private static let pilots = FlockScene.Pilots(annex: "alpha", owner: "alice")

    /// Wrong jobs of every kind, and then the right ones of annex `alpha` of alice.
    private static let queue = JobQueue([
        Submission(owner: "alice", count: 2),
        Submission(owner: "alice", flockTarget: "gamma"),
        Submission(owner: "alice", flockTarget: "beta"),
        Submission(owner: "bob", count: 2, flockTarget: "alpha", submitter: "alice"),
        Submission(owner: "bob", flockTarget: "alpha"),
        Submission(owner: "carol"),
        Submission(owner: "alice", count: 4, flockTarget: "alpha", place: "alice/alpha"),
    ])
    /// Clusters of ``queue``.
    private static let untagged = 1
    private static let ofOtherAnnexOfOwner = 2
    private static let ofAnnexOfAnother = 3
    private static let ofAnotherUnderOwnersName = 4
    private static let ofAnother = 5

    private static let asAlice = "alice@demo.example"

    /// Jobs of the owner that are untagged or tagged for another annex.
    private static let wronglyTagged = jobs(untagged, ofOtherAnnexOfOwner, ofAnnexOfAnother)
    /// Jobs of another user that are tagged for this annex.
    private static let foreign = jobs(ofAnotherUnderOwnersName, ofAnother)

    private static func jobs(_ clusters: Int...) -> Set<String> { Set(clusters.flatMap(queue.jobs(ofCluster:))) }

    private func run(
        open locks: String..., gate: Bool = true, startTrue: Bool = false, pilots: FlockScene.Pilots = Self.pilots,
        queue: JobQueue = Self.queue, until finished: Set<String>? = nil
    ) async throws -> FlockOutcome {
        var pilots = pilots
        pilots.acceptsEverything = startTrue
        let scene = try await FlockScene(
            [pilots], idleAnnexes: [("alice", "gamma"), ("bob", "beta")], disabledLocks: locks)
        return try await scene.run(queue, gate: gate, until: finished)
    }

    /// The right jobs ran, and nothing else did.
    private func expectOnlyRightJobs(_ outcome: FlockOutcome, _ location: SourceLocation = #_sourceLocation) {
        #expect(outcome.finished == outcome.queue.rightJobs, sourceLocation: location)
        #expect(outcome.misplaced == [], sourceLocation: location)
        #expect(FlockOutcome.repeated(outcome.handedOut) == [], sourceLocation: location)
    }

    // MARK: All closed

    @Test func withAllLocksClosedTheBrokerRejectsAndTheScheddOffersNoUntaggedJob() async throws {
        let outcome = try await run()
        expectOnlyRightJobs(outcome)
        // Bob's jobs under her name are a request of their own; the untagged ones are none.
        #expect(outcome.requestsInFirstRound(of: Self.asAlice) == 4)
        #expect(outcome.rejections(ofCluster: Self.untagged) == [])
        #expect(outcome.rejections(ofCluster: Self.ofOtherAnnexOfOwner) == ["annex gamma has no free slot"])
        #expect(outcome.rejections(ofCluster: Self.ofAnnexOfAnother) == ["annex beta belongs to another user"])
        #expect(outcome.rejections(ofCluster: Self.ofAnotherUnderOwnersName) == ["annex alpha belongs to another user"])
        #expect(outcome.rejections(ofCluster: Self.ofAnother) == ["annex alpha belongs to another user"])
    }

    // MARK: First pairings, paths 1 and 2

    @Test func withoutTheConstraintTheTagCheckHolds() async throws {
        let outcome = try await run(open: "constraint")
        expectOnlyRightJobs(outcome)
        // The untagged jobs were offered, and neither matched nor rejected.
        #expect(outcome.requestsInFirstRound(of: Self.asAlice) == 5)
        #expect(outcome.rejections(ofCluster: Self.untagged) == [])
        #expect(outcome.ways(of: Self.jobs(Self.untagged)) == [])
    }

    @Test func withoutTheTagCheckTheGateInTheRequestHolds() async throws {
        let outcome = try await run(open: "tagCheck")
        expectOnlyRightJobs(outcome)
        #expect(outcome.requestsInFirstRound(of: Self.asAlice) == 4, "the constraint keeps back untagged jobs")
        // The job's own requirements are met everywhere; the request carries the gate in front of them.
        let reasons = outcome.rejections(ofCluster: Self.ofOtherAnnexOfOwner)
        #expect(reasons.contains("no free slot of annex gamma meets the job's requirements"), "\(reasons)")
    }

    @Test func withoutConstraintAndTagCheckTheGateInTheRequestHolds() async throws {
        let outcome = try await run(open: "constraint", "tagCheck")
        expectOnlyRightJobs(outcome)
        #expect(outcome.requestsInFirstRound(of: Self.asAlice) == 5)
        for cluster in [Self.untagged, Self.ofOtherAnnexOfOwner, Self.ofAnnexOfAnother] {
            let reasons = outcome.rejections(ofCluster: cluster)
            #expect(reasons.contains { $0.hasSuffix("meets the job's requirements") }, "\(reasons)")
        }
    }

    @Test func withoutConstraintTagCheckGateAndRewritingStartHolds() async throws {
        let outcome = try await run(open: "constraint", "tagCheck", "rewrittenRequirements", gate: false)
        expectOnlyRightJobs(outcome)
        for cluster in [Self.untagged, Self.ofOtherAnnexOfOwner, Self.ofAnnexOfAnother] {
            let reasons = outcome.rejections(ofCluster: cluster)
            #expect(reasons.contains { $0.hasSuffix("do not accept the job") }, "\(reasons)")
        }
    }

    @Test func withoutConstraintTagCheckGateAndStartOnlyTheRewrittenRequirementsHoldTheFirstPairing() async throws {
        // The schedd itself brings wrong jobs then, by reuse: looked at are the pairings that the broker names.
        let all = Self.wronglyTagged.union(Self.queue.rightJobs)
        let held = try await run(open: "constraint", "tagCheck", gate: false, startTrue: true, until: all)
        #expect(!held.ways(of: Self.wronglyTagged).contains("matched"))
        let without = try await run(
            open: "constraint", "tagCheck", "rewrittenRequirements", gate: false, startTrue: true, until: all)
        #expect(without.ways(of: Self.wronglyTagged).contains("matched"))
        // The owner check holds throughout.
        #expect(held.runs.filter { Self.foreign.contains($0.job) } == [])
        #expect(without.runs.filter { Self.foreign.contains($0.job) } == [])
    }

    @Test func withoutTheOwnerCheckTheOwnerInStartHolds() async throws {
        let outcome = try await run(open: "ownerCheck")
        expectOnlyRightJobs(outcome)
        for cluster in [Self.ofAnotherUnderOwnersName, Self.ofAnother] {
            let reasons = outcome.rejections(ofCluster: cluster)
            #expect(reasons.contains("the free slots of annex alpha do not accept the job"), "\(reasons)")
        }
    }

    @Test func withStartTrueOnlyTheOwnerCheckHoldsAnotherUsersFirstPairing() async throws {
        let held = try await run(startTrue: true)
        expectOnlyRightJobs(held)
        #expect(held.rejections(ofCluster: Self.ofAnother) == ["annex alpha belongs to another user"])
        let without = try await run(
            open: "ownerCheck", startTrue: true, until: Self.foreign.union(Self.queue.rightJobs))
        #expect(without.ways(of: Self.jobs(Self.ofAnother)).contains("matched"))
        #expect(Set(without.misplaced.map(\.job)) == Self.foreign)
    }

    // MARK: What the schedd picks before it claims, path 3

    /// Two slots at once for a request whose first job then has a match already.
    private static let rematchPilots = FlockScene.Pilots(annex: "alpha", owner: "alice", fixedSlots: 2)
    private static let rematchQueue = JobQueue([
        Submission(owner: "alice", count: 2),
        Submission(owner: "alice", count: 2, duration: 0.5, flockTarget: "alpha", place: "alice/alpha"),
    ])

    @Test func withoutRewritingTheGateAndStartHoldRematches() async throws {
        let outcome = try await run(
            open: "rewrittenRequirements", pilots: Self.rematchPilots, queue: Self.rematchQueue)
        expectOnlyRightJobs(outcome)
        #expect(outcome.ways(of: Self.rematchQueue.rightJobs).contains("instead of the named job"))
    }

    @Test func withoutGateAndStartOnlyTheRewrittenRequirementsHoldRematches() async throws {
        let all = Self.rematchQueue.rightJobs.union(Self.rematchQueue.wrongJobs)
        let held = try await run(
            gate: false, startTrue: true, pilots: Self.rematchPilots, queue: Self.rematchQueue, until: all)
        #expect(held.ways(of: Self.rematchQueue.rightJobs).contains("instead of the named job"))
        // They come later, by another way.
        #expect(held.ways(of: Self.rematchQueue.wrongJobs) == ["claim reused"])
        let without = try await run(
            open: "rewrittenRequirements", gate: false, startTrue: true, pilots: Self.rematchPilots,
            queue: Self.rematchQueue, until: all)
        #expect(without.ways(of: Self.rematchQueue.wrongJobs).contains("instead of the named job"))
    }

    // MARK: Leftovers and reuse: tags, paths 5, 6 and 7

    @Test func withoutTheGateOnlyStartHoldsUntaggedJobsFromLeftoversAndReuse() async throws {
        let held = try await run(gate: false)
        expectOnlyRightJobs(held)
        #expect(held.gaveClaimsBack, "untagged jobs were waiting")
        let without = try await run(
            gate: false, startTrue: true, until: Self.wronglyTagged.union(Self.queue.rightJobs))
        #expect(Set(without.misplaced.map(\.job)) == Self.wronglyTagged)
        #expect(without.ways(of: Self.wronglyTagged) == ["leftovers", "claim reused"])
    }

    @Test func withStartTrueOnlyTheGateHoldsUntaggedJobsFromLeftoversAndReuse() async throws {
        // What happens without the gate as well is shown above.
        let outcome = try await run(startTrue: true)
        expectOnlyRightJobs(outcome)
        #expect(outcome.gaveClaimsBack, "untagged jobs were waiting")
        #expect(!outcome.pilots.values.joined().contains { $0.event == .refused }, "no startd was even asked")
    }

    @Test func withoutTheStickyTagTheGateHoldsByTheSlotsAnnexName() async throws {
        let outcome = try await run(open: "stickyTag", startTrue: true)
        expectOnlyRightJobs(outcome)
        #expect(outcome.gaveClaimsBack)
    }

    @Test func withStartTrueAndNoAnnexNameInTheSlotAdOnlyTheStickyTagTellsTheGate() async throws {
        var pilots = Self.pilots
        pilots.namesAnnex = false
        let held = try await run(startTrue: true, pilots: pilots)
        expectOnlyRightJobs(held)
        #expect(held.gaveClaimsBack)
        // Without it the gate takes the claimed slot for one of no annex: for untagged jobs.
        let without = try await run(
            open: "stickyTag", startTrue: true, pilots: pilots, until: Self.jobs(Self.untagged))
        #expect(Set(without.misplaced.map(\.job)) == Self.jobs(Self.untagged))
        #expect(without.schedd.contains { $0.event == .refused && $0.reason == "gate" })
    }

    // MARK: Leftovers and reuse: users, paths 4, 6 and 9

    @Test func withoutTheRestrictionTheOwnerInStartHolds() async throws {
        let outcome = try await run(open: "restrictIdentity")
        expectOnlyRightJobs(outcome)
        #expect(outcome.gaveClaimsBack, "jobs of another user under her name, with the right tag, were waiting")
    }

    @Test func withStartTrueOnlyTheRestrictionHoldsAnotherUserFromLeftoversAndReuse() async throws {
        let held = try await run(startTrue: true)
        expectOnlyRightJobs(held)
        #expect(held.gaveClaimsBack)
        // The gate knows tags, no users.
        let foreign = Self.jobs(Self.ofAnotherUnderOwnersName)
        let without = try await run(
            open: "restrictIdentity", startTrue: true, until: foreign.union(Self.queue.rightJobs))
        #expect(Set(without.misplaced.map(\.job)) == foreign)
        #expect(without.ways(of: foreign).isSubset(of: ["leftovers", "claim reused"]))
    }

    // MARK: Control

    @Test func withAllLocksOpenWrongJobsOfEveryKindRun() async throws {
        let queue = Self.queue
        let all = queue.rightJobs.union(queue.wrongJobs)
        let outcome = try await run(
            open: "constraint", "ownerCheck", "tagCheck", "rewrittenRequirements", "restrictIdentity", "stickyTag",
            gate: false, startTrue: true, until: all)
        #expect(outcome.finished == all)
        #expect(Set(outcome.misplaced.map(\.job)) == queue.wrongJobs)
        #expect(outcome.brokerLog.contains { $0.contains("LOCKS ARE SWITCHED OFF") })
    }
}
