import CondorSecurity

extension Principals {
    /// The user behind a SciToken, and what his session keeps of it (spec 03, 4.4).
    ///
    /// An issuer's names are his own: a token that no line of the map fits is refused.
    func credential(of token: SciToken) -> Result<VerifiedCredential, CredentialRefusal> {
        do throws(CredentialRefusal) {
            guard let user = try mapped(token.authenticatedName, .sciTokens) else {
                throw CredentialRefusal(
                    reason: "no line of the map fits the SciToken \(token.authenticatedName.prefix(256))")
            }
            return .success(
                VerifiedCredential(
                    user: user, limits: token.limits, expiresAt: token.expiresAt, token: token.attributes))
        } catch {
            return .failure(error)
        }
    }
}
