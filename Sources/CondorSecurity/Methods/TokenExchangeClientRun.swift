import CEDAR
import Cryptography
import NIOCore

/// IDTOKENS and PASSWORD at the client (spec 03, 2.4, 2.6 and 6.3).
struct TokenExchangeClientRun: AuthenticationRun {
    /// Whom we say we are, and how we know.
    private enum Claim {
        case token(IDToken)
        case password(SecretBytes, name: String)

        var name: String {
            switch self {
            case .token(let token): token.claims.subject
            case .password(_, let name): name
            }
        }

        var key: SecretBytes {
            switch self {
            case .token(let token): TokenExchange.key(signingInput: token.signingInput, signature: token.signature)
            case .password(let password, _): TokenExchange.key(password: password)
            }
        }

        func hello(nonce: [UInt8]) -> ByteBuffer {
            switch self {
            case .token(let token):
                var hello = TokenExchange.Hello()
                hello.client = name
                hello.signingInput = token.signingInput
                hello.clientNonce = nonce
                return hello.payload
            case .password:
                var hello = TokenExchange.PasswordHello()
                hello.client = name
                hello.clientNonce = nonce
                return hello.payload
            }
        }
    }

    private enum State {
        case idle
        case awaitingChallenge(client: String, nonce: [UInt8], key: SecretBytes)
        /// We have no token; the server still sends its message.
        case awaitingRefusal
        case over
    }

    private let claim: Claim?
    private let random: any RandomSource
    private var state = State.idle

    /// A run of IDTOKENS with the first token that suits the server.
    ///
    /// - Parameter trustDomain: what the server said of itself; `nil` if it did not say.
    /// - Parameter issuerKeys: the names of its keys; empty if it did not say.
    init(tokens: [IDToken], trustDomain: String?, issuerKeys: [String], random: any RandomSource) {
        claim = Self.choose(tokens, trustDomain: trustDomain, issuerKeys: issuerKeys).map(Claim.token)
        self.random = random
    }

    /// A run of PASSWORD.
    ///
    /// - Parameter serverVersion: the server's release; those before 23.9 expect another name (spec 03, 2.6).
    /// - Parameter domain: what stands behind that older name; no server looks at it.
    init(password: SecretBytes, serverVersion: CondorVersion?, domain: String, random: any RandomSource) {
        claim = .password(password, name: TokenExchange.poolName(peer: serverVersion, domain: domain))
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
        guard let claim else {
            state = .awaitingRefusal
            return .send(TokenExchange.Hello.givingUp)
        }
        let nonce = random.bytes(TokenExchange.nonceSize)
        state = .awaitingChallenge(client: claim.name, nonce: nonce, key: claim.key)
        return .send(claim.hello(nonce: nonce))
    }

    mutating func received(_ reader: inout MessageReader, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        let challenge = try decoding { () throws(WireError) in try TokenExchange.Challenge(reading: &reader) }
        let current = state
        state = .over
        guard case .awaitingChallenge(let client, let nonce, let key) = current, challenge.status == TokenExchange.good,
            challenge.client == client, !challenge.server.isEmpty, challenge.clientNonce == nonce,
            challenge.serverNonce.count == TokenExchange.nonceSize,
            constantTimeEqual(
                challenge.code,
                TokenExchange.serverCode(
                    key: key, client: client, server: challenge.server, clientNonce: nonce,
                    serverNonce: challenge.serverNonce))
        else { return .send(TokenExchange.Proof.givingUp, then: .failed) }
        var proof = TokenExchange.Proof()
        proof.client = client
        proof.serverNonce = challenge.serverNonce
        proof.code = TokenExchange.clientCode(key: key, client: client, serverNonce: challenge.serverNonce)
        let server = VerifiedCredential(user: challenge.server)
        return .send(proof.payload, then: .succeeded(MethodResult(credential: server)))
    }
}
