import CEDAR
import Cryptography
import TestSupport
import Testing

@testable import CondorSecurity

/// PASSWORD, which we speak as a client alone (spec 03, 6.3).
@Suite struct PasswordTests {
    struct Recorded: Decodable {
        var password: String
        var derived: [String: String]
    }

    @Test func theKeyIsTheRecordedOne() throws {
        let recorded: Recorded = try vectors("auth-password-collector")
        let key = TokenExchange.key(password: SecretBytes(try bytes(recorded.password)))
        #expect(Hex.encode(key.bytes) == recorded.derived["ka"])
    }

    /// The three messages of the method, which follow the server's choice of it.
    static func exchange() throws -> [InboundMessage] {
        let recording: Recording = try vectors("auth-password-collector")
        let messages = try recording.messages()
        let choice = try #require(
            messages.firstIndex {
                $0.from == .server && $0.message.payload == ServerRuleTests.integers(512).payload
            })
        let exchange = messages[(choice + 1)...].prefix(3).map(\.message)
        try #require(exchange.count == 3)
        return exchange
    }

    @Test func whatWeSayToARealCollectorIsWhatWasRecorded() throws {
        let recorded: Recorded = try vectors("auth-password-collector")
        let exchange = try Self.exchange()
        var first = exchange[0].reader()
        let hello = try TokenExchange.PasswordHello(reading: &first)
        var run = TokenExchangeClientRun(
            password: SecretBytes(try bytes(recorded.password)), serverVersion: .ours, domain: "",
            random: ScriptedRandom([hello.clientNonce]))
        var challenge = exchange[1].reader()
        let sent = [run.start(), try run.received(&challenge, now: 0)]
        let payloads = sent.flatMap { progress in
            progress.actions.compactMap { if case .send(let payload) = $0 { payload } else { nil } }
        }
        #expect(payloads == [exchange[0].payload, exchange[2].payload])
        guard case .succeeded(let result)? = sent[1].outcome else { throw WireError(.unexpectedMessage) }
        #expect(result.credential.user == "condor@password")
    }

    @Test func aServerThatDoesNotKnowThePasswordIsNotBelieved() throws {
        let message = try Self.exchange()[1]
        var reader = message.reader()
        let challenge = try TokenExchange.Challenge(reading: &reader)
        var run = TokenExchangeClientRun(
            password: SecretBytes("another".utf8), serverVersion: .ours, domain: "",
            random: ScriptedRandom([challenge.clientNonce]))
        _ = run.start()
        reader = message.reader()
        let progress = try run.received(&reader, now: 0)
        guard case .failed? = progress.outcome, case .send(let proof)? = progress.actions.first else {
            throw WireError(.unexpectedMessage)
        }
        #expect(proof == TokenExchange.Proof.givingUp)
    }

    @Test(
        arguments: [
            ("$CondorVersion: 23.8.1 2024-06-27 BuildID: 1 $", "condor_pool@example.org"),
            ("$CondorVersion: 23.9.0 2024-08-08 BuildID: 1 $", "condor@password"),
            ("$CondorVersion: 24.0.1 2024-10-31 BuildID: 1 $", "condor@password"), (nil, "condor_pool@example.org"),
        ] as [(String?, String)])
    func olderServersExpectAnOlderName(row: (String?, String)) {
        #expect(TokenExchange.poolName(peer: row.0.flatMap { CondorVersion($0) }, domain: "example.org") == row.1)
    }

    @Test func aServerOfOursNeverOffersIt() throws {
        let policy = SecurityPolicy(authentication: .preferred, methods: [.password])
        var conversation = Conversation(
            makeClient(
                credentials: ClientCredentials(poolPassword: SecretBytes("secret".utf8)),
                policy: SecurityPolicy(authentication: .optional, methods: [.password])),
            MethodMatrixTests.environment(policy))
        #expect(try conversation.run().started?.session.identity == .unauthenticated)
        var strict = Conversation(
            makeClient(
                credentials: ClientCredentials(poolPassword: SecretBytes("secret".utf8)),
                policy: SecurityPolicy(methods: [.password])),
            MethodMatrixTests.environment(SecurityPolicy(methods: [.password])))
        #expect(try strict.run().serverRefusal?.kind == .noCommonMethod)
    }

    @Test(
        arguments: [
            ("secret", "secret"), ("sec\u{0}ret", "sec"), ("", nil), ("\u{0}x", nil),
        ] as [(String, String?)])
    func aPasswordEndsAtTheFirstNUL(row: (String, String?)) {
        #expect(
            SigningKey.password(file: SigningKey.scrambled(Array(row.0.utf8)))?.bytes == row.1.map { Array($0.utf8) })
    }

    @Test(
        arguments: [
            ("POOL", true), ("flock-2", true), ("a.b_c@d", true), ("", false), (".hidden", false), ("a,b", false),
            ("a b", false), ("../x", false), ("a/b", false), ("key~", false), ("#key", false), ("key.rpmsave", false),
            ("key.py", false), ("ké", false), (String(repeating: "k", count: 129), false),
        ])
    func namesOfKeysFitIntoTheListOfNames(row: (String, Bool)) {
        #expect(SigningKey.isUsableName(row.0) == row.1)
    }
}
