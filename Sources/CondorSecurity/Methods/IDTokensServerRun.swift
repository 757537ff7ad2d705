import CEDAR
import Cryptography

/// IDTOKENS at the server (spec 03, 2.6).
///
/// Everything that can be refused is refused in the second message, so that both sides know. Once the client's proof
/// is wrong there is no message left to say so, and the connection ends.
struct IDTokensServerRun: AuthenticationRun {
    /// A client that may proceed to its proof.
    private struct Accepted {
        var claims: IDTokenClaims
        var credential: VerifiedCredential
        var key: SecretBytes
        var serverNonce: [UInt8]
    }

    private enum State {
        case awaitingHello
        /// `nil` if we have refused; the client still sends its third message.
        case awaitingProof(Accepted?)
        case over
    }

    private let context: ServerMethodContext
    private var state = State.awaitingHello

    init(context: ServerMethodContext) { self.context = context }

    func start() -> MethodProgress { .nothing }

    mutating func received(_ reader: inout MessageReader, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        switch state {
        case .awaitingHello:
            let hello = try decoding { () throws(WireError) in try TokenExchange.Hello(reading: &reader) }
            return answer(hello, now: now)
        case .awaitingProof(let accepted):
            state = .over
            let proof = try decoding { () throws(WireError) in try TokenExchange.Proof(reading: &reader) }
            return try judge(proof, accepted)
        case .over:
            preconditionFailure("the method has ended")
        }
    }

    private mutating func answer(_ hello: TokenExchange.Hello, now: Int64) -> MethodProgress {
        switch examine(hello, now: now) {
        case .failure(let refusal):
            state = .awaitingProof(nil)
            return MethodProgress(actions: [.refused(refusal), .send(TokenExchange.Challenge.givingUp)])
        case .success(let accepted):
            state = .awaitingProof(accepted)
            var challenge = TokenExchange.Challenge()
            challenge.client = hello.client
            challenge.server = serverName
            challenge.clientNonce = hello.clientNonce
            challenge.serverNonce = accepted.serverNonce
            challenge.code = TokenExchange.serverCode(
                key: accepted.key, client: hello.client, server: serverName, clientNonce: hello.clientNonce,
                serverNonce: accepted.serverNonce)
            return .send(challenge.payload)
        }
    }

    /// All checks before the second message (spec 03, 2.3): nothing is derived before the token's form is good.
    private func examine(_ hello: TokenExchange.Hello, now: Int64) -> Result<Accepted, SecurityRefusal> {
        guard hello.status == TokenExchange.good, hello.clientNonce.count == TokenExchange.nonceSize else {
            return .failure(refusal("the client has no token for us"))
        }
        let claims: IDTokenClaims
        do {
            claims = try IDToken.claims(of: hello.signingInput)
        } catch {
            return .failure(refusal(error.rawValue))
        }
        guard claims.issuer == context.environment.trustDomain else { return .failure(refusal("another issuer")) }
        guard claims.subject == hello.client else { return .failure(refusal("the name is not the token's subject")) }
        if let expiresAt = claims.expiresAt, expiresAt <= now {
            return .failure(refusal("expired", capabilityID: claims.id))
        }
        guard let material = context.environment.signingKey(claims.keyName) else {
            return .failure(refusal("no such signing key"))
        }
        switch context.environment.verifyToken(claims, peer: context.peer, now: now) {
        case .failure(let reason):
            return .failure(refusal(reason.reason, capabilityID: reason.publicID))
        case .success(let credential):
            let signature = SigningKey.signature(of: hello.signingInput, material: material)
            return .success(
                Accepted(
                    claims: claims, credential: credential,
                    key: TokenExchange.key(signingInput: hello.signingInput, signature: signature),
                    serverNonce: context.random.bytes(TokenExchange.nonceSize)))
        }
    }

    private func judge(_ proof: TokenExchange.Proof, _ accepted: Accepted?) throws(SecurityRefusal) -> MethodProgress {
        guard let accepted, proof.status == TokenExchange.good else { return .failed }
        let code = TokenExchange.clientCode(
            key: accepted.key, client: accepted.claims.subject, serverNonce: accepted.serverNonce)
        guard proof.client == accepted.claims.subject, proof.serverNonce == accepted.serverNonce,
            constantTimeEqual(proof.code, code)
        else { throw SecurityRefusal(.proofWrong, method: .idTokens, capabilityID: accepted.claims.id) }
        return MethodProgress(
            outcome: .succeeded(
                MethodResult(
                    credential: accepted.credential, token: accepted.claims.attributes,
                    limits: accepted.credential.limits ?? accepted.claims.limits)))
    }

    /// What we call ourselves.
    private var serverName: String {
        TokenExchange.poolName(peer: context.peerVersion, domain: context.environment.uidDomain)
    }

    private func refusal(_ detail: String, capabilityID: String? = nil) -> SecurityRefusal {
        SecurityRefusal(.credentialRefused, method: .idTokens, capabilityID: capabilityID, detail)
    }
}
