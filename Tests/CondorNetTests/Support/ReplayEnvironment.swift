import CEDAR
import Cryptography
import Synchronization
import TestSupport
import Testing

@testable import CondorSecurity

/// The server of a recording: its commands, wishes and random choices, read off what was recorded.
struct ReplayEnvironment {
    /// Attributes of every recorded server that are ours to choose are ours here.
    static let now: Int64 = 1_800_000_000
    static let peer = PeerAddress(host: "127.0.0.1", port: 40_000)

    var server: TestEnvironment
    var random: FixedRandom
    var local = PeerAddress(host: "127.0.0.1", port: 9618)
    /// How often a TLS engine was asked for: engines are objects, and a machine that has one cannot be copied.
    let engines = Counter()

    /// Counts.
    final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        var value: Int { count.load(ordering: .relaxed) }
        func increase() { count.add(1, ordering: .relaxed) }
    }

    init(_ recording: Recording, _ messages: [Recording.Message]) throws {
        server = TestEnvironment()
        random = FixedRandom(try Self.randomness(recording, messages))
        // Whatever follows on a kept connection is known.
        for number in 0..<100 { server.commands[number] = CommandEntry(number: number, level: .read) }
        server.commands[CommandNumber.noOperation.rawValue] = CommandEntry(
            number: CommandNumber.noOperation.rawValue, level: .allow, hasPayload: false, isHarmless: true)
        let opening = try #require(messages.first).message
        var reader = opening.reader()
        guard try reader.readCommand() == .authenticate else {
            // A raw command.
            server.policy = SecurityPolicy(
                authentication: .optional, encryption: .optional, integrity: .optional, methods: [])
            return
        }
        let first = try handshakeAd(opening, afterCommand: true)
        let hasPayload = messages.contains { $0.from == .client && $0.message.encrypted }
        if let command = first.command(AttributeName.authCommand) ?? first.command(AttributeName.command) {
            server.commands[command] = CommandEntry(
                number: command, level: .read, hasPayload: hasPayload, isHarmless: !hasPayload)
        }
        if let id = recording.sid, let key = recording.key, first.saysYes(AttributeName.useSession) {
            server.sessions.insert(
                SecuritySession(
                    id: id, key: SecretBytes(try bytes(key)), identity: .unauthenticated, createdAt: Self.now))
        }
        if first.saysYes(AttributeName.newSession) { try takeWishes(recording, messages, first) }
        if let path = Self.directory(messages) {
            server.fsDirectory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
            let parts = path.split(separator: "_")
            if parts.count > 2, let port = Int(parts[2]) { local = PeerAddress(host: String(parts[1]), port: port) }
        }
    }

    /// What the recorded server must have wished.
    private mutating func takeWishes(
        _ recording: Recording, _ messages: [Recording.Message], _ first: HandshakeAd
    ) throws {
        guard let answer = messages.first(where: { $0.from == .server })?.message, !answer.encrypted,
            let action = try? handshakeAd(answer)
        else { return }
        let isUsed = action.saysYes(AttributeName.authentication)
        let insists =
            isUsed && action.boolean(AttributeName.authRequired) != false
            && first.string(AttributeName.authenticationNew).flatMap { Wish(wire: $0) } != .required
        server.policy = SecurityPolicy(
            authentication: insists ? .required : isUsed ? .preferred : .optional,
            encryption: .optional, integrity: .optional,
            methods: AuthenticationMethod.list(from: action.string(AttributeName.authMethodsList) ?? ""),
            sessionDuration: 86_400, handOverKeys: action.string(AttributeName.ecdhPublicKey) == nil)
        server.trustDomain = action.string(AttributeName.trustDomain) ?? ""
        server.issuerKeys = splitList(action.string(AttributeName.issuerKeys) ?? "")
        if let kid = recording.kid, let material = recording.keyMaterial {
            server.keys[kid] = SecretBytes(try bytes(material))
            if recording.aesKey == nil {
                server.token = { _ in .failure(CredentialRefusal(reason: "revoked in the recording")) }
            }
        }
        takeVerdict(recording, messages)
        try takeTLS(recording)
    }

    private mutating func takeVerdict(_ recording: Recording, _ messages: [Recording.Message]) {
        guard let verdict = messages.first(where: { $0.from == .server && $0.message.encrypted })?.message,
            let ad = try? handshakeAd(verdict)
        else { return }
        let isAllowed = ad.string(AttributeName.returnCode) == "AUTHORIZED"
        server.allows = { _, _ in isAllowed }
        let user = ad.string(AttributeName.user) ?? ""
        server.uidDomain = String(Identity(user: user, method: nil).domain)
        server.bearer = { _ in .success(VerifiedCredential(user: user)) }
        if user == Identity.unauthenticatedUser {
            server.claim = { _ in .failure(CredentialRefusal(reason: "refused in the recording")) }
        }
    }

    private mutating func takeTLS(_ recording: Recording) throws {
        let turns = try recording.scriptedTurns(from: .server)
        let token = recording.token.map { Array($0.utf8) }
        let plaintext = token.map { [0, 0, UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 } ?? []
        let certificate = recording.authenticatedName.map {
            TLSPeerCertificate(der: [], subject: $0, dnsNames: [], commonName: nil)
        }
        let engines = engines
        server.tls = {
            engines.increase()
            return ScriptedTLSEngine(turns: turns, plaintexts: [plaintext], peerCertificate: certificate)
        }
        let accepted = server.bearer
        let isAccepted = recording.aesKey != nil
        server.bearer = { presented in
            isAccepted && presented.bytes == token
                ? accepted(presented) : .failure(CredentialRefusal(reason: "refused in the recording"))
        }
    }

    /// The random choices of the recorded server, told apart by their sizes.
    private static func randomness(_ recording: Recording, _ messages: [Recording.Message]) throws -> [[UInt8]] {
        var script: [[UInt8]] = []
        if let scalar = recording.ecdh?.referencePrivateScalar { script.append(try bytes(scalar)) }
        if let key = recording.derived?["session_key"] { script.append(try bytes(key)) }
        if let nonce = recording.derived?["rb"] { script.append(try bytes(nonce)) }
        if let secret = recording.sessionSecret ?? recording.derived?["wrap_key"] { script.append(try bytes(secret)) }
        if let name = directory(messages)?.split(separator: "_").last, let random = Hex.decode(String(name)) {
            script.append(random)
        }
        return script
    }

    /// The path of FS, if the server has sent one.
    private static func directory(_ messages: [Recording.Message]) -> String? {
        for message in messages where message.from == .server && !message.message.encrypted {
            var reader = message.message.reader()
            guard let text = try? reader.readString(), reader.isAtEnd, text.hasPrefix("/") else { continue }
            return text
        }
        return nil
    }
}
