public import CEDAR
public import Cryptography

/// Sessions that two parties share through a text instead of a handshake (spec 02, 10).
extension SecuritySession {
    /// The session behind a claim id or capability that somebody gave us.
    ///
    /// - Parameter peer: the name under which the other party appears; fixed by role (spec 02, 10.5).
    /// - Returns: `nil` if there is no session behind the text, or none that speaks AES.
    public init?(importing claim: ClaimID, peer user: String, now: Int64) {
        guard let info = claim.info,
            info.cryptoMethods.isEmpty || info.cryptoMethods.contains(where: { $0.uppercased() == aesMethodName })
        else { return nil }
        self.init(
            id: claim.sessionID, key: claim.sessionKey, identity: Identity(user: user, method: nil),
            isNegotiated: false, peerVersion: info.version, createdAt: now, expiresAt: info.expiresAt ?? Self.never)
    }

    /// A session of our own making, and the text to hand to the other party (spec 02, 10.6).
    ///
    /// - Parameter peer: the name under which the holder of the text will appear to us.
    /// - Parameter limits: the levels it is limited to.
    public static func exporting(
        id: String, peer user: String, limits: [AuthorizationLevel], validCommands: [CommandNumber], expiresAt: Int64,
        now: Int64, random: any RandomSource = SystemRandom()
    ) -> (session: SecuritySession, claim: ClaimID) {
        let info = SessionInfo(validCommands: validCommands, expiresAt: expiresAt)
        let claim = ClaimID.make(sessionID: id, info: info, random: random)
        let session = SecuritySession(
            id: id, key: claim.sessionKey, identity: Identity(user: user, method: nil), limits: limits,
            isNegotiated: false, createdAt: now, expiresAt: expiresAt + slop)
        return (session, claim)
    }
}
