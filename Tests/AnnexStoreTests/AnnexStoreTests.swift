import AnnexModel
import AnnexStore
import Foundation
import GRDB
import Testing

@Suite struct AnnexStoreTests {
    @Test func whatWasAcknowledgedIsThereAfterOpeningTheFileAgain() async throws {
        let directory = try TemporaryDirectory()
        let first = try directory.open()
        try await first.commit(
            Sample.domain + [
                .putSession(Sample.session()), .putAd(Sample.ad()), .putMatch(Sample.match), .putOrder(Sample.order),
                .putMasterStop(Sample.stop), .putTarget(Sample.target), .putMeta(.trustDomain, "flock.ap.example.net"),
            ])
        first.close()

        let (state, damaged) = try directory.open().load()
        #expect(damaged == nil)
        #expect(state.annexes == [Sample.annex])
        #expect(state.requests == [Sample.request])
        #expect(state.capabilities == [Sample.capability])
        #expect(state.sessions == [Sample.session()])
        #expect(state.ads == [Sample.ad()])
        #expect(state.matches == [Sample.match])
        #expect(state.orders == [Sample.order])
        #expect(state.masterStops == [Sample.stop])
        #expect(state.targets == [Sample.target])
        #expect(state[.trustDomain] == "flock.ap.example.net")
    }

    @Test func whatWasAcknowledgedIsThereForAnotherProcessAlthoughTheStoreIsStillOpen() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open()
        try await store.commit(Sample.domain)
        let other = try DatabaseQueue(path: directory.database)
        #expect(
            try await other.read { try String.fetchAll($0, sql: "SELECT id FROM capability") } == [Sample.capabilityID])
    }

    @Test func twoBrokersCannotShareAFolder() throws {
        let directory = try TemporaryDirectory()
        let first = try directory.open()
        #expect(throws: StoreError(.directory, "")) { try directory.open() }
        first.close()
        try directory.open().close()
    }

    @Test func theWritingConnectionWaitsForTheDisk() throws {
        #expect(try TemporaryDirectory().open().synchronousLevel == 2)
    }

    @Test func onlyTheBrokersAccountMayReadTheFiles() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open()
        try await store.commit(Sample.domain)
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(directory.state) == 0o711)
        #expect(try mode(directory.key) == 0o600)
        for suffix in ["", "-wal", "-shm"] { #expect(try mode(directory.database + suffix) == 0o600) }
    }

    @Test func aFolderThatOthersCouldListIsOnlyThereToPassThrough() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.state, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        _ = try directory.open()
        #expect(try FileManager.default.attributesOfItem(atPath: directory.state)[.posixPermissions] as? Int == 0o711)
    }

    @Test func aFileOfANewerVersionIsRefusedAndNotTouched() async throws {
        let directory = try TemporaryDirectory()
        try directory.open().close()
        let file = try DatabaseQueue(path: directory.database)
        try await file.write { try $0.execute(sql: "PRAGMA user_version = 99") }
        try file.close()
        #expect(throws: StoreError(.newerSchema, "")) { try directory.open() }
        let after = try DatabaseQueue(path: directory.database)
        #expect(try await after.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 99)
    }

    @Test func aFileThatIsNoDatabaseIsRefused() throws {
        let directory = try TemporaryDirectory()
        try directory.open().close()
        try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: directory.database))
        #expect(throws: StoreError(.database, "")) { try directory.open() }
    }

    @Test func nothingIsAcceptedAfterClosing() async throws {
        let store = try TemporaryDirectory().open()
        store.close()
        await #expect(throws: StoreError(.closed, "")) { try await store.commit(Sample.domain) }
    }

    @Test func aChangeThatContradictsTheRowsFailsAloneAndLeavesTheStoreHealthy() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open()
        await #expect(throws: StoreError(.constraint, "")) { try await store.commit([.putAd(Sample.ad())]) }
        #expect(store.health == .healthy)
        try await store.commit(Sample.domain + [.putAd(Sample.ad())])
        #expect(try store.stored().ads.count == 1)
    }

    @Test func theChangesOfOneCallAreWrittenTogetherOrNotAtAll() async throws {
        let store = try TemporaryDirectory().open()
        let orphan = AnnexRequest(id: "x", annexID: "no such annex", createdAt: 0, lifetime: 1)
        await #expect(throws: StoreError(.constraint, "")) {
            try await store.commit([.putAnnex(Sample.annex), .putRequest(orphan)])
        }
        #expect(try store.stored().annexes == [])
    }

    @Test func twoActiveAnnexesCannotHaveTheSameOwnerAndName() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit([.putAnnex(Sample.annex)])
        let twin = Annex(id: "twin", key: Sample.key, createdAt: 1, expiresAt: 2)
        await #expect(throws: StoreError(.constraint, "")) { try await store.commit([.putAnnex(twin)]) }
        try await store.commit([.putAnnex(Sample.annex.closed(by: "alice@example.net", at: 5)), .putAnnex(twin)])
        #expect(try store.stored().annexes.count == 2)
    }
}

