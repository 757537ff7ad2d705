/// What the broker keeps about a capability: who may do what until when, and no secret.
///
/// The record is the authority (spec 03, 10.4): without it, after ``revokedAt`` and after ``expiresAt`` the capability is
/// refused whatever its text says.
package struct CapabilityRecord: Hashable, Sendable, Identifiable {
    /// How the holder proves that he has it.
    ///
    /// Fixed when the capability is made and never a choice of the peer (spec 03, 10.3).
    package enum Method: String, Sendable, CaseIterable {
        /// An opaque text, shown inside TLS by HTCondor's SCITOKENS method.
        case sciTokens = "SCITOKENS"
        /// A signed token whose `jti` is the capability's id.
        case idTokens = "IDTOKENS"
    }

    /// What a capability is worth at a given moment.
    package enum Standing: Sendable {
        /// It may be used.
        case valid
        /// Its time is over.
        case expired
        /// Somebody revoked it. Goes before ``expired``, because it is the stronger statement.
        case revoked
    }

    /// 32 hexadecimal digits, public; also the token's `jti`.
    package let id: String
    /// The request it was made for.
    package let requestID: String
    /// The incarnation of the annex it is bound to.
    package let annexID: String
    /// The user who owns the annex, `alice@uid.domain`.
    package let owner: String
    /// The annex's name.
    package let annexName: String
    /// How it is presented.
    package let method: Method
    /// SHA-256 of the secret's text; `nil` for ``Method/idTokens``.
    package let secretHash: [UInt8]?
    /// Name of the key that signed it; `nil` for ``Method/sciTokens``.
    package let kid: String?
    /// Authorization levels it carries, in HTCondor's spelling (spec 03, 10.5).
    package let scopes: [String]
    /// When it was made, in seconds since 1970.
    package let issuedAt: Int64
    /// When it ends, in seconds since 1970; can be moved without touching the node.
    package var expiresAt: Int64
    /// When it was revoked, in seconds since 1970; set once, never cleared.
    package private(set) var revokedAt: Int64?
    /// Who revoked it.
    package private(set) var revokedBy: String?
    /// When it was last used, in seconds since 1970.
    package var lastUsed: Int64?
    /// The address it was last used from.
    package var lastPeer: String?

    /// Describes a capability.
    package init(
        id: String, requestID: String, annexID: String, owner: String, annexName: String, method: Method,
        secretHash: [UInt8]? = nil, kid: String? = nil, scopes: [String] = CapabilityRecord.pilotScopes,
        issuedAt: Int64, expiresAt: Int64, revokedAt: Int64? = nil, revokedBy: String? = nil,
        lastUsed: Int64? = nil, lastPeer: String? = nil
    ) {
        self.id = id
        self.requestID = requestID
        self.annexID = annexID
        self.owner = owner
        self.annexName = annexName
        self.method = method
        self.secretHash = secretHash
        self.kid = kid
        self.scopes = scopes
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.revokedBy = revokedBy
        self.lastUsed = lastUsed
        self.lastPeer = lastPeer
    }

    /// What a pilot needs: its ads, its masters' ads, and queries (spec 03, 10.5).
    package static let pilotScopes = ["ADVERTISE_STARTD", "ADVERTISE_MASTER", "READ"]

    /// What it is worth at `now`.
    package func standing(now: Int64) -> Standing {
        if revokedAt != nil { return .revoked }
        return now >= expiresAt ? .expired : .valid
    }

    /// This record after `user` revoked it; unchanged if it was revoked before.
    package func revoked(by user: String, at now: Int64) -> CapabilityRecord {
        guard revokedAt == nil else { return self }
        var record = self
        record.revokedAt = now
        record.revokedBy = user
        return record
    }

    /// Whether `hash` is the hash of this capability's secret, found in time that does not depend on the bytes.
    package func hasSecret(hashed hash: [UInt8]) -> Bool {
        guard let secretHash, secretHash.count == hash.count, !hash.isEmpty else { return false }
        var difference: UInt8 = 0
        for index in hash.indices { difference |= hash[index] ^ secretHash[index] }
        return difference == 0
    }
}
