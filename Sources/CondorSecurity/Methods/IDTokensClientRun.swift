import CEDAR
import Cryptography

/// IDTOKENS at the client (spec 03, 2.4 and 2.6).
struct IDTokensClientRun: AuthenticationRun {
    private enum State {
        case idle
        case awaitingChallenge(client: String, nonce: [UInt8], key: SecretBytes)
        /// We have no token; the server still sends its message.
        case awaitingRefusal
        case over
    }

    private let token: IDToken?
    private let random: any RandomSource
    private var state = State.idle

    /// A run with the first token that suits the server.
    ///
    /// - Parameter trustDomain: what the server said of itself; `nil` if it did not say.
    /// - Parameter issuerKeys: the names of its keys; empty if it did not say.
    init(tokens: [IDToken], trustDomain: String?, issuerKeys: [String], random: any RandomSource) {
        token = Self.choose(tokens, trustDomain: trustDomain, issuerKeys: issuerKeys)
        self.random = random
    }

    /// The first token that the server can verify.
    static func choose(_ tokens: [IDToken], trustDomain: String?, issuerKeys: [String]) -> IDToken? {
        tokens.first { token in
            (issuerKeys.isEmpty || issuerKeys.contains(token.claims.keyName))
                && (trustDomain == nil || trustDomain == token.claims.issuer)
                && token.claims.subject.utf8.count <= TokenExchange.maximumName
        }
    }

    mutating func start() -> MethodProgress {
        var hello = TokenExchange.Hello()
        if let token {
            hello.client = token.claims.subject
            hello.signingInput = token.signingInput
            hello.clientNonce = random.bytes(TokenExchange.nonceSize)
            state = .awaitingChallenge(
                client: hello.client, nonce: hello.clientNonce,
                key: TokenExchange.key(signingInput: token.signingInput, signature: token.signature))
        } else {
            hello.status = TokenExchange.error
            state = .awaitingRefusal
        }
        return .send(hello.message)
    }

    mutating func received(_ reader: inout MessageReader, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        let challenge = try decoding { () throws(WireError) in try TokenExchange.Challenge(reading: &reader) }
        let current = state
        state = .over
        var proof = TokenExchange.Proof()
        guard case .awaitingChallenge(let client, let nonce, let key) = current, challenge.status == TokenExchange.good,
            challenge.client == client, !challenge.server.isEmpty, challenge.clientNonce == nonce,
            challenge.serverNonce.count == TokenExchange.nonceSize,
            constantTimeEqual(
                challenge.code,
                TokenExchange.serverCode(
                    key: key, client: client, server: challenge.server, clientNonce: nonce,
                    serverNonce: challenge.serverNonce))
        else {
            proof.status = TokenExchange.error
            return .send(proof.message, then: .failed)
        }
        proof.client = client
        proof.serverNonce = challenge.serverNonce
        proof.code = TokenExchange.clientCode(key: key, client: client, serverNonce: challenge.serverNonce)
        let server = VerifiedCredential(user: challenge.server)
        return .send(proof.message, then: .succeeded(MethodResult(credential: server)))
    }
}
