import CEDAR
import ClassAds
import Cryptography
import TestSupport
import Testing

@testable import CondorSecurity

/// Both sides' wishes through both machines: every pair of levels for every feature (spec 02, 4.2 to 4.4).
@Suite struct ReconciliationTests {
    /// What the handshake came to.
    enum End: Equatable {
        case user(String)
        case refused(SecurityRefusal.Kind)
    }

    static func end(_ outcome: Conversation.Outcome) -> End? {
        if let started = outcome.started { return .user(started.session.identity.user) }
        return outcome.serverRefusal.map { .refused($0.kind) }
    }

    /// A conversation in which alice proves herself by FS wherever authentication takes place.
    static func conversation(client: SecurityPolicy, server: SecurityPolicy) -> Conversation {
        Conversation(makeClient(policy: client), MethodMatrixTests.environment(server))
    }

    static func authenticating(_ wish: Wish, _ methods: [AuthenticationMethod] = [.fs]) -> SecurityPolicy {
        SecurityPolicy(authentication: wish, encryption: .optional, integrity: .optional, methods: methods)
    }

    @Test(arguments: Wish.allCases, Wish.allCases)
    func authenticationIsUsedAsBothSidesWant(client: Wish, server: Wish) throws {
        var conversation = Self.conversation(client: Self.authenticating(client), server: Self.authenticating(server))
        let outcome = try conversation.run()
        let expected: End =
            switch Wish.reconcile(client: client, server: server) {
            case .yes: .user("alice@example.org")
            case .no: .user(Identity.unauthenticatedUser)
            case .fail: .refused(.policyConflict)
            }
        #expect(Self.end(outcome) == expected)
        guard case .user = expected else { return }
        // A session has a key whatever was wished, since every peer of today sends a public point (spec 02, 6).
        #expect(outcome.started?.session.key != nil && outcome.established?.key == outcome.started?.session.key)
        #expect(try conversation.sendText("payload") == "payload")
    }

    @Test(arguments: Wish.allCases, Wish.allCases)
    func encryptionAndIntegrityAreUsedAsBothSidesWant(client: Wish, server: Wish) throws {
        let features: [(WritableKeyPath<SecurityPolicy, Wish>, String)] = [
            (\.encryption, AttributeName.encryption), (\.integrity, AttributeName.integrity),
        ]
        for (feature, name) in features {
            var ours = Self.authenticating(.optional)
            ours[keyPath: feature] = server
            let environment = MethodMatrixTests.environment(ours)
            var wishes = try ServerRuleTests.wishes()
            wishes.set(name, client.wireName)
            var machine = ServerRuleTests.server(environment)
            let actions = machine.received(ServerRuleTests.message(wishes), now: Conversation.now)
            let result = Wish.reconcile(client: client, server: server)
            guard result != .fail else {
                #expect(actions.count == 1 && refusalKinds(actions) == [.policyConflict])
                continue
            }
            let answer = try ServerRuleTests.answer(actions)
            #expect(answer.string("Authentication") == "NO")
            #expect(answer.saysYes(name) == (result == .yes))
            #expect(answer.string("CryptoMethods") == "AES" && answer.string("ECDHPublicKey") != nil)
        }
    }

    /// Peers from before 23.10 send no `AuthenticationNew`, and one wish that is raised to the other two.
    @Test(arguments: Wish.allCases, Wish.allCases)
    func anOlderClientsOneWishMeetsOursRaisedToEncryption(client: Wish, encryption: Wish) throws {
        var policy = Self.authenticating(.optional)
        policy.encryption = encryption
        let environment = MethodMatrixTests.environment(policy)
        var wishes = try ServerRuleTests.wishes(["Authentication": .init(client.wireName), "Encryption": "PREFERRED"])
        wishes["AuthenticationNew"] = nil
        var machine = ServerRuleTests.server(environment)
        let actions = machine.received(ServerRuleTests.message(wishes), now: Conversation.now)
        switch Wish.reconcile(client: client, server: max(.optional, encryption)) {
        case .fail: #expect(refusalKinds(actions) == [.policyConflict])
        case .yes: #expect(try ServerRuleTests.answer(actions).saysYes("Authentication"))
        case .no: #expect(try ServerRuleTests.answer(actions).string("Authentication") == "NO")
        }
    }