@Suite struct RevocationStorageTests {
    @Test func revokingDropsTheSessionsOfTheCapabilityInTheSameStep() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit(
            Sample.domain + [.putSession(Sample.session()), .putSession(Sample.session("other", capability: nil))])
        try await store.commit([.revokeCapability(id: Sample.capabilityID, by: "root@example.net", at: 4000)])
        let state = try store.stored()
        #expect(state.sessions.map(\.id) == ["other"])
        #expect(state.capabilities == [Sample.capability.revoked(by: "root@example.net", at: 4000)])
    }

    @Test func aRevocationIsNeverUndone() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit(Sample.domain)
        try await store.commit([.revokeCapability(id: Sample.capabilityID, by: "root@example.net", at: 4000)])
        try await store.commit([
            .putCapability(Sample.capability),
            .revokeCapability(id: Sample.capabilityID, by: "eve@example.net", at: 9000),
        ])
        #expect(try store.stored().capabilities == [Sample.capability.revoked(by: "root@example.net", at: 4000)])
    }

    @Test func noSessionIsStoredForARevokedCapability() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit(Sample.domain)
        try await store.commit([.revokeCapability(id: Sample.capabilityID, by: "root@example.net", at: 4000)])
        await #expect(throws: StoreError(.capability, "")) { try await store.commit([.putSession(Sample.session())]) }
    }

    @Test func revokingWhatDoesNotExistIsNotAcknowledged() async throws {
        let store = try TemporaryDirectory().open()
        await #expect(throws: StoreError(.capability, "")) {
            try await store.commit([.revokeCapability(id: "none", by: "root@example.net", at: 1)])
        }
    }
}

@Suite struct PurgeTests {
    @Test func expiredSessionsAndAdsAreForgotten() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit(
            Sample.domain + [
                .putSession(Sample.session()), .putAd(Sample.ad("old", heard: 2000)),
                .putAd(Sample.ad("new", heard: 4700)),
            ])
        try await store.commit([.purge(now: 5600)])
        let state = try store.stored()
        #expect(state.sessions == [])
        #expect(state.ads.map(\.key.key) == ["new"])
        #expect(state.annexes == [Sample.annex])
    }

    @Test func anAnnexIsForgottenWithAllThatHangsOnIt() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit(
            Sample.domain + [
                .putSession(Sample.session()), .putAd(Sample.ad()), .putMatch(Sample.match), .putOrder(Sample.order),
                .putMasterStop(Sample.stop), .putTarget(Sample.target),
            ])
        try await store.commit([.removeAnnex(id: Sample.annexID)])
        let state = try store.stored()
        #expect(state.annexes.isEmpty && state.requests.isEmpty && state.capabilities.isEmpty && state.sessions.isEmpty)
        #expect(state.ads.isEmpty && state.matches.isEmpty && state.orders.isEmpty && state.masterStops.isEmpty)
        #expect(state.targets.isEmpty)
    }
}

@Suite struct AnnexStorageTests {
    @Test func anAnnexThatEndedDoesNotBecomeActiveAgain() async throws {
        let store = try TemporaryDirectory().open()
        let closed = Sample.annex.closed(by: "alice@example.net", at: 3000)
        try await store.commit([.putAnnex(Sample.annex)])
        try await store.commit([.putAnnex(closed)])
        try await store.commit([.putAnnex(Sample.annex)])
        #expect(try store.stored().annexes == [closed])
    }

    @Test func theEndOfAnAnnexOnlyMovesLater() async throws {
        let store = try TemporaryDirectory().open()
        var longer = Sample.annex
        longer.expiresAt += 1000
        try await store.commit([.putAnnex(longer)])
        try await store.commit([.putAnnex(Sample.annex)])
        #expect(try store.stored().annexes == [longer])
    }

    @Test func anOrderStoredTwiceKeepsTheProgressOfItsMasters() async throws {
        let store = try TemporaryDirectory().open()
        try await store.commit(Sample.domain + [.putOrder(Sample.order), .putMasterStop(Sample.stop)])
        try await store.commit([.putOrder(Sample.order)])
        #expect(try store.stored().masterStops == [Sample.stop])
    }
}
