import AnnexModel
import AnnexStore
import Testing

@Suite struct FaultPointTests {
    @Test func everyDurableStepIsAnnouncedBeforeAndAfterItsCommit() async throws {
        let passed = Recorder<FaultPoint>()
        let store = try TemporaryDirectory().open(faults: FaultRecorder { passed.append($0) })
        try await store.commit(Sample.domain)
        let steps: [Change] = [
            .putSession(Sample.session()), .putAd(Sample.ad()), .putMatch(Sample.match), .putOrder(Sample.order),
            .putMasterStop(Sample.stop), .putTarget(Sample.target), .removeAd(Sample.ad().key),
            .removeMatch(claimPublicID: Sample.match.id), .removeTarget(id: 17),
            .removeSession(id: Sample.session().id),
            .revokeCapability(id: Sample.capabilityID, by: "x", at: 1),
        ]
        for step in steps { try await store.commit([step]) }
        let expected =
            (Sample.domain.map(\.kind)).map { FaultPoint(.beforeCommit, $0) }
            + Sample.domain.map(\.kind).map { FaultPoint(.afterCommit, $0) }
            + steps.flatMap { [FaultPoint(.beforeCommit, $0.kind), FaultPoint(.afterCommit, $0.kind)] }
        #expect(passed.all == expected)
    }

    @Test func nothingIsAnnouncedForARefusedChange() async throws {
        let passed = Recorder<FaultPoint>()
        let store = try TemporaryDirectory().open(faults: FaultRecorder { passed.append($0) })
        await #expect(throws: StoreError.self) { try await store.commit([.putAd(Sample.ad())]) }
        #expect(passed.all == [])
    }

    @Test func namesCanBeReadBack() {
        #expect(FaultPoint.allCases.allSatisfy { FaultPoint(rawValue: $0.rawValue) == $0 })
        #expect(FaultPoint(.beforeCommit, .capabilityRevoked).rawValue == "beforeCommit.capabilityRevoked")
        #expect(FaultPoint(rawValue: "beforeCommit.nothing") == nil)
        #expect(FaultPoint(rawValue: "afterCommit") == nil)
    }
}
