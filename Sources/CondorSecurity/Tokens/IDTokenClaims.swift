public import ClassAds

/// What an IDTOKEN says (spec 03, 2.3).
public struct IDTokenClaims: Sendable, Equatable {
    /// `kid` of the header: the name of the signing key.
    public var keyName: String
    /// `iss`: the issuer's trust domain.
    public var issuer: String
    /// `sub`: the identity.
    public var subject: String
    /// `jti`: the token's own id.
    public var id: String
    /// `iat`: when it was issued, seconds since 1970.
    public var issuedAt: Int64?
    /// `exp`: when it ends, seconds since 1970.
    public var expiresAt: Int64?
    /// The words of `scope`; none is no limit.
    public var scopes: [String]
    /// Further claims that an ad can hold, for rules about them; tokens of our own have none.
    public var others = ClassAd()

    /// Claims by their values.
    public init(
        keyName: String, issuer: String, subject: String, id: String, issuedAt: Int64? = nil, expiresAt: Int64? = nil,
        scopes: [String] = []
    ) {
        self.keyName = keyName
        self.issuer = issuer
        self.subject = subject
        self.id = id
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.scopes = scopes
    }

    /// The scopes that mean levels: `["condor:/READ"]`.
    public static func scopes(for levels: [AuthorizationLevel]) -> [String] {
        levels.map { Self.levelPrefix + $0.rawValue }
    }

    /// The levels the scopes limit a session to; `nil`, no limit, if none of them means a level (spec 03, 2.7).
    ///
    /// A word of the right form with an unknown level allows nothing.
    public var limits: [AuthorizationLevel]? {
        let words = scopes.filter { $0.hasPrefix(Self.levelPrefix) }
        guard !words.isEmpty else { return nil }
        return words.compactMap { AuthorizationLevel(rawValue: String($0.dropFirst(Self.levelPrefix.count))) }
    }

    /// What a session keeps of them.
    var attributes: TokenAttributes {
        TokenAttributes(issuer: issuer, subject: subject, id: id, scopes: scopes, expiresAt: expiresAt)
    }

    private static let levelPrefix = "condor:/"
}
