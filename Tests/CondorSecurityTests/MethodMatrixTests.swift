import CEDAR
import Cryptography
import TestSupport
import Testing

@testable import CondorSecurity

/// Our client against our server, for every method and policy, TLS by the real library.
@Suite struct MethodMatrixTests {
    static let tls = Credentials()

    /// A certificate authority with a server and a client certificate, made for this run.
    struct Credentials {
        let server: TLSContext
        let client: TLSContext
        let anonymousClient: TLSContext
        let stranger: TLSContext

        init() {
            do {
                let authority = try CertificateAuthority.create(commonName: "Test CA", days: 1)
                let ours = try authority.issueServerCertificate(dnsName: "broker.example.org", days: 1)
                let theirs = try authority.issueClientCertificate(commonName: "annex-42", days: 1)
                server = try TLSContext.server(
                    certificateChainPEM: ours.certificatePEM, privateKeyPEM: ours.privateKeyPEM,
                    clientCAPEM: authority.certificatePEM)
                client = try TLSContext.client(
                    trustPEM: authority.certificatePEM, certificateChainPEM: theirs.certificatePEM,
                    privateKeyPEM: theirs.privateKeyPEM)
                anonymousClient = try TLSContext.client(trustPEM: authority.certificatePEM)
                let other = try CertificateAuthority.create(commonName: "Other CA", days: 1)
                stranger = try TLSContext.client(trustPEM: other.certificatePEM)
            } catch {
                preconditionFailure("certificates for tests: \(error)")
            }
        }
    }

    static let bearer = "annexcap1.0123456789abcdef.c2VjcmV0"
    static let keyMaterial = SecretBytes((0..<64).map { UInt8($0) })

    static func token(
        subject: String = "annex-42@flock.example.org", issuer: String = "flock.example.org",
        keyName: String = "flockbroker-1", expiresAt: Int64? = Conversation.now + 500,
        key: SecretBytes = keyMaterial
    ) -> IDToken {
        IDToken.mint(
            IDTokenClaims(
                keyName: keyName, issuer: issuer, subject: subject, id: "00112233445566778899aabbccddeeff",
                issuedAt: Conversation.now - 10, expiresAt: expiresAt,
                scopes: IDTokenClaims.scopes(for: [.advertiseStartd, .read])),
            key: key)
    }

    static func environment(_ policy: SecurityPolicy) -> TestEnvironment {
        var environment = TestEnvironment()
        environment.policy = policy
        environment.trustDomain = "flock.example.org"
        environment.issuerKeys = ["flockbroker-1", "flockbroker-2"]
        environment.keys = ["flockbroker-1": keyMaterial]
        environment.tls = { () throws(TLSFailure) in try tls.server.makeEngine(.server) }
        environment.bearer = { token in
            token == SecretBytes(bearer.utf8)
                ? .success(
                    VerifiedCredential(
                        user: "annex-42@flock.example.org", capabilityID: "42", limits: [.advertiseStartd],
                        expiresAt: Conversation.now + 500))
                : .failure(CredentialRefusal(publicID: "43", reason: "revoked"))
        }
        environment.certificate = { .success(VerifiedCredential(user: "\($0.commonName ?? "?")@flock.example.org")) }
        return environment
    }

    static func credentials(
        _ context: TLSContext = tls.client, bearer: String = bearer, tokens: [IDToken] = [token()]
    ) -> ClientCredentials {
        ClientCredentials(
            tls: .init { (showsCertificate) throws(TLSFailure) in
                try (showsCertificate || context !== tls.client ? context : tls.anonymousClient).makeEngine(.client)
            },
            bearerToken: SecretBytes(bearer.utf8), idTokens: tokens, claimedUser: "bob@Example.ORG")
    }

    static let users: [(AuthenticationMethod, String)] = [
        (.claimToBe, "bob@example.org"), (.fs, "alice@example.org"), (.ssl, "annex-42@flock.example.org"),
        (.idTokens, "annex-42@flock.example.org"), (.sciTokens, "annex-42@flock.example.org"),
    ]

