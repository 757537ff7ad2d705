import Cryptography
import Testing

@testable import CondorSecurity

@Suite struct AuthorizationRulesTests {
    private static func list(_ name: String, _ entries: String...) -> AuthorizationList {
        AuthorizationList(name, entries.compactMap { try? AuthorizationEntry($0) })
    }

    /// Rules of a small site.
    private static let rules = AuthorizationRules([
        .read: .init(allow: list("ALLOW_READ", "*"), deny: list("DENY_READ", "*/10.66.*", "mallory@x")),
        .write: .init(allow: list("ALLOW_WRITE", "*@x"), deny: list("DENY_WRITE", "eve@x")),
        .daemon: .init(allow: list("ALLOW_DAEMON", "condor@x")),
        .administrator: .init(
            allow: list("ALLOW_ADMINISTRATOR", "carol@x/*.admin.x"), deny: list("DENY_ADMINISTRATOR", "*/10.*")),
        .advertiseSchedd: .init(allow: list("ALLOW_ADVERTISE_SCHEDD", "condor@x")),
    ])

    private static func ask(
        _ level: AuthorizationLevel, _ user: String, at address: String = "192.0.2.1", _ names: [String]? = [],
        capability: [AuthorizationLevel]? = nil, rules: AuthorizationRules = rules
    ) -> String {
        let identity = Identity(user: user, method: .fs)
        let subject = AuthorizationSubject(
            user: user, isMapped: identity.isMapped, address: IPAddress(address), hostNames: names,
            capability: capability)
        return rules.verdict(on: level, for: subject).description
    }

    @Test func anEntryOfTheLevelAllows() {
        #expect(Self.ask(.write, "anne@x") == "WRITE: allowed, by *@x in ALLOW_WRITE")
    }

    @Test func refusalsGoBeforeGrants() {
        #expect(Self.ask(.write, "eve@x") == "WRITE: refused, by eve@x in DENY_WRITE")
        #expect(Self.ask(.read, "anne@x", at: "10.66.1.1") == "READ: refused, by */10.66.* in DENY_READ")
    }

    @Test func aRefusalCannotBeCircumventedThroughAnImplyingLevel() {
        #expect(Self.ask(.read, "mallory@x") == "READ: refused, by mallory@x in DENY_READ")
    }

