public import CEDAR
public import Cryptography

/// What two parties agreed upon and may use again: a key, and who the peer is (spec 02, 9.1).
///
/// All times are seconds since 1970.
public struct SecuritySession: Sendable, Equatable {
    /// The value of ``expiresAt`` of a session without end.
    public static let never = Int64.max
    /// What a server adds to expiry and lease, so that it never forgets before its client (spec 02, 9.2).
    public static let slop: Int64 = 20

    /// The session id; travels in clear and proves nothing.
    public var id: String
    /// The AES key; `nil` for a session that stays in clear.
    public var key: SecretBytes?
    /// Who the peer is.
    public var identity: Identity
    /// The public id of the capability it came from.
    public var capabilityID: String?
    /// The levels it is limited to; `nil` is no limit.
    public var limits: [AuthorizationLevel]?
    /// Whether the key is known only to the two ends that authenticated (spec 03, 1.6).
    public var isBound: Bool
    /// Whether it came out of a handshake, not out of a claim id or capability (spec 02, 10).
    public var isNegotiated: Bool
    /// The peer's release, if it told.
    public var peerVersion: CondorVersion?
    /// The token that opened it.
    public var token: TokenAttributes?
    /// When it was made.
    public var createdAt: Int64
    /// When it ends, however much it is used.
    public var expiresAt: Int64
    /// How long it may stay unused, in seconds; 0 is for ever.
    public var lease: Int64
    /// When it was last used.
    public var lastUsed: Int64

    /// A session by its parts.
    public init(
        id: String, key: SecretBytes?, identity: Identity, capabilityID: String? = nil,
        limits: [AuthorizationLevel]? = nil, isBound: Bool = false, isNegotiated: Bool = true,
        peerVersion: CondorVersion? = nil, token: TokenAttributes? = nil, createdAt: Int64,
        expiresAt: Int64 = Self.never, lease: Int64 = 0, lastUsed: Int64? = nil
    ) {
        self.id = id
        self.key = key
        self.identity = identity
        self.capabilityID = capabilityID
        self.limits = limits
        self.isBound = isBound
        self.isNegotiated = isNegotiated
        self.peerVersion = peerVersion
        self.token = token
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lease = lease
        self.lastUsed = lastUsed ?? createdAt
    }

    /// Whether it may still be used: neither expired nor left unused for longer than its lease.
    public func isAlive(at now: Int64) -> Bool {
        guard now < expiresAt else { return false }
        return lease == 0 || now - lastUsed < lease
    }

    /// The state of a connection that negotiated nothing: nobody, without id and key.
    static func none(peerVersion: CondorVersion? = nil, now: Int64) -> SecuritySession {
        SecuritySession(
            id: "", key: nil, identity: .unauthenticated, isNegotiated: false, peerVersion: peerVersion, createdAt: now)
    }
}
