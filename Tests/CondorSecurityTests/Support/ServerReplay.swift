import CEDAR
import ClassAds
import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CondorSecurity

/// Feeds the client's side of a recording to a ``ServerHandshake`` whose random choices are the recorded ones.
struct ServerReplay {
    /// A message in a form that compares: ads without what may differ, all else as bytes.
    enum Content: Equatable, CustomTestStringConvertible {
        case ad([String])
        case bytes([UInt8])

        var testDescription: String {
            switch self {
            case .ad(let lines): lines.joined(separator: "; ")
            case .bytes(let bytes): "\(bytes.count):" + Hex.encode(bytes.prefix(40))
            }
        }
    }

    /// Attributes that are ours to choose, or random.
    ///
    /// The recorded server did not repeat the token's attributes, as real ones do.
    static let alwaysFree = [
        AttributeName.remoteVersion, AttributeName.sid, AttributeName.authTokenID, AttributeName.authTokenIssuer,
        AttributeName.authTokenScopes, AttributeName.authTokenSubject,
    ]

    var environment: TestEnvironment
    let random: ScriptedRandom
    let messages: [Recording.Message]
    private(set) var sent: [Content] = []
    private(set) var recorded: [Content] = []
    private(set) var key: SecretBytes?
    private(set) var stored: [SecuritySession] = []
    private(set) var cached: [SecuritySession] = []
    private(set) var closed: SecurityRefusal?
    private(set) var isOver = false
    private var local = Conversation.serverEnd
    private let free: [String]

