import CEDAR
import CondorSecurity
import Cryptography
import Synchronization

/// The server whose connections and methods are fuzzed: every method, every level, and credentials nobody can guess.
struct FuzzEnvironment: ServerSecurityEnvironment {
    typealias Verdict = Result<VerifiedCredential, CredentialRefusal>

    static let now: Int64 = 1_800_000_000
    static let client = PeerAddress(host: "127.0.0.1", port: 40_000)
    static let server = PeerAddress(host: "127.0.0.1", port: 9618)
    static let bearer = "annexcap1.0123456789abcdef.c2VjcmV0IG9mIGEgZnV6emVy"
    static let keyMaterial = SecretBytes(FuzzRandom().bytes(64))
    static let user = "annex-42@flock.example.org"

    /// Sessions by their ids.
    final class Sessions: Sendable {
        private let cache = Mutex(SessionCache(capacity: 64, capacityPerIdentity: 16, unauthenticatedCapacity: 16))

        func insert(_ session: SecuritySession) { cache.withLock { _ = $0.insert(session) } }
        func use(_ id: String, now: Int64) -> SecuritySession? { cache.withLock { $0.use(id, now: now) } }
    }

    let sessions = Sessions()
    /// The policy of every level but READ and ALLOW.
    var policy: SecurityPolicy
    /// The policy of READ.
    var readPolicy: SecurityPolicy

    /// A server that insists on one of these methods, where it insists.
    init(methods: [AuthenticationMethod], reading: Wish = .optional, handsOver: Bool = true) {
        policy = SecurityPolicy(methods: methods, handOverKeys: handsOver)
        readPolicy = SecurityPolicy(
            authentication: reading, encryption: .optional, integrity: .optional, methods: methods,
            handOverKeys: handsOver)
    }

    /// Commands with and without payload, harmless and not, at several levels.
    private static let commands: [Int: CommandEntry] = {
        let entries = [
            CommandEntry(number: CommandNumber.updateStartdAd.rawValue, level: .advertiseStartd),
            CommandEntry(number: CommandNumber.invalidateStartdAds.rawValue, level: .advertiseStartd),
            CommandEntry(number: CommandNumber.updateScheddAd.rawValue, level: .advertiseSchedd),
            CommandEntry(number: CommandNumber.queryStartdAds.rawValue, level: .read),
            CommandEntry(number: CommandNumber.queryAnyAds.rawValue, level: .read),
            CommandEntry(
                number: CommandNumber.queryStartdPrivateAds.rawValue, level: .negotiator, forceAuthentication: true),
            CommandEntry(number: CommandNumber.daemonsOff.rawValue, level: .administrator, hasPayload: false),
            CommandEntry(
                number: CommandNumber.noOperation.rawValue, level: .allow, hasPayload: false, isHarmless: true),
            CommandEntry(
                number: CommandNumber.noOperationRead.rawValue, level: .read, hasPayload: false, isHarmless: true),
        ]
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.number, $0) })
    }()

    func command(_ number: Int) -> CommandEntry? { Self.commands[number] }

    func policy(for level: AuthorizationLevel) -> SecurityPolicy {
        switch level {
        case .read, .allow: readPolicy
        default: policy
        }
    }

    func authorize(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> Bool {
        switch entry.level {
        case .read, .allow: true
        default: session.identity.isAuthenticated
        }
    }

    func validCommands(for level: AuthorizationLevel, identity: Identity) -> [Int] { [5, 48] }
    func session(_ id: String, now: Int64) -> SecuritySession? { sessions.use(id, now: now) }

    func makeTLSEngine() throws(TLSFailure) -> any TLSEngine { try FuzzCertificates.shared.server.makeEngine(.server) }

    func verifyBearer(_ token: SecretBytes, peer: PeerAddress, now: Int64) -> Verdict {
        token == SecretBytes(Self.bearer.utf8)
            ? .success(VerifiedCredential(user: Self.user, capabilityID: "42", limits: [.advertiseStartd]))
            : .failure(CredentialRefusal(reason: "unknown"))
    }

    func verifyCertificate(_ certificate: TLSPeerCertificate, peer: PeerAddress, now: Int64) -> Verdict {
        .success(VerifiedCredential(user: "\(certificate.commonName ?? "?")@flock.example.org"))
    }

    func signingKey(_ name: String) -> SecretBytes? { name == "flockbroker-1" ? Self.keyMaterial : nil }

    func verifyToken(_ claims: IDTokenClaims, peer: PeerAddress, now: Int64) -> Verdict {
        .success(VerifiedCredential(user: claims.subject, capabilityID: claims.id, expiresAt: claims.expiresAt))
    }

    func verifyClaim(_ user: String, peer: PeerAddress, now: Int64) -> Verdict {
        .success(VerifiedCredential(user: user))
    }

    var trustDomain: String { "flock.example.org" }
    var issuerKeys: [String] { ["flockbroker-1", "flockbroker-2"] }
    var uidDomain: String { "example.org" }
    var serverName: String { "broker" }
    var version: String { CondorVersion.ours.text }
    var fsDirectory: String { "/tmp" }
}

/// What an honest client has.
enum FuzzCredentials {
    static let token = IDToken.mint(
        IDTokenClaims(
            keyName: "flockbroker-1", issuer: "flock.example.org", subject: FuzzEnvironment.user,
            id: "00112233445566778899aabbccddeeff", issuedAt: FuzzEnvironment.now - 10,
            expiresAt: FuzzEnvironment.now + 500,
            scopes: IDTokenClaims.scopes(for: [.advertiseStartd, .read])),
        key: FuzzEnvironment.keyMaterial)

    static let all = ClientCredentials(
        tls: .init { (showsCertificate) throws(TLSFailure) in
            let certificates = FuzzCertificates.shared
            return try (showsCertificate ? certificates.client : certificates.anonymousClient).makeEngine(.client)
        },
        bearerToken: SecretBytes(FuzzEnvironment.bearer.utf8), idTokens: [token],
        poolPassword: SecretBytes(FuzzRandom().bytes(32)), claimedUser: "bob@example.org")
}

/// Certificates of this process.
struct FuzzCertificates {
    static let shared = FuzzCertificates()

    let server: TLSContext
    let client: TLSContext
    let anonymousClient: TLSContext

    private init() {
        do {
            let authority = try CertificateAuthority.create(commonName: "Fuzz CA", days: 1)
            let ours = try authority.issueServerCertificate(dnsName: "broker.example.org", days: 1)
            let theirs = try authority.issueClientCertificate(commonName: "annex-42", days: 1)
            server = try TLSContext.server(
                certificateChainPEM: ours.certificatePEM, privateKeyPEM: ours.privateKeyPEM,
                clientCAPEM: authority.certificatePEM)
            client = try TLSContext.client(
                trustPEM: authority.certificatePEM, certificateChainPEM: theirs.certificatePEM,
                privateKeyPEM: theirs.privateKeyPEM)
            anonymousClient = try TLSContext.client(trustPEM: authority.certificatePEM)
        } catch {
            preconditionFailure("certificates for fuzzing: \(error)")
        }
    }
}
