import CEDAR
import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CondorSecurity

/// Feeds the server's side of a recording to a ``ClientHandshake`` whose random choices are the recorded ones.
struct ClientReplay {
    /// Attributes of the first ad that are ours to choose, or that the recorded client said of itself.
    private static let free = [
        AttributeName.remoteVersion, AttributeName.serverPid, AttributeName.outgoingNegotiation,
    ]

    let messages: [Recording.Message]
    private(set) var client: ClientHandshake
    private(set) var sent: [ServerReplay.Content] = []
    private(set) var recorded: [ServerReplay.Content] = []
    private(set) var key: SecretBytes?
    private(set) var established: SecuritySession?
    private(set) var validCommands: [CommandNumber] = []
    private(set) var failure: SecurityRefusal?
    /// What the recorded client said in its first ad.
    let first: HandshakeAd

    /// - Parameter session: what the recorded client resumed, if it did.
    init(_ recording: Recording, resume session: SecuritySession? = nil) throws {
        messages = try recording.messages()
        let opening = try #require(messages.first).message
        first = try handshakeAd(opening, afterCommand: true)
        let sinful = try #require(first.string(AttributeName.connectSinful))
        let address = try #require(Sinful(sinful))
        let methods = AuthenticationMethod.list(from: first.string(AttributeName.authMethods) ?? "")
        let policy = SecurityPolicy(
            authentication: try Self.wish(first, AttributeName.authenticationNew),
            encryption: try Self.wish(first, AttributeName.encryption),
            integrity: try Self.wish(first, AttributeName.integrity), methods: methods,
            sessionDuration: first.integer(AttributeName.sessionDuration) ?? 0,
            sessionLease: first.integer(AttributeName.sessionLease) ?? 0)
        client = ClientHandshake(
            command: CommandNumber(rawValue: try #require(first.command(AttributeName.command))),
            authCommand: first.command(AttributeName.authCommand).map { CommandNumber(rawValue: $0) },
            credentials: try Self.credentials(recording, messages), policy: policy, resume: session,
            connectSinful: sinful, serverName: "server.example.org",
            server: PeerAddress(host: address.host ?? "", port: address.port ?? 0),
            description: .init(subsystem: first.string(AttributeName.subsystem) ?? "TOOL"),
            random: ScriptedRandom(try Self.randomness(recording, first)))
    }

    mutating func run() {
        perform(client.start(now: Conversation.now))
        for (index, message) in messages.enumerated() {
            if established != nil || failure != nil { return }
            switch message.from {
            case .server:
                perform(client.received(message.message, now: Conversation.now))
            case .client:
                guard !message.message.encrypted else { return }
                recorded.append(Self.content(message.message.payload, isFirst: index == 0))
            }
        }
    }

    private mutating func perform(_ actions: [ClientHandshake.Action]) {
        for action in actions {
            switch action {
            case .send(let payload):
                sent.append(Self.content(payload, isFirst: sent.isEmpty))
            case .enableEncryption(let key):
                self.key = key
            case .makeDirectory:
                perform(client.directoryMade(true, now: Conversation.now))
            case .removeDirectory, .refused:
                break
            case .established(let session, let commands):
                established = session
                validCommands = commands
            case .failed(let refusal):
                failure = refusal
            }
        }
    }

    /// The first message is a number and an ad; the others of a client hold no ad.
    private static func content(_ payload: ByteBuffer, isFirst: Bool) -> ServerReplay.Content {
        var payload = payload
        guard isFirst, payload.readInteger(as: Int64.self) == 60010 else {
            return .bytes(Array(payload.readableBytesView))
        }
        guard case .ad(let lines) = ServerReplay.content(payload, encrypted: false) else { return .bytes([]) }
        return .ad(lines.filter { line in !free.contains { line.hasPrefix($0 + " ") } })
    }

    private static func wish(_ ad: HandshakeAd, _ name: String) throws -> Wish {
        try #require(Wish(wire: ad.string(name)))
    }

    private static func credentials(
        _ recording: Recording, _ messages: [Recording.Message]
    ) throws -> ClientCredentials {
        let turns = try recording.scriptedTurns(from: .client)
        let secret = try (recording.sessionSecret ?? recording.derived?["wrap_key"]).map { try bytes($0) } ?? []
        let isToken = recording.derived?["ka"] != nil
        return ClientCredentials(
            tls: .init { _ in
                ScriptedTLSEngine(
                    turns: turns, plaintexts: [secret],
                    peerCertificate: TLSPeerCertificate(
                        der: [], subject: "", dnsNames: ["server.example.org"], commonName: nil))
            },
            bearerToken: recording.token.map { SecretBytes($0.utf8) },
            idTokens: isToken ? [try IDToken(parsing: try #require(recording.token))] : [],
            claimedUser: try claimedUser(messages) ?? "not@asked")
    }

    /// The name of a recorded CLAIMTOBE.
    private static func claimedUser(_ messages: [Recording.Message]) throws -> String? {
        for message in messages where message.from == .client && !message.message.encrypted {
            var reader = message.message.reader()
            guard try reader.readInteger() == 1, let name = try? reader.readString(), reader.isAtEnd else { continue }
            return name
        }
        return nil
    }

    private static func randomness(_ recording: Recording, _ first: HandshakeAd) throws -> [[UInt8]] {
        var script: [[UInt8]] = []
        if let scalar = recording.ecdh?.referencePrivateScalar { script.append(try bytes(scalar)) }
        if let nonce = recording.derived?["ra"] { script.append(try bytes(nonce)) }
        if let nonce = first.string(AttributeName.nonce) { script.append(try #require(Base64.decode(nonce))) }
        return script
    }
}
