import AnnexModel
import AnnexStore
import Dispatch
import GRDB
import Testing

@Suite struct GroupCommitTests {
    /// Keeps the writer inside its first group until everything else is queued.
    private final class Gate: FaultInjecting {
        private let opened = DispatchSemaphore(value: 0)

        func open() { opened.signal() }

        func reached(_ point: FaultPoint) {
            guard point == FaultPoint(.beforeCommit, .metaStored) else { return }
            opened.wait()
            opened.signal()  // for every later one
        }
    }

    @Test func everythingThatWaitsIsCommittedAsOneGroup() async throws {
        let gate = Gate()
        let store = try TemporaryDirectory().open(faults: gate)
        store.write([.putMeta(.trustDomain, "first")], durability: .durable)
        store.write(Sample.domain, durability: .durable)
        for number in 0..<100 {
            store.write([.putAd(Sample.ad("slot\(number)"))], durability: .durable)
        }
        gate.open()
        try await store.flush()
        #expect(store.figures.groups <= 3)
        #expect(try store.stored().ads.count == 100)
    }

    @Test func completionsRunInTheOrderOfTheCalls() async throws {
        let store = try TemporaryDirectory().open()
        let order = Recorder<Int>()
        for number in 0..<300 {
            store.write([.putMeta(.trustDomain, "\(number)")], durability: .durable) { _ in order.append(number) }
        }
        try await store.flush()
        #expect(order.all == Array(0..<300))
        #expect(try store.stored()[.trustDomain] == "299")
    }

    @Test func aCompletionRunsOnlyWhenItsChangeIsVisibleToOthers() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open()
        let other = try DatabaseQueue(path: directory.database)
        let seen: Int? = await withCheckedContinuation { continuation in
            store.write([.putMeta(.lastCallbackID, "5")], durability: .durable) { _ in
                // A failure shows as a missing value.
                let count = try? other.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM meta WHERE value = '5'") }
                continuation.resume(returning: count)
            }
        }
        #expect(seen == 1)
    }

    @Test func groupsAreBounded() async throws {
        let gate = Gate()
        let store = try TemporaryDirectory().open({ $0.changesPerGroup = 10 }, faults: gate)
        store.write([.putMeta(.trustDomain, "first")], durability: .durable)
        store.write(Sample.domain, durability: .durable)
        for number in 0..<40 { store.write([.putAd(Sample.ad("slot\(number)"))], durability: .durable) }
        gate.open()
        try await store.flush()
        #expect(store.figures.groups >= 5)
    }

    @Test func tooManyWaitingChangesAreRefusedAtOnce() async throws {
        let gate = Gate()
        let store = try TemporaryDirectory().open({ $0.waitingChanges = 10 }, faults: gate)
        store.write([.putMeta(.trustDomain, "first")], durability: .durable)
        let results = Recorder<StoreError.Kind?>()
        for _ in 0..<30 {
            store.write([.putMeta(.lastCallbackID, "1")], durability: .durable) { result in
                if case .failure(let error) = result { results.append(error.kind) } else { results.append(nil) }
            }
        }
        // Ten may be in the group that is being written, the first one with them, and ten wait.
        #expect(results.all.count >= 11)
        #expect(results.all.allSatisfy { $0 == .overloaded })
        gate.open()
        try await store.flush()
        #expect(results.all.count == 30)
    }

    @Test func aFailedCommitFailsItsCallersAndMakesTheStoreUnhealthyUntilOneSucceeds() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open { $0.busyTimeout = 0.01 }
        try await store.commit(Sample.domain)
        let other = try directory.outsider()
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        await #expect(throws: StoreError(.database, "")) { try await store.commit([.putMeta(.trustDomain, "x")]) }
        await #expect(throws: StoreError(.database, "")) { try await store.commit([.putMeta(.trustDomain, "y")]) }
        guard case .failing(_, let count) = store.health else {
            Issue.record("a store that cannot write says so")
            return
        }
        #expect(count == 2)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await store.commit([.putMeta(.trustDomain, "z")])
        #expect(store.health == .healthy)
    }
}

