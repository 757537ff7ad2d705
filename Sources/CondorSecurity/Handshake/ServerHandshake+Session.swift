import CEDAR
import Cryptography
import NIOCore

/// Authentication and what follows: key, authorization, post-auth ad, command (spec 02, 5 to 8).
extension ServerHandshake {
    /// The methods a client can still try (spec 02, 5.1).
    mutating func receivedMask(
        _ reader: inout MessageReader, _ negotiation: Negotiation, now: Int64
    ) throws(SecurityRefusal) -> [Action] {
        let mask = try decoding { () throws(WireError) in
            let mask = try reader.readInteger()
            try reader.finish()
            return mask
        }
        var negotiation = negotiation
        let chosen = negotiation.remaining.first { mask & Int64($0.rawValue) != 0 }
        let answer = Action.send(clearMessage { $0.write(chosen?.rawValue ?? 0) })
        guard let method = chosen else {
            guard !negotiation.outcome.mustAuthenticate else {
                state = .over
                return [
                    answer, .close(SecurityRefusal(.authenticationFailed, command: negotiation.request.entry.number)),
                ]
            }
            return [answer] + (try open(nil, nil, negotiation, now: now))
        }
        negotiation.remaining.removeAll { $0 == method }
        let context = ServerMethodContext(
            environment: environment, random: random, peer: peer, local: local,
            peerVersion: negotiation.request.peerVersion, level: negotiation.request.entry.level,
            mustProveUser: negotiation.mustProveUser)
        var run = context.run(method)
        let progress = try run.start()
        return [answer] + (try act(on: progress, method, run, negotiation, now: now))
    }

    /// Turns what a method wants into actions, and goes on after its end.
    mutating func act(
        on progress: MethodProgress, _ method: AuthenticationMethod, _ run: any AuthenticationRun,
        _ negotiation: Negotiation, now: Int64
    ) throws(SecurityRefusal) -> [Action] {
        let actions = progress.actions.map { action -> Action in
            switch action {
            case .send(let message): return .send(message)
            case .inspectDirectory(let path): return .inspectDirectory(path: path)
            case .removeDirectory(let path): return .removeDirectory(path: path)
            case .makeDirectory: preconditionFailure("a server makes no directory")
            case .refused(var refusal):
                refusal.command = negotiation.request.entry.number
                return .refused(refusal)
            }
        }
        switch progress.outcome {
        case nil:
            state = .running(method, run, negotiation)
            return actions
        case .failed:
            state = .awaitingMask(negotiation)
            return actions
        case .succeeded(let result):
            return actions + (try open(method, result, negotiation, now: now))
        }
    }

    /// Opens the session: the key, then the question whether the user may run the command.
    mutating func open(
        _ method: AuthenticationMethod?, _ result: MethodResult?, _ negotiation: Negotiation, now: Int64
    ) throws(SecurityRefusal) -> [Action] {
        var (actions, key) = try keyMessages(method, result, negotiation)
        actions.append(.enableEncryption(key))
        let session = makeSession(method, result, negotiation, key: key, now: now)
        guard environment.isAuthorized(negotiation.request.entry, session, peer: peer) else {
            return actions + deny(session, negotiation)
        }
        guard session.identity.isAuthenticated else {
            actions.append(.cacheSession(session))
            return actions + conclude(session, negotiation)
        }
        state = .storing(session, negotiation)
        actions.append(.storeSession(session))
        return actions
    }

    /// The post-auth ad of a session that is stored, and what follows it.
    ///
    /// Authorized anew: a capability may have been revoked while its session was being written.
    mutating func conclude(_ session: SecuritySession, _ negotiation: Negotiation) -> [Action] {
        guard environment.isAuthorized(negotiation.request.entry, session, peer: peer) else {
            return deny(session, negotiation)
        }
        let answer = Action.send(postAuthMessage(session, negotiation, returnCode: ReturnCode.authorized))
        return [answer] + finish(negotiation.request, session, isResumed: false)
    }

    private mutating func deny(_ session: SecuritySession, _ negotiation: Negotiation) -> [Action] {
        state = .over
        return [
            .send(postAuthMessage(session, negotiation, returnCode: ReturnCode.denied)),
            .close(denial(negotiation.request, session)),
        ]
    }

    private func denial(_ request: HandshakeRequest, _ session: SecuritySession) -> SecurityRefusal {
        SecurityRefusal(
            .denied, method: session.identity.method, user: session.identity.user, capabilityID: session.capabilityID,
            command: request.entry.number, environment.reasonToDeny(request.entry, session, peer: peer))
    }

