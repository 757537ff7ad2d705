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
        var clock: @Sendable () -> Int64
    }

    private let facts: Facts
    private let principals: Principals
    private let authority: Authority
    private let table: CommandTable
    private let ledger: CapabilityLedger
    private let sessions: SessionVault
    private let tls: TLSKeeper
    private let store: AnnexStore
    private let figures: ServerFigures
    private let files: CredentialFiles

    init(
        facts: Facts, principals: Principals, authority: Authority, table: CommandTable, ledger: CapabilityLedger,
        sessions: SessionVault, tls: TLSKeeper, store: AnnexStore, figures: ServerFigures, files: CredentialFiles
    ) {
        self.facts = facts
        self.principals = principals
        self.authority = authority
        self.table = table
        self.ledger = ledger
        self.sessions = sessions
        self.tls = tls
        self.store = store
        self.figures = figures
        self.files = files
    }

    var trustDomain: String { facts.trustDomain }
    var issuerKeys: [String] { [facts.tokenKeyName] + files.keys.signing.keys.sorted() }
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
                methods: [.fs, .idTokens] + foreignTokens + certificates, sessionDuration: facts.sessionDuration,
                handOverKeys: facts.handOverKeys)
        }
    }

    /// Certificates prove a name of somebody else's, of use where the map knows some.
    private var certificates: [AuthenticationMethod] { principals.map.speaks(of: .ssl) ? [.ssl] : [] }

    /// Tokens of others are of use where there is an issuer to believe.
    private var foreignTokens: [AuthenticationMethod] { files.keys.sciTokens == nil ? [] : [.sciTokens] }

    func validCommands(for level: AuthorizationLevel, identity: Identity) -> [Int] {
        table.numbers(for: level, isMapped: identity.isMapped)
    }

    func session(_ id: String, now: Int64) -> SecuritySession? {
        sessions.find(id, now: now)
    }

    func sessionProven(_ id: String, now: Int64) -> SecuritySession? {
        guard let session = sessions.use(id, now: now) else { return nil }
        figures.sessionsResumed.add(1, ordering: .relaxed)
        if session.isNegotiated, session.identity.isAuthenticated {
            store.write([.touchSession(id: id, lastUsed: now)], durability: .soft)
        }
        return session
    }

    func makeTLSEngine() throws(TLSFailure) -> any TLSEngine { try tls.identity.context.makeEngine(.server) }

    // MARK: Authorization

    func authorize(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> Bool {
        isInForce(session) && authority.verdict(on: entry, session, peer: peer).isGranted
    }

    /// Whether what a session came from still counts: asked for every command, also on open connections.
    private func isInForce(_ session: SecuritySession) -> Bool {
        session.capabilityID.map { ledger.isValid(capabilityID: $0, now: facts.clock()) } ?? true
    }

    func refusalReason(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> String {
        isInForce(session)
            ? authority.verdict(on: entry, session, peer: peer).description : "its capability is no longer in force"
    }

    // MARK: Credentials

    func verifyBearer(
        _ token: SecretBytes, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        let isCapability = token.withBytes { CapabilityText.isMeant(by: $0) }
        if !isCapability, let sciTokens = files.keys.sciTokens {
            return sciTokens.verify(token, now: now).flatMap { principals.credential(of: $0) }
        }
        return token.withBytes { ledger.verify(bearer: $0, now: now) }.map { credential($0, peer, now) }
            .mapError(Self.refusal)
    }

    func signingKey(_ name: String) -> SecretBytes? {
        name == facts.tokenKeyName ? facts.tokenKey : files.keys.signing[name]
    }

    func verifyToken(
        _ claims: IDTokenClaims, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        guard claims.keyName == facts.tokenKeyName else {
            // A key of the pool: whoever has it speaks for the pool, as for every daemon of it (spec 03, 2.7).
            guard !Identity(user: claims.subject, method: .idTokens).domain.isEmpty else {
                return .failure(CredentialRefusal(reason: "the subject has no domain"))
            }
            guard !files.revokes(claims) else {
                return .failure(CredentialRefusal(reason: "revoked by the pool's rule"))
            }
            return .success(VerifiedCredential(user: claims.subject, expiresAt: claims.expiresAt))
        }
        return ledger.verify(tokenID: claims.id, kid: claims.keyName, now: now).map { credential($0, peer, now) }
            .mapError(
                Self.refusal)
    }

    func verifyAccount(
        _ owner: DirectoryOwner, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        Self.credential { () throws(CredentialRefusal) in try principals.user(ofAccount: owner.userName) }
    }

    /// A certificate that the map knows; another one fails the method, so that others are tried (spec 03, 3.8).
    func verifyCertificate(
        _ certificate: TLSPeerCertificate, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        Self.credential { () throws(CredentialRefusal) in try principals.user(ofCertificate: certificate.subject) }
    }

    private static func credential(
        of user: () throws(CredentialRefusal) -> String
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        do {
            return .success(VerifiedCredential(user: try user()))
        } catch {
            return .failure(error)
        }
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