    @Test func authenticationIsDemandedIfOneSideInsists() throws {
        for (client, server, mustSucceed) in [
            (Wish.required, Wish.optional, true), (.optional, .required, true), (.preferred, .preferred, false),
            (.preferred, .optional, false),
        ] {
            var conversation = Self.conversation(
                client: Self.authenticating(client), server: Self.authenticating(server))
            conversation.owner = nil
            let expected: End = mustSucceed ? .refused(.authenticationFailed) : .user(Identity.unauthenticatedUser)
            #expect(Self.end(try conversation.run()) == expected)
        }
    }

    @Test func theServersOrderDecidesAmongWhatTheClientHas() throws {
        for (client, server, chosen) in [
            ([.fs, .idTokens, .ssl], [.ssl, .fs], .ssl), ([.fs, .idTokens], [.ssl, .idTokens, .fs], .idTokens),
            ([.idTokens], [.fs, .idTokens], .idTokens),
        ] as [([AuthenticationMethod], [AuthenticationMethod], AuthenticationMethod)] {
            var conversation = Conversation(
                makeClient(
                    credentials: MethodMatrixTests.credentials(), policy: Self.authenticating(.required, client)),
                MethodMatrixTests.environment(Self.authenticating(.required, server)))
            #expect(try conversation.run().started?.session.identity.method == chosen)
        }
    }

    @Test func withoutACommonMethodNobodyIsKnownOrNobodyComesIn() throws {
        for (client, server, expected) in [
            (.required, .optional, .refused(.noCommonMethod)), (.optional, .required, .refused(.noCommonMethod)),
            (.preferred, .preferred, .user(Identity.unauthenticatedUser)),
        ] as [(Wish, Wish, End)] {
            var conversation = Conversation(
                makeClient(
                    credentials: MethodMatrixTests.credentials(), policy: Self.authenticating(client, [.idTokens])),
                MethodMatrixTests.environment(Self.authenticating(server, [.fs])))
            #expect(Self.end(try conversation.run()) == expected)
        }
    }

    @Test func aKeyIsAgreedWhereTheFallBackIsNoTLSMethod() throws {
        // SCITOKENS fails, FS works: a key handed over inside TLS was never possible here.
        var environment = MethodMatrixTests.environment(SecurityPolicy(methods: [.sciTokens, .fs]))
        environment.bearer = { _ in .failure(CredentialRefusal(reason: "unknown")) }
        var conversation = Conversation(
            makeClient(
                credentials: MethodMatrixTests.credentials(), policy: SecurityPolicy(methods: [.sciTokens, .fs])),
            environment)
        let outcome = try conversation.run()
        #expect(outcome.started?.session.identity.user == "alice@example.org")
        #expect(outcome.started?.session.isBound == false)
    }

    @Test func aMethodGetsOneTryWhateverTheClientAsksFor() throws {
        var environment = MethodMatrixTests.environment(SecurityPolicy(methods: [.claimToBe]))
        environment.claim = { _ in .failure(CredentialRefusal(reason: "no")) }
        var wishes = try ServerRuleTests.wishes(["AuthMethods": "CLAIMTOBE", "AuthenticationNew": "REQUIRED"])
        wishes.set("Authentication", "REQUIRED")
        var machine = ServerRuleTests.server(environment)
        _ = machine.received(ServerRuleTests.message(wishes), now: Conversation.now)
        _ = machine.received(ServerRuleTests.integers(2), now: Conversation.now)
        var writer = MessageWriter(encrypted: false)
        writer.write(1)
        writer.write("root@example.org")
        _ = machine.received(InboundMessage(payload: writer.payload, encrypted: false), now: Conversation.now)
        #expect(
            refusalKinds(machine.received(ServerRuleTests.integers(2), now: Conversation.now))
                == [.authenticationFailed])
    }
}
