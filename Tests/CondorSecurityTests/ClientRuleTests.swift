import CEDAR
import ClassAds
import Cryptography
import NIOCore
import Testing

@testable import CondorSecurity

/// Rules of the client that no recording shows: what a server may not talk it out of.
@Suite struct ClientRuleTests {
    static let now = Conversation.now
    static let insisting = SecurityPolicy(methods: [.claimToBe, .fs])
    static let lenient = SecurityPolicy(
        authentication: .optional, encryption: .optional, integrity: .optional, methods: [.claimToBe, .fs])

    /// A client that has sent its first message.
    static func client(_ policy: SecurityPolicy, random: any RandomSource = SystemRandom()) -> ClientHandshake {
        var client = makeClient(
            credentials: ClientCredentials(claimedUser: "bob@b"), policy: policy, random: random)
        _ = client.start(now: now)
        return client
    }

    /// A server's decision.
    static func action(_ changes: ClassAd = [:], withKey: Bool = true) throws -> InboundMessage {
        var ad: ClassAd = [
            "Authentication": "YES", "Encryption": "YES", "Integrity": "YES", "AuthMethodsList": "FS,CLAIMTOBE",
            "AuthMethods": "FS", "CryptoMethods": "AES", "SessionDuration": "60", "SessionLease": 100,
        ]
        if withKey { ad.set("ECDHPublicKey", Base64.encode(try KeyAgreement().publicKey)) }
        ad.merge(changes)
        return message(ad)
    }

    static func message(_ ad: ClassAd, encrypted: Bool = false) -> InboundMessage {
        var writer = MessageWriter(encrypted: encrypted)
        writer.write(ad)
        return InboundMessage(payload: writer.payload, encrypted: encrypted)
    }

    /// The kinds of the failures among actions.
    static func failures(_ actions: [ClientHandshake.Action]) -> [SecurityRefusal.Kind] {
        actions.compactMap { if case .failed(let refusal) = $0 { refusal.kind } else { nil } }
    }

    static let decisions: [(ClassAd, SecurityRefusal.Kind)] = [
        (["Authentication": "NO"], .policyConflict), (["AuthMethodsList": "KERBEROS,SSL"], .noCommonMethod),
        (["AuthMethodsList": ""], .noCommonMethod), (["CryptoMethods": "BLOWFISH"], .noKeyAgreement),
        (["ECDHPublicKey": "AAAA"], .noKeyAgreement), (["Encryption": 1], .malformedMessage),
    ]

    @Test(arguments: decisions)
    func aDecisionAgainstOurPolicyIsNotObeyed(decision: (ClassAd, SecurityRefusal.Kind)) throws {
        var client = Self.client(Self.insisting)
        let actions = client.received(try Self.action(decision.0), now: Self.now)
        #expect(Self.failures(actions) == [decision.1] && actions.count == 1)
    }

    @Test func whatWeRequireIsRequiredWhateverTheServerSays() throws {
        var client = Self.client(Self.insisting)
        _ = client.received(try Self.action(["AuthRequired": false]), now: Self.now)
        let actions = client.received(ServerRuleTests.integers(0), now: Self.now)
        #expect(Self.failures(actions) == [.authenticationFailed])
    }

    @Test(arguments: [256, 6, -1, 1 << 40] as [Int64])
    func onlyAMethodThatWeOfferedIsRun(choice: Int64) throws {
        var client = Self.client(Self.insisting)
        _ = client.received(try Self.action(), now: Self.now)
        #expect(
            Self.failures(client.received(ServerRuleTests.integers(choice), now: Self.now)) == [.unexpectedMessage])
    }

    @Test func aServerWithoutAKeyIsAcceptedOnlyWhereNobodyWantsEncryption() throws {
        let clear: ClassAd = ["Authentication": "NO", "Encryption": "NO", "Integrity": "NO"]
        var lenient = Self.client(Self.lenient)
        let accepted = lenient.received(try Self.action(clear, withKey: false), now: Self.now)
        #expect(accepted.isEmpty)
        let verdict: ClassAd = ["ReturnCode": "AUTHORIZED", "Sid": "s", "ValidCommands": "5,x,6"]
        guard
            case .established(let session, let commands)? = lenient.received(Self.message(verdict), now: Self.now).last
        else { throw WireError(.unexpectedMessage) }
        #expect(session.key == nil && commands.map(\.rawValue) == [5, 6])
        #expect(session.expiresAt == Self.now + 60 && session.lease == 100)

        var policy = Self.lenient
        policy.integrity = .required
        var strict = Self.client(policy)
        #expect(
            Self.failures(strict.received(try Self.action(clear, withKey: false), now: Self.now)) == [.noKeyAgreement])
    }

    @Test func aKeyIsTakenOverOnlyInsideTLS() throws {
        for withKey in [true, false] {
            var client = Self.client(Self.insisting)
            _ = client.received(try Self.action(withKey: withKey), now: Self.now)
            _ = client.received(ServerRuleTests.integers(2), now: Self.now)
            _ = client.received(ServerRuleTests.integers(1), now: Self.now)
            #expect(
                Self.failures(client.received(ServerRuleTests.integers(1), now: Self.now)) == [.noKeyAgreement])
        }
    }

    @Test func withoutAnyCredentialARequiredAuthenticationIsNotTried() {
        var client = makeClient(policy: SecurityPolicy(methods: [.sciTokens, .idTokens]))
        #expect(Self.failures(client.start(now: Self.now)) == [.noCommonMethod])
    }

    @Test func aSessionThatHasEndedHereIsNotResumed() {
        let session = SecuritySession(id: "s", key: nil, identity: .unauthenticated, createdAt: 0, expiresAt: 10)
        var client = makeClient(policy: Self.insisting, resume: session)
        #expect(Self.failures(client.start(now: 10)) == [.sessionNotFound])
    }

    @Test func aServerThatHangsUpIsUnderstood() throws {
        var early = Self.client(Self.insisting)
        #expect(Self.failures(early.peerClosed()) == [.connectionClosed])
        var late = Self.client(Self.insisting)
        _ = late.received(try Self.action(), now: Self.now)
        let first = late.peerClosed()
        let second = late.peerClosed()
        #expect(Self.failures(first) == [.connectionClosed] && second.isEmpty)
    }

    static let paths: [(String, String?)] = [
        ("/tmp/FS_127.0.0.1_9618_XXXk6vwrN_", "/tmp/FS_127.0.0.1_9618_XXXk6vwrN_127.0.0.1:9618"),
        ("/tmp/FS_127.0.0.1_9618_XXXk6vwrN", "/tmp/FS_127.0.0.1_9618_XXXk6vwrN"),
        ("/tmp/FS_10.0.0.1_9618_XXXk6vwrN", nil), ("/tmp/XXX_", nil), ("FS_127.0.0.1_9618_X_", nil), ("", nil),
        ("/tmp/../etc/FS_127.0.0.1_9618_X_", nil), ("/tmp/FS_x/", nil),
    ]

    @Test(arguments: paths)
    func onlyDirectoriesThatNameTheServerAreMade(path: (String, String?)) throws {
        var client = Self.client(Self.insisting)
        _ = client.received(try Self.action(), now: Self.now)
        _ = client.received(ServerRuleTests.integers(4), now: Self.now)
        var writer = MessageWriter(encrypted: false)
        writer.write(path.0)
        let actions = client.received(InboundMessage(payload: writer.payload, encrypted: false), now: Self.now)
        var made: [String] = []
        for case .makeDirectory(let path) in actions { made.append(path) }
        #expect(made == (path.1.map { [$0] } ?? []))
    }
}
