/// An issuer of SciTokens, and the file with its public keys.
package struct TokenIssuer: Sendable, Hashable {
    /// The `iss` of its tokens, `https://issuer.example.org`.
    package var name: String
    /// An absolute path: a JSON web key set, or PEM public keys.
    package var keyFile: String

    /// An issuer as it is written in the configuration, `https://issuer.example.org=/path`; `nil` if it is something else.
    package init?(_ text: String) {
        guard let cut = text.indices.last(where: { text[$0...].hasPrefix("=/") }) else { return nil }
        name = String(text[..<cut])
        keyFile = String(text[cut...].dropFirst())
        guard name.hasPrefix("https://"), name.utf8.count > 8, keyFile.utf8.count > 1 else { return nil }
    }
}

extension SettingType where Value == [TokenIssuer] {
    /// Issuers with their files, separated by commas or white space.
    fileprivate static let issuers = SettingType(
        name: "list", unit: nil, range: "`https://issuer=/path/of/keys`, each issuer once"
    ) { text throws(InvalidValue) in
        var issuers: [TokenIssuer] = []
        for item in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            guard let issuer = TokenIssuer(String(item)), !issuers.contains(where: { $0.name == issuer.name }) else {
                throw InvalidValue("issuers with absolute paths of their keys, https://issuer=/path, each issuer once")
            }
            issuers.append(issuer)
        }
        return issuers
    }
}

/// Settings about tokens and sessions that others issue.
extension Settings {
    /// The trust domain.
    package static let trustDomain = Setting(
        "FLOCK_BROKER_TRUST_DOMAIN", .text, default: "",
        "The issuer of the broker's own IDTOKENS and the one it accepts; empty means flock.HOST as of the first start.")
    /// HTCondor's signing keys.
    package static let signingKeyDirectory = Setting(
        "FLOCK_BROKER_SIGNING_KEY_DIR", .path, default: "",
        "HTCondor's SEC_PASSWORD_DIRECTORY, if tokens signed with the keys in it are accepted too; empty means they are not."
    )
    /// HTCondor's pool signing key.
    package static let poolSigningKey = Setting(
        "FLOCK_BROKER_POOL_SIGNING_KEY", .path, default: "",
        "The file of the key POOL; empty means POOL in FLOCK_BROKER_SIGNING_KEY_DIR.")
    /// Tokens of the pool that are refused.
    package static let tokenRevocation = Setting(
        "FLOCK_BROKER_TOKEN_REVOCATION_EXPR", .text, default: "", inherits: "SEC_TOKEN_REVOCATION_EXPR",
        "An expression over the claims of a token signed with a key of the pool; unless it is false, the token is refused."
    )
    /// Issuers of SciTokens.
    package static let sciTokensIssuers = Setting(
        "FLOCK_BROKER_SCITOKENS_ISSUERS", .issuers, default: "",
        "Issuers of SciTokens with the files of their public keys, as published (JWKS) or PEM; the map file names the users."
    )
    /// Audiences of SciTokens.
    package static let sciTokensAudience = Setting(
        "FLOCK_BROKER_SCITOKENS_AUDIENCE", .list, default: "", inherits: "SCITOKENS_SERVER_AUDIENCE",
        "The audiences of SciTokens meant for this broker, besides the one that means anybody.")
    /// The family session.
    package static let useFamilySession = Setting(
        "FLOCK_BROKER_USE_FAMILY_SESSION", .boolean, default: "true", inherits: "SEC_USE_FAMILY_SESSION",
        "Whether daemons of the condor_master that started the broker are known by the session they share.")

    /// All of them, in the order of the manual.
    static let credentialSettings: [SettingDescription] = [
        trustDomain.description, signingKeyDirectory.description, poolSigningKey.description,
        tokenRevocation.description, sciTokensIssuers.description, sciTokensAudience.description,
        useFamilySession.description,
    ]
}
