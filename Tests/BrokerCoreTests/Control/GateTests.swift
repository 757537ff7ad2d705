import BrokerCore
import ClassAds
import Testing

/// The gate of the drop-in, evaluated as the schedd does: with `SLOT` and `JOB` as ads of one scope (spec 05, 5.4).
@Suite struct GateTests {
    static let gate = """
        ifThenElse(SLOT.Name is undefined || JOB.ClusterId is undefined, undefined, \
        (SLOT.NegotiatorMatchExprFlockTarget ?: SLOT.AnnexName) =?= JOB.FlockTarget)
        """

    private func evaluate(slot: ClassAd?, job: ClassAd?) throws -> Value {
        var scope = ClassAd()
        if let slot { scope["SLOT"] = Expression(slot) }
        if let job { scope["JOB"] = Expression(job) }
        return scope.evaluate(try Expression(parsing: Self.gate, syntax: .old))
    }

    @Test(
        arguments: [
            (["FlockTarget": "blue"], true), (["FlockTarget": "green"], false), ([:], false),
        ] as [(ClassAd, Bool)])
    func onAnAnnexOnlyItsOwnTagRuns(tag: ClassAd, runs: Bool) throws {
        var job: ClassAd = ["ClusterId": 1]
        job.merge(tag)
        #expect(
            try evaluate(slot: ["Name": "s", "NegotiatorMatchExprFlockTarget": "blue"], job: job) == .boolean(runs))
        #expect(try evaluate(slot: ["Name": "s", "AnnexName": "blue"], job: job) == .boolean(runs))
    }

    @Test func theBrokersWordGoesBeforeTheSlots() throws {
        let slot: ClassAd = ["Name": "s", "NegotiatorMatchExprFlockTarget": "blue", "AnnexName": "green"]
        #expect(try evaluate(slot: slot, job: ["ClusterId": 1, "FlockTarget": "green"]) == .boolean(false))
    }

    @Test func atHomeOnlyUntaggedJobsRun() throws {
        #expect(try evaluate(slot: ["Name": "s"], job: ["ClusterId": 1]) == .boolean(true))
        #expect(try evaluate(slot: ["Name": "s"], job: ["ClusterId": 1, "FlockTarget": "blue"]) == .boolean(false))
    }

    @Test func withoutSlotOrJobNothingIsDecided() throws {
        #expect(try evaluate(slot: nil, job: ["ClusterId": 1, "FlockTarget": "blue"]).isUndefined)
        #expect(try evaluate(slot: ["Name": "s", "AnnexName": "blue"], job: nil).isUndefined)
    }
}
