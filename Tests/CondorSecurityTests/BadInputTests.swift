import CEDAR
import ClassAds
import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CondorSecurity

/// Recorded exchanges with damage: whatever comes, a machine accepts something valid or ends once.
@Suite struct BadInputTests {
    static let servers = [
        "cedar/wheel25-query-claimtobe-new", "cedar/wheel25-query-unauth-new", "cedar/startd-update-new",
        "cedar/tool-ping", "cedar/wheel23-query-claimtobe-resumed", "auth-fs-client", "auth-idtokens-client",
        "auth-idtokens-refused",
    ]
    static let clients = [
        "cedar/collector-query-new", "cedar/collector-update-startd", "auth-fs-collector", "auth-idtokens-collector",
    ]

    /// Ways to damage a message.
    enum Damage: String, CaseIterable {
        case flippedByte, cut, lengthFields
    }

    /// Every damaged form of a message, every `stride`-th place.
    static func damaged(_ message: InboundMessage, _ damage: Damage, stride step: Int = 1) -> [InboundMessage] {
        let original = Array(message.payload.readableBytesView)
        var forms: [[UInt8]] = []
        for place in stride(from: 0, to: original.count, by: step) {
            switch damage {
            case .flippedByte:
                var bytes = original
                bytes[place] ^= place % 2 == 0 ? 0x01 : 0xFF
                forms.append(bytes)
            case .cut:
                forms.append(Array(original[..<place]))
            case .lengthFields:
                // In the short messages of the methods numbers may stand anywhere; those of an ad stand before its text.
                guard place + 8 <= original.count, original.count <= 600 || place < 32 || place % 8 == 0 else {
                    continue
                }
                for value: UInt64 in [0, 1, 1 << 31, 1 << 32 - 1, .max] {
                    var bytes = original
                    withUnsafeBytes(of: value.bigEndian) { bytes.replaceSubrange(place..<(place + 8), with: $0) }
                    forms.append(bytes)
                }
            }
        }
        return forms.map { InboundMessage(payload: ByteBuffer(bytes: $0), encrypted: message.encrypted) }
    }

    @Test(arguments: servers, Damage.allCases)
    func aServerSurvivesEveryDamagedMessage(name: String, damage: Damage) throws {
        let recording: Recording = try vectors(name)
        let replay = try ServerReplay(recording)
        if let id = recording.sid, let key = recording.key, name.hasSuffix("resumed") {
            replay.environment.sessions.insert(
                SecuritySession(
                    id: id, key: SecretBytes(try bytes(key)), identity: .unauthenticated, createdAt: Conversation.now))
        }
        var server = replay.server
        let messages = replay.messages.filter { $0.from == .client && !$0.message.encrypted }.map(\.message)
        for (index, message) in messages.enumerated() {
            for form in Self.damaged(message, damage) {
                var victim = BadInputVictim(server: server)
                victim.feed(form)
                for next in messages[(index + 1)...] { victim.feed(next) }
                #expect(victim.isSound, "message \(index): \(victim.ends)")
            }
            var sound = BadInputVictim(server: server)
            sound.feed(message)
            server = sound.server
        }
    }

    @Test(arguments: clients, Damage.allCases)
    func aClientSurvivesEveryDamagedMessage(name: String, damage: Damage) throws {
        let recording: Recording = try vectors(name)
        let replay = try ClientReplay(recording)
        var client = replay.client
        _ = client.start(now: Conversation.now)
        let messages = replay.messages.filter { $0.from == .server }.map(\.message)
        for (index, message) in messages.enumerated() {
            for form in Self.damaged(message, damage) {
                var victim = client
                var ends = 0
                for message in [form] + messages[(index + 1)...] {
                    ends += Self.feed(&victim, message)
                }
                #expect(ends <= 1, "message \(index)")
            }
            if Self.feed(&client, message) > 0 { return }
        }
    }

    /// How often the client ended.
    private static func feed(_ client: inout ClientHandshake, _ message: InboundMessage) -> Int {
        var pending = client.received(message, now: Conversation.now)
        var ends = 0
        while !pending.isEmpty {
            switch pending.removeFirst() {
            case .established, .failed: ends += 1
            case .makeDirectory: pending += client.directoryMade(true, now: Conversation.now)
            case .send, .enableEncryption, .removeDirectory, .refused: break
            }
        }
        return ends
    }