    @Test(arguments: users, [Wish.optional, .preferred, .required])
    func everyMethodOpensAnAuthenticatedEncryptedSession(
        method: (AuthenticationMethod, String), wish: Wish
    ) throws {
        let policy = SecurityPolicy(
            authentication: wish, encryption: .optional, integrity: .optional, methods: [method.0])
        let environment = Self.environment(policy)
        let wanted = SecurityPolicy(methods: [method.0])
        var conversation = Conversation(
            makeClient(credentials: Self.credentials(), policy: wanted), environment)
        let outcome = try conversation.run()
        let session = try #require(outcome.started?.session)
        #expect(session.identity == Identity(user: method.1, method: method.0))
        #expect(session.key != nil && session.key == outcome.established?.key)
        #expect(session.id == outcome.established?.id)
        #expect(outcome.stored == [session] && outcome.cached.isEmpty)
        #expect(try conversation.sendText("payload") == "payload")
        #expect(outcome.directories.isEmpty && outcome.refusals.isEmpty)
        #expect(outcome.validCommands.map(\.rawValue) == [5, 48])
    }

    @Test(arguments: [AuthenticationMethod.ssl, .sciTokens], [true, false])
    func keysAreHandedOverInsideTLSIfThePolicySaysSo(method: AuthenticationMethod, handsOver: Bool) throws {
        let policy = SecurityPolicy(methods: [method], handOverKeys: handsOver)
        var conversation = Conversation(
            makeClient(credentials: Self.credentials(), policy: SecurityPolicy(methods: [method])),
            Self.environment(policy))
        let outcome = try conversation.run()
        #expect(outcome.started?.session.isBound == handsOver)
        #expect(outcome.established?.isBound == handsOver)
    }

    @Test func keysAreNotHandedOverIfAnotherMethodIsOnTheTable() throws {
        let methods: [AuthenticationMethod] = [.sciTokens, .idTokens]
        var conversation = Conversation(
            makeClient(credentials: Self.credentials(), policy: SecurityPolicy(methods: methods)),
            Self.environment(SecurityPolicy(methods: methods)))
        let outcome = try conversation.run()
        #expect(outcome.started?.session.identity.method == .sciTokens)
        #expect(outcome.started?.session.isBound == false)
    }

    @Test func theOrderOfTheServerDecides() throws {
        var conversation = Conversation(
            makeClient(
                credentials: Self.credentials(),
                policy: SecurityPolicy(methods: [.fs, .ssl, .idTokens, .sciTokens])),
            Self.environment(SecurityPolicy(methods: [.idTokens, .sciTokens, .fs])))
        #expect(try conversation.run().started?.session.identity.method == .idTokens)
    }

    @Test(arguments: [AuthenticationMethod.claimToBe, .fs, .ssl, .idTokens, .sciTokens])
    func aMethodThatFailsGivesWayToTheNext(method: AuthenticationMethod) throws {
        let next: AuthenticationMethod = method == .idTokens ? .ssl : .idTokens
        var environment = Self.environment(SecurityPolicy(methods: [method, next]))
        environment.claim = { _ in .failure(CredentialRefusal(reason: "test")) }
        environment.bearer = { _ in .failure(CredentialRefusal(publicID: "42", reason: "revoked")) }
        if method == .ssl { environment.certificate = { _ in .failure(CredentialRefusal(reason: "unknown")) } }
        if method == .idTokens { environment.token = { _ in .failure(CredentialRefusal(reason: "revoked")) } }
        var conversation = Conversation(
            makeClient(credentials: Self.credentials(), policy: SecurityPolicy(methods: [method, next])), environment)
        conversation.owner = nil
        let outcome = try conversation.run()
        #expect(outcome.started?.session.identity.method == next)
        #expect(outcome.refusals.count == 1)
        #expect(outcome.refusals.allSatisfy { $0.method == method })
    }

