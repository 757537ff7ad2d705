package import CEDAR
package import CondorSecurity
package import Cryptography
import Synchronization

/// The server a test plays: every answer is a property.
package struct TestEnvironment: ServerSecurityEnvironment {
    /// Sessions as a server keeps them.
    package final class Sessions: Sendable {
        private let cache = Mutex(SessionCache())

        package init() {}

        package func insert(_ session: SecuritySession) { cache.withLock { _ = $0.insert(session) } }
        package func find(_ id: String, now: Int64) -> SecuritySession? { cache.withLock { $0.live(id, now: now) } }
        package func use(_ id: String, now: Int64) -> SecuritySession? { cache.withLock { $0.use(id, now: now) } }
        package func remove(_ id: String) { cache.withLock { _ = $0.remove(id) } }
        package var count: Int { cache.withLock { $0.count } }
    }

    package typealias Verdict = Result<VerifiedCredential, CredentialRefusal>

    package var commands: [Int: CommandEntry] =
        TestEnvironment.commands(
            [.queryStartdAds, .queryAnyAds], .read) + TestEnvironment.commands([.updateStartdAd], .advertiseStartd)
    package var policy = SecurityPolicy(methods: [])
    package var sessions = Sessions()
    package var allows: @Sendable (CommandEntry, SecuritySession) -> Bool = { _, _ in true }
    package var valid: [Int] = [5, 48]
    package var tls: (@Sendable () throws(TLSFailure) -> any TLSEngine)?
    package var bearer: @Sendable (SecretBytes) -> Verdict = { _ in .failure(CredentialRefusal(reason: "unknown")) }
    package var certificate: @Sendable (TLSPeerCertificate) -> Verdict = { _ in
        .success(VerifiedCredential(user: "ssl@unmapped"))
    }
    package var keys: [String: SecretBytes] = [:]
    package var token: @Sendable (IDTokenClaims) -> Verdict = {
        .success(
            VerifiedCredential(user: $0.subject, capabilityID: $0.id, limits: $0.limits, expiresAt: $0.expiresAt))
    }
    package var claim: @Sendable (String) -> Verdict = { .success(VerifiedCredential(user: $0)) }

    package var trustDomain = ""
    package var issuerKeys: [String] = []
    package var uidDomain = "example.org"
    package var serverName = "broker"
    package var version = CondorVersion.ours.text
    package var fsDirectory = "/tmp"
    package var sharedPortID: String?
    package var publishedAddresses: [String] = []

    package init() {}

    package static func commands(_ numbers: [CommandNumber], _ level: AuthorizationLevel) -> [Int: CommandEntry] {
        Dictionary(
            uniqueKeysWithValues: numbers.map { ($0.rawValue, CommandEntry(number: $0.rawValue, level: level)) })
    }

    package func command(_ number: Int) -> CommandEntry? { commands[number] }
    package func policy(for level: AuthorizationLevel) -> SecurityPolicy { policy }
    package func authorize(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> Bool {
        allows(entry, session)
    }
    package func validCommands(for level: AuthorizationLevel, identity: Identity) -> [Int] { valid }
    package func session(_ id: String, now: Int64) -> SecuritySession? { sessions.find(id, now: now) }
    package func sessionProven(_ id: String, now: Int64) -> SecuritySession? { sessions.use(id, now: now) }
    package func makeTLSEngine() throws(TLSFailure) -> any TLSEngine {
        guard let tls else { throw TLSFailure(operation: "no certificate", reasons: []) }
        return try tls()
    }
    package func verifyBearer(_ token: SecretBytes, peer: PeerAddress, now: Int64) -> Verdict { bearer(token) }
    package func verifyCertificate(_ certificate: TLSPeerCertificate, peer: PeerAddress, now: Int64) -> Verdict {
        self.certificate(certificate)
    }
    package func signingKey(_ name: String) -> SecretBytes? { keys[name] }
    package func verifyToken(_ claims: IDTokenClaims, peer: PeerAddress, now: Int64) -> Verdict { token(claims) }
    package func verifyClaim(_ user: String, peer: PeerAddress, now: Int64) -> Verdict { claim(user) }
}

/// Both tables as one.
package func + (left: [Int: CommandEntry], right: [Int: CommandEntry]) -> [Int: CommandEntry] {
    left.merging(right) { $1 }
}
