import AnnexModel
import AnnexStore
import BrokerCore
import CEDAR
import CondorSecurity
import Cryptography
import Synchronization

/// What the handshakes of the broker's port are decided by: the command table, the capabilities, the accounts.
///
/// Source: `decisions.md` 9 and 10; spec 03, 10.
final class BrokerSecurity: ServerSecurityEnvironment {
    /// The fixed facts of this installation.
    struct Facts: Sendable {
        var trustDomain: String
        var serverName: String
        var fsDirectory: String
        var publishedAddresses: [String]
        var handOverKeys: Bool
        var sessionDuration: Int64
        var readPolicy: Wish
        /// Name and material of the key that signs our IDTOKENS.
        var tokenKeyName: String
        var tokenKey: SecretBytes
    }

    private let facts: Facts
    private let principals: Principals
    private let table: CommandTable
    private let ledger: CapabilityLedger
    private let sessions: SessionVault
    private let tls: TLSContext
    private let store: AnnexStore
    private let figures: ServerFigures

    init(
        facts: Facts, principals: Principals, table: CommandTable, ledger: CapabilityLedger, sessions: SessionVault,
        tls: TLSContext, store: AnnexStore, figures: ServerFigures
    ) {
        self.facts = facts
        self.principals = principals
        self.table = table
        self.ledger = ledger
        self.sessions = sessions
        self.tls = tls
        self.store = store
        self.figures = figures
    }

    var trustDomain: String { facts.trustDomain }
    var issuerKeys: [String] { [facts.tokenKeyName] }
    var uidDomain: String { principals.uidDomain }
    var serverName: String { facts.serverName }
    var version: String { CondorVersion.ours.text }
    var fsDirectory: String { facts.fsDirectory }
    var publishedAddresses: [String] { facts.publishedAddresses }

    func command(_ number: Int) -> CommandEntry? { table[number]?.entry }

    func policy(for level: AuthorizationLevel) -> SecurityPolicy {
        switch level {
        case .advertiseStartd, .advertiseMaster:
            SecurityPolicy(
                methods: [.sciTokens, .idTokens], sessionDuration: facts.sessionDuration,
                handOverKeys: facts.handOverKeys)
        case .read, .allow, .client:
            SecurityPolicy(
                authentication: facts.readPolicy, encryption: .preferred, integrity: .preferred,
                methods: [.fs, .idTokens, .sciTokens, .ssl], sessionDuration: facts.sessionDuration,
                handOverKeys: facts.handOverKeys)
        case .write, .negotiator, .administrator, .config, .daemon, .advertiseSchedd:
            SecurityPolicy(
                methods: [.fs, .idTokens], sessionDuration: facts.sessionDuration, handOverKeys: facts.handOverKeys)
        }
    }

    func validCommands(for level: AuthorizationLevel, identity: Identity) -> [Int] {
        table.numbers(for: level, isMapped: identity.isMapped)
    }

    func session(_ id: String, now: Int64) -> SecuritySession? {
        guard let session = sessions.use(id, now: now) else { return nil }
        figures.sessionsResumed.add(1, ordering: .relaxed)
        if session.identity.isAuthenticated {
            store.write([.touchSession(id: id, lastUsed: now)], durability: .soft)
        }
        return session
    }

    func makeTLSEngine() throws(TLSFailure) -> any TLSEngine { try tls.makeEngine(.server) }

    // MARK: Authorization

    func authorize(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> Bool {
        if entry.levels.contains(.allow) { return true }
        let granted = levels(of: session)
        return entry.levels.contains { wanted in granted.contains { $0 == wanted || $0.implied.contains(wanted) } }
    }

    /// What a session's holder may do: a pilot what its capability says, everybody else what his name is good for.
    private func levels(of session: SecuritySession) -> [AuthorizationLevel] {
        guard session.capabilityID != nil else { return principals.levels(of: session.identity) }
        // Somebody on the way may have enlarged the client's list to get rid of the hand-over (spec 03, 10.9).
        if facts.handOverKeys, session.identity.method == .sciTokens, !session.isBound { return [] }
        return session.limits ?? []
    }

    // MARK: Credentials

    func verifyBearer(
        _ token: SecretBytes, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        token.withBytes { ledger.verify(bearer: $0, now: now) }.map { credential($0, peer, now) }.mapError(Self.refusal)
    }

    func signingKey(_ name: String) -> SecretBytes? { name == facts.tokenKeyName ? facts.tokenKey : nil }

    func verifyToken(
        _ claims: IDTokenClaims, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        ledger.verify(tokenID: claims.id, kid: claims.keyName, now: now).map { credential($0, peer, now) }.mapError(
            Self.refusal)
    }

    func verifyAccount(
        _ owner: DirectoryOwner, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        .success(VerifiedCredential(user: principals.user(ofAccount: owner.userName)))
    }

    /// A pilot acts in its owner's name; its capability decides what it may do.
    private func credential(_ record: CapabilityRecord, _ peer: PeerAddress, _ now: Int64) -> VerifiedCredential {
        if ledger.noteUse(capabilityID: record.id, peer: peer.host, now: now) {
            store.write([.touchCapability(id: record.id, at: now, peer: peer.host)], durability: .soft)
        }
        return VerifiedCredential(
            user: record.owner, capabilityID: record.id,
            limits: record.scopes.compactMap(AuthorizationLevel.init(rawValue:)), expiresAt: record.expiresAt)
    }

    private static func refusal(_ refused: RefusedCapability) -> CredentialRefusal {
        CredentialRefusal(publicID: refused.id, reason: refused.refusal.reason)
    }
}
