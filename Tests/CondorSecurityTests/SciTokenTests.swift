import CEDAR
import Cryptography
import TestSupport
import Testing

@testable import CondorSecurity

/// SciTokens of configured issuers: which are taken, and what their sessions may do (spec 03, 4.3 and 4.4).
@Suite struct SciTokenTests {
    static let now = Conversation.now
    static let url = "https://issuer.example.org"

    /// What the recording of a real collector tells of the token that it accepted.
    struct Recorded: Decodable {
        var token: String
        var issuerPublicKey: String
    }

    /// A verifier that knows the issuer's key, in the form that its file has.
    static func verifier(
        _ file: String, issuer: String = url, audiences: [String] = ["https://broker.example.org"]
    ) throws -> SciTokenVerifier {
        SciTokenVerifier(issuers: [issuer: try IssuerKeySet(file: Array(file.utf8))], audiences: audiences)
    }

    /// Claims of a good token, with changes; `nil` leaves a claim out.
    static func claims(_ changes: [String: String?] = [:]) -> String {
        var claims: [String: String?] = [
            "iss": "\"\(url)\"", "sub": "\"alice\"", "aud": "\"ANY\"", "ver": "\"scitoken:2.0\"", "jti": "\"j1\"",
            "exp": "\(now + 600)", "nbf": "\(now - 10)", "iat": "\(now - 10)",
            "scope": "\"condor:/READ condor:/WRITE compute.read\"",
        ]
        claims.merge(changes) { $1 }
        let members = claims.sorted { $0.key < $1.key }.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
        return "{" + members.joined(separator: ",") + "}"
    }

    static func judge(
        _ verifier: SciTokenVerifier, _ token: String, now: Int64 = now
    ) -> Result<SciToken, CredentialRefusal> { verifier.verify(SecretBytes(token.utf8), now: now) }

    static func reason(_ result: Result<SciToken, CredentialRefusal>) -> String? {
        guard case .failure(let refusal) = result else { return nil }
        return refusal.reason
    }

    // MARK: Good ones

    @Test func theTokenThatARealCollectorAcceptedIsAccepted() throws {
        let recorded: Recorded = try vectors("auth-scitokens-collector")
        let verifier = try Self.verifier(
            recorded.issuerPublicKey, issuer: "https://broker.example.org", audiences: [])
        let token = try Self.judge(verifier, recorded.token, now: 1_795_386_264).get()
        #expect(token.authenticatedName == "https://broker.example.org,annex-42")
        #expect(token.limits == [.read, .write, .advertiseStartd])
        #expect(token.id == "j1" && token.expiresAt == 1_795_472_664 && token.groups == [])
        #expect(Self.reason(Self.judge(verifier, recorded.token, now: 1_795_472_664)) == "SciToken: expired")
    }

    @Test(arguments: [true, false], [true, false])
    func bothAlgorithmsAreTakenWithKeysInBothForms(isRSA: Bool, isPEM: Bool) throws {
        let issuer = try TestIssuer(isRSA ? .rs256(bits: 2048) : .es256)
        let file = isPEM ? try issuer.pem() : try #"{"keys":[\#(issuer.jwk())]}"#
        let header = #"{"alg":"\#(isRSA ? "RS256" : "ES256")","kid":"k1","typ":"JWT"}"#
        let token = try issuer.token(header: header, claims: Self.claims(["wlcg.groups": nil]))
        let accepted = try Self.judge(try Self.verifier(file), token).get()
        #expect(accepted.subject == "alice" && accepted.limits == [.read, .write])
        #expect(accepted.scopes == ["condor:/READ", "condor:/WRITE", "compute.read"])
    }

