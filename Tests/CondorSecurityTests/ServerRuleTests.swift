import CEDAR
import ClassAds
import Cryptography
import NIOCore
import TestSupport
import Testing

@testable import CondorSecurity

/// Rules of the server that no recording shows.
@Suite struct ServerRuleTests {
    static let now = Conversation.now

    /// A server for one message.
    static func server(_ environment: TestEnvironment) -> ServerHandshake {
        ServerHandshake(environment: environment, peer: Conversation.clientEnd, local: Conversation.serverEnd)
    }

    /// A client's first message.
    static func message(_ ad: ClassAd, command: CommandNumber = .authenticate) -> InboundMessage {
        var writer = MessageWriter(encrypted: false)
        writer.write(command)
        writer.write(ad)
        return InboundMessage(payload: writer.payload, encrypted: false)
    }

    /// The wishes of a client without credentials.
    static func wishes(_ changes: ClassAd = [:]) throws -> ClassAd {
        let agreement = try KeyAgreement()
        var ad: ClassAd = [
            "Command": 5, "NewSession": "YES", "Authentication": "OPTIONAL", "AuthenticationNew": "OPTIONAL",
            "Encryption": "OPTIONAL", "Integrity": "OPTIONAL", "AuthMethods": "FS,TOKEN,SSL",
            "CryptoMethods": "AES,BLOWFISH,3DES", "SessionDuration": "60", "SessionLease": 3600,
        ]
        ad.set("ECDHPublicKey", Base64.encode(agreement.publicKey))
        ad.merge(changes)
        return ad
    }

    static let lenient = SecurityPolicy(
        authentication: .preferred, encryption: .optional, integrity: .optional, methods: [.sciTokens])

    /// The server's answer to a first message, as an ad.
    static func answer(_ actions: [ServerHandshake.Action]) throws -> HandshakeAd {
        guard case .send(let payload)? = actions.first else { throw WireError(.unexpectedMessage) }
        return try handshakeAd(InboundMessage(payload: payload, encrypted: false))
    }

    @Test func withoutACommonMethodAPreferredAuthenticationIsLeftOut() throws {
        var environment = TestEnvironment()
        environment.policy = Self.lenient
        var server = Self.server(environment)
        let actions = server.received(Self.message(try Self.wishes()), now: Self.now)
        #expect(try Self.answer(actions).string("Authentication") == "NO")
        #expect(actions.count == 5)
        guard case .ready? = actions.last else { throw WireError(.unexpectedMessage) }
    }

    @Test func withoutACommonMethodARequiredAuthenticationIsAnsweredAndEnds() throws {
        var environment = TestEnvironment()
        environment.policy = SecurityPolicy(methods: [.sciTokens])
        var server = Self.server(environment)
        let actions = server.received(Self.message(try Self.wishes()), now: Self.now)
        #expect(try Self.answer(actions).string("AuthMethodsList") == "")
        #expect(refusalKinds(actions) == [.noCommonMethod])
    }

    static let refusals: [(ClassAd, SecurityRefusal.Kind)] = [
        (["Command": 99], .unknownCommand), (["Command": "x"], .malformedMessage),
        (["Command": 60010], .unknownCommand), (["Cookie": "x"], .ownCookie),
        (["NewSession": "NO"], .noSessionWanted), (["Encryption": "sometimes"], .policyConflict),
        (["CryptoMethods": "BLOWFISH,3DES"], .noKeyAgreement), (["ECDHPublicKey": "AAAA"], .noKeyAgreement),
        (["ECDHPublicKey": 5], .noKeyAgreement), (["AuthenticationNew": "NEVER", "Command": 0], .policyConflict),
    ]

    @Test(arguments: refusals)
    func whatCannotBeAgreedEndsWithoutAnswer(change: (ClassAd, SecurityRefusal.Kind)) throws {
        var environment = TestEnvironment()
        environment.policy = Self.lenient
        environment.commands[0]?.forceAuthentication = true
        var server = Self.server(environment)
        let actions = server.received(Self.message(try Self.wishes(change.0)), now: Self.now)
        #expect(actions.count == 1)
        #expect(refusalKinds(actions) == [change.1])
    }

