import CEDAR
import Cryptography
import NIOCore

/// The first message: raw commands, resumed sessions, the wishes of a new one (spec 02, 1, 4 and 9).
extension ServerHandshake {
    mutating func receivedFirst(_ reader: MessageReader, now: Int64) throws(SecurityRefusal) -> [Action] {
        var reader = reader
        let command = try decoding { () throws(WireError) in try reader.readCommand() }
        guard command == .authenticate else { return try raw(command, reader, now: now) }
        let ad = try HandshakeAd(reading: &reader)
        guard !ad.contains(AttributeName.cookie) else { throw SecurityRefusal(.ownCookie) }
        guard let number = ad.command(AttributeName.command) else {
            throw SecurityRefusal(.malformedMessage, "no command")
        }
        let named = CommandNumber(rawValue: number)
        let isSpecial = named == .authenticate || named == .securityQuery
        guard let wanted = isSpecial ? ad.command(AttributeName.authCommand) : number,
            let entry = environment.command(wanted)
        else { throw SecurityRefusal(.unknownCommand, command: number) }
        let request = HandshakeRequest(command: named, entry: entry, ad: ad)
        if ad.saysYes(AttributeName.useSession) { return try resume(request, now: now) }
        guard ad.saysYes(AttributeName.newSession) else {
            throw SecurityRefusal(.noSessionWanted, command: entry.number)
        }
        return try negotiate(request, now: now)
    }

    /// A command without handshake, from nobody in particular (spec 02, 1.1).
    private mutating func raw(
        _ command: CommandNumber, _ reader: MessageReader, now: Int64
    ) throws(SecurityRefusal) -> [Action] {
        guard let entry = environment.command(command.rawValue) else {
            throw SecurityRefusal(.unknownCommand, command: command.rawValue)
        }
        let session = SecuritySession.none(now: now)
        guard entry.level == .allow || !environment.policy(for: entry.level).forbidsRawCommands else {
            throw SecurityRefusal(.rawCommandRefused, command: entry.number)
        }
        guard environment.isAuthorized(entry, session, peer: peer) else {
            throw SecurityRefusal(
                .denied, user: session.identity.user, command: entry.number,
                environment.reasonToDeny(entry, session, peer: peer))
        }
        state = .over
        return [.ready(StartedCommand(entry: entry, session: session, isResumed: false, firstMessage: reader))]
    }

    // MARK: Resumption

    private mutating func resume(_ request: HandshakeRequest, now: Int64) throws(SecurityRefusal) -> [Action] {
        let wantsResponse = request.ad.boolean(AttributeName.resumeResponse) ?? false
        let session: SecuritySession
        do {
            session = try resumable(request, now: now)
        } catch {
            state = .over
            guard wantsResponse else { return [.close(error)] }
            var ad = HandshakeAd()
            ad.set(AttributeName.returnCode, ReturnCode.sessionNotFound)
            return [.send(ad.message(encrypted: false)), .close(error)]
        }
        var actions: [Action] = []
        if wantsResponse {
            var ad = HandshakeAd()
            ad.set(AttributeName.returnCode, ReturnCode.authorized)
            ad.set(AttributeName.remoteVersion, environment.version)
            ad.set(AttributeName.nonce, Base64.encode(random.bytes(resumeNonceSize)))
            actions.append(.send(ad.message(encrypted: false)))
        }
        if let key = session.key { actions.append(.enableEncryption(key)) }
        return actions + finish(request, session, isResumed: true)
    }

    /// The session a client names, if the command may run on the strength of a name alone (spec 02, 9.4 and 9.5).
    private func resumable(_ request: HandshakeRequest, now: Int64) throws(SecurityRefusal) -> SecuritySession {
        guard let id = request.ad.string(AttributeName.sid),
            let session = environment.session(id, now: now), session.isAlive(at: now)
        else { throw SecurityRefusal(.sessionNotFound, command: request.entry.number) }
        let cipher = splitList(request.ad.string(AttributeName.cryptoMethods) ?? "").first?.uppercased()
        guard cipher == (session.key == nil ? nil : aesMethodName) else {
            throw SecurityRefusal(
                .sessionNotFound, user: session.identity.user, command: request.entry.number, "with another cipher")
        }
        if request.command.rawValue == request.entry.number, !request.entry.mayBeginUnproven {
            throw SecurityRefusal(
                .proofMissing, user: session.identity.user, capabilityID: session.capabilityID,
                command: request.entry.number)
        }
        return session
    }

    // MARK: New sessions

    private mutating func negotiate(_ request: HandshakeRequest, now: Int64) throws(SecurityRefusal) -> [Action] {
        var policy = environment.policy(for: request.entry.level)
        if request.entry.forceAuthentication { policy.authentication = .required }
        let outcome = try Reconciliation(client: request.ad, server: policy)
        var ad = outcome.actionAd
        ad.set(AttributeName.remoteVersion, environment.version)
        if !environment.trustDomain.isEmpty { ad.set(AttributeName.trustDomain, environment.trustDomain) }
        if outcome.methods.contains(.idTokens), !environment.issuerKeys.isEmpty {
            ad.set(AttributeName.issuerKeys, environment.issuerKeys.joined(separator: ", "))
        }
        let source: Negotiation.KeySource
        if policy.handOverKeys, outcome.leavesOnlyTLS {
            source = .handedOver
        } else {
            let (key, publicKey) = try agreeKey(request)
            ad.set(AttributeName.ecdhPublicKey, Base64.encode(publicKey))
            source = .agreed(key)
        }
        let negotiation = Negotiation(
            request: request, outcome: outcome, keySource: source, mustProveUser: policy.authentication == .required,
            remaining: outcome.methods)
        let answer = Action.send(ad.message(encrypted: false))
        guard outcome.authenticates else { return [answer] + (try open(nil, nil, negotiation, now: now)) }
        guard !outcome.methods.isEmpty else {
            state = .over
            return [answer, .close(SecurityRefusal(.noCommonMethod, command: request.entry.number))]
        }
        state = .awaitingMask(negotiation)
        return [answer]
    }

    /// The session key of both public points, and our point (spec 02, 6).
    private func agreeKey(_ request: HandshakeRequest) throws(SecurityRefusal) -> (SecretBytes, [UInt8]) {
        guard let text = request.ad.string(AttributeName.ecdhPublicKey), let point = Base64.decode(text) else {
            throw SecurityRefusal(.noKeyAgreement, command: request.entry.number, "no public key")
        }
        do {
            let agreement = try makeKeyAgreement(random)
            return (sessionKey(of: try agreement.sharedSecret(with: point)), agreement.publicKey)
        } catch {
            throw SecurityRefusal(.noKeyAgreement, command: request.entry.number, error.description)
        }
    }
}

/// A fresh key pair whose private scalar comes from `random`, so that recorded handshakes can be replayed.
///
/// A scalar outside the range of the curve, about one of 2^32, is drawn again.
func makeKeyAgreement(_ random: any RandomSource) throws(CryptographyFailure) -> KeyAgreement {
    var scalar = random.bytes(KeyAgreement.scalarSize)
    defer { erase(&scalar) }
    do {
        return try KeyAgreement(privateScalar: scalar)
    } catch {
        scalar = random.bytes(KeyAgreement.scalarSize)
        return try KeyAgreement(privateScalar: scalar)
    }
}

/// The AES key made of an agreed secret (spec 02, 6).
func sessionKey(of secret: SecretBytes) -> SecretBytes {
    hkdfSHA256(secret, salt: "htcondor".utf8, info: "keygen".utf8, count: sessionKeySize)
}
