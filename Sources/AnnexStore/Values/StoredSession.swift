package import Cryptography

/// A security session as it survives a restart, so that a restart causes no storm of handshakes.
package struct StoredSession: Hashable, Sendable, Identifiable {
    /// The session's id.
    package var id: String
    /// Its key, sealed at rest; `nil` for a session without encryption.
    package var key: SecretBytes?
    /// The user it belongs to, `alice@uid.domain` or `unauthenticated@unmapped`.
    package var user: String
    /// The authentication method's name; `nil` if nobody authenticated.
    package var method: String?
    /// The capability it came from.
    package var capabilityID: String?
    /// Authorization levels it is limited to; `nil` for no limit.
    package var limits: [String]?
    /// Whether the key is bound to the authentication (spec 03, 1.6).
    package var isBound: Bool
    /// The peer's `$CondorVersion`.
    package var peerVersion: String?
    /// What the token that opened it said, sealed at rest; `nil` if there was none.
    package var token: StoredToken?
    /// When it was made, in seconds since 1970.
    package var createdAt: Int64
    /// When it ends, in seconds since 1970.
    package var expiresAt: Int64
    /// How long it may stay unused, in seconds; 0 for no limit.
    package var lease: Int64
    /// When it was last used, in seconds since 1970.
    package var lastUsed: Int64

    /// Describes a session.
    package init(
        id: String, key: SecretBytes?, user: String, method: String?, capabilityID: String? = nil,
        limits: [String]? = nil, isBound: Bool = false, peerVersion: String? = nil, token: StoredToken? = nil,
        createdAt: Int64, expiresAt: Int64, lease: Int64 = 0, lastUsed: Int64
    ) {
        self.id = id
        self.key = key
        self.user = user
        self.method = method
        self.capabilityID = capabilityID
        self.limits = limits
        self.isBound = isBound
        self.peerVersion = peerVersion
        self.token = token
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lease = lease
        self.lastUsed = lastUsed
    }

    /// Hashes the id, which tells sessions apart; the key stays out of hash tables.
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