    @Test(arguments: [AuthenticationMethod.ssl, .sciTokens], [Damage.flippedByte, .cut, .lengthFields])
    func realTLSWithDamagedRecordsNeverYieldsASessionByMistake(method: AuthenticationMethod, damage: Damage) throws {
        let policy = SecurityPolicy(methods: [method])
        for index in 1..<7 {
            for place in 0..<12 {
                var conversation = Conversation(
                    makeClient(credentials: MethodMatrixTests.credentials(), policy: policy),
                    MethodMatrixTests.environment(policy))
                conversation.damage = { number, message in
                    guard number == index else { return message }
                    let step = max(1, message.payload.readableBytes / 12)
                    let forms = Self.damaged(message, damage, stride: step)
                    return forms.isEmpty ? message : forms[min(place, forms.count - 1)]
                }
                let outcome = try conversation.run()
                guard let session = outcome.started?.session else { continue }
                #expect(session.isBound && session.identity.isAuthenticated)
                // Trailing damage may go unseen by TLS only if both ends still share everything.
                #expect(outcome.established?.key == session.key)
            }
        }
    }

    @Test func anEndlessTLSConversationIsCut() throws {
        var environment = MethodMatrixTests.environment(SecurityPolicy(methods: [.ssl]))
        environment.tls = { EndlessEngine() }
        var server = ServerRuleTests.server(environment)
        _ = server.received(
            ServerRuleTests.message(try ServerRuleTests.wishes(["AuthMethods": "SSL"])), now: Conversation.now)
        _ = server.received(ServerRuleTests.integers(256), now: Conversation.now)
        _ = server.received(ServerRuleTests.integers(0), now: Conversation.now)
        var messages = 0
        while messages < 1000 {
            let kinds = refusalKinds(server.received(ServerRuleTests.integers(2, 0), now: Conversation.now))
            messages += 1
            if kinds == [.tlsFailed] { break }
            #expect(kinds.isEmpty)
        }
        #expect(messages == TLSTunnel.maximumMessages / 2 + 1)
    }

    @Test func recordsThatTLSNeverReadsDoNotPileUp() throws {
        var tunnel = TLSTunnel(engine: EndlessEngine())
        var messages = 0
        #expect(throws: SecurityRefusal.self) {
            while messages < 10 {
                var writer = MessageWriter(encrypted: false)
                writer.write(2)
                writer.write(TLSTunnel.maximumTotal / 4)
                writer.writeBytes([UInt8](repeating: 0, count: TLSTunnel.maximumTotal / 4))
                var reader = MessageReader(writer.payload, encrypted: false)
                _ = try tunnel.received(&reader)
                messages += 1
            }
        }
        #expect(messages == 4)
    }

    /// Never has enough input.
    private final class EndlessEngine: TLSEngine {
        var peerCertificate: TLSPeerCertificate? { nil }
        func receive(_ bytes: [UInt8]) {}
        func handshake() -> TLSProgress { .needsInput }
        func drainOutput() -> [UInt8] { [] }
        func write(_ bytes: [UInt8]) {}
        func read(upTo limit: Int) -> [UInt8] { [] }
    }
}

/// A server that is fed damage, and what it does about it.
struct BadInputVictim {
    /// How a machine ended.
    enum End: Equatable {
        case ready, closed
    }

    var server: ServerHandshake
    private(set) var ends: [End] = []
    private var isEncrypted = false
    private var areSessionsValid = true

    init(server: ServerHandshake) { self.server = server }

    /// At most one end, and nothing but valid sessions.
    var isSound: Bool { ends.count <= 1 && areSessionsValid }

    mutating func feed(_ message: InboundMessage) {
        var pending = server.received(message, now: Conversation.now)
        if !ends.isEmpty, !pending.isEmpty { ends.append(.closed) }
        while !pending.isEmpty {
            switch pending.removeFirst() {
            case .send, .removeDirectory, .refused:
                break
            case .enableEncryption(let key):
                if isEncrypted || key.count != sessionKeySize { areSessionsValid = false }
                isEncrypted = true
            case .inspectDirectory(let path):
                if path.split(separator: "/").count != 2 { areSessionsValid = false }
                let owner = DirectoryOwner(
                    userName: "alice", userID: 1000, isDirectory: true, permissions: 0o700, linkCount: 2)
                pending += server.directoryInspected(owner, now: Conversation.now)
            case .storeSession(let session):
                check(session, isAuthenticated: true)
                pending += server.sessionStored(now: Conversation.now)
            case .cacheSession(let session):
                check(session, isAuthenticated: false)
            case .ready:
                ends.append(.ready)
            case .close:
                ends.append(.closed)
            }
        }
    }

    private mutating func check(_ session: SecuritySession, isAuthenticated: Bool) {
        if session.key?.count != sessionKeySize || session.id.isEmpty || !session.isAlive(at: Conversation.now)
            || session.identity.isAuthenticated != isAuthenticated
        {
            areSessionsValid = false
        }
    }
}
