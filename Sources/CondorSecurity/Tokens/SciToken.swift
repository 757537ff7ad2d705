/// What a verified SciToken says (spec 03, 4.3 and 4.4).
public struct SciToken: Sendable, Equatable {
    /// `iss`: one of the configured issuers.
    public var issuer: String
    /// `sub`: whom the issuer means.
    public var subject: String
    /// `jti`: the token's own id; empty if it has none.
    public var id: String
    /// The words of `scope`.
    public var scopes: [String]
    /// `wlcg.groups`.
    public var groups: [String]
    /// `exp`: when it ends, seconds since 1970.
    public var expiresAt: Int64

    /// The name that map files see, `issuer,subject`.
    public var authenticatedName: String { "\(issuer),\(subject)" }

    /// The levels its scopes allow; none where none of them means a level, unlike in an IDTOKEN (spec 03, 4.3).
    public var limits: [AuthorizationLevel] {
        scopes.compactMap { word in
            guard word.hasPrefix(Self.scopePrefix) else { return nil }
            return AuthorizationLevel(rawValue: String(word.dropFirst(Self.scopePrefix.count).drop { $0 == "/" }))
        }
    }

    /// What a session keeps of it.
    public var attributes: TokenAttributes {
        TokenAttributes(
            issuer: issuer, subject: subject, id: id, scopes: scopes, groups: groups, expiresAt: expiresAt)
    }

    private static let scopePrefix = "condor:/"
}
