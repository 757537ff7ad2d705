import CondorSecurity
import Testing

@testable import Configuration

@Suite struct AuthorizationSettingsTests {
    private static func configuration(_ text: String, condor: String = "") throws -> BrokerConfiguration {
        let sources: [ConfigurationSource] = [.condor(dump: condor), .file(path: "own")]
        return BrokerConfiguration(
            try ConfigurationReader.read(sources) { _ in "FLOCK_BROKER_UID_DOMAIN = x.org\n" + text })
    }

    private static func ask(
        _ text: String, _ level: AuthorizationLevel, _ user: String, capability: [AuthorizationLevel]? = nil,
        at address: String = "192.0.2.1"
    ) throws -> String {
        let identity = Identity(user: user, method: .fs)
        return try configuration(text).authorizationRules(host: "host.x.org").verdict(
            on: level,
            for: AuthorizationSubject(
                user: identity.user, isMapped: identity.isMapped, address: IPAddress(address), capability: capability)
        ).description
    }

    private static let stronger: [AuthorizationLevel] = [
        .administrator, .daemon, .negotiator, .config, .advertiseSchedd,
    ]

    @Test func withoutListsEverybodyMayRead() throws {
        #expect(
            try Self.ask("", .read, "unauthenticated@unmapped")
                == "READ: allowed, by * in the default of ALLOW_READ")
    }

    @Test func withoutListsUsersOfTheDomainMayWriteAndNothingElse() throws {
        #expect(try Self.ask("", .write, "anne@x.org").contains("allowed"))
        #expect(try Self.ask("", .write, "anne@y.org").contains("refused"))
        for level in Self.stronger { #expect(try Self.ask("", level, "anne@x.org").contains("refused")) }
    }

    @Test(arguments: stronger)
    func withoutListsTheAccessPointAndAdministratorsMayTheRest(level: AuthorizationLevel) throws {
        #expect(try Self.ask("", level, "condor@x.org").contains("allowed"))
        #expect(try Self.ask("FLOCK_BROKER_ADMINISTRATORS = carol@y.org", level, "carol@y.org").contains("allowed"))
    }

    @Test(arguments: [AuthorizationLevel.advertiseStartd, .advertiseMaster])
    func withoutListsOnlyCapabilitiesAdvertisePilots(level: AuthorizationLevel) throws {
        #expect(try Self.ask("", level, "condor@x.org").contains("refused"))
        #expect(try Self.ask("", level, "anne@x.org", capability: [level]).contains("allowed"))
    }

    @Test func trustedScheddsAdvertiseAndMayHaveAnnexes() throws {
        let text = "FLOCK_BROKER_TRUSTED_SCHEDDS = schedd@ap2"
        #expect(try Self.ask(text, .advertiseSchedd, "schedd@ap2").contains("allowed"))
        #expect(try Self.ask(text, .write, "schedd@ap2").contains("allowed"))
        #expect(try Self.ask(text, .administrator, "schedd@ap2").contains("refused"))
    }

    @Test func aListReplacesTheDefaultAndKeepsWhomOurSettingsName() throws {
        let text = "ALLOW_ADMINISTRATOR = root@z\nFLOCK_BROKER_ADMINISTRATORS = carol@y"
        #expect(try Self.ask(text, .administrator, "root@z").contains("by root@z in ALLOW_ADMINISTRATOR"))
        #expect(try Self.ask(text, .administrator, "carol@y").contains("allowed"))
        #expect(try Self.ask(text, .administrator, "condor@x.org").contains("refused"))
    }

    @Test func theNameForThisDaemonGoesBeforeTheCommonOne() throws {
        let text = "ALLOW_READ = a@x\nALLOW_READ_FLOCK_BROKER = b@x\nDENY_READ = b@x"
        #expect(try Self.ask(text, .read, "b@x").contains("DENY_READ"))
        #expect(try Self.ask("ALLOW_WRITE = a@y\nALLOW_WRITE_FLOCK_BROKER = b@y", .write, "a@y").contains("refused"))
        #expect(try Self.ask("ALLOW_WRITE = a@y\nFLOCK_BROKER.ALLOW_WRITE = b@y", .write, "b@y").contains("allowed"))
    }

    @Test func advertisingFallsBackToDaemonAndEverythingToDefault() throws {
        #expect(try Self.ask("ALLOW_DAEMON = d@y", .advertiseSchedd, "d@y").contains("d@y in ALLOW_DAEMON"))
        #expect(try Self.ask("ALLOW_DEFAULT = e@y", .negotiator, "e@y").contains("e@y in ALLOW_DEFAULT"))
        #expect(
            try Self.ask("ALLOW_DEFAULT = e@y\nALLOW_DAEMON = d@y", .advertiseMaster, "e@y").contains("refused"))
        #expect(try Self.ask("DENY_DAEMON = condor@x.org", .advertiseSchedd, "condor@x.org").contains("DENY_DAEMON"))
        #expect(try Self.ask("DENY_DEFAULT = anne@x.org", .write, "anne@x.org").contains("DENY_DEFAULT"))
    }

    @Test func onlyAListOfTheLevelItselfNarrowsCapabilities() throws {
        let pilot: [AuthorizationLevel] = [.advertiseStartd, .advertiseMaster]
        #expect(
            try Self.ask("ALLOW_DAEMON = d@y", .advertiseStartd, "anne@x.org", capability: pilot).contains("allowed"))
        let narrowed = "ALLOW_ADVERTISE_STARTD = */10.0.0.0/8"
        #expect(try Self.ask(narrowed, .advertiseStartd, "anne@x.org", capability: pilot).contains("refused"))
        #expect(
            try Self.ask(narrowed, .advertiseStartd, "anne@x.org", capability: pilot, at: "10.1.2.3").contains(
                "allowed"))
        #expect(try Self.ask(narrowed, .advertiseMaster, "anne@x.org", capability: pilot).contains("allowed"))
    }

    @Test func aFaultyEntryIsAnErrorWithItsPlace() throws {
        #expect(
            try Self.configuration("ALLOW_WRITE = a@x, +netgroup").remarks.map(\.description) == [
                "error: own:2: ALLOW_WRITE: expected user@domain/host patterns; +netgroup: netgroups are not supported"
            ])
    }

    @Test func aNameWithoutDomainIsNoAdministrator() throws {
        #expect(
            try Self.configuration("FLOCK_BROKER_ADMINISTRATORS = carol").remarks.map(\.description) == [
                "error: own:2: FLOCK_BROKER_ADMINISTRATORS: expected users with their domains, user@domain"
            ])
    }

    @Test func aMistypedListIsAnErrorInOurFilesAndNobodysBusinessElsewhere() throws {
        #expect(
            try Self.configuration("ALLOW_RAED = *").remarks.map(\.description) == [
                "error: own:2: ALLOW_RAED is not a setting; did you mean ALLOW_READ?"
            ])
        #expect(
            try Self.configuration("", condor: "ALLOW_NEGOTIATOR_SCHEDD = a@b\nALLOW_ADMIN_COMMANDS = true").remarks
                == [])
    }

    @Test func aListMayHaveSoManyEntriesAndNoMore() throws {
        let type = SettingType<[AuthorizationEntry]>.authorization
        #expect(try type.parse(String(repeating: "a@b,", count: 1000)).count == 1000)
        #expect(throws: InvalidValue.self) { try type.parse(String(repeating: "a@b ", count: 1001)) }
    }

    @Test func theFilesOfACertificateComeTogether() throws {
        let text = "FLOCK_BROKER_CERTIFICATE = /a\nFLOCK_BROKER_CERTIFICATE_KEY = /b"
        #expect(
            try Self.configuration(text).remarks.map(\.description) == [
                "error: own:2: FLOCK_BROKER_CERTIFICATE_AUTHORITY must be set beside FLOCK_BROKER_CERTIFICATE"
            ])
        #expect(try Self.configuration(text + "\nFLOCK_BROKER_CERTIFICATE_AUTHORITY = /c").remarks == [])
    }
}