    @Test func aFirstAdMayHave100Attributes() throws {
        var environment = TestEnvironment()
        environment.policy = Self.lenient
        for count in [100, 101] {
            var ad = try Self.wishes()
            while ad.count < count { ad.set("Filler\(ad.count)", 1) }
            var server = Self.server(environment)
            let kinds = refusalKinds(server.received(Self.message(ad), now: Self.now))
            #expect(kinds == (count == 100 ? [] : [.malformedMessage]))
        }
    }

    @Test func aFirstAdHoldsNothingButLiterals() throws {
        var ad = try Self.wishes()
        ad["Command"] = try Expression(parsing: "2 + 3")
        var environment = TestEnvironment()
        environment.policy = Self.lenient
        var server = Self.server(environment)
        #expect(refusalKinds(server.received(Self.message(ad), now: Self.now)) == [.malformedMessage])
    }

    @Test func sessionsAreAsLongAsTheMoreModestSideWants() throws {
        for (wanted, expected) in [("60", 60), ("999999999", 3600), ("-5", 0), ("x", 3600)] as [(Expression, Int64)] {
            var environment = TestEnvironment()
            environment.policy = Self.lenient
            var server = Self.server(environment)
            let actions = server.received(
                Self.message(try Self.wishes(["SessionDuration": wanted, "SessionLease": 0])), now: Self.now)
            #expect(try Self.answer(actions).string("SessionDuration") == String(expected))
            #expect(try Self.answer(actions).integer("SessionLease") == 3600)
            guard case .cacheSession(let session)? = actions.dropFirst(2).first else {
                throw WireError(.unexpectedMessage)
            }
            #expect(session.expiresAt == Self.now + expected + SecuritySession.slop)
            #expect(session.lease == 3600 + SecuritySession.slop)
        }
    }

    // MARK: Resumption

    /// An environment that knows the session `s`.
    static func withSession(
        key: SecretBytes? = SecretBytes([UInt8](repeating: 3, count: 32)), limits: [AuthorizationLevel]? = nil
    ) -> TestEnvironment {
        let environment = TestEnvironment()
        environment.sessions.insert(
            SecuritySession(
                id: "s", key: key, identity: Identity(user: "a@b", method: .fs), limits: limits,
                createdAt: now, expiresAt: now + 100))
        return environment
    }

    static func resumption(_ changes: ClassAd = [:]) -> InboundMessage {
        var ad: ClassAd = [
            "Command": 5, "UseSession": "YES", "Sid": "s", "CryptoMethods": "AES", "ResumeResponse": true,
        ]
        ad.merge(changes)
        return message(ad)
    }

    static let sessionNotFound: [ClassAd] = [
        ["Sid": "t"], ["Sid": "family:0"], ["CryptoMethods": "BLOWFISH"], ["Command": 60006],
    ]

    @Test(arguments: sessionNotFound)
    func whatCannotBeResumedIsAnsweredNotFound(change: ClassAd) throws {
        var environment = Self.withSession()
        environment.commands[60006] = CommandEntry(number: 60006, level: .administrator, hasPayload: false)
        var server = Self.server(environment)
        let actions = server.received(Self.resumption(change), now: Self.now)
        #expect(try Self.answer(actions).string("ReturnCode") == "SID_NOT_FOUND")
        #expect(actions.count == 2 && refusalKinds(actions).count == 1)
        var silent = Self.server(environment)
        var unanswered = change
        unanswered.set("ResumeResponse", false)
        #expect(silent.received(Self.resumption(unanswered), now: Self.now).count == 1)
    }

