import CEDAR
import Cryptography
import TestSupport
import Testing

@testable import CondorSecurity

/// Real servers' recorded packets against our client: it must say what the recorded client said.
@Suite struct ClientReplayTests {
    static let handshakes = [
        "cedar/collector-query-new", "cedar/collector-query-anonymous", "cedar/collector-secquery",
        "cedar/collector-update-startd", "cedar/sharedport-query", "cedar/ccb-reversed-query", "auth-fs-collector",
        "auth-idtokens-collector",
        "auth-scitokens-collector", "auth-ssl-collector", "auth-ours-fs-collector", "auth-ours-idtokens-collector",
        "auth-ours-ssl-collector",
    ]
    static let resumptions = [
        "cedar/collector-query-resumed", "cedar/collector-query-multipacket", "cedar/collector-update-multipacket",
        "cedar/admin-session-master",
        "cedar/admin-session-startd", "cedar/claim-session-startd", "cedar/negotiator-session-schedd",
        "auth-ours-fs-collector-resumed", "auth-ours-idtokens-collector-resumed", "auth-ours-ssl-collector-resumed",
    ]

    @Test(arguments: handshakes)
    func newSessionsAreOpenedAsRecorded(name: String) throws {
        let recording: Recording = try vectors(name)
        var replay = try ClientReplay(recording)
        replay.run()
        expectSame(replay.sent, replay.recorded)
        #expect(replay.failure == nil)
        let key = try bytes(try #require(recording.key ?? recording.aesKey))
        #expect(replay.established?.key?.bytes == key)
        #expect(!replay.validCommands.isEmpty)
    }

    @Test(arguments: resumptions)
    func sessionsAreResumedAsRecorded(name: String) throws {
        let recording: Recording = try vectors(name)
        let id = try #require(recording.sid)
        let key = SecretBytes(try bytes(try #require(recording.key)))
        let session = SecuritySession(id: id, key: key, identity: .unauthenticated, createdAt: Conversation.now)
        var replay = try ClientReplay(recording, resume: session)
        replay.run()
        expectSame(replay.sent, replay.recorded)
        #expect(replay.key == key && replay.established?.id == id)
    }

    @Test(arguments: ["cedar/admin-session-master", "cedar/claim-session-startd", "cedar/negotiator-session-schedd"])
    func theTextOfAClaimOrCapabilityIsEnoughToResume(name: String) throws {
        let recording: Recording = try vectors(name)
        let note = try #require(recording.note)
        let text = try #require(note.split(separator: ": ", maxSplits: 1).last)
        let claim = try #require(ClaimID(String(text)))
        let session = try #require(
            SecuritySession(importing: claim, peer: "execute-side@matchsession", now: 1_795_385_000))
        #expect(session.id == recording.sid)
        #expect(session.key?.bytes == (try bytes(try #require(recording.key))))
        #expect(!session.isNegotiated)
    }

    @Test func aUserTheServerDoesNotLetInIsDenied() throws {
        var replay = try ClientReplay(try vectors("cedar/collector-denied"))
        replay.run()
        expectSame(replay.sent, replay.recorded)
        #expect(replay.failure?.kind == .denied)
        #expect(replay.failure?.user == "nobody@elsewhere")
    }

    @Test(arguments: ["cedar/collector-no-common-method", "cedar/collector-preferred-no-common-method"])
    func aServerThatOffersNothingWeKnowIsGivenUp(name: String) throws {
        var replay = try ClientReplay(try vectors(name))
        replay.run()
        #expect(replay.failure?.kind == .noCommonMethod && replay.sent.count == 1)
    }

    @Test func aSessionTheServerDoesNotKnowIsReportedAsSuch() throws {
        let recording: Recording = try vectors("cedar/collector-resume-unknown-sid")
        let session = SecuritySession(
            id: "bogus:1:2:3", key: SecretBytes([UInt8](repeating: 1, count: 32)), identity: .unauthenticated,
            createdAt: Conversation.now)
        var replay = try ClientReplay(recording, resume: session)
        replay.run()
        expectSame(replay.sent, replay.recorded)
        #expect(replay.failure?.kind == .sessionNotFound)
    }

    @Test func aHandedOverKeyIsUnwrapped() throws {
        let recording: Recording = try vectors("auth-handover-collector")
        var replay = try ClientReplay(recording)
        replay.run()
        // The recorded client offered no key agreement, ours always does; the rest is the same.
        #expect(replay.sent.dropFirst() == replay.recorded.dropFirst())
        #expect(replay.established?.key?.bytes == (try bytes(try #require(recording.aesKey))))
        #expect(replay.established?.isBound == true)
    }
}