    static let profiles: [([String: String?], Bool)] = [
        (["aud": #""https://broker.example.org""#], true),
        (["aud": #"["https://x.example","https://broker.example.org"]"#], true),
        (["aud": #""https://x.example""#], false), (["aud": nil], false), (["aud": "[]"], false),
        (["ver": nil, "wlcg.ver": #""1.0""#, "aud": #""https://wlcg.cern.ch/jwt/v1/any""#], true),
        (["ver": nil, "wlcg.ver": #""1.0""#], false),
        (["ver": nil, "wlcg.ver": #""1.0""#, "aud": #""https://broker.example.org""#], true),
        (["ver": nil, "aud": #""https://broker.example.org""#], true), (["ver": nil], false),
        (["ver": nil, "aud": #""""#], false),
        (["ver": #""scitoken:1.0""#, "aud": #""https://broker.example.org""#], true),
    ]

    @Test(arguments: profiles)
    func theAudienceIsOneOfOursOrAnybodyInTheWordsOfTheProfile(row: ([String: String?], Bool)) throws {
        let issuer = try TestIssuer(.es256)
        let token = try issuer.token(header: #"{"alg":"ES256"}"#, claims: Self.claims(row.0))
        let result = Self.judge(try Self.verifier(try issuer.pem()), token)
        #expect(
            Self.reason(result)
                == (row.1
                    ? nil
                    : row.0["aud"] == .some(nil)
                        ? "SciToken: a claim is missing or of the wrong type" : "SciToken: for another audience"))
    }

    @Test(
        arguments: [
            (nil, []), (#""compute.read""#, []), (#""condor:/NOTHING condor:/""#, []),
            (#""condor://ADMINISTRATOR""#, [.administrator]), (#""condor:/ADVERTISE_STARTD""#, [.advertiseStartd]),
        ] as [(String?, [AuthorizationLevel])])
    func aTokenWithoutLevelsAllowsNothing(row: (String?, [AuthorizationLevel])) throws {
        let issuer = try TestIssuer(.es256)
        let token = try issuer.token(header: #"{"alg":"ES256"}"#, claims: Self.claims(["scope": row.0]))
        #expect(try Self.judge(try Self.verifier(try issuer.pem()), token).get().limits == row.1)
    }

    @Test func groupsAreKept() throws {
        let issuer = try TestIssuer(.es256)
        let token = try issuer.token(
            header: #"{"alg":"ES256"}"#, claims: Self.claims(["wlcg.groups": #"["/cms","/cms/it"]"#]))
        #expect(try Self.judge(try Self.verifier(try issuer.pem()), token).get().groups == ["/cms", "/cms/it"])
    }

    // MARK: Bad ones

    static let badClaims: [([String: String?], String)] = [
        (["exp": "\(now)"], "expired"), (["exp": nil], "a claim is missing or of the wrong type"),
        (["exp": "\"\(now + 600)\""], "a claim is missing or of the wrong type"),
        (["exp": "1e300"], "a claim is missing or of the wrong type"),
        (["nbf": nil], "a claim is missing or of the wrong type"), (["nbf": "\(now + 61)"], "not valid yet"),
        (["nbf": "\(now + 3600)"], "not valid yet"),
        (["sub": nil], "a claim is missing or of the wrong type"),
        (["sub": #""""#], "a claim is missing or of the wrong type"),
        (["sub": #""a\u0000b""#], "a claim is missing or of the wrong type"),
        (["sub": "5"], "a claim is missing or of the wrong type"),
        (["scope": "[\"condor:/READ\"]"], "a claim is missing or of the wrong type"),
        (["jti": "7"], "a claim is missing or of the wrong type"),
        (["iss": nil], "unknown issuer"), (["iss": #""https://other.example""#], "unknown issuer"),
        (["iss": "\"\(url)/\""], "unknown issuer"), (["iss": "[\"\(url)\"]"], "unknown issuer"),
        (["ver": #""scitoken:3.0""#], "unknown profile"), (["wlcg.ver": #""1.0""#], "unknown profile"),
        (["ver": nil, "wlcg.ver": #""2.0""#], "unknown profile"), (["ver": "2"], "unknown profile"),
        (["wlcg.groups": #""/cms""#, "sub": nil], "a claim is missing or of the wrong type"),
        (["wlcg.groups": "[1]"], "a claim is missing or of the wrong type"),
    ]

    @Test(arguments: badClaims)
    func aTokenMustSayWhoseItIsAndUntilWhen(row: ([String: String?], String)) throws {
        let issuer = try TestIssuer(.es256)
        let token = try issuer.token(header: #"{"alg":"ES256"}"#, claims: Self.claims(row.0))
        #expect(Self.reason(Self.judge(try Self.verifier(try issuer.pem()), token)) == "SciToken: \(row.1)")
    }

    @Test func anIssuersClockMayBeAMinuteAhead() throws {
        let issuer = try TestIssuer(.es256)
        let token = try issuer.token(header: #"{"alg":"ES256"}"#, claims: Self.claims(["nbf": "\(Self.now + 60)"]))
        #expect(Self.reason(Self.judge(try Self.verifier(try issuer.pem()), token)) == nil)
    }

    static let badHeaders: [(String, String)] = [
        (#"{"alg":"none"}"#, "neither RS256 nor ES256"), (#"{"alg":"HS256"}"#, "neither RS256 nor ES256"),
        (#"{"alg":"es256"}"#, "neither RS256 nor ES256"), (#"{"alg":"ES384"}"#, "neither RS256 nor ES256"),
        (#"{"alg":["ES256"]}"#, "neither RS256 nor ES256"), (#"{"kid":"k1"}"#, "neither RS256 nor ES256"),
        (#"{"alg":"RS256"}"#, "no key of that name and kind"),
        (#"{"alg":"ES256","kid":"k2"}"#, "no key of that name and kind"),
        (#"{"alg":"ES256","kid":7}"#, "malformed"),
        (#"{"alg":"ES256","crit":["exp"]}"#, "an extension that must be understood"),
        (#"{"alg":"ES256","alg":"none"}"#, "malformed"), ("[]", "malformed"), ("", "malformed"),
    ]

    @Test(arguments: badHeaders)
    func theAlgorithmIsDecidedBeforeAKeyIsTouched(row: (String, String)) throws {
        let issuer = try TestIssuer(.es256)
        let verifier = try Self.verifier(#"{"keys":[\#(try issuer.jwk())]}"#)
        let token = try issuer.token(header: row.0, claims: Self.claims())
        #expect(Self.reason(Self.judge(verifier, token)) == "SciToken: \(row.1)")
    }

    @Test func aPublicKeyIsNoSecret() throws {
        // The oldest trick: an HMAC under the text of the public key, which everybody has.
        let issuer = try TestIssuer(.rs256(bits: 2048))
        let pem = try issuer.pem()
        for algorithm in ["HS256", "RS256"] {
            let input =
                Base64URL.encode(Array(#"{"alg":"\#(algorithm)"}"#.utf8)) + "."
                + Base64URL.encode(Array(Self.claims().utf8))
            let token = input + "." + Base64URL.encode(hmacSHA256(Array(input.utf8), key: SecretBytes(pem.utf8)))
            let expected = algorithm == "HS256" ? "neither RS256 nor ES256" : "wrong signature"
            #expect(Self.reason(Self.judge(try Self.verifier(pem), token)) == "SciToken: \(expected)")
        }
    }

    @Test func aKeyThatTheTokenBringsAlongIsNotLookedAt() throws {
        let (issuer, stranger) = (try TestIssuer(.es256), try TestIssuer(.es256))
        let header = #"{"alg":"ES256","jwk":\#(try stranger.jwk()),"jku":"https://evil.example/jwks"}"#
        let token = try stranger.token(header: header, claims: Self.claims())
        #expect(Self.reason(Self.judge(try Self.verifier(try issuer.pem()), token)) == "SciToken: wrong signature")
    }

    @Test func oneIssuerCannotSpeakForAnother() throws {
        let (first, second) = (try TestIssuer(.es256), try TestIssuer(.es256))
        let verifier = SciTokenVerifier(
            issuers: [
                Self.url: try IssuerKeySet(file: Array(try first.pem().utf8)),
                "https://second.example.org": try IssuerKeySet(file: Array(try second.pem().utf8)),
            ], audiences: [])
        let token = try second.token(header: #"{"alg":"ES256"}"#, claims: Self.claims())
        #expect(Self.reason(Self.judge(verifier, token)) == "SciToken: wrong signature")
    }

    @Test func everyChangeOfATokenIsNoticed() throws {
        let issuer = try TestIssuer(.es256)
        let verifier = try Self.verifier(try issuer.pem())
        let token = try issuer.token(header: #"{"alg":"ES256"}"#, claims: Self.claims())
        #expect(Self.reason(Self.judge(verifier, token)) == nil)
        let parts = token.split(separator: ".").map(String.init)
        let signature = try #require(Base64URL.decode(parts[2]))
        for bad in [[], Array(signature.dropLast()), signature + [0], [UInt8](repeating: 0, count: 64)] {
            let text = parts[0] + "." + parts[1] + "." + Base64URL.encode(bad)
            #expect(Self.reason(Self.judge(verifier, text)) == "SciToken: wrong signature")
        }
        let der = try issuer.derSignature(of: Array("\(parts[0]).\(parts[1])".utf8))
        let inDER = parts[0] + "." + parts[1] + "." + Base64URL.encode(der)
        #expect(Self.reason(Self.judge(verifier, inDER)) == "SciToken: wrong signature")
        let other = Base64URL.encode(Array(Self.claims(["sub": "\"mallory\""]).utf8))
        #expect(
            Self.reason(Self.judge(verifier, parts[0] + "." + other + "." + parts[2])) == "SciToken: wrong signature")
    }

    @Test(arguments: ["", ".", "..", "a.b.c", "....", "a.b", String(repeating: "A", count: 20_000) + ".A.A"])
    func whatIsNoTokenIsRefused(text: String) throws {
        let issuer = try TestIssuer(.es256)
        #expect(Self.reason(Self.judge(try Self.verifier(try issuer.pem()), text)) == "SciToken: malformed")
    }

    // MARK: Keys

    @Test func onlySigningKeysOfASetAreTaken() throws {
        let (good, other) = (try TestIssuer(.es256), try TestIssuer(.es256))
        let set = try IssuerKeySet(
            file: Array(
                #"""
                {"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"k1"},{"kty":"OKP","crv":"Ed25519","x":"AA"},
                 \#(try other.jwk(#""kid":"k1","use":"enc""#)),\#(try other.jwk(#""kid":"k1","alg":"RS256""#)),
                 {"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA","kid":"k1"},\#(try TestIssuer(.p384).jwk()),
                 {"kty":"RSA","n":"AQAB"},7,\#(try good.jwk(#""kid":"k1","alg":"ES256""#))],"more":true}
                """#.utf8))
        #expect(set.keys.count == 1)
        #expect(set.candidates(.es256, id: "k1").count == 1 && set.candidates(.rs256, id: "k1").isEmpty)
        #expect(set.candidates(.es256, id: nil).count == 1 && set.candidates(.es256, id: "k2").isEmpty)
    }

    @Test func aPEMFileMayHoldSeveralKeysForTheTimeOfARenewal() throws {
        let (old, new) = (try TestIssuer(.es256), try TestIssuer(.es256))
        let verifier = try Self.verifier("# the keys of our issuer\n" + (try old.pem()) + (try new.pem()))
        for issuer in [old, new] {
            let token = try issuer.token(header: #"{"alg":"ES256","kid":"whatever"}"#, claims: Self.claims())
            #expect(Self.reason(Self.judge(verifier, token)) == nil)
        }
    }

    @Test func weakAndForeignKeysAreRefused() throws {
        let cases: [(String, IssuerKeySet.Failure)] = [
            (try TestIssuer(.rs256(bits: 1024)).pem(), .malformed), (try TestIssuer(.p384).pem(), .malformed),
            (#"{"keys":[\#(try TestIssuer(.rs256(bits: 1024)).jwk())]}"#, .keys), ("", .size), ("{}", .malformed),
            (#"{"keys":[]}"#, .keys), (#"{"keys":{}}"#, .malformed), ("{", .malformed), ("not a key", .malformed),
            ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", .malformed),
            (String(repeating: " ", count: IssuerKeySet.maximumFileSize + 1), .size),
        ]
        for (file, failure) in cases {
            #expect(throws: failure) { try IssuerKeySet(file: Array(file.utf8)) }
        }
    }

    // MARK: In a handshake

    @Test func theSessionKeepsWhatTheTokenSaysAndEndsWithIt() throws {
        let issuer = try TestIssuer(.es256)
        let verifier = try Self.verifier(try issuer.pem())
        let token = try issuer.token(
            header: #"{"alg":"ES256"}"#, claims: Self.claims(["wlcg.groups": #"["/cms"]"#]))
        var environment = MethodMatrixTests.environment(SecurityPolicy(methods: [.sciTokens]))
        environment.bearer = { bearer in
            verifier.verify(bearer, now: Self.now).map {
                VerifiedCredential(
                    user: "alice@example.org", limits: $0.limits, expiresAt: $0.expiresAt, token: $0.attributes)
            }
        }
        var conversation = Conversation(
            makeClient(
                .securityQuery, authCommand: .queryStartdAds,
                credentials: MethodMatrixTests.credentials(bearer: token),
                policy: SecurityPolicy(methods: [.sciTokens])), environment)
        let outcome = try conversation.run()
        let session = try #require(outcome.stored.first)
        #expect(session.identity.user == "alice@example.org" && session.limits == [.read, .write] && session.isBound)
        #expect(session.expiresAt == Self.now + 600)
        let reply = try handshakeAd(try #require(outcome.replies.first))
        #expect(reply.string("AuthTokenIssuer") == Self.url && reply.string("AuthTokenSubject") == "alice")
        #expect(reply.string("AuthTokenGroups") == "/cms" && reply.string("AuthTokenId") == "j1")
    }
}
