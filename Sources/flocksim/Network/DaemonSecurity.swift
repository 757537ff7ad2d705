import CEDAR
import CondorSecurity
import Cryptography
import FlockSimCore
import Synchronization

/// The security of a simulated daemon's port: nobody gets in but with a session that the daemon gave away.
final class DaemonSecurity: ServerSecurityEnvironment {
    private let commands: [Int: CommandEntry]
    private let sessions = Mutex<[String: SecuritySession]>([:])

    let trustDomain = ""
    let issuerKeys: [String] = []
    let uidDomain = "flocksim.invalid"
    let serverName = "flocksim"
    let version = DaemonIdentity.version
    let fsDirectory = "/tmp"

    init(_ commands: [CommandEntry]) {
        self.commands = Dictionary(uniqueKeysWithValues: commands.map { ($0.number, $0) })
    }

    /// Takes over what a model says about its sessions.
    func apply(_ change: SessionChange, now: Int64) {
        switch change {
        case .open(let grant):
            let session = SecuritySession(
                id: grant.id, key: grant.secret.sessionKey,
                identity: Identity(user: grant.role.userName, method: nil), limits: [grant.role.level],
                isNegotiated: false, createdAt: now, expiresAt: grant.expiresAt ?? SecuritySession.never)
            sessions.withLock { $0[grant.id] = session }
        case .close(let id):
            sessions.withLock { $0[id] = nil }
        }
    }

    func command(_ number: Int) -> CommandEntry? { commands[number] }

    func policy(for level: AuthorizationLevel) -> SecurityPolicy { SecurityPolicy(methods: []) }

    func authorize(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> Bool {
        !session.isNegotiated && session.key != nil && entry.levels.contains { $0.isWithin(session.limits) }
    }

    func validCommands(for level: AuthorizationLevel, identity: Identity) -> [Int] { [] }

    func session(_ id: String, now: Int64) -> SecuritySession? { sessions.withLock { $0[id] } }

    func makeTLSEngine() throws(TLSFailure) -> any TLSEngine {
        preconditionFailure("no method of this port uses TLS")
    }

    func verifyBearer(
        _ token: SecretBytes, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        .failure(CredentialRefusal(reason: "no method"))
    }

    func signingKey(_ name: String) -> SecretBytes? { nil }

    func verifyToken(
        _ claims: IDTokenClaims, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        .failure(CredentialRefusal(reason: "no method"))
    }
}

extension SessionGrant.Role {
    /// The name under which the bearer appears (spec 02, 10.5).
    fileprivate var userName: String {
        switch self {
        case .claimHolder: "submit-side@matchsession"
        case .claimedStartd: "execute-side@matchsession"
        case .negotiator: "negotiator-side@matchsession"
        case .administrator: "collector-side@matchsession"
        }
    }

    /// What he may do.
    fileprivate var level: AuthorizationLevel {
        switch self {
        case .claimHolder, .claimedStartd: .daemon
        case .negotiator: .negotiator
        case .administrator: .administrator
        }
    }
}
