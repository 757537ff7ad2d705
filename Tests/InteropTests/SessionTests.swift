import CEDAR
import ClassAds
import CondorSecurity
import Cryptography
import Foundation
import Testing

/// Sessions of tokens with a running broker: what they allow, what survives, and what ends them.
@Suite(.serialized) struct SessionTests {
    static let domain = "pool.example"

    /// A broker that accepts tokens of a pool, and what signs them.
    struct Pool {
        let broker: RunningBroker
        let key: [UInt8]
        let settings: [String: String]

        init() async throws {
            key = SystemRandom().bytes(64)
            let directory = try TemporaryDirectory()
            let keys = directory.sub("keys")
            try FileManager.default.createDirectory(
                atPath: keys, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            for (name, mode) in [("POOL", 0o600), ("second", 0o600), ("readable", 0o644)] {
                try Data(SigningKey.scrambled(key)).write(to: URL(filePath: "\(keys)/\(name)"))
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(keys)/\(name)")
            }
            settings = [
                "FLOCK_BROKER_SIGNING_KEY_DIR": keys, "FLOCK_BROKER_TRUST_DOMAIN": SessionTests.domain,
                "FLOCK_BROKER_TOKEN_REVOCATION_EXPR": "sub == \"mallory@pool.example\"",
            ]
            broker = try await RunningBroker(directory, settings: settings)
        }

        /// A client with a token of the pool.
        func client(
            _ subject: String, key name: String = "POOL", scopes: [String] = [], lifetime: Int64 = 600
        ) throws -> OurClient {
            let now = Int64(Date().timeIntervalSince1970)
            let token = IDToken.mint(
                IDTokenClaims(
                    keyName: name, issuer: SessionTests.domain, subject: subject,
                    id: Hex.encode(SystemRandom().bytes(16)), issuedAt: now, expiresAt: now + lifetime, scopes: scopes),
                key: SigningKey.material(key: key, name: name))
            return OurClient(
                address: try #require(Sinful(broker.sinful)), credentials: ClientCredentials(idTokens: [token]))
        }
    }

    @Test func tokensOfThePoolAreAccepted() async throws {
        let pool = try await Pool()
        for name in ["POOL", "second"] {
            let outcome = try await pool.client("alice@pool.example", key: name).ask(
                about: .noOperationRead, [.idTokens])
            #expect(outcome.ads.first?.boolean("AuthorizationSucceeded") == true)
            #expect(outcome.ads.first?.string("AuthTokenSubject") == "alice@pool.example")
        }
    }

    @Test(arguments: [("alice", "POOL"), ("mallory@pool.example", "POOL"), ("alice@pool.example", "readable")])
    func tokensThatShouldNotBeAreRefused(row: (String, String)) async throws {
        let pool = try await Pool()
        await #expect(throws: SecurityRefusal.self) {
            try await pool.client(row.0, key: row.1).ask(about: .noOperationRead, [.idTokens])
        }
    }

    @Test func theLimitsAndWordsOfATokenSurviveACrash() async throws {
        let pool = try await Pool()
        let client = try pool.client("alice@pool.example", scopes: ["condor:/READ"])
        let new = try await client.ask(about: .noOperationRead, [.idTokens])
        let before = try #require(new.ads.first)
        #expect(before.string("AuthTokenScopes") == "condor:/READ")

        try await pool.broker.crash()
        let again = try await pool.broker.restarted(settings: pool.settings)

        let resumed = try await client.ask(about: .noOperationRead, [.idTokens], resume: new.session)
        #expect(resumed.ads.first == before)
        // Closed without a word: the session is found, and may not (spec 02, 12.4).
        await #expect(throws: (any Error).self) {
            try await client.ask(about: .noOperationWrite, [.idTokens], resume: new.session)
        }
        _ = try await again.process.errorLine("the refusal") { $0.contains("reason=denied") && $0.contains("alice@") }
    }

    @Test func aSessionIsGoneWithItsCapability() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice", method: "idtokens")
        let folder = pilot.path + "/tokens.d"
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
        let token = try IDToken(parsing: String(text.prefix { !$0.isWhitespace }))
        let client = OurClient(
            address: try #require(Sinful(broker.sinful)), credentials: ClientCredentials(idTokens: [token]))
        let new = try await client.ask(about: .updateStartdAd, [.idTokens])
        #expect(new.ads.first?.string("AuthTokenId") == pilot.capability)
        let resumed = try await client.ask(about: .updateStartdAd, [.idTokens], resume: new.session)
        #expect(resumed.ads.first?.boolean("AuthorizationSucceeded") == true)

        #expect(try await broker.tool(["capability", "revoke", pilot.capability]).status == 0)

        do {
            _ = try await client.ask(about: .updateStartdAd, [.idTokens], resume: new.session)
            Issue.record("a revoked session was resumed")
        } catch let refusal as SecurityRefusal {
            #expect(refusal.kind == .sessionNotFound)
        }
    }

    @Test func daemonsOfTheSameMasterAreKnownByTheirSession() async throws {
        let secret = Hex.encode(SystemRandom().bytes(32))
        let claim = #"family:0011223344#[CryptoMethodsList="AES.BLOWFISH.3DES";ShortVersion="25.14.0";]"# + secret
        let broker = try await RunningBroker(environment: ["CONDOR_PRIVATE_INHERIT": " FamilySessionKey:" + claim])
        let session = try #require(
            ClaimID(claim).flatMap { SecuritySession(importing: $0, peer: "condor@family", now: 0) })
        let client = OurClient(address: try #require(Sinful(broker.sinful)), credentials: ClientCredentials())
        let outcome = try await client.ask(about: .updateScheddAd, [], wish: .never, resume: session)
        #expect(outcome.ads.first?.boolean("AuthorizationSucceeded") == true)
        let text = broker.process.errorLines.joined(separator: "\n")
        #expect(!text.contains(secret))
    }
}
