import CEDAR
import Cryptography
import NIOCore

/// The client's messages in the order of the protocol (spec 02, 3 to 9).
extension ClientHandshake {
    // MARK: New session

    /// Our wishes (spec 02, 3).
    mutating func negotiate() throws(SecurityRefusal) -> [Action] {
        let methods = policy.methods.filter(credentials.suffice)
        guard !methods.isEmpty || policy.authentication != .required else {
            throw SecurityRefusal(.noCommonMethod, "no credential for any method we may use")
        }
        let agreement: KeyAgreement
        do {
            agreement = try makeKeyAgreement(random)
        } catch {
            throw SecurityRefusal(.noKeyAgreement, error.description)
        }
        var ad = commonAd
        ad.set(AttributeName.newSession, "YES")
        ad.set(AttributeName.negotiatedSession, true)
        ad.set(AttributeName.enact, "NO")
        ad.set(AttributeName.authentication, policy.legacyAuthentication.wireName)
        ad.set(AttributeName.authenticationNew, policy.authentication.wireName)
        ad.set(AttributeName.encryption, policy.encryption.wireName)
        ad.set(AttributeName.integrity, policy.integrity.wireName)
        ad.set(AttributeName.outgoingNegotiation, max(.preferred, policy.legacyAuthentication).wireName)
        ad.set(AttributeName.authMethods, AuthenticationMethod.wireList(methods))
        ad.set(AttributeName.cryptoMethods, aesMethodName)
        ad.set(AttributeName.ecdhPublicKey, Base64.encode(agreement.publicKey))
        ad.set(AttributeName.sessionDuration, String(policy.sessionDuration))
        ad.set(AttributeName.sessionLease, policy.sessionLease)
        ad.set(AttributeName.subsystem, description.subsystem)
        if let trustDomain = policy.trustDomain { ad.set(AttributeName.trustDomain, trustDomain) }
        if !policy.issuerKeys.isEmpty { ad.set(AttributeName.issuerKeys, policy.issuerKeys.joined(separator: ", ")) }
        state = .awaitingAction(agreement)
        return [.send(ad.message(after: .authenticate))]
    }

    /// The server's decision.
    ///
    /// We obey it as far as it keeps to our own policy (spec 02, 4.4).
    mutating func receivedAction(
        _ ad: HandshakeAd, _ agreement: KeyAgreement, now: Int64
    ) throws(SecurityRefusal) -> [Action] {
        for name in [AttributeName.authentication, AttributeName.encryption, AttributeName.integrity] {
            guard ad.string(name) != nil else { throw SecurityRefusal(.malformedMessage, "no \(name)") }
        }
        let authenticates = ad.saysYes(AttributeName.authentication)
        guard authenticates || policy.authentication != .required else {
            throw SecurityRefusal(.policyConflict, "the server wants no authentication, we do")
        }
        let offered = AuthenticationMethod.list(
            from: ad.string(AttributeName.authMethodsList) ?? ad.string(AttributeName.authMethods) ?? "")
        let bargain = Bargain(
            mustAuthenticate: policy.authentication == .required || ad.boolean(AttributeName.authRequired) ?? true,
            methods: offered.filter { policy.methods.contains($0) && credentials.suffice(for: $0) },
            agreedKey: try agreedKey(ad, agreement),
            mustEncrypt: policy.encryption == .required || policy.integrity == .required
                || ad.saysYes(AttributeName.encryption) || ad.saysYes(AttributeName.integrity),
            trustDomain: ad.string(AttributeName.trustDomain) ?? policy.trustDomain,
            issuerKeys: splitList(ad.string(AttributeName.issuerKeys) ?? ""),
            sessionDuration: ad.integer(AttributeName.sessionDuration) ?? policy.sessionDuration,
            sessionLease: ad.integer(AttributeName.sessionLease) ?? 0,
            peerVersion: ad.string(AttributeName.remoteVersion).flatMap { CondorVersion($0) })
        guard authenticates else {
            return try proceed(nil, nil, bargain, key: bargain.agreedKey, isBound: false, now: now)
        }
        guard !bargain.methods.isEmpty else { throw SecurityRefusal(.noCommonMethod) }
        return offerMethods(bargain)
    }

