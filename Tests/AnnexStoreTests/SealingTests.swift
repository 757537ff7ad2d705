import AnnexModel
import AnnexStore
import Cryptography
import Foundation
import GRDB
import Testing

@Suite struct SealingTests {
    private static let everything: [Change] =
        Sample.domain + [
            .putSession(Sample.session()), .putSession(StoredSession.withoutKey), .putAd(Sample.ad()),
            .putTarget(Sample.target), .putMatch(Sample.match),
        ]

    @Test func noSecretStandsInTheFiles() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open()
        try await store.commit(Self.everything)
        store.close()
        let file = try Data(contentsOf: URL(filePath: directory.database))
        for secret in ["topsecret", "0123456789abcdef", "4711"] {
            #expect(file.range(of: Data(secret.utf8)) == nil, "\(secret)")
        }
        #expect(file.range(of: Data("slot1@node1".utf8)) != nil, "the search would find what is there")
    }

    @Test(arguments: [true, false])
    func withoutTheRightKeyTheSecretsAreDroppedAndTheRestLoads(keyIsMissing: Bool) async throws {
        let directory = try TemporaryDirectory()
        let first = try directory.open()
        try await first.commit(Self.everything)
        first.close()
        if keyIsMissing {
            try FileManager.default.removeItem(atPath: directory.key)
        } else {
            try Data(SystemRandom().bytes(32)).write(to: URL(filePath: directory.key))
        }

        let second = try directory.open()
        #expect(
            second.lostSecrets
                == LostSecrets(reason: keyIsMissing ? .keyWasMissing : .keyIsAnother, sessions: 1, ads: 1, targets: 1))
        let state = try second.stored()
        #expect(state.sessions == [StoredSession.withoutKey])
        #expect(state.ads.map(\.privateText) == [nil])
        #expect(state.ads.map(\.publicText) == [Sample.ad().publicText])
        #expect(state.targets.map(\.cookie) == [nil])
        #expect(state.capabilities == [Sample.capability])
        #expect(state.matches == [Sample.match])

        try await second.commit([.putSession(Sample.session())])
        second.close()
        let third = try directory.open()
        #expect(third.lostSecrets == nil)
        #expect(try third.stored().sessions.contains(Sample.session()))
    }

    @Test func aSealedValueMovedToAnotherRowIsNotOpened() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open()
        try await store.commit(Sample.domain + [.putAd(Sample.ad("slot1")), .putAd(Sample.ad("slot2"))])
        store.close()
        let file = try DatabaseQueue(path: directory.database)
        try await file.write { database in
            try database.execute(
                sql:
                    "UPDATE ad SET sealed_private = (SELECT sealed_private FROM ad WHERE key = 'slot1') WHERE key = 'slot2'"
            )
        }
        try file.close()
        let (state, damaged) = try directory.open().load()
        #expect(state.ads.map { $0.privateText != nil } == [true, false])
        #expect(damaged == LostSecrets(reason: .damaged, sessions: 0, ads: 1, targets: 0))
    }

    @Test func aSessionWhoseTokenIsNotItsOwnIsDropped() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open()
        try await store.commit(
            Sample.domain + [.putSession(Sample.session("one")), .putSession(Sample.session("two"))])
        store.close()
        let file = try DatabaseQueue(path: directory.database)
        try await file.write { database in
            try database.execute(
                sql:
                    "UPDATE session SET sealed_token = (SELECT sealed_token FROM session WHERE id = 'one') WHERE id = 'two'"
            )
        }
        try file.close()
        let (state, damaged) = try directory.open().load()
        #expect(state.sessions.map(\.id) == ["one"])
        #expect(damaged == LostSecrets(reason: .damaged, sessions: 1, ads: 0, targets: 0))
    }

    @Test func whatATokenSaysIsNotReadableInTheFile() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open()
        try await store.commit(Sample.domain + [.putSession(Sample.session())])
        store.close()
        let content = try Data(contentsOf: URL(filePath: directory.database))
        #expect(content.range(of: Data("issuer.example.org".utf8)) == nil)
    }

    @Test func aKeyFileOfTheWrongSizeIsRefusedAndKept() throws {
        let directory = try TemporaryDirectory()
        try directory.open().close()
        try Data([1, 2, 3]).write(to: URL(filePath: directory.key))
        #expect(throws: StoreError(.keyFile, "")) { try directory.open() }
        #expect(try Data(contentsOf: URL(filePath: directory.key)) == Data([1, 2, 3]))
    }

    @Test func aKeyFileThatOthersMayReadIsRefused() throws {
        let directory = try TemporaryDirectory()
        try directory.open().close()
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: directory.key)
        #expect(throws: StoreError(.keyFile, "")) { try directory.open() }
    }

    @Test func theKeyStaysTheSameOverRestarts() throws {
        let directory = try TemporaryDirectory()
        try directory.open().close()
        let before = try Data(contentsOf: URL(filePath: directory.key))
        try directory.open().close()
        #expect(try Data(contentsOf: URL(filePath: directory.key)) == before)
        #expect(before.count == 32)
    }
}

extension StoredSession {
    /// A session without encryption, which has no secret to lose.
    fileprivate static let withoutKey = StoredSession(
        id: "plain", key: nil, user: "unauthenticated@unmapped", method: nil, createdAt: 1, expiresAt: 9_999_999_999,
        lastUsed: 1)
}
