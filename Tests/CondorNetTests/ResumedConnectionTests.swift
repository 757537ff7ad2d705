import CEDAR
import ClassAds
import CondorSecurity
import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CondorNet

/// Sessions that are named and not proven yet: a name travels in clear, and whoever overhears it may say it (spec 02, 9.5).
@Suite struct ResumedConnectionTests {
    static let now = ReplayEnvironment.now
    static let key = SecretBytes([UInt8](repeating: 3, count: 32))
    static let session = SecuritySession(
        id: "broker:1:2:3", key: key, identity: Identity(user: "alice@example.org", method: .sciTokens),
        capabilityID: "0123456789abcdef", limits: [.advertiseStartd], createdAt: now - 1000, expiresAt: now + 1000,
        lease: 500, lastUsed: now - 100)

    /// A server that knows the session, and nobody else's.
    static func server() -> TestEnvironment {
        var server = Pilot.server
        server.sessions = TestEnvironment.Sessions()
        server.sessions.insert(session)
        return server
    }

    static func lastUsed(_ server: TestEnvironment) -> Int64? { server.sessions.find(session.id, now: now)?.lastUsed }

    @Test func aSessionIsUsedAndCountedOnceItsKeyIsProven() throws {
        let server = Self.server()
        var pilot = try Pilot(.updateStartdAd, [], server: server, resume: Self.session)
        #expect(pilot.victim.bound.isEmpty && pilot.victim.commands.isEmpty)
        #expect(pilot.victim.connection.waiting == .message && Self.lastUsed(server) == Self.now - 100)
        try pilot.send(ServerConnectionTests.update(pilot))
        #expect(pilot.victim.bound.map(\.id) == [Self.session.id] && pilot.victim.commands.count == 1)
        #expect(Self.lastUsed(server) == Self.now)
        try pilot.send(ServerConnectionTests.update(pilot, .updateStartdAd))
        #expect(pilot.victim.bound.count == 1 && pilot.victim.commands.count == 2)
    }

    @Test func whoKnowsTheNameAloneGetsNothingAndRenewsNothing() throws {
        let server = Self.server()
        var thief = Self.session
        thief.key = SecretBytes([UInt8](repeating: 4, count: 32))
        var pilot = try Pilot(.updateStartdAd, [], server: server, resume: thief)
        try pilot.send(ServerConnectionTests.update(pilot))
        #expect(pilot.victim.bound.isEmpty && pilot.victim.commands.isEmpty && pilot.victim.closes == 1)
        #expect(pilot.victim.refusals.count == 1 && Self.lastUsed(server) == Self.now - 100)
    }

    @Test func aSessionThatIsDroppedBeforeItsProofIsGone() throws {
        let server = Self.server()
        var pilot = try Pilot(.updateStartdAd, [], server: server, resume: Self.session)
        server.sessions.remove(Self.session.id)
        try pilot.send(ServerConnectionTests.update(pilot))
        #expect(pilot.victim.refusals == ["sessionNotFound"] && pilot.victim.closes == 1)
        #expect(pilot.victim.bound.isEmpty && pilot.victim.commands.isEmpty)
    }

    @Test func aHarmlessCommandRunsAndProvesNothing() throws {
        let server = Self.server()
        let pilot = try Pilot(.noOperation, [], server: server, resume: Self.session)
        #expect(pilot.victim.commands.count == 1 && pilot.victim.bound.isEmpty)
        #expect(Self.lastUsed(server) == Self.now - 100)
    }

    @Test func aNewSessionIsProvenByItsHandshake() throws {
        let pilot = try Pilot(.updateStartdAd, [.sciTokens])
        #expect(pilot.victim.bound.count == 1 && pilot.victim.commands.isEmpty)
    }
}