    @Test(arguments: [AuthenticationMethod.claimToBe, .fs, .ssl, .idTokens, .sciTokens])
    func withoutAMethodThatWorksARequiredAuthenticationEndsTheConnection(method: AuthenticationMethod) throws {
        var environment = Self.environment(SecurityPolicy(methods: [method]))
        environment.claim = { _ in .failure(CredentialRefusal(reason: "test")) }
        environment.bearer = { _ in .failure(CredentialRefusal(publicID: "42", reason: "revoked")) }
        environment.certificate = { _ in .failure(CredentialRefusal(reason: "unknown")) }
        environment.token = { _ in .failure(CredentialRefusal(publicID: "42", reason: "revoked")) }
        var conversation = Conversation(
            makeClient(credentials: Self.credentials(), policy: SecurityPolicy(methods: [method])), environment)
        conversation.owner = nil
        let outcome = try conversation.run()
        #expect(outcome.started == nil && outcome.stored.isEmpty)
        #expect(outcome.serverRefusal?.kind == .authenticationFailed)
        #expect(outcome.clientFailure?.kind == .authenticationFailed)
    }

    @Test func anOptionalAuthenticationThatFailsGoesOnUnauthenticatedWithTheAgreedKey() throws {
        var environment = Self.environment(
            SecurityPolicy(authentication: .preferred, encryption: .optional, integrity: .optional, methods: [.fs]))
        environment.allows = { _, session in !session.identity.isAuthenticated }
        var conversation = Conversation(
            makeClient(
                policy: SecurityPolicy(
                    authentication: .optional, encryption: .optional, integrity: .optional, methods: [.fs])),
            environment)
        conversation.owner = nil
        let outcome = try conversation.run()
        #expect(outcome.started?.session.identity == .unauthenticated)
        #expect(outcome.started?.session.key != nil && outcome.cached.count == 1 && outcome.stored.isEmpty)
        #expect(try conversation.sendText("query") == "query")
    }

    @Test func tlsWithoutAClientCertificateIsNobodyAndNotEnoughWhereTheServerInsists() throws {
        let client = makeClient(
            credentials: Self.credentials(Self.tls.anonymousClient), policy: SecurityPolicy(methods: [.ssl]))
        var lenient = Conversation(
            client, Self.environment(SecurityPolicy(authentication: .preferred, methods: [.ssl])))
        #expect(try lenient.run().started?.session.identity.isAuthenticated == false)
        var strict = Conversation(client, Self.environment(SecurityPolicy(methods: [.ssl])))
        #expect(try strict.run().serverRefusal?.kind == .authenticationFailed)
    }

    @Test func aServerWithAnotherNameIsNotBelieved() throws {
        var conversation = Conversation(
            makeClient(
                credentials: Self.credentials(), policy: SecurityPolicy(methods: [.sciTokens]),
                alias: "other.example.org"),
            Self.environment(SecurityPolicy(methods: [.sciTokens])))
        let outcome = try conversation.run()
        #expect(outcome.clientFailure?.kind == .authenticationFailed)
        #expect(outcome.refusals.map(\.kind) == [.credentialRefused])
    }

    @Test func aServerOfAnotherAuthorityIsNotBelieved() throws {
        var conversation = Conversation(
            makeClient(
                credentials: Self.credentials(Self.tls.stranger), policy: SecurityPolicy(methods: [.sciTokens])),
            Self.environment(SecurityPolicy(methods: [.sciTokens])))
        let outcome = try conversation.run()
        #expect(outcome.clientFailure?.kind == .authenticationFailed)
        #expect(outcome.refusals.map(\.kind).contains(.tlsFailed))
    }

    @Test func aSessionEndsWithItsCapability() throws {
        var conversation = Conversation(
            makeClient(credentials: Self.credentials(), policy: SecurityPolicy(methods: [.sciTokens])),
            Self.environment(SecurityPolicy(methods: [.sciTokens], sessionDuration: 3600)))
        let session = try #require(try conversation.run().stored.first)
        #expect(session.expiresAt == Conversation.now + 500)
        #expect(session.capabilityID == "42" && session.limits == [.advertiseStartd])
        #expect(session.lease == 3600 + SecuritySession.slop)
    }

    @Test func aSessionEndsWithItsTokenAndHasItsLimits() throws {
        var environment = Self.environment(SecurityPolicy(methods: [.idTokens]))
        environment.token = { .success(VerifiedCredential(user: $0.subject)) }
        var conversation = Conversation(
            makeClient(credentials: Self.credentials(), policy: SecurityPolicy(methods: [.idTokens])), environment)
        let session = try #require(try conversation.run().stored.first)
        #expect(session.expiresAt == Conversation.now + 500)
        #expect(session.limits == [.advertiseStartd, .read])
    }

