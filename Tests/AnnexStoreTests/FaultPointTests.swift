import AnnexModel
import AnnexStore
import Foundation
import Synchronization
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

    /// One change of each durable kind, on top of ``Sample/domain`` and one row of every table.
    static let steps: [Change] = [
        .putAnnex(Sample.annex.closed(by: "alice@example.net", at: 5000)),
        .revokeCapability(id: Sample.capabilityID, by: "root@example.net", at: 5000),
        .putSession(Sample.session("new")), .removeSession(id: Sample.session().id), .putAd(Sample.ad("slot2@node1")),
        .removeAd(Sample.ad().key), .removeMatch(claimPublicID: Sample.match.id), .putOrder(Sample.order),
        .putMeta(.trustDomain, "flock.ap.example.net"), .removeTarget(id: Sample.target.id), .purge(now: 9_999_999),
        .removeAnnex(id: Sample.annexID),
    ]

    /// Copies the files at the moment in which the process would die, and looks at what a new one finds.
    @Test(arguments: FaultPoint.Stage.allCases, steps.indices)
    func aCrashLosesWhatWasNotCommittedAndNothingElse(stage: FaultPoint.Stage, index: Int) async throws {
        let step = Self.steps[index]
        let (directory, crashed) = (try TemporaryDirectory(), try TemporaryDirectory())
        let isArmed = Mutex(false)
        let store = try directory.open(
            faults: FaultRecorder { point in
                guard point == FaultPoint(stage, step.kind), isArmed.withLock({ $0 }) else { return }
                // A copy that fails shows as a store without rows.
                try? FileManager.default.copyItem(atPath: directory.state, toPath: crashed.state)
            })
        try await store.commit(
            Sample.domain + [
                .putSession(Sample.session()), .putAd(Sample.ad()), .putMatch(Sample.match), .putTarget(Sample.target),
            ])
        let before = try store.stored()
        isArmed.withLock { $0 = true }
        try await store.commit([step])
        let after = try store.stored()
        #expect(before != after)
        #expect(try crashed.open().stored() == (stage == .beforeCommit ? before : after))
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
