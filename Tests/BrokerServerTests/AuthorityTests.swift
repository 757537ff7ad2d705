import CondorSecurity
import Cryptography
import Testing

@testable import BrokerServer

@Suite struct AuthorityTests {
    private static let rules = AuthorizationRules([
        .read: .init(allow: list("ALLOW_READ", "*")), .write: .init(allow: list("ALLOW_WRITE", "*@x")),
        .administrator: .init(allow: list("ALLOW_ADMINISTRATOR", "carol@x/192.0.2.*")),
    ])
    private static let peer = PeerAddress(host: "192.0.2.1", port: 1)

    private static func list(_ name: String, _ entries: String...) -> AuthorizationList {
        AuthorizationList(name, entries.compactMap { try? AuthorizationEntry($0) })
    }

    private static func session(
        _ user: String, _ method: AuthenticationMethod = .fs, capability: String? = nil,
        limits: [AuthorizationLevel]? = nil, isBound: Bool = false
    ) -> SecuritySession {
        SecuritySession(
            id: "s", key: SecretBytes([UInt8](repeating: 1, count: 32)), identity: Identity(user: user, method: method),
            capabilityID: capability, limits: limits, isBound: isBound, createdAt: 0)
    }

    private static func authority(handsOverKeys: Bool = true) -> Authority {
        Authority(rules: rules, names: nil, handsOverKeys: handsOverKeys)
    }

    private static let pilot: [AuthorizationLevel] = [.advertiseStartd, .advertiseMaster]

    @Test func aCapabilityOfABoundSessionIsGoodForItsLevels() {
        let session = Self.session("anne@x", .sciTokens, capability: "c", limits: Self.pilot, isBound: true)
        #expect(Self.authority().verdict(on: .advertiseStartd, session, peer: Self.peer).isGranted)
        #expect(!Self.authority().verdict(on: .write, session, peer: Self.peer).isGranted)
    }

    @Test func aCapabilityOfAnUnboundSessionIsGoodForNothing() {
        let session = Self.session("anne@x", .sciTokens, capability: "c", limits: Self.pilot)
        for level in AuthorizationLevel.allCases where level != .allow {
            #expect(
                Self.authority().verdict(on: level, session, peer: Self.peer)
                    == AuthorizationVerdict(level, isGranted: false, .unbound))
        }
        #expect(Self.authority(handsOverKeys: false).verdict(on: .advertiseStartd, session, peer: Self.peer).isGranted)
    }

    @Test func aTokenThatIsACapabilityIsNeverBound() {
        let session = Self.session("anne@x", .idTokens, capability: "c", limits: Self.pilot)
        #expect(Self.authority().verdict(on: .advertiseMaster, session, peer: Self.peer).isGranted)
    }

    @Test func oneOfSeveralLevelsIsEnoughAndMustBeWithinTheLimits() {
        let entry = CommandEntry(number: 1, level: .advertiseStartd, alternateLevels: [.write])
        let authority = Self.authority()
        #expect(authority.verdict(on: entry, Self.session("anne@x"), peer: Self.peer).isGranted)
        let limited = Self.session("anne@x", limits: [.advertiseStartd])
        #expect(!authority.verdict(on: entry, limited, peer: Self.peer).isGranted)
    }

    @Test func anAdministratorIsOneByNameAndPlace() {
        let authority = Self.authority()
        #expect(authority.isAdministrator(Self.session("carol@x"), peer: Self.peer))
        #expect(!authority.isAdministrator(Self.session("anne@x"), peer: Self.peer))
        #expect(!authority.isAdministrator(Self.session("carol@x"), peer: PeerAddress(host: "192.0.3.1", port: 1)))
    }

    @Test func aLimitedTokenOfAnAdministratorDoesNotAdminister() {
        let authority = Self.authority()
        #expect(!authority.isAdministrator(Self.session("carol@x", .idTokens, limits: [.write]), peer: Self.peer))
        #expect(
            authority.isAdministrator(Self.session("carol@x", .idTokens, limits: [.administrator]), peer: Self.peer))
    }

    @Test func anAdministratorsCapabilityDoesNotAdminister() {
        let session = Self.session("carol@x", .idTokens, capability: "c", limits: Self.pilot)
        #expect(!Self.authority().isAdministrator(session, peer: Self.peer))
    }
}

@Suite struct PrincipalsTests {
    private static func principals(_ text: String = "") -> Principals {
        let (map, _) = IdentityMapReader.read("map", literalKeys: true) { _ in .text(text) }
        return Principals(uidDomain: "x.org", brokerAccount: "broker", map: map)
    }

    @Test(arguments: [("anne", "anne@x.org"), ("root", "condor@x.org"), ("broker", "condor@x.org")])
    func accountsAreUsersOfTheDomain(account: String, user: String) throws {
        #expect(try Self.principals().user(ofAccount: account) == user)
    }

    @Test func theMapSaysWhoAnAccountIs() throws {
        let principals = Self.principals("FS anne a.miller@y.org\nFS condor pool@y.org")
        #expect(try principals.user(ofAccount: "anne") == "a.miller@y.org")
        #expect(try principals.user(ofAccount: "root") == "pool@y.org")
        #expect(try principals.user(ofAccount: "bert") == "bert@x.org")
    }

    @Test func aCertificateIsNobodyWithoutALine() throws {
        #expect(try Self.principals("SSL /CN=anne/ anne").user(ofCertificate: "/O=Y/CN=anne") == "anne@x.org")
        #expect(throws: CredentialRefusal.self) { try Self.principals().user(ofCertificate: "/CN=anne") }
    }

    @Test func aMapThatCannotDecideRefuses() {
        #expect(throws: CredentialRefusal.self) { try Self.principals("FS anne \"a b\"").user(ofAccount: "anne") }
    }
}