    /// The key of both public points; `nil` if the server has sent none (spec 02, 6).
    private func agreedKey(_ ad: HandshakeAd, _ agreement: KeyAgreement) throws(SecurityRefusal) -> SecretBytes? {
        guard let text = ad.string(AttributeName.ecdhPublicKey) else { return nil }
        let cipher = splitList(ad.string(AttributeName.cryptoMethods) ?? "").first?.uppercased()
        guard cipher == aesMethodName, let point = Base64.decode(text) else {
            throw SecurityRefusal(.noKeyAgreement, "not AES, or no public key")
        }
        do {
            return sessionKey(of: try agreement.sharedSecret(with: point))
        } catch {
            throw SecurityRefusal(.noKeyAgreement, error.description)
        }
    }

    // MARK: Authentication

    private mutating func offerMethods(_ bargain: Bargain) -> [Action] {
        state = .awaitingChoice(bargain)
        return [.send(clearMessage { $0.write(AuthenticationMethod.mask(bargain.methods)) })]
    }

    /// The server's choice; 0 is the end of the phase (spec 02, 5.1 and 5.3).
    mutating func receivedChoice(
        _ reader: inout MessageReader, _ bargain: Bargain, now: Int64
    ) throws(SecurityRefusal) -> [Action] {
        let choice = try decoding { () throws(WireError) in
            let choice = try reader.readInteger()
            try reader.finish()
            return choice
        }
        if choice == 0 {
            guard !bargain.mustAuthenticate else { throw SecurityRefusal(.authenticationFailed) }
            return try proceed(nil, nil, bargain, key: bargain.agreedKey, isBound: false, now: now)
        }
        guard let method = bargain.methods.first(where: { Int64($0.rawValue) == choice }) else {
            throw SecurityRefusal(.unexpectedMessage, "method \(choice)")
        }
        var run = makeRun(method, bargain)
        return try act(on: try run.start(), method, run, bargain)
    }

    private func makeRun(_ method: AuthenticationMethod, _ bargain: Bargain) -> any AuthenticationRun {
        switch method {
        case .claimToBe:
            ClaimToBeClientRun(user: credentials.claimedUser ?? "")
        case .fs:
            FilesystemClientRun(server: server, sharedPortID: sharedPortID)
        case .anonymous:
            AnonymousClientRun()
        case .ssl, .sciTokens:
            TLSClientRun(method, credentials: credentials, hostName: serverName)
        case .idTokens:
            TokenExchangeClientRun(
                tokens: credentials.idTokens, trustDomain: bargain.trustDomain, issuerKeys: bargain.issuerKeys,
                random: random)
        case .password:
            TokenExchangeClientRun(
                password: credentials.poolPassword ?? SecretBytes([]), serverVersion: bargain.peerVersion,
                domain: bargain.trustDomain ?? "", random: random)
        }
    }

    /// Turns what a method wants into actions, and goes on after its end.
    mutating func act(
        on progress: MethodProgress, _ method: AuthenticationMethod, _ run: any AuthenticationRun, _ bargain: Bargain
    ) throws(SecurityRefusal) -> [Action] {
        let actions = progress.actions.map { action -> Action in
            switch action {
            case .send(let message): return .send(message)
            case .makeDirectory(let path): return .makeDirectory(path: path)
            case .removeDirectory(let path): return .removeDirectory(path: path)
            case .inspectDirectory: preconditionFailure("a client inspects no directory")
            case .refused(let refusal): return .refused(refusal)
            }
        }
        switch progress.outcome {
        case nil:
            state = .running(method, run, bargain)
            return actions
        case .failed:
            var bargain = bargain
            bargain.methods.removeAll { $0 == method }
            return actions + offerMethods(bargain)
        case .succeeded(let result):
            state = .awaitingKey(method, result, bargain)
            return actions
        }
    }

    // MARK: Key and verdict

    /// The key message: 0 for an agreed key, 1 announces one handed over (spec 03, 1.3).
    mutating func receivedKey(
        _ reader: inout MessageReader, _ method: AuthenticationMethod, _ result: MethodResult, _ bargain: Bargain,
        now: Int64
    ) throws(SecurityRefusal) -> [Action] {
        let isHandedOver = try decoding { () throws(WireError) in
            let kind = try reader.readInteger(in: 0...1)
            try reader.finish()
            return kind == 1
        }
        guard isHandedOver else {
            return try proceed(method, result, bargain, key: bargain.agreedKey, isBound: false, now: now)
        }
        guard bargain.agreedKey == nil, result.tlsSecret != nil else {
            throw SecurityRefusal(.noKeyAgreement, method: method, "a key that was not to be handed over")
        }
        state = .awaitingWrappedKey(method, result, bargain)
        return []
    }

