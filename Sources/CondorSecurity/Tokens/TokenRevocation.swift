import ClassAds

/// The pool's rule for tokens that count no more, an expression over their claims (spec 03, 9).
public struct TokenRevocation: Sendable {
    /// `nil` if the text is no expression, which revokes everything.
    private let expression: Expression?

    /// A rule as it stands in the configuration, `jti =?= "2d1d4884"`.
    public init(_ text: String) {
        // What cannot be understood must not let anybody in; ``isValid`` says so at start.
        expression = try? Expression(parsing: text)
    }

    /// Whether the text is an expression.
    public var isValid: Bool { expression != nil }

    /// Whether a token is refused: the expression is true, or anything but a truth value, as with a claim that is missing.
    public func revokes(_ claims: IDTokenClaims) -> Bool {
        guard let expression, case .boolean(let isRevoked) = claims.ad.evaluate(expression) else { return true }
        return isRevoked
    }
}

extension IDTokenClaims {
    /// The claims as an ad: truth values, numbers and texts; lists and objects are left out.
    var ad: ClassAd {
        var ad = others
        ad.set("iss", issuer)
        ad.set("sub", subject)
        ad.set("jti", id)
        if let issuedAt { ad.set("iat", issuedAt) }
        if let expiresAt { ad.set("exp", expiresAt) }
        if !scopes.isEmpty { ad.set("scope", scopes.joined(separator: " ")) }
        return ad
    }
}
