/// What stands behind a credential that was accepted.
public struct VerifiedCredential: Sendable, Equatable {
    /// The user it speaks for, `name@domain`.
    public var user: String
    /// The public id of the capability it is, if it is one.
    public var capabilityID: String?
    /// The levels its sessions are limited to; `nil` is no limit.
    public var limits: [AuthorizationLevel]?
    /// When it ends, in seconds since 1970; its sessions end with it.
    public var expiresAt: Int64?
    /// The token it is, if it is one; the session keeps what it says.
    public var token: TokenAttributes?

    /// An accepted credential.
    public init(
        user: String, capabilityID: String? = nil, limits: [AuthorizationLevel]? = nil, expiresAt: Int64? = nil,
        token: TokenAttributes? = nil
    ) {
        self.user = user
        self.capabilityID = capabilityID
        self.limits = limits
        self.expiresAt = expiresAt
        self.token = token
    }
}

/// Why a credential was not accepted: for our log, never for the peer.
public struct CredentialRefusal: Error, Sendable, Equatable {
    /// The public id of the capability, if the credential named one.
    public var publicID: String?
    /// A short reason without any part of the secret.
    public var reason: String

    /// A refusal with its reason.
    public init(publicID: String? = nil, reason: String) {
        self.publicID = publicID
        self.reason = reason
    }
}

/// Who made a directory and how it looks, by `lstat` (spec 03, 5).
public struct DirectoryOwner: Sendable, Equatable {
    /// The login name of the owner.
    public var userName: String
    /// The number of the owner.
    public var userID: UInt32
    /// Whether it is a directory, and no link to one.
    public var isDirectory: Bool
    /// The permission bits, `mode & 07777`.
    public var permissions: UInt32
    /// The number of links.
    public var linkCount: Int

    /// What `lstat` told.
    public init(userName: String, userID: UInt32, isDirectory: Bool, permissions: UInt32, linkCount: Int) {
        self.userName = userName
        self.userID = userID
        self.isDirectory = isDirectory
        self.permissions = permissions
        self.linkCount = linkCount
    }

    /// Whether this is what the client was asked to make: a directory of its own, mode 0700, one or two links.
    var isProof: Bool {
        isDirectory && permissions == 0o700 && 1...2 ~= linkCount && !userName.isEmpty
    }
}