    mutating func receivedWrappedKey(
        _ reader: inout MessageReader, _ method: AuthenticationMethod, _ result: MethodResult, _ bargain: Bargain,
        now: Int64
    ) throws(SecurityRefusal) -> [Action] {
        guard let secret = result.tlsSecret else { preconditionFailure("checked with the message before") }
        let message = try KeyHandOver(reading: &reader)
        let key: SecretBytes
        do {
            key = try message.key(with: secret)
        } catch {
            throw SecurityRefusal(.noKeyAgreement, method: method, error.description)
        }
        return try proceed(method, result, bargain, key: key, isBound: true, now: now)
    }

    /// The end of the clear part; the server's verdict comes next.
    private mutating func proceed(
        _ method: AuthenticationMethod?, _ result: MethodResult?, _ bargain: Bargain, key: SecretBytes?, isBound: Bool,
        now: Int64
    ) throws(SecurityRefusal) -> [Action] {
        guard key != nil || !bargain.mustEncrypt else {
            throw SecurityRefusal(.noKeyAgreement, method: method, "encryption is wanted, but there is no key")
        }
        let user = result?.credential.user ?? Identity.unauthenticatedUser
        let (end, overflow) = now.addingReportingOverflow(max(0, bargain.sessionDuration))
        state = .awaitingVerdict(
            SecuritySession(
                id: "", key: key, identity: Identity(user: user, method: method), isBound: isBound,
                peerVersion: bargain.peerVersion, createdAt: now,
                expiresAt: overflow || bargain.sessionDuration == 0 ? SecuritySession.never : end,
                lease: max(0, bargain.sessionLease)))
        return key.map { [.enableEncryption($0)] } ?? []
    }

    /// The post-auth ad (spec 02, 7).
    mutating func receivedVerdict(_ ad: HandshakeAd, _ session: SecuritySession) throws(SecurityRefusal) -> [Action] {
        try checkReturnCode(ad)
        guard let id = ad.string(AttributeName.sid), !id.isEmpty else {
            throw SecurityRefusal(.malformedMessage, "no session id")
        }
        var session = session
        session.id = id
        let valid = splitList(ad.string(AttributeName.validCommands) ?? "").compactMap { Int($0) }
        state = .over
        return [.established(session, validCommands: valid.map { CommandNumber(rawValue: $0) })]
    }

    private func checkReturnCode(_ ad: HandshakeAd) throws(SecurityRefusal) {
        switch ad.string(AttributeName.returnCode) {
        case nil, ReturnCode.authorized:
            return
        case ReturnCode.sessionNotFound:
            throw SecurityRefusal(.sessionNotFound)
        case let code?:
            throw SecurityRefusal(.denied, user: ad.string(AttributeName.user), code)
        }
    }

    // MARK: Resumption

    /// Names a session we have.
    ///
    /// A response is always wanted (spec 02, 9.3 and 14.2).
    mutating func resume(_ session: SecuritySession, now: Int64) throws(SecurityRefusal) -> [Action] {
        guard session.isAlive(at: now) else { throw SecurityRefusal(.sessionNotFound, "ended here already") }
        var session = session
        session.lastUsed = now
        var ad = commonAd
        ad.set(AttributeName.useSession, "YES")
        ad.set(AttributeName.sid, session.id)
        if session.key != nil { ad.set(AttributeName.cryptoMethods, aesMethodName) }
        ad.set(AttributeName.resumeResponse, true)
        ad.set(AttributeName.nonce, Base64.encode(random.bytes(resumeNonceSize)))
        state = .awaitingResumption(session)
        return [.send(ad.message(after: .authenticate))]
    }

    mutating func receivedResumption(_ ad: HandshakeAd, _ session: SecuritySession) throws(SecurityRefusal) -> [Action]
    {
        try checkReturnCode(ad)
        var session = session
        session.peerVersion =
            ad.string(AttributeName.remoteVersion).flatMap { CondorVersion($0) } ?? session.peerVersion
        state = .over
        let encryption = session.key.map { [Action.enableEncryption($0)] } ?? []
        return encryption + [.established(session, validCommands: [])]
    }

    /// What new and resumed sessions begin with.
    private var commonAd: HandshakeAd {
        var ad = HandshakeAd()
        ad.set(AttributeName.remoteVersion, description.version.text)
        if let commandSinful = description.commandSinful { ad.set(AttributeName.serverCommandSock, commandSinful) }
        ad.set(AttributeName.connectSinful, connectSinful)
        ad.set(AttributeName.command, Int64(command.rawValue))
        if let authCommand { ad.set(AttributeName.authCommand, Int64(authCommand.rawValue)) }
        return ad
    }
}
