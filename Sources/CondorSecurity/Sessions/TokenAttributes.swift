/// What a session keeps of the token that opened it: the `AuthToken*` attributes (spec 03, 2.7 and 4.4).
public struct TokenAttributes: Sendable, Hashable {
    /// `AuthTokenIssuer`, the `iss` claim.
    public var issuer: String
    /// `AuthTokenSubject`, the `sub` claim.
    public var subject: String
    /// `AuthTokenId`, the `jti` claim; empty if a SciToken has none.
    public var id: String
    /// `AuthTokenScopes`, the words of the `scope` claim.
    public var scopes: [String]
    /// `AuthTokenGroups`, the `wlcg.groups` claim.
    public var groups: [String]
    /// `TokenExpirationTime`, the `exp` claim.
    public var expiresAt: Int64?

    /// Attributes by their values.
    public init(
        issuer: String, subject: String, id: String, scopes: [String], groups: [String] = [], expiresAt: Int64?
    ) {
        self.issuer = issuer
        self.subject = subject
        self.id = id
        self.scopes = scopes
        self.groups = groups
        self.expiresAt = expiresAt
    }
}