    @Test func aRefusalAtAnImplyingLevelClosesThatWayOnly() {
        #expect(
            Self.ask(.administrator, "carol@x", at: "10.0.0.1", ["c.admin.x"])
                == "ADMINISTRATOR: refused, by */10.* in DENY_ADMINISTRATOR")
        #expect(
            Self.ask(.write, "carol@x", at: "10.0.0.1", ["c.admin.x"]) == "WRITE: allowed, by *@x in ALLOW_WRITE")
    }

    @Test func aLevelThatImpliesAnotherGrantsIt() {
        let rules = AuthorizationRules([.daemon: .init(allow: Self.list("ALLOW_DAEMON", "condor@x"))])
        #expect(
            Self.ask(.read, "condor@x", rules: rules)
                == "READ, which DAEMON implies: allowed, by condor@x in ALLOW_DAEMON")
        #expect(Self.ask(.advertiseStartd, "condor@x", rules: rules).hasPrefix("ADVERTISE_STARTD: refused"))
    }

    @Test func aRefusalNamesTheListsAndTheHost() {
        #expect(
            Self.ask(.advertiseSchedd, "anne@x", ["n1.x"])
                == "ADVERTISE_SCHEDD: refused, no entry of ALLOW_ADVERTISE_SCHEDD fits, from 192.0.2.1 (n1.x)")
        #expect(
            Self.ask(.write, "anne@y")
                == """
                WRITE: refused, no entry of ALLOW_WRITE, ALLOW_ADMINISTRATOR, ALLOW_DAEMON fits, from 192.0.2.1
                """)
    }

    @Test(arguments: AuthorizationLevel.allCases)
    func whoeverIsNobodyKnownGetsReadAtMost(level: AuthorizationLevel) {
        let open = AuthorizationRules(
            Dictionary(
                uniqueKeysWithValues: AuthorizationLevel.allCases.map {
                    ($0, AuthorizationRules.Lists(allow: Self.list("ALLOW", "*")))
                }))
        for user in ["unauthenticated@unmapped", "ssl@unmapped", "CONDOR_ANONYMOUS_USER"] {
            let isGranted = Self.ask(level, user, rules: open).contains(": allowed")
            #expect(isGranted == (level == .read || level == .allow), "\(user)")
        }
    }

    @Test func whoeverIsNobodyKnownDoesNotGetReadThroughAnotherLevel() {
        let rules = AuthorizationRules([.write: .init(allow: Self.list("ALLOW_WRITE", "*"))])
        #expect(Self.ask(.read, "unauthenticated@unmapped", rules: rules).contains("refused"))
    }

    // MARK: Names

    @Test func aRefusalByNameHoldsWhenNamesAreNotKnown() {
        let rules = AuthorizationRules([
            .read: .init(allow: Self.list("ALLOW_READ", "*"), deny: Self.list("DENY_READ", "*/*.evil.example"))
        ])
        #expect(Self.ask(.read, "anne@x", [], rules: rules).contains("allowed"))
        #expect(Self.ask(.read, "anne@x", ["h.evil.example"], rules: rules).contains("refused"))
        #expect(
            Self.ask(.read, "anne@x", nil, rules: rules)
                == """
                READ: refused, by */*.evil.example in DENY_READ, since the names of 192.0.2.1 (names not known) could \
                not be looked up
                """)
    }

    @Test func aGrantByNameDoesNotHoldWhenNamesAreNotKnown() {
        #expect(Self.ask(.administrator, "carol@x", ["c.admin.x"]).contains("allowed"))
        #expect(Self.ask(.administrator, "carol@x", nil).contains("refused"))
    }

    @Test func namesAreNeededOnlyWhereAnEntrySpeaksOfThem() {
        #expect(Self.rules.needsHostNames)
        #expect(!AuthorizationRules([.read: .init(allow: Self.list("ALLOW_READ", "*", "a@x/10.*"))]).needsHostNames)
        let literal = AuthorizationRules([.read: .init(allow: Self.list("ALLOW_READ", "B.x", "*.y", "a.x"))])
        #expect(literal.literalHostNames == ["a.x", "b.x"])
    }

    // MARK: Capabilities

    private static let pilot: [AuthorizationLevel] = [.advertiseStartd, .advertiseMaster]

    @Test func aCapabilityIsGoodForItsLevelsWithoutAnyList() {
        #expect(
            Self.ask(.advertiseStartd, "anne@x", capability: Self.pilot)
                == "ADVERTISE_STARTD: allowed, by the annex capability")
        #expect(Self.ask(.read, "anne@x", capability: Self.pilot).contains("allowed"))
    }

    @Test func aCapabilityDoesNotGiveWhatItsOwnerMay() {
        #expect(
            Self.ask(.write, "anne@x", capability: Self.pilot)
                == "WRITE: refused, the annex capability is not good for it")
        #expect(Self.ask(.daemon, "condor@x", capability: Self.pilot).contains("refused"))
    }

    @Test func refusalsAndListsOfTheLevelNarrowCapabilities() {
        let rules = AuthorizationRules([
            .advertiseStartd: .init(
                allow: Self.list("ALLOW_ADVERTISE_STARTD", "*/192.0.2.*"), narrowsCapabilities: true),
            .advertiseMaster: .init(deny: Self.list("DENY_ADVERTISE_MASTER", "anne@x")),
        ])
        #expect(Self.ask(.advertiseStartd, "anne@x", capability: Self.pilot, rules: rules).contains("allowed"))
        #expect(
            Self.ask(.advertiseStartd, "anne@x", at: "192.0.3.1", capability: Self.pilot, rules: rules)
                == "ADVERTISE_STARTD: refused, no entry of ALLOW_ADVERTISE_STARTD fits, from 192.0.3.1")
        #expect(Self.ask(.advertiseMaster, "anne@x", capability: Self.pilot, rules: rules).contains("refused"))
    }

    @Test func aListInheritedFromDaemonDoesNotNarrowCapabilities() {
        let rules = AuthorizationRules([.advertiseStartd: .init(allow: Self.list("ALLOW_DAEMON", "condor@x"))])
        #expect(Self.ask(.advertiseStartd, "anne@x", capability: Self.pilot, rules: rules).contains("allowed"))
        #expect(Self.ask(.advertiseStartd, "anne@x", rules: rules).contains("refused"))
    }

    // MARK: Sessions

    private static func session(
        _ user: String, isNegotiated: Bool, limits: [AuthorizationLevel]? = nil
    ) -> SecuritySession {
        SecuritySession(
            id: "s", key: SecretBytes([UInt8](repeating: 1, count: 32)), identity: Identity(user: user, method: nil),
            limits: limits, isNegotiated: isNegotiated, createdAt: 0)
    }

    private static func may(_ level: AuthorizationLevel, _ session: SecuritySession) -> Bool {
        let subject = AuthorizationSubject(session, peer: PeerAddress(host: "192.0.2.1", port: 1), hostNames: [])
        return AuthorizationRules([:]).verdict(on: level, for: subject).isGranted
    }

    @Test func theFamilySessionCarriesItsLevelsItself() {
        let family = Self.session("condor@family", isNegotiated: false)
        let may = AuthorizationLevel.allCases.filter { Self.may($0, family) }
        #expect(
            Set(may) == [
                .allow, .read, .write, .administrator, .daemon, .negotiator, .advertiseStartd, .advertiseSchedd,
                .advertiseMaster,
            ])
    }

    @Test func nobodyGetsTheLevelsOfTheFamilyByItsName() {
        let named = Self.session("condor@family", isNegotiated: true)
        #expect(AuthorizationLevel.allCases.filter { Self.may($0, named) } == [.allow])
    }

    @Test func aSessionOfOurMakingCarriesTheLevelsItWasMadeFor() {
        let made = Self.session("collector-side@matchsession", isNegotiated: false, limits: [.write])
        #expect(AuthorizationLevel.allCases.filter { Self.may($0, made) } == [.allow, .read, .write])
    }
}