    init(_ recording: Recording) throws {
        messages = try recording.messages()
        let hasScalar = recording.ecdh != nil || recording.aesKey != nil
        free = Self.alwaysFree + (hasScalar ? [] : [AttributeName.ecdhPublicKey])
        environment = try Self.environment(recording, messages: messages)
        random = ScriptedRandom(try Self.randomness(recording, messages: messages))
        if let path = try Self.directory(messages) {
            environment.fsDirectory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
            let parts = path.split(separator: "_")
            local = PeerAddress(host: String(parts[1]), port: try #require(Int(parts[2])))
        }
    }

    var server: ServerHandshake {
        ServerHandshake(environment: environment, random: random, peer: Conversation.clientEnd, local: local)
    }

    /// Plays the whole handshake; what the server says after it is ready, and what was recorded then, is left out.
    mutating func run() throws {
        var server = server
        for message in messages {
            switch message.from {
            case .client:
                if isOver { return }
                perform(server.received(message.message, now: Conversation.now), &server)
            case .server:
                if isOver, sent.count == recorded.count { return }
                recorded.append(Self.content(message.message.payload, encrypted: message.message.encrypted, free: free))
            }
        }
    }

    private mutating func perform(_ actions: [ServerHandshake.Action], _ server: inout ServerHandshake) {
        for action in actions {
            switch action {
            case .send(let payload):
                sent.append(Self.content(payload, encrypted: key != nil, free: free))
            case .enableEncryption(let key):
                self.key = key
            case .inspectDirectory:
                let owner = DirectoryOwner(
                    userName: "root", userID: 0, isDirectory: true, permissions: 0o700, linkCount: 2)
                perform(server.directoryInspected(owner, now: Conversation.now), &server)
            case .removeDirectory, .refused:
                break
            case .storeSession(let session):
                stored.append(session)
                perform(server.sessionStored(now: Conversation.now), &server)
            case .cacheSession(let session):
                cached.append(session)
            case .ready:
                isOver = true
            case .close(let refusal):
                isOver = true
                closed = refusal
            }
        }
    }

    /// A message as ``Content``; only messages of nothing but an ad count as ads.
    static func content(_ payload: ByteBuffer, encrypted: Bool, free: [String] = alwaysFree) -> Content {
        var reader = MessageReader(payload, encrypted: encrypted)
        if let ad = try? reader.readClassAd(limits: .handshake), reader.isAtEnd, ad.count > 0 {
            var lines: [String] = []
            ad.forEachLine { name, line in
                guard !free.contains(name.description) else { return }
                lines.append(String(decoding: line, as: UTF8.self))
            }
            return .ad(lines)
        }
        return .bytes(Array(payload.readableBytesView))
    }

    /// A server that wishes what the recorded one must have wished.
    private static func environment(_ recording: Recording, messages: [Recording.Message]) throws -> TestEnvironment {
        var environment = TestEnvironment()
        let first = try handshakeAd(try #require(messages.first).message, afterCommand: true)
        let command = try #require(first.command(AttributeName.authCommand) ?? first.command(AttributeName.command))
        environment.commands = [command: CommandEntry(number: command, level: .write)]
        guard first.saysYes(AttributeName.newSession) else { return environment }

        let action = try handshakeAd(try #require(messages.first { $0.from == .server }).message)
        let isUsed = action.saysYes(AttributeName.authentication)
        let insists =
            isUsed && action.boolean(AttributeName.authRequired) != false
            && first.string(AttributeName.authenticationNew).flatMap { Wish(wire: $0) } != .required
        environment.policy = SecurityPolicy(
            authentication: insists ? .required : isUsed ? .preferred : .optional,
            encryption: .optional, integrity: .optional,
            methods: AuthenticationMethod.list(from: action.string(AttributeName.authMethodsList) ?? ""),
            sessionDuration: 86_400, handOverKeys: action.string(AttributeName.ecdhPublicKey) == nil)
        environment.trustDomain = action.string(AttributeName.trustDomain) ?? ""
        environment.issuerKeys = splitList(action.string(AttributeName.issuerKeys) ?? "")
        if let verdict = messages.first(where: { $0.from == .server && $0.message.encrypted }) {
            let ad = try handshakeAd(verdict.message)
            environment.valid = splitList(ad.string(AttributeName.validCommands) ?? "").compactMap { Int($0) }
            let isAllowed = ad.string(AttributeName.returnCode) == "AUTHORIZED"
            environment.allows = { _, _ in isAllowed }
            let user = ad.string(AttributeName.user) ?? ""
            environment.uidDomain = String(Identity(user: user, method: nil).domain)
            environment.bearer = { _ in .success(VerifiedCredential(user: user)) }
            let subject = recording.authenticatedName
            environment.certificate = {
                $0.subject == subject
                    ? .success(VerifiedCredential(user: user)) : .failure(CredentialRefusal(reason: "another subject"))
            }
            if user == Identity.unauthenticatedUser {
                environment.claim = { _ in .failure(CredentialRefusal(reason: "refused in the recording")) }
            }
        }
        if let kid = recording.kid, let material = recording.keyMaterial {
            environment.keys[kid] = SecretBytes(try bytes(material))
            if recording.aesKey == nil {
                environment.token = { _ in .failure(CredentialRefusal(reason: "revoked in the recording")) }
            }
        }
        try configureTLS(&environment, recording)
        return environment
    }

    private static func configureTLS(_ environment: inout TestEnvironment, _ recording: Recording) throws {
        let turns = try recording.scriptedTurns(from: .server)
        let token = recording.token.map { Array($0.utf8) }
        let plaintext = token.map { [0, 0, UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 } ?? []
        let certificate = recording.authenticatedName.map {
            TLSPeerCertificate(der: [], subject: $0, dnsNames: [], commonName: nil)
        }
        // The turn that only opens the handshake has no plaintext; the first records after it are the token.
        environment.tls = {
            ScriptedTLSEngine(turns: turns, plaintexts: [plaintext], peerCertificate: certificate)
        }
        let accepted = environment.bearer
        let isAccepted = recording.aesKey != nil
        environment.bearer = { presented in
            isAccepted && presented.bytes == token
                ? accepted(presented) : .failure(CredentialRefusal(reason: "refused in the recording"))
        }
    }

    /// The random choices of the recorded server, told apart by their sizes.
    private static func randomness(_ recording: Recording, messages: [Recording.Message]) throws -> [[UInt8]] {
        var script: [[UInt8]] = []
        if let scalar = recording.ecdh?.referencePrivateScalar { script.append(try bytes(scalar)) }
        if let key = recording.derived?["session_key"] { script.append(try bytes(key)) }
        if let nonce = recording.derived?["rb"] { script.append(try bytes(nonce)) }
        if let secret = recording.sessionSecret ?? recording.derived?["wrap_key"] {
            let secret = try bytes(secret)
            if secret.count == TLSServerRun.secretSize { script.append(secret) }
        }
        if let path = try directory(messages), let name = path.split(separator: "_").last {
            script.append(try bytes(String(name)))
        }
        for message in messages where message.from == .server && !message.message.encrypted {
            guard let ad = try? handshakeAd(message.message), let nonce = ad.string(AttributeName.nonce) else {
                continue
            }
            script.append(try #require(Base64.decode(nonce)))
        }
        return script
    }

    /// The path of FS, if the server has sent one.
    private static func directory(_ messages: [Recording.Message]) throws -> String? {
        for message in messages where message.from == .server && !message.message.encrypted {
            var reader = message.message.reader()
            guard let text = try? reader.readString(), reader.isAtEnd, text.hasPrefix("/") else { continue }
            return text
        }
        return nil
    }
}