@Suite struct SoftChangeTests {
    private func refresh(_ heard: Int64, _ made: Recorder<Int64>? = nil) -> Change {
        .refreshAd(Sample.ad().key) {
            made?.append(heard)
            return Sample.ad(heard: heard, text: "Cpus = \(heard)")
        }
    }

    @Test func onlyTheLastRefreshOfAnAdIsWritten() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit(Sample.domain + [.putAd(Sample.ad())])
        let made = Recorder<Int64>()
        for heard: Int64 in 2001...2050 { store.write([refresh(heard, made)], durability: .soft) }
        try await store.flush()
        #expect(made.all == [2050])
        #expect(try store.stored().ads == [Sample.ad(heard: 2050, text: "Cpus = 2050")])
    }

    @Test func callersOfReplacedRefreshesHearOfTheCommitThatCoversThem() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit(Sample.domain + [.putAd(Sample.ad())])
        let told = Recorder<Int64>()
        for heard: Int64 in 2001...2003 {
            store.write([refresh(heard)], durability: .soft) { _ in told.append(heard) }
        }
        #expect(told.all == [])
        try await store.flush()
        #expect(told.all.sorted() == [2001, 2002, 2003])
    }

    @Test func softChangesGoWithTheNextDurableGroup() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit(Sample.domain + [.putAd(Sample.ad())])
        store.write([refresh(2500)], durability: .soft)
        try await store.commit([.putMeta(.trustDomain, "x")])
        #expect(try store.stored().ads.first?.lastHeardFrom == 2500)
    }

    @Test func softChangesAreWrittenByThemselvesAfterTheirDelay() async throws {
        let store = try TemporaryDirectory().open { $0.softDelay = .milliseconds(5) }
        try await store.commit(Sample.domain + [.putAd(Sample.ad())])
        await withCheckedContinuation { continuation in
            store.write([refresh(2600)], durability: .soft) { _ in continuation.resume() }
        }
        #expect(try store.stored().ads.first?.lastHeardFrom == 2600)
    }

    @Test func anEarlierRefreshNeverComesAfterALaterDurableChange() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit(Sample.domain + [.putAd(Sample.ad())])
        store.write([refresh(2100)], durability: .soft)
        try await store.commit([.putAd(Sample.ad(heard: 2200, text: "State = \"Claimed\""))])
        try await store.flush()
        #expect(try store.stored().ads == [Sample.ad(heard: 2200, text: "State = \"Claimed\"")])
    }

    @Test func aRefreshDoesNotBringBackWhatWasInvalidated() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit(Sample.domain + [.putAd(Sample.ad())])
        store.write([refresh(2100)], durability: .soft)
        store.write([.removeAd(Sample.ad().key)], durability: .durable)
        store.write([refresh(2200)], durability: .soft)
        try await store.flush()
        #expect(try store.stored().ads == [])
    }

    @Test func closingWritesWhatIsStillSoft() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open()
        try await store.commit(Sample.domain)
        store.write([.touchCapability(id: Sample.capabilityID, at: 7000, peer: "192.0.2.9")], durability: .soft)
        store.close()
        #expect(try directory.open().stored().capabilities.first?.lastUsed == 7000)
    }

    @Test func softChangesSurviveAFailedCommit() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open { $0.busyTimeout = 0.01 }
        try await store.commit(Sample.domain + [.putAd(Sample.ad())])
        let other = try directory.outsider()
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        store.write([refresh(2700)], durability: .soft)
        await #expect(throws: StoreError(.database, "")) { try await store.flush() }
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await store.flush()
        #expect(try store.stored().ads.first?.lastHeardFrom == 2700)
    }

    @Test func aRefreshKeptFromAFailedCommitGivesWayToALaterOne() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open { $0.busyTimeout = 0.01 }
        try await store.commit(Sample.domain + [.putAd(Sample.ad())])
        let other = try directory.outsider()
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        store.write([refresh(2700)], durability: .soft)
        await #expect(throws: StoreError(.database, "")) { try await store.flush() }
        store.write([refresh(2800)], durability: .soft)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await store.flush()
        #expect(try store.stored().ads.first?.lastHeardFrom == 2800)
    }
}
