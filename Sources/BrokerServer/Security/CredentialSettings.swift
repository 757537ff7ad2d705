package import CondorSecurity

/// Which keys and tokens of others the broker accepts; by default none.
package struct CredentialSettings: Sendable {
    /// The issuer of IDTOKENS that are accepted, and of our own; empty for the one of the first start.
    package var trustDomain = ""
    /// HTCondor's directory of signing keys; empty for none.
    package var signingKeyDirectory = ""
    /// The file of the key `POOL`; empty for the one in the directory.
    package var poolSigningKey = ""
    /// Which tokens signed with keys of the pool are refused; `nil` for none.
    package var revocation: TokenRevocation?
    /// Issuers of SciTokens with the files of their public keys.
    package var sciTokensIssuers: [(issuer: String, keyFile: String)] = []
    /// The audiences of SciTokens meant for us.
    package var sciTokensAudience: [String] = []

    /// Nothing of others is accepted.
    package init() {}
}
