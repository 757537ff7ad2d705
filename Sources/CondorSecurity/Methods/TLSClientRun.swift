import CEDAR
import Cryptography
import NIOCore

/// SSL and SCITOKENS at the client (spec 03, 3 and 4).
struct TLSClientRun: AuthenticationRun {
    /// What the next message of the server belongs to.
    private enum Phase {
        case opening
        case handshake(TLSTunnel)
        /// The server's certificate is not the one we want; its next message is ignored.
        case refusing
        case secret(TLSTunnel)
        case token(TLSTunnel)
        case over
    }

    private let method: AuthenticationMethod
    private let credentials: ClientCredentials
    private let hostName: String
    private var tlsSecret: SecretBytes?
    private var phase = Phase.opening

    /// A run of `.ssl` or `.sciTokens` against a server that must show `hostName`.
    init(_ method: AuthenticationMethod, credentials: ClientCredentials, hostName: String) {
        self.method = method
        self.credentials = credentials
        self.hostName = hostName
    }

    func start() -> MethodProgress { .nothing }

    mutating func received(_ reader: inout MessageReader, now: Int64) throws(SecurityRefusal) -> MethodProgress {
        let current = phase
        phase = .over
        switch current {
        case .opening: return try open(&reader)
        case .handshake(let tunnel): return try handshake(tunnel, &reader)
        case .refusing: return try refuse(&reader)
        case .secret(let tunnel): return try secret(tunnel, &reader)
        case .token(let tunnel): return try token(tunnel, &reader)
        case .over: preconditionFailure("the method has ended")
        }
    }

    /// The server speaks first; both opening messages are always sent (spec 03, 3.2).
    private mutating func open(_ reader: inout MessageReader) throws(SecurityRefusal) -> MethodProgress {
        let status = try decoding { () throws(WireError) in
            let status = try reader.readInteger()
            try reader.finish()
            return status
        }
        switch makeTunnel() {
        case .failure(let refusal):
            return MethodProgress(
                actions: [.refused(refusal), .send(clearMessage { $0.write(-1) })], outcome: .failed)
        case .success(var tunnel):
            let opening = clearMessage { $0.write(0) }
            guard status == 0 else { return .send(opening, then: .failed) }
            tunnel.advance()
            let (message, state) = try tunnel.turn()
            guard state == .ongoing else { return .send(opening).followed(by: failed(tunnel, after: message)) }
            phase = .handshake(tunnel)
            return MethodProgress(actions: [.send(opening), .send(message)])
        }
    }

    private func makeTunnel() -> Result<TLSTunnel, SecurityRefusal> {
        guard let tls = credentials.tls, method == .ssl || credentials.bearerToken != nil else {
            return .failure(SecurityRefusal(.methodFailed, method: method, "no credential for it"))
        }
        do {
            return .success(TLSTunnel(engine: try tls.makeEngine(method == .ssl)))
        } catch {
            return .failure(SecurityRefusal(.tlsFailed, method: method, error.description))
        }
    }

    private mutating func handshake(
        _ tunnel: TLSTunnel, _ reader: inout MessageReader
    ) throws(SecurityRefusal) -> MethodProgress {
        var tunnel = tunnel
        switch try tunnel.received(&reader) {
        case .failed: return failed(tunnel, after: nil)
        case .complete: return checkServer(tunnel)
        case .ongoing: break
        }
        tunnel.advance()
        let (message, state) = try tunnel.turn()
        switch state {
        case .failed:
            return failed(tunnel, after: message)
        case .complete:
            return MethodProgress(actions: [.send(message)]).followed(by: checkServer(tunnel))
        case .ongoing:
            phase = .handshake(tunnel)
            return .send(message)
        }
    }

    /// Whether the server is who we want; if not, its secret is awaited and ignored (spec 03, 3.4).
    private mutating func checkServer(_ tunnel: TLSTunnel) -> MethodProgress {
        guard tunnel.peerCertificate?.covers(host: hostName) == true else {
            phase = .refusing
            return MethodProgress(actions: [
                .refused(
                    SecurityRefusal(
                        .credentialRefused, method: method, "the server's certificate does not show \(hostName)"))
            ])
        }
        var tunnel = tunnel
        tunnel.begin(.readRecord(upTo: TLSServerRun.secretSize))
        phase = .secret(tunnel)
        return .nothing
    }

    private func refuse(_ reader: inout MessageReader) throws(SecurityRefusal) -> MethodProgress {
        try TLSTunnel.readStatus(&reader) == .quitting ? .failed : .send(TLSTunnel.refusal, then: .failed)
    }

    private mutating func secret(
        _ tunnel: TLSTunnel, _ reader: inout MessageReader
    ) throws(SecurityRefusal) -> MethodProgress {
        var tunnel = tunnel
        if try tunnel.received(&reader) == .failed { return failed(tunnel, after: nil) }
        tunnel.advance()
        let (message, state) = try tunnel.turn()
        switch state {
        case .failed:
            return failed(tunnel, after: message)
        case .ongoing:
            phase = .secret(tunnel)
            return .send(message)
        case .complete:
            tlsSecret = SecretBytes(tunnel.input)
            tunnel.eraseInput()
            guard method == .sciTokens else { return .send(message, then: succeeded) }
            return MethodProgress(actions: [.send(message)]).followed(by: try sendToken(tunnel))
        }
    }

    /// The bearer text through TLS, its length before it (spec 03, 4.1).
    private mutating func sendToken(_ tunnel: TLSTunnel) throws(SecurityRefusal) -> MethodProgress {
        guard let token = credentials.bearerToken else { preconditionFailure("checked when the method began") }
        var tunnel = tunnel
        let length = withUnsafeBytes(of: UInt32(token.count).bigEndian) { Array($0) }
        let text = SecretBytes(count: length.count + token.count) { space in
            space.copyBytes(from: length)
            token.withBytes { UnsafeMutableRawBufferPointer(rebasing: space[length.count...]).copyMemory(from: $0) }
        }
        tunnel.begin(.write(text))
        tunnel.advance()
        let (message, state) = try tunnel.turn()
        guard state == .ongoing else { return failed(tunnel, after: message) }
        phase = .token(tunnel)
        return .send(message)
    }

    private mutating func token(
        _ tunnel: TLSTunnel, _ reader: inout MessageReader
    ) throws(SecurityRefusal) -> MethodProgress {
        var tunnel = tunnel
        switch try tunnel.received(&reader) {
        case .failed:
            return failed(tunnel, after: nil)
        case .complete:
            return MethodProgress(outcome: succeeded)
        case .ongoing:
            let (message, _) = try tunnel.turn()
            phase = .token(tunnel)
            return .send(message)
        }
    }

    private var succeeded: MethodProgress.Outcome {
        .succeeded(MethodResult(credential: VerifiedCredential(user: "ssl@unmapped"), tlsSecret: tlsSecret))
    }

    private func failed(_ tunnel: TLSTunnel, after message: ByteBuffer?) -> MethodProgress {
        var progress = MethodProgress(outcome: .failed)
        if let message { progress.actions.append(.send(message)) }
        if let failure = tunnel.failure {
            progress.actions.append(.refused(SecurityRefusal(.tlsFailed, method: method, failure.description)))
        }
        return progress
    }
}
