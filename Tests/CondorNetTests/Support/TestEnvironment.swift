import CEDAR
import Cryptography
import Synchronization

@testable import CondorSecurity

/// The server a test plays: every answer is a property.
struct TestEnvironment: ServerSecurityEnvironment {
    /// Sessions as a server keeps them.
    final class Sessions: Sendable {
        private let cache = Mutex(SessionCache())

        func insert(_ session: SecuritySession) { cache.withLock { _ = $0.insert(session) } }
        func find(_ id: String, now: Int64) -> SecuritySession? { cache.withLock { $0.live(id, now: now) } }
        func use(_ id: String, now: Int64) -> SecuritySession? { cache.withLock { $0.use(id, now: now) } }
        func remove(_ id: String) { cache.withLock { _ = $0.remove(id) } }
        var count: Int { cache.withLock { $0.count } }
    }

    typealias Verdict = Result<VerifiedCredential, CredentialRefusal>

    var commands: [Int: CommandEntry] =
        TestEnvironment.commands(
            [.queryStartdAds, .queryAnyAds], .read) + TestEnvironment.commands([.updateStartdAd], .advertiseStartd)
    var policy = SecurityPolicy(methods: [])
    var sessions = Sessions()
    var allows: @Sendable (CommandEntry, SecuritySession) -> Bool = { _, _ in true }
    var valid: [Int] = [5, 48]
    var tls: (@Sendable () throws(TLSFailure) -> any TLSEngine)?
    var bearer: @Sendable (SecretBytes) -> Verdict = { _ in .failure(CredentialRefusal(reason: "unknown")) }
    var certificate: @Sendable (TLSPeerCertificate) -> Verdict = { _ in
        .success(VerifiedCredential(user: "ssl@unmapped"))
    }
    var keys: [String: SecretBytes] = [:]
    var token: @Sendable (IDTokenClaims) -> Verdict = {
        .success(
            VerifiedCredential(user: $0.subject, capabilityID: $0.id, limits: $0.limits, expiresAt: $0.expiresAt))
    }
    var claim: @Sendable (String) -> Verdict = { .success(VerifiedCredential(user: $0)) }

    var trustDomain = ""
    var issuerKeys: [String] = []
    var uidDomain = "example.org"
    var serverName = "broker"
    var version = CondorVersion.ours.text
    var fsDirectory = "/tmp"
    var sharedPortID: String?
    var publishedAddresses: [String] = []

    static func commands(_ numbers: [CommandNumber], _ level: AuthorizationLevel) -> [Int: CommandEntry] {
        Dictionary(
            uniqueKeysWithValues: numbers.map { ($0.rawValue, CommandEntry(number: $0.rawValue, level: level)) })
    }

    func command(_ number: Int) -> CommandEntry? { commands[number] }
    func policy(for level: AuthorizationLevel) -> SecurityPolicy { policy }
    func authorize(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> Bool {
        allows(entry, session)
    }
    func validCommands(for level: AuthorizationLevel, identity: Identity) -> [Int] { valid }
    func session(_ id: String, now: Int64) -> SecuritySession? { sessions.find(id, now: now) }
    func sessionProven(_ id: String, now: Int64) -> SecuritySession? { sessions.use(id, now: now) }
    func makeTLSEngine() throws(TLSFailure) -> any TLSEngine {
        guard let tls else { throw TLSFailure(operation: "no certificate", reasons: []) }
        return try tls()
    }
    func verifyBearer(_ token: SecretBytes, peer: PeerAddress, now: Int64) -> Verdict { bearer(token) }
    func verifyCertificate(_ certificate: TLSPeerCertificate, peer: PeerAddress, now: Int64) -> Verdict {
        self.certificate(certificate)
    }
    func signingKey(_ name: String) -> SecretBytes? { keys[name] }
    func verifyToken(_ claims: IDTokenClaims, peer: PeerAddress, now: Int64) -> Verdict { token(claims) }
    func verifyClaim(_ user: String, peer: PeerAddress, now: Int64) -> Verdict { claim(user) }
}

/// Both tables as one.
func + (left: [Int: CommandEntry], right: [Int: CommandEntry]) -> [Int: CommandEntry] {
    left.merging(right) { $1 }
}
