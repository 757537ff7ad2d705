public import Cryptography

/// What a client can prove itself with.
///
/// Methods whose part is missing are not offered.
public struct ClientCredentials: Sendable {
    /// Where the TLS engines of a client come from.
    public struct TLS: Sendable {
        /// A fresh engine in the client's role; with a client certificate, if there is one, for `true`.
        public var makeEngine: @Sendable (_ showsCertificate: Bool) throws(TLSFailure) -> any TLSEngine

        /// A source of engines.
        public init(
            makeEngine: @escaping @Sendable (_ showsCertificate: Bool) throws(TLSFailure) -> any TLSEngine
        ) {
            self.makeEngine = makeEngine
        }
    }

    /// For SSL and SCITOKENS.
    public var tls: TLS?
    /// The bearer text of SCITOKENS.
    public var bearerToken: SecretBytes?
    /// The tokens of IDTOKENS; the first that suits the server is used.
    public var idTokens: [IDToken]
    /// The pool's password, for PASSWORD; see ``SigningKey/password(file:)``.
    public var poolPassword: SecretBytes?
    /// Whether to make directories for FS.
    public var answersFS: Bool
    /// What to claim with CLAIMTOBE; for tests.
    public var claimedUser: String?

    /// Credentials; by default none but the local account.
    public init(
        tls: TLS? = nil, bearerToken: SecretBytes? = nil, idTokens: [IDToken] = [],
        poolPassword: SecretBytes? = nil, answersFS: Bool = true, claimedUser: String? = nil
    ) {
        self.tls = tls
        self.bearerToken = bearerToken
        self.idTokens = idTokens
        self.poolPassword = poolPassword
        self.answersFS = answersFS
        self.claimedUser = claimedUser
    }

    /// Whether there is what a method needs.
    func suffice(for method: AuthenticationMethod) -> Bool {
        switch method {
        case .claimToBe: claimedUser != nil
        case .fs: answersFS
        case .anonymous: true
        case .ssl: tls != nil
        case .idTokens: !idTokens.isEmpty
        case .password: poolPassword != nil
        case .sciTokens: tls != nil && bearerToken != nil
        }
    }
}