    /// Runs the command, or does what the special ones want (spec 02, 8.2).
    ///
    /// Resumed sessions are authorized here.
    mutating func finish(_ request: HandshakeRequest, _ session: SecuritySession, isResumed: Bool) -> [Action] {
        state = .over
        if isResumed, !environment.isAuthorized(request.entry, session, peer: peer) {
            return [.close(denial(request, session))]
        }
        switch request.command {
        case .authenticate:
            return [.close(nil)]
        case .securityQuery:
            return [.send(queryReply(session)), .close(nil)]
        default:
            if isResumed, request.entry.isHint, !request.entry.hasPayload { return [.close(nil)] }
            return [.ready(request.started(session, isResumed: isResumed))]
        }
    }

    /// The key message after a successful method, and the key (spec 02, 5.2; spec 03, 1.3).
    private func keyMessages(
        _ method: AuthenticationMethod?, _ result: MethodResult?, _ negotiation: Negotiation
    ) throws(SecurityRefusal) -> ([Action], SecretBytes) {
        switch negotiation.keySource {
        case .agreed(let key):
            return (result == nil ? [] : [.send(clearMessage { $0.write(0) })], key)
        case .handedOver:
            guard let secret = result?.tlsSecret else { preconditionFailure("only TLS methods were on the table") }
            let key = SecretBytes.random(sessionKeySize, from: random)
            do {
                let message = try KeyHandOver(wrapping: key, with: secret).message
                return ([.send(clearMessage { $0.write(1) }), .send(message)], key)
            } catch {
                throw SecurityRefusal(.noKeyAgreement, method: method, error.description)
            }
        }
    }

    private func makeSession(
        _ method: AuthenticationMethod?, _ result: MethodResult?, _ negotiation: Negotiation, key: SecretBytes,
        now: Int64
    ) -> SecuritySession {
        let credential = result?.credential
        let user = credential?.user ?? Identity.unauthenticatedUser
        var isBound = false
        if case .handedOver = negotiation.keySource { isBound = true }
        let outcome = negotiation.outcome
        let end = now + outcome.sessionDuration + SecuritySession.slop
        return SecuritySession(
            id: "\(environment.serverName):\(now):\(Hex.encode(random.bytes(16)))", key: key,
            identity: Identity(user: user, method: method), capabilityID: credential?.capabilityID,
            limits: result?.limits ?? credential?.limits, isBound: isBound,
            peerVersion: negotiation.request.peerVersion, token: result?.token, createdAt: now,
            expiresAt: min(end, credential?.expiresAt ?? end, result?.token?.expiresAt ?? end),
            lease: outcome.sessionLease.map { $0 == 0 ? 0 : $0 + SecuritySession.slop } ?? 0)
    }

    /// The first encrypted message of a new session (spec 02, 7).
    private func postAuthMessage(
        _ session: SecuritySession, _ negotiation: Negotiation, returnCode: String
    ) -> ByteBuffer {
        let entry = negotiation.request.entry
        let valid = environment.validCommands(for: entry.level, identity: session.identity)
        var ad = HandshakeAd()
        ad.set(AttributeName.returnCode, returnCode)
        ad.set(AttributeName.sid, session.id)
        ad.set(AttributeName.user, session.identity.user)
        ad.set(
            AttributeName.validCommands,
            (valid.isEmpty ? [entry.number] : valid).map(String.init).joined(separator: ","))
        if negotiation.outcome.authenticates { ad.set(AttributeName.triedAuthentication, true) }
        return ad.message(encrypted: true)
    }

    /// The answer to "would I be authorized", which is yes by now (spec 02, 8.2).
    private func queryReply(_ session: SecuritySession) -> ByteBuffer {
        var ad = HandshakeAd()
        ad.set(AttributeName.authorizationSucceeded, true)
        if let token = session.token {
            ad.set(AttributeName.authTokenIssuer, token.issuer)
            ad.set(AttributeName.authTokenSubject, token.subject)
            if !token.id.isEmpty { ad.set(AttributeName.authTokenID, token.id) }
            if !token.scopes.isEmpty {
                ad.set(AttributeName.authTokenScopes, token.scopes.joined(separator: ","))
            }
            if !token.groups.isEmpty {
                ad.set(AttributeName.authTokenGroups, token.groups.joined(separator: ","))
            }
        }
        return ad.message(encrypted: session.key != nil)
    }
}
