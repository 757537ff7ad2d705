import CEDAR
import ClassAds
import Testing

@testable import FlockSimCore

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