    @Test func aCommandWithoutPayloadRunsOnAResumedSessionIfItIsHarmless() throws {
        var environment = Self.withSession()
        environment.commands[60011] = CommandEntry(number: 60011, level: .allow, hasPayload: false, isHarmless: true)
        var server = Self.server(environment)
        guard case .ready? = server.received(Self.resumption(["Command": 60011]), now: Self.now).last else {
            throw WireError(.unexpectedMessage)
        }
    }

    @Test func aHintOnAResumedSessionIsTakenAndLeftUndone() throws {
        var environment = Self.withSession()
        environment.commands[421] = CommandEntry(number: 421, level: .advertiseSchedd, hasPayload: false, isHint: true)
        var server = Self.server(environment)
        let actions = server.received(Self.resumption(["Command": 421]), now: Self.now)
        #expect(try Self.answer(actions).string("ReturnCode") == "AUTHORIZED")
        guard actions.count == 3, case .close(nil) = actions[2] else { throw WireError(.unexpectedMessage) }
    }

    @Test func aHintOnANewSessionRuns() throws {
        var environment = MethodMatrixTests.environment(SecurityPolicy(methods: [.fs]))
        environment.commands[421] = CommandEntry(number: 421, level: .advertiseSchedd, hasPayload: false, isHint: true)
        var conversation = Conversation(
            makeClient(CommandNumber(rawValue: 421), policy: SecurityPolicy(methods: [.fs])), environment)
        #expect(try conversation.run().started?.number == 421)
    }

    @Test func aSessionThatHasEndedIsNotFound() throws {
        var server = Self.server(Self.withSession())
        #expect(refusalKinds(server.received(Self.resumption(), now: Self.now + 100)) == [.sessionNotFound])
    }

    @Test func withoutAResponseWantedEncryptionStartsAtOnce() throws {
        var server = Self.server(Self.withSession())
        let actions = server.received(Self.resumption(["ResumeResponse": false]), now: Self.now)
        guard actions.count == 2, case .enableEncryption = actions[0], case .ready(let command) = actions[1] else {
            throw WireError(.unexpectedMessage)
        }
        #expect(command.isResumed && command.session.identity.user == "a@b")
    }

    @Test func aResumedSessionThatMayNotIsClosedSilently() throws {
        var server = Self.server(Self.withSession(limits: [.advertiseMaster]))
        let actions = server.received(Self.resumption(["Command": 0]), now: Self.now)
        #expect(actions.count == 3 && refusalKinds(actions) == [.denied])
    }

    @Test func aQueryOnAResumedSessionIsAnsweredAndEnds() throws {
        var server = Self.server(Self.withSession())
        let actions = server.received(Self.resumption(["Command": 60040, "AuthCommand": 5]), now: Self.now)
        guard actions.count == 4, case .send(let payload) = actions[2], case .close(nil) = actions[3] else {
            throw WireError(.unexpectedMessage)
        }
        let ad = try handshakeAd(InboundMessage(payload: payload, encrypted: true))
        #expect(ad.boolean("AuthorizationSucceeded") == true)
    }

    // MARK: Order and storage

    @Test func authorizedIsSaidOnlyAfterTheSessionIsStored() throws {
        var environment = MethodMatrixTests.environment(SecurityPolicy(methods: [.claimToBe]))
        environment.valid = []
        var (server, actions) = try Self.authenticated(environment)
        guard case .storeSession(let session)? = actions.last else { throw WireError(.unexpectedMessage) }
        #expect(session.limits == [.read])
        actions = server.sessionStored(now: Self.now)
        guard actions.count == 2, case .send(let payload) = actions[0], case .ready = actions[1] else {
            throw WireError(.unexpectedMessage)
        }
        let ad = try handshakeAd(InboundMessage(payload: payload, encrypted: true))
        #expect(ad.string("ReturnCode") == "AUTHORIZED" && ad.string("ValidCommands") == "5")
    }

