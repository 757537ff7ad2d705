package import CEDAR

/// A security session that came into being without a handshake (spec 02, section 10).
///
/// The model makes the string; whoever runs the model's server must know the session from then on.
package struct SessionGrant: Sendable {
    /// What the bearer may do, and the name under which he appears (spec 02, 10.5).
    package enum Role: Sendable, Equatable {
        /// Holder of a claim id at the startd: DAEMON, `submit-side@matchsession`.
        case claimHolder
        /// The startd, towards the schedd that holds the claim: DAEMON, `execute-side@matchsession`.
        case claimedStartd
        /// Holder of a submitter ad's capability: NEGOTIATOR, `negotiator-side@matchsession`.
        case negotiator
        /// Holder of an administration capability: ADMINISTRATOR, `collector-side@matchsession`.
        case administrator
    }

    /// The whole string, with its secret.
    package let secret: ClaimID
    /// What it grants.
    package let role: Role
    /// Seconds since 1970; `nil` while the claim lasts.
    package let expiresAt: Int64?

    /// A session for the bearer of `secret`.
    package init(_ secret: ClaimID, role: Role, expiresAt: Int64? = nil) {
        self.secret = secret
        self.role = role
        self.expiresAt = expiresAt
    }

    /// The session id.
    package var id: String { secret.sessionID }
}

/// A change of the sessions a daemon knows.
package enum SessionChange: Sendable {
    /// From now on the session can be resumed.
    case open(SessionGrant)
    /// The session is gone.
    case close(id: String)
}