    @Test(arguments: [16 << 10, (16 << 10) + 1])
    func aBearerTextMayBe16KiBLong(count: Int) throws {
        var environment = Self.environment(SecurityPolicy(methods: [.sciTokens]))
        environment.bearer = { token in
            token.count == count
                ? .success(VerifiedCredential(user: "a@b")) : .failure(CredentialRefusal(reason: "cut"))
        }
        var conversation = Conversation(
            makeClient(
                credentials: Self.credentials(bearer: String(repeating: "x", count: count)),
                policy: SecurityPolicy(methods: [.sciTokens])), environment)
        #expect((try conversation.run().started != nil) == (count <= TLSServerRun.maximumToken))
    }

    static let badTokens: [(String, IDToken)] = [
        ("expired", token(expiresAt: Conversation.now)),
        ("another issuer", token(issuer: "elsewhere.example.org")),
        ("unknown key", token(keyName: "flockbroker-9")),
        ("key not in the table", token(keyName: "flockbroker-2")),
    ]

    @Test(arguments: badTokens)
    func tokensThatAreNotGoodAreRefusedInAnOrderlyWay(bad: (String, IDToken)) throws {
        // The server advertises nothing, so that the client sends whatever it has.
        var environment = Self.environment(SecurityPolicy(methods: [.idTokens]))
        environment.issuerKeys = []
        if bad.0 == "another issuer" { environment.trustDomain = "" }
        var conversation = Conversation(
            makeClient(credentials: Self.credentials(tokens: [bad.1]), policy: SecurityPolicy(methods: [.idTokens])),
            environment)
        let outcome = try conversation.run()
        #expect(outcome.serverRefusal?.kind == .authenticationFailed)
        #expect(outcome.refusals.map(\.kind) == [.credentialRefused])
    }

    @Test func aTokenSignedWithAnotherKeyFailsAtTheClient() throws {
        let forged = Self.token(key: SecretBytes([UInt8](repeating: 9, count: 64)))
        var conversation = Conversation(
            makeClient(
                credentials: Self.credentials(tokens: [forged]), policy: SecurityPolicy(methods: [.idTokens])),
            Self.environment(SecurityPolicy(methods: [.idTokens])))
        let outcome = try conversation.run()
        #expect(outcome.clientFailure?.kind == .authenticationFailed && outcome.stored.isEmpty)
    }

    @Test func theFirstTokenThatSuitsTheServerIsUsed() throws {
        let tokens = [
            Self.token(issuer: "a"), Self.token(keyName: "x"), Self.token(subject: "right@flock.example.org"),
        ]
        var conversation = Conversation(
            makeClient(credentials: Self.credentials(tokens: tokens), policy: SecurityPolicy(methods: [.idTokens])),
            Self.environment(SecurityPolicy(methods: [.idTokens])))
        #expect(try conversation.run().started?.session.identity.user == "right@flock.example.org")
    }

    @Test(arguments: [
        DirectoryOwner(userName: "alice", userID: 1, isDirectory: false, permissions: 0o700, linkCount: 1),
        DirectoryOwner(userName: "alice", userID: 1, isDirectory: true, permissions: 0o755, linkCount: 2),
        DirectoryOwner(userName: "alice", userID: 1, isDirectory: true, permissions: 0o1700, linkCount: 2),
        DirectoryOwner(userName: "alice", userID: 1, isDirectory: true, permissions: 0o700, linkCount: 3),
        DirectoryOwner(userName: "", userID: 1, isDirectory: true, permissions: 0o700, linkCount: 2),
    ])
    func onlyAnEmptyDirectoryOfTheRightModeProvesAnAccount(owner: DirectoryOwner) throws {
        var conversation = Conversation(
            makeClient(policy: SecurityPolicy(methods: [.fs])), Self.environment(SecurityPolicy(methods: [.fs])))
        conversation.owner = owner
        #expect(try conversation.run().serverRefusal?.kind == .authenticationFailed)
    }
}
