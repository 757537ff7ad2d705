import CEDAR
import ClassAds
import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CondorNet
@testable import CondorSecurity

/// A client that has gone through a real handshake with a ``Victim``, TLS by the real library.
///
/// A value, like the victim in it: what is sent to a copy does not touch the original.
struct Pilot {
    private(set) var victim: Victim
    private var stream = CEDARStream(random: FixedRandom())

    static let bearer = "annexcap1.0123456789abcdef.c2VjcmV0"
    static let keyMaterial = SecretBytes((0..<64).map { UInt8($0) })

    /// A certificate authority, made for this run.
    private static let tls: (server: TLSContext, client: TLSContext) = {
        do {
            let authority = try CertificateAuthority.create(commonName: "Test CA", days: 1)
            let ours = try authority.issueServerCertificate(dnsName: "broker.example.org", days: 1)
            let server = try TLSContext.server(
                certificateChainPEM: ours.certificatePEM, privateKeyPEM: ours.privateKeyPEM,
                clientCAPEM: authority.certificatePEM)
            return (server, try TLSContext.client(trustPEM: authority.certificatePEM))
        } catch {
            preconditionFailure("certificates for tests: \(error)")
        }
    }()

    /// A server that takes annexes' ads with SCITOKENS or IDTOKENS, and people's orders with FS.
    static let server: TestEnvironment = {
        var environment = TestEnvironment()
        environment.policy = SecurityPolicy(methods: [.sciTokens, .idTokens, .fs])
        environment.trustDomain = "flock.example.org"
        environment.issuerKeys = ["flockbroker-1"]
        environment.keys = ["flockbroker-1": keyMaterial]
        environment.tls = { () throws(TLSFailure) in try tls.server.makeEngine(.server) }
        environment.bearer = { token in
            token == SecretBytes(bearer.utf8)
                ? .success(
                    VerifiedCredential(
                        user: "alice@example.org", capabilityID: "0123456789abcdef", limits: [.advertiseStartd]))
                : .failure(CredentialRefusal(publicID: "0123456789abcdef", reason: "revoked"))
        }
        let updates: [CommandNumber] = [.updateStartdAd, .updateStartdAdWithAck, .invalidateStartdAds]
        let orders: [CommandNumber] = [.flockAnnexCreate, .flockCapabilityRevoke, .flockBrokerStatus]
        environment.commands =
            TestEnvironment.commands(updates, .advertiseStartd) + TestEnvironment.commands([.queryStartdAds], .read)
            + TestEnvironment.commands(orders, .write)
        environment.commands[CommandNumber.noOperation.rawValue] = CommandEntry(
            number: CommandNumber.noOperation.rawValue, level: .allow, hasPayload: false, isHarmless: true)
        return environment
    }()

    static func client(
        _ command: CommandNumber, _ methods: [AuthenticationMethod], bearer: String = bearer,
        resume: SecuritySession? = nil
    ) -> ClientHandshake {
        let token = IDToken.mint(
            IDTokenClaims(
                keyName: "flockbroker-1", issuer: "flock.example.org", subject: "annex@flock.example.org",
                id: "00112233445566778899aabbccddeeff", issuedAt: ReplayEnvironment.now - 10,
                expiresAt: ReplayEnvironment.now + 500,
                scopes: IDTokenClaims.scopes(for: [.advertiseStartd, .read])),
            key: keyMaterial)
        let trust = tls.client
        let engines = ClientCredentials.TLS { (_) throws(TLSFailure) in try trust.makeEngine(.client) }
        return ClientHandshake(
            command: command,
            credentials: ClientCredentials(tls: engines, bearerToken: SecretBytes(bearer.utf8), idTokens: [token]),
            policy: SecurityPolicy(methods: methods), resume: resume,
            connectSinful: "<127.0.0.1:9618?alias=broker.example.org>",
            server: PeerAddress(host: "127.0.0.1", port: 9618))
    }

    /// Runs the handshake for a command to its end at both sides.
    init(
        _ command: CommandNumber, _ methods: [AuthenticationMethod], server: TestEnvironment = Pilot.server,
        bearer: String = bearer, resume: SecuritySession? = nil, victim configure: (inout Victim) -> Void = { _ in }
    ) throws {
        victim = Victim(server)
        configure(&victim)
        var client = Self.client(command, methods, bearer: bearer, resume: resume)
        var actions = client.start(now: ReplayEnvironment.now)
        for _ in 0..<1000 {
            if !actions.isEmpty {
                try perform(actions.removeFirst(), &client, &actions)
                continue
            }
            for case .bytes(let bytes) in victim.takeOutput() { stream.append(bytes) }
            guard let message = try stream.nextMessage() else { return }
            actions = client.received(message, now: ReplayEnvironment.now)
        }
        Issue.record("the machines talk for ever")
    }

    private mutating func perform(
        _ action: ClientHandshake.Action, _ client: inout ClientHandshake, _ pending: inout [ClientHandshake.Action]
    ) throws {
        switch action {
        case .send(let payload): victim.feed(try stream.encode(payload))
        case .enableEncryption(let key): try stream.enableEncryption(key: key)
        case .makeDirectory: pending += client.directoryMade(true, now: ReplayEnvironment.now)
        case .removeDirectory, .refused, .established, .failed: break
        }
    }

    /// A payload in the coding of the connection.
    func payload(_ build: (inout MessageWriter) -> Void) -> ByteBuffer {
        var writer = stream.makeWriter()
        build(&writer)
        return writer.payload
    }

    /// Sends one message.
    mutating func send(_ payload: ByteBuffer) throws { victim.feed(try stream.encode(payload)) }

    /// The bytes of one message, without sending them.
    mutating func encode(_ payload: ByteBuffer) throws -> ByteBuffer { try stream.encode(payload) }

    /// Lets something happen to the server.
    mutating func happen(_ event: (inout Victim) -> Void) { event(&victim) }

    /// What the server answered since the handshake.
    mutating func answers() throws -> [InboundMessage] {
        for case .bytes(let bytes) in victim.takeOutput() { stream.append(bytes) }
        var messages: [InboundMessage] = []
        while let message = try stream.nextMessage() { messages.append(message) }
        return messages
    }

    /// What becomes of the server when this message is the last.
    func outcome(of payload: ByteBuffer) throws -> Victim {
        var copy = self
        try copy.send(payload)
        copy.victim.end()
        return copy.victim
    }
}
