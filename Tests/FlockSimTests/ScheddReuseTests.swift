import CEDAR
import ClassAds
import Testing

@testable import FlockSimCore

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