    @Test func aSessionThatCannotBeStoredIsNotPromised() throws {
        var (server, _) = try Self.authenticated(MethodMatrixTests.environment(SecurityPolicy(methods: [.claimToBe])))
        let failed = server.sessionStoreFailed()
        let late = server.sessionStored(now: Self.now)
        #expect(refusalKinds(failed) == [.storageFailed])
        #expect(late.isEmpty)
    }

    @Test func aClientThatSpeaksWhileItsSessionIsStoredIsDropped() throws {
        var (server, _) = try Self.authenticated(MethodMatrixTests.environment(SecurityPolicy(methods: [.claimToBe])))
        #expect(refusalKinds(server.received(Self.resumption(), now: Self.now)) == [.unexpectedMessage])
    }

    @Test func aCapabilityRevokedWhileItsSessionIsStoredIsDenied() throws {
        var environment = MethodMatrixTests.environment(SecurityPolicy(methods: [.claimToBe]))
        let answers = ScriptedRandom([[1]])  // yes once, no ever after
        environment.allows = { _, _ in answers.bytes(1) == [1] }
        var (server, actions) = try Self.authenticated(environment)
        guard case .storeSession? = actions.last else { throw WireError(.unexpectedMessage) }
        actions = server.sessionStored(now: Self.now)
        guard case .send(let payload)? = actions.first else { throw WireError(.unexpectedMessage) }
        let ad = try handshakeAd(InboundMessage(payload: payload, encrypted: true))
        #expect(ad.string("ReturnCode") == "DENIED" && refusalKinds(actions) == [.denied])
    }

    @Test func sessionOnlyHandshakesEndAfterTheAd() throws {
        let environment = MethodMatrixTests.environment(SecurityPolicy(methods: [.claimToBe]))
        var conversation = Conversation(
            makeClient(
                .authenticate, authCommand: .queryStartdAds, credentials: MethodMatrixTests.credentials(),
                policy: SecurityPolicy(methods: [.claimToBe])), environment)
        let outcome = try conversation.run()
        #expect(outcome.established != nil && outcome.started == nil && outcome.serverClosed)
        #expect(outcome.serverRefusal == nil && environment.sessions.count == 1)
    }

