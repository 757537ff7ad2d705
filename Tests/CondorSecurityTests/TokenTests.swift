import CEDAR
import Cryptography
import TestSupport
import Testing

@testable import CondorSecurity

@Suite struct TokenTests {
    struct Tokens: Decodable {
        struct Case: Decodable {
            var kid: String
            var keyFile: String
            var keyMaterial: String
            var jwtHmacKey: String
            var token: String
            var signingInput: String
            var signature: String
            var ka: String
        }
        var cases: [Case]
    }

    struct Primitives: Decodable {
        struct Scramble: Decodable {
            var `in`: String
            var out: String
        }
        var seedKa: String
        var scramble: [Scramble]
    }

    @Test func keysOfRecordedTokensAreDerivedFromTheirFiles() throws {
        let tokens: Tokens = try vectors("auth-tokens")
        for row in tokens.cases {
            let material = try #require(SigningKey.material(file: try bytes(row.keyFile), name: row.kid))
            #expect(material.bytes == (try bytes(row.keyMaterial)))
            #expect(SigningKey.hmacKey(material).bytes == (try bytes(row.jwtHmacKey)))
            let token = try IDToken(parsing: row.token)
            #expect(token.signingInput == row.signingInput && token.text == row.token)
            #expect(token.signature.bytes == (try bytes(row.signature)))
            #expect(SigningKey.signature(of: row.signingInput, material: material) == token.signature)
            #expect(
                TokenExchange.key(signingInput: row.signingInput, signature: token.signature).bytes
                    == (try bytes(row.ka)))
        }
    }

    @Test(arguments: ["auth-idtokens-client", "auth-idtokens-collector"])
    func codesOfRecordedExchangesAreComputed(name: String) throws {
        let recording: Recording = try vectors(name)
        let derived = try #require(recording.derived)
        let token = try IDToken(parsing: try #require(recording.token))
        let (a, b) = (try #require(derived["a"]), try #require(derived["b"]))
        let (ra, rb) = (try bytes(try #require(derived["ra"])), try bytes(try #require(derived["rb"])))
        let key = TokenExchange.key(signingInput: token.signingInput, signature: token.signature)
        #expect(Hex.encode(key.bytes) == derived["ka"])
        let serverCode = TokenExchange.serverCode(key: key, client: a, server: b, clientNonce: ra, serverNonce: rb)
        #expect(Hex.encode(serverCode) == derived["mac_t"])
        #expect(Hex.encode(TokenExchange.clientCode(key: key, client: a, serverNonce: rb)) == derived["mac_a"])
    }

    @Test func seedAndScramblingAreTheRecordedOnes() throws {
        let primitives: Primitives = try vectors("auth-primitives")
        #expect(Hex.encode(TokenExchange.seedA) == primitives.seedKa)
        #expect(
            Hex.encode(sha256(TokenExchange.seedA))
                == "54029671f8b74888ae45fa5f5aa73755986b977fd44645dfe54d8fb646f69633")
        for row in primitives.scramble {
            #expect(SigningKey.scrambled(try bytes(row.in)) == (try bytes(row.out)))
        }
    }

    @Test func aMintedTokenReadsBack() throws {
        let claims = IDTokenClaims(
            keyName: "flockbroker-1", issuer: "flock.example.org", subject: "annex-4\"2\\@flock.example.org",
            id: "00ff",
            issuedAt: 1, expiresAt: 2, scopes: ["condor:/READ", "condor:/ADVERTISE_STARTD"])
        let token = IDToken.mint(claims, key: SecretBytes([1, 2, 3]))
        #expect(token.claims == claims)
        #expect(try IDToken(parsing: token.text) == token)
        #expect(claims.limits == [.read, .advertiseStartd])
    }

    /// `header.payload.signature` of texts.
    static func text(_ header: String, _ payload: String) -> String {
        [header, payload, "sig"].map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".")
    }

    static let good = #"{"iss":"i","sub":"s","jti":"j"}"#

    @Test(
        arguments: [
            (text(#"{"alg":"none","kid":"POOL"}"#, good), .algorithm),
            (text(#"{"alg":"HS384","kid":"POOL"}"#, good), .algorithm),
            (text(#"{"alg":"hs256","kid":"POOL"}"#, good), .algorithm),
            (text(#"{"alg":["HS256"],"kid":"POOL"}"#, good), .algorithm),
            (text(#"{"alg":"HS256","alg":"none","kid":"POOL"}"#, good), .malformed),
            (text(#"{"alg":"HS256"}"#, good), .claims),
            (text(#"{"alg":"HS256","kid":"POOL"}"#, #"{"iss":"i","sub":"","jti":"j"}"#), .claims),
            (text(#"{"alg":"HS256","kid":"POOL"}"#, #"{"iss":"i","sub":"s"}"#), .claims),
            (text(#"{"alg":"HS256","kid":"POOL"}"#, #"{"iss":"i","sub":"s\u0000","jti":"j"}"#), .claims),
            (text(#"{"alg":"HS256","kid":"POOL"}"#, #"{"iss":"i","sub":"s","jti":"j","exp":"1"}"#), .claims),
            (text(#"{"alg":"HS256","kid":"POOL"}"#, #"{"iss":"i","sub":"s","jti":"j","exp":1e300}"#), .claims),
            (text(#"{"alg":"HS256","kid":"POOL"}"#, "[]"), .malformed), ("a.b", .malformed), ("", .malformed),
            ("....", .malformed), (String(repeating: "A", count: 20_000) + ".A.A", .malformed),
        ] as [(String, IDToken.Failure)])
    func tokensOfTheWrongFormAreRefused(text: String, failure: IDToken.Failure) {
        #expect(throws: failure) { try IDToken(parsing: text) }
    }

    @Test func fractionsOfSecondsAreDropped() throws {
        let token = try IDToken(
            parsing: Self.text(
                #"{"alg":"HS256","kid":"POOL"}"#, #"{"iss":"i","sub":"s","jti":"j","exp":1795.9e1,"cap":{"a":[1]}}"#))
        #expect(token.claims.expiresAt == 17_959)
    }

    /// Rules as an administrator writes them, and whether they revoke the token below.
    static let rules: [(String, Bool)] = [
        (#"jti =?= "j""#, true), (#"jti =?= "k""#, false), (#"sub == "s" && iat < 100"#, true),
        (#"sub == "s" && iat < 10"#, false), (#"nosuch == "x""#, true), ("flag", true), ("level > 3", false),
        ("list =?= undefined", true), ("7", true), (#""true""#, true), ("(", true), ("", true),
    ]

    @Test(arguments: rules)
    func aTokenCountsOnlyIfTheRuleSaysThatItIsNotRevoked(rule: (String, Bool)) throws {
        let token = try IDToken(
            parsing: Self.text(
                #"{"alg":"HS256","kid":"POOL"}"#,
                #"{"iss":"i","sub":"s","jti":"j","iat":50,"flag":true,"level":2,"list":[1],"odd name":1}"#))
        #expect(TokenRevocation(rule.0).revokes(token.claims) == rule.1)
        #expect(TokenRevocation(rule.0).isValid == !["(", ""].contains(rule.0))
    }

    @Test func scopesWithoutLevelsAreNoLimit() {
        var claims = IDTokenClaims(keyName: "k", issuer: "i", subject: "s", id: "j", scopes: ["compute.read"])
        #expect(claims.limits == nil)
        claims.scopes = ["condor:/NOTHING"]
        #expect(claims.limits == [])
    }

    @Test(arguments: [
        (
            #" {"a" : [1, -2.5e1, true, null, "x\/\n\u00e9\ud83d\ude00"], "b":{}} "#,
            #"{"a":[1,-25.0,true,null,"x/\u000aé😀"],"b":{}}"#
        ),
        ("9223372036854775807", "9223372036854775807"), ("9223372036854775808", "9.223372036854776e+18"),
        ("\"\\u0041\"", "\"A\""), ("[]", "[]"),
    ])
    func jsonIsReadAndWritten(text: String, written: String) throws {
        #expect(try JSONParser.parse(Array(text.utf8)).text == written)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "1.", ".5", "+1", "1e", "-", "nul", "truex", "\"",
        "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\n\"", "1 2", "{\"a\":1,\"a\":2}", "1e999",
        String(repeating: "[", count: 9) + String(repeating: "]", count: 9),
    ])
    func whatIsNotJSONIsRefused(text: String) {
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func jsonMustBeUTF8AndMayBe16KiBLong() throws {
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
        let blanks = [UInt8](repeating: 0x20, count: JSONParser.maximumLength - 1)
        #expect(try JSONParser.parse(blanks + [0x31]) == .integer(1))
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(blanks + [0x20, 0x31]) }
    }
}
