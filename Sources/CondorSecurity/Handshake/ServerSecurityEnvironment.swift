public import Cryptography

/// What a ``ServerHandshake`` asks of its server: commands, policies, credentials, sessions.
///
/// Every answer comes at once and from memory; the handshake runs on an event loop.
public protocol ServerSecurityEnvironment: Sendable {
    /// The registered command of that number.
    func command(_ number: Int) -> CommandEntry?
    /// Our wishes at a level.
    func policy(for level: AuthorizationLevel) -> SecurityPolicy
    /// Whether this user may run a command, limits and mapping already checked (spec 02, 12.3 from step 3).
    ///
    /// Ask through ``isAuthorized(_:_:peer:)``. The place to refuse a capability whose session is not bound.
    func authorize(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> Bool
    /// Why ``authorize(_:_:peer:)`` says no, for the log: level and rule, nothing secret.
    ///
    /// Ask through ``reasonToDeny(_:_:peer:)``.
    func refusalReason(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> String
    /// The commands a session opened at `level` may be reused for (spec 02, 12.5).
    func validCommands(for level: AuthorizationLevel, identity: Identity) -> [Int]
    /// The live session of that id, its lease left alone: whoever names it has proven nothing (spec 02, 9.5).
    func session(_ id: String, now: Int64) -> SecuritySession?
    /// The same once its key is proven, its lease renewed; `nil` if it was dropped since it was named.
    func sessionProven(_ id: String, now: Int64) -> SecuritySession?

    /// A fresh TLS engine in the server's role.
    func makeTLSEngine() throws(TLSFailure) -> any TLSEngine
    /// Judges the bearer text of SCITOKENS.
    func verifyBearer(
        _ token: SecretBytes, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal>
    /// Judges the client certificate of SSL, whose chain TLS has checked.
    func verifyCertificate(
        _ certificate: TLSPeerCertificate, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal>
    /// The signing key of that name, as ``SigningKey/material(file:name:)`` makes it. The name is the peer's choice.
    func signingKey(_ name: String) -> SecretBytes?
    /// Judges the claims of a token of ours, before the client has proven that it holds the token.
    ///
    /// Form, algorithm, issuer and expiry are checked already; the session ends with the token in any case, and where
    /// the answer has no limits those of the token's scopes hold.
    func verifyToken(
        _ claims: IDTokenClaims, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal>
    /// The user behind a local account that FS has proven.
    func verifyAccount(
        _ owner: DirectoryOwner, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal>
    /// Whether to believe a CLAIMTOBE name; asked only where a policy lists that method.
    func verifyClaim(
        _ user: String, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal>

    /// The trust domain, the `iss` of our tokens; empty for none.
    var trustDomain: String { get }
    /// The names of the keys we verify tokens with.
    var issuerKeys: [String] { get }
    /// The domain of local accounts.
    var uidDomain: String { get }
    /// Our host name, the first part of session ids.
    var serverName: String { get }
    /// Our `$CondorVersion: ... $`.
    var version: String { get }
    /// The directory FS works in.
    var fsDirectory: String { get }
    /// Our id behind a shared port, as FS clients append it; `nil` for none.
    var sharedPortID: String? { get }
    /// Our published addresses, `ip:port`, that FS accepts besides our end of the connection.
    var publishedAddresses: [String] { get }
}

extension ServerSecurityEnvironment {
    /// Whether a session may run a command now: mapping, limits, then the server's own rules (spec 02, 12.3).
    public func isAuthorized(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> Bool {
        if entry.forceAuthentication, !session.identity.isMapped { return false }
        guard entry.levels.contains(where: { $0.isWithin(session.limits) }) else { return false }
        return authorize(entry, session, peer: peer)
    }

    /// Why a session may not run a command, in words for the log.
    public func reasonToDeny(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> String {
        if entry.forceAuthentication, !session.identity.isMapped {
            return "the command needs a user who is authenticated and known"
        }
        guard let limits = session.limits, !entry.levels.contains(where: { $0.isWithin(limits) }) else {
            return refusalReason(entry, session, peer: peer)
        }
        return "\(entry.level.rawValue): refused, the session is limited to \(AuthorizationLevel.text(of: limits))"
    }

    /// No reason beyond the level.
    public func refusalReason(_ entry: CommandEntry, _ session: SecuritySession, peer: PeerAddress) -> String {
        "\(entry.level.rawValue): refused"
    }
    /// Sessions without a lease have nothing to renew.
    public func sessionProven(_ id: String, now: Int64) -> SecuritySession? { session(id, now: now) }

    /// No shared port.
    public var sharedPortID: String? { nil }
    /// Nothing but our end of the connection.
    public var publishedAddresses: [String] { [] }

    /// The name of an account is its user in our domain.
    public func verifyAccount(
        _ owner: DirectoryOwner, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        .success(VerifiedCredential(user: "\(owner.userName)@\(uidDomain)"))
    }

    /// A certificate proves a name, but nobody knows whose it is (spec 03, 3.8).
    public func verifyCertificate(
        _ certificate: TLSPeerCertificate, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        .success(VerifiedCredential(user: "ssl@unmapped"))
    }

    /// Nobody is believed without proof.
    public func verifyClaim(
        _ user: String, peer: PeerAddress, now: Int64
    ) -> Result<VerifiedCredential, CredentialRefusal> {
        .failure(CredentialRefusal(reason: "CLAIMTOBE is not accepted here"))
    }
}
