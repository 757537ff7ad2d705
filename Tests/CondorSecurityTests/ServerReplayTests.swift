import CEDAR
import ClassAds
import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CondorSecurity

/// Real clients' recorded packets against our server: it must say what the recorded server said.
@Suite struct ServerReplayTests {
    static let handshakes = [
        "cedar/master-update-new", "cedar/schedd-update-new", "cedar/startd-update-new", "cedar/tool-ping",
        "cedar/wheel23-advertise-claimtobe", "cedar/wheel23-query-auth-failed-optional",
        "cedar/wheel23-query-claimtobe-new", "cedar/wheel23-query-unauth-new", "cedar/wheel25-advertise-claimtobe",
        "cedar/wheel25-advertise-noversion", "cedar/wheel25-denied", "cedar/wheel25-query-auth-failed-optional",
        "cedar/wheel25-query-claimtobe-new",
        "cedar/wheel25-query-unauth-new", "auth-fs-client", "auth-idtokens-client", "auth-idtokens-refused",
        "auth-scitokens-client", "auth-scitokens-refused", "auth-ssl-client-tls12", "auth-ssl-client-tls13",
        "auth-ssl-client-wronghost", "auth-handover-client",
    ]
    static let resumptions = [
        "cedar/wheel23-query-claimtobe-resumed", "cedar/wheel23-query-unauth-resumed",
        "cedar/wheel25-query-claimtobe-resumed", "cedar/wheel25-query-unauth-resumed",
        "cedar/collector-query-resumed-noresponse", "cedar/wheel25-resume-unknown-sid",
        "cedar/daemon-family-session-rejected",
    ]

    @Test(arguments: handshakes)
    func newSessionsAreAnsweredAsRecorded(name: String) throws {
        let recording: Recording = try vectors(name)
        var replay = try ServerReplay(recording)
        try replay.run()
        expectSame(replay.sent, replay.recorded)
        if let key = recording.key ?? recording.aesKey {
            #expect(replay.key?.bytes == (try bytes(key)))
        }
    }

    @Test(arguments: resumptions)
    func resumedSessionsAreAnsweredAsRecorded(name: String) throws {
        let recording: Recording = try vectors(name)
        var replay = try ServerReplay(recording)
        if let id = recording.sid, let key = recording.key {
            replay.environment.sessions.insert(
                SecuritySession(
                    id: id, key: SecretBytes(try bytes(key)), identity: .unauthenticated, createdAt: Conversation.now))
        }
        try replay.run()
        expectSame(replay.sent, replay.recorded)
        #expect(replay.key?.bytes == (try recording.key.map { try bytes($0) }))
    }

    @Test func aRawFirstCommandRunsWhereThePolicyAllowsIt() throws {
        let recording: Recording = try vectors("cedar/wheel25-query-raw")
        var environment = TestEnvironment()
        environment.policy = SecurityPolicy(
            authentication: .optional, encryption: .optional, integrity: .optional, methods: [])
        var server = ServerHandshake(
            environment: environment, peer: Conversation.clientEnd, local: Conversation.serverEnd)
        let message = try #require(try recording.messages().first).message
        let actions = server.received(message, now: Conversation.now)
        guard case .ready(let command)? = actions.last else {
            Issue.record("not ready")
            return
        }
        #expect(actions.count == 1 && command.number == 5 && command.session.key == nil)
        var payload = try #require(command.firstMessage)
        let query = try payload.readClassAd()
        #expect(query.names.contains("Requirements") && payload.isAtEnd)
    }

    @Test func aRawFirstCommandIsRefusedWhereThePolicyInsistsOnAnything() throws {
        let recording: Recording = try vectors("cedar/wheel25-query-raw")
        var environment = TestEnvironment()
        environment.policy = SecurityPolicy(
            authentication: .optional, encryption: .required, integrity: .optional, methods: [])
        var server = ServerHandshake(
            environment: environment, peer: Conversation.clientEnd, local: Conversation.serverEnd)
        let message = try #require(try recording.messages().first).message
        #expect(refusalKinds(server.received(message, now: Conversation.now)) == [.rawCommandRefused])
    }

    @Test func theServersProofOfIDTokensIsTheRecordedOne() throws {
        let recording: Recording = try vectors("auth-idtokens-client")
        var replay = try ServerReplay(recording)
        try replay.run()
        let session = try #require(replay.stored.first)
        #expect(session.identity == Identity(user: "annex-42@broker.example.org", method: .idTokens))
        #expect(session.limits == [.read, .write, .advertiseStartd])
        #expect(session.capabilityID == session.token?.id && session.token?.issuer == "broker.example.org")
    }

    @Test func aHandedOverKeyIsWrappedAsRecordedAndBindsTheSession() throws {
        let recording: Recording = try vectors("auth-handover-client")
        var replay = try ServerReplay(recording)
        try replay.run()
        #expect(replay.cached.map(\.isBound) == [true])
    }

    @Test func theSubjectOfAClientCertificateReachesTheEnvironment() throws {
        let recording: Recording = try vectors("auth-ssl-client-tls13")
        var replay = try ServerReplay(recording)
        try replay.run()
        #expect(replay.stored.map(\.identity.user) == ["annex-42@broker.example.org"])
    }
}

/// The kinds of the refusals that close a connection.
func refusalKinds(_ actions: [ServerHandshake.Action]) -> [SecurityRefusal.Kind] {
    actions.compactMap { if case .close(let refusal?) = $0 { refusal.kind } else { nil } }
}

/// Expects the same messages, one by one.
func expectSame(
    _ sent: [ServerReplay.Content], _ recorded: [ServerReplay.Content], at location: SourceLocation = #_sourceLocation
) {
    #expect(sent.count == recorded.count, sourceLocation: location)
    for (index, pair) in zip(sent, recorded).enumerated() where pair.0 != pair.1 {
        Issue.record(
            "message \(index): \(pair.0.testDescription) instead of \(pair.1.testDescription)", sourceLocation: location
        )
    }
}
