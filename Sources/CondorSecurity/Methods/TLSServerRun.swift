import CEDAR
import Cryptography

/// SSL and SCITOKENS at the server (spec 03, 3 and 4).
struct TLSServerRun: AuthenticationRun {
    /// Longest bearer text in bytes (spec 03, 4.1).
    static let maximumToken = 16 << 10
    /// Bytes of the secret sent through TLS (spec 03, 3.5).
    static let secretSize = 256

    /// What the next message of the client belongs to.
    private enum Phase {
        case opening(TLSTunnel?)
        case handshake(TLSTunnel)
        case secret(TLSTunnel)
        case token(TLSTunnel)
        case over
    }

    private let context: ServerMethodContext
    private let method: AuthenticationMethod
    private let secret: SecretBytes
    private var credential: VerifiedCredential?
    private var phase = Phase.over

    /// A run of `.ssl` or `.sciTokens`.
    init(_ method: AuthenticationMethod, context: ServerMethodContext) {
        self.method = method
        self.context = context
        secret = SecretBytes.random(Self.secretSize, from: context.random)
    }

    mutating func start() -> MethodProgress {
        do {
            phase = .opening(TLSTunnel(engine: try context.environment.makeTLSEngine()))
            return .send(clearMessage { $0.write(0) })
        } catch {
            phase = .opening(nil)
            return MethodProgress(actions: [
                .refused(refusal(.tlsFailed, error.description)), .send(clearMessage { $0.write(-1) }),
            ])
        }
    }

    mutating func received(_ reader: inout MessageReader, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        let current = phase
        phase = .over
        switch current {
        case .opening(let tunnel): return try opened(tunnel, &reader)
        case .handshake(let tunnel): return try handshake(tunnel, &reader, now: now)
        case .secret(let tunnel): return try secret(tunnel, &reader)
        case .token(let tunnel): return try token(tunnel, &reader, now: now)
        case .over: preconditionFailure("the method has ended")
        }
    }

    private mutating func opened(
        _ tunnel: TLSTunnel?, _ reader: inout MessageReader
    ) throws(SecurityRefusal) -> MethodProgress {
        let status = try decoding { () throws(WireError) in
            let status = try reader.readInteger()
            try reader.finish()
            return status
        }
        guard status == 0, let tunnel else { return .failed }
        phase = .handshake(tunnel)
        return .nothing
    }

    private mutating func handshake(
        _ tunnel: TLSTunnel, _ reader: inout MessageReader, now: Int64
    ) throws(SecurityRefusal) -> MethodProgress {
        var tunnel = tunnel
        switch try tunnel.received(&reader) {
        case .failed: return failed(tunnel)
        case .complete: return try sendSecret(tunnel, now: now)
        case .ongoing: break
        }
        tunnel.advance()
        let (message, state) = try tunnel.turn()
        switch state {
        case .failed:
            return .send(message).followed(by: failed(tunnel))
        case .complete:
            return .send(message).followed(by: try sendSecret(tunnel, now: now))
        case .ongoing:
            phase = .handshake(tunnel)
            return .send(message)
        }
    }

    /// After the handshake: our checks, then the secret (spec 03, 3.4 and 3.5).
    private mutating func sendSecret(_ tunnel: TLSTunnel, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        if method == .ssl {
            switch judge(tunnel.peerCertificate, now: now) {
            case .success(let verified):
                credential = verified
            case .failure(let reason):
                return MethodProgress(
                    actions: [
                        .refused(refusal(.credentialRefused, reason.reason, capabilityID: reason.publicID)),
                        .send(TLSTunnel.refusal),
                    ], outcome: .failed)
            }
        }
        var tunnel = tunnel
        tunnel.begin(.write(secret))
        tunnel.advance()
        let (message, state) = try tunnel.turn()
        guard state == .ongoing else { return .send(message).followed(by: failed(tunnel)) }
        phase = .secret(tunnel)
        return .send(message)
    }

    private func judge(_ certificate: TLSPeerCertificate?, now: Int64) -> Result<VerifiedCredential, CredentialRefusal>
    {
        if let certificate {
            return context.environment.verifyCertificate(certificate, peer: context.peer, now: now)
        }
        guard !context.mustProveUser else { return .failure(CredentialRefusal(reason: "no client certificate")) }
        return .success(VerifiedCredential(user: Identity.unauthenticatedUser))
    }

    private mutating func secret(
        _ tunnel: TLSTunnel, _ reader: inout MessageReader
    ) throws(SecurityRefusal) -> MethodProgress {
        var tunnel = tunnel
        switch try tunnel.received(&reader) {
        case .failed:
            return failed(tunnel)
        case .ongoing:
            let (message, _) = try tunnel.turn()
            phase = .secret(tunnel)
            return .send(message)
        case .complete:
            guard method == .sciTokens else { return succeeded() }
            tunnel.begin(.readText(upTo: Self.maximumToken))
            phase = .token(tunnel)
            return .nothing
        }
    }

    private mutating func token(
        _ tunnel: TLSTunnel, _ reader: inout MessageReader, now: Int64
    ) throws(SecurityRefusal) -> MethodProgress {
        var tunnel = tunnel
        switch try tunnel.received(&reader) {
        case .failed: return failed(tunnel)
        case .complete: return succeeded()
        case .ongoing: break
        }
        tunnel.advance()
        var progress = MethodProgress()
        if tunnel.isHolding, credential == nil {
            let token = SecretBytes(tunnel.input.dropFirst(4))
            tunnel.eraseInput()
            switch context.environment.verifyBearer(token, peer: context.peer, now: now) {
            case .success(let verified):
                credential = verified
            case .failure(let reason):
                progress.actions.append(
                    .refused(refusal(.credentialRefused, reason.reason, capabilityID: reason.publicID)))
                tunnel.quit()
            }
        }
        let (message, state) = try tunnel.turn()
        progress.actions.append(.send(message))
        switch state {
        case .failed:
            return progress.followed(by: failed(tunnel))
        case .complete:
            return progress.followed(by: succeeded())
        case .ongoing:
            phase = .token(tunnel)
            return progress
        }
    }

    private func succeeded() -> MethodProgress {
        guard let credential else { preconditionFailure("the tunnel holds only after a credential was accepted") }
        return MethodProgress(
            outcome: .succeeded(MethodResult(credential: credential, tlsSecret: secret, token: credential.token)))
    }

    /// The orderly end of a run that TLS ended, on either side.
    private func failed(_ tunnel: TLSTunnel) -> MethodProgress {
        guard let failure = tunnel.failure else { return .failed }
        return MethodProgress(actions: [.refused(refusal(.tlsFailed, failure.description))], outcome: .failed)
    }

    private func refusal(_ kind: SecurityRefusal.Kind, _ detail: String, capabilityID: String? = nil) -> SecurityRefusal
    {
        SecurityRefusal(kind, method: method, capabilityID: capabilityID, detail)
    }
}
