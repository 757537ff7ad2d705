import ClassAds
import Testing

@testable import FlockSimCore

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