    @Test func aQueryTellsWhatTokenOpenedTheSession() throws {
        var conversation = Conversation(
            makeClient(
                .securityQuery, authCommand: .queryStartdAds, credentials: MethodMatrixTests.credentials(),
                policy: SecurityPolicy(methods: [.idTokens])),
            MethodMatrixTests.environment(SecurityPolicy(methods: [.idTokens])))
        let outcome = try conversation.run()
        let reply = try handshakeAd(try #require(outcome.replies.first))
        #expect(reply.boolean("AuthorizationSucceeded") == true)
        #expect(reply.string("AuthTokenId") == "00112233445566778899aabbccddeeff")
        #expect(reply.string("AuthTokenScopes") == "condor:/ADVERTISE_STARTD,condor:/READ")
        #expect(outcome.order == "CSCSCSCSSS")
    }

    @Test func aNewSessionCanBeResumedAndNamingItRenewsNothing() throws {
        let environment = MethodMatrixTests.environment(SecurityPolicy(methods: [.fs]))
        var first = Conversation(makeClient(policy: SecurityPolicy(methods: [.fs])), environment)
        let session = try #require(try first.run().established)
        var second = Conversation(
            makeClient(policy: SecurityPolicy(methods: [.fs]), resume: session), environment)
        second.now += 10
        let outcome = try second.run()
        #expect(outcome.order == "CS" && outcome.started?.isResumed == true)
        #expect(environment.sessions.find(session.id, now: second.now)?.lastUsed == Conversation.now)
        #expect(try second.sendText("payload") == "payload")
    }

    @Test func forcedAuthenticationAsksForAMappedUser() throws {
        var environment = MethodMatrixTests.environment(
            SecurityPolicy(authentication: .optional, methods: [.ssl]))
        environment.commands[5]?.forceAuthentication = true
        environment.certificate = { _ in .success(VerifiedCredential(user: "ssl@unmapped")) }
        var conversation = Conversation(
            makeClient(
                credentials: MethodMatrixTests.credentials(), policy: SecurityPolicy(methods: [.ssl])), environment)
        let outcome = try conversation.run()
        #expect(outcome.serverRefusal?.kind == .denied && outcome.clientFailure?.kind == .denied)
        #expect(outcome.stored.isEmpty)
    }

    @Test func anonymousIsNobodyAndReadsAtMost() throws {
        let policy = SecurityPolicy(authentication: .preferred, methods: [.anonymous])
        var environment = MethodMatrixTests.environment(policy)
        var reading = Conversation(makeClient(policy: policy), environment)
        let session = try #require(try reading.run().cached.first)
        #expect(!session.identity.isAuthenticated && !session.identity.isMapped)
        environment.commands[0] = CommandEntry(number: 0, level: .advertiseStartd)
        var writing = Conversation(makeClient(.updateStartdAd, policy: policy), environment)
        #expect(try writing.run().serverRefusal?.kind == .denied)
    }

    @Test func aMethodGetsOneTry() throws {
        var environment = MethodMatrixTests.environment(SecurityPolicy(methods: [.claimToBe]))
        environment.claim = { _ in .failure(CredentialRefusal(reason: "test")) }
        var server = Self.server(environment)
        _ = server.received(Self.message(try Self.wishes(["AuthMethods": "CLAIMTOBE"])), now: Self.now)
        _ = server.received(Self.integers(2), now: Self.now)
        _ = server.received(Self.claim("bob"), now: Self.now)
        #expect(refusalKinds(server.received(Self.integers(2), now: Self.now)) == [.authenticationFailed])
    }

    @Test func aWrongProofOfATokenEndsTheConnection() throws {
        let environment = MethodMatrixTests.environment(SecurityPolicy(methods: [.idTokens]))
        var server = Self.server(environment)
        _ = server.received(Self.message(try Self.wishes()), now: Self.now)
        _ = server.received(Self.integers(2048), now: Self.now)
        let token = MethodMatrixTests.token()
        var hello = TokenExchange.Hello()
        hello.client = token.claims.subject
        hello.signingInput = token.signingInput
        hello.clientNonce = [UInt8](repeating: 1, count: TokenExchange.nonceSize)
        let answer = server.received(InboundMessage(payload: hello.payload, encrypted: false), now: Self.now)
        guard case .send(let payload)? = answer.first else { throw WireError(.unexpectedMessage) }
        var reader = MessageReader(payload, encrypted: false)
        let challenge = try TokenExchange.Challenge(reading: &reader)
        var proof = TokenExchange.Proof()
        proof.client = token.claims.subject
        proof.serverNonce = challenge.serverNonce
        proof.code = [UInt8](repeating: 0, count: 20)
        let end = server.received(InboundMessage(payload: proof.payload, encrypted: false), now: Self.now)
        #expect(end.count == 1 && refusalKinds(end) == [.proofWrong])
    }

    /// A message of integers.
    static func integers(_ values: Int64...) -> InboundMessage {
        var writer = MessageWriter(encrypted: false)
        for value in values { writer.write(value) }
        return InboundMessage(payload: writer.payload, encrypted: false)
    }

    /// A CLAIMTOBE message.
    static func claim(_ name: String) -> InboundMessage {
        var writer = MessageWriter(encrypted: false)
        writer.write(1)
        writer.write(name)
        return InboundMessage(payload: writer.payload, encrypted: false)
    }

    /// A server after a successful CLAIMTOBE, and what it wants then.
    static func authenticated(
        _ environment: TestEnvironment
    ) throws -> (ServerHandshake, [ServerHandshake.Action]) {
        var server = server(environment)
        _ = server.received(message(try wishes(["AuthMethods": "CLAIMTOBE"])), now: now)
        _ = server.received(integers(2), now: now)
        let actions = server.received(claim("bob@b"), now: now)
        return (server, actions)
    }
}
