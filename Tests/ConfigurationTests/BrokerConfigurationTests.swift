import CondorSecurity
import Testing

@testable import Configuration

@Suite struct BrokerConfigurationTests {
    private func configuration(
        _ text: String, condor: String = "", localName: String? = nil
    ) throws -> BrokerConfiguration {
        let sources: [ConfigurationSource] = [.condor(dump: condor), .file(path: "own")]
        return BrokerConfiguration(try ConfigurationReader.read(sources) { _ in text }, localName: localName)
    }

    @Test func nothingConfiguredMeansTheDefaultsAndNoRemarks() throws {
        let configuration = try configuration("")
        #expect(configuration[Settings.host] == BrokerAddress(host: "127.0.0.1", port: 9620))
        #expect(configuration[Settings.mode] == .flock)
        #expect(configuration.remarks == [])
    }

    @Test func valuesAreTyped() throws {
        let configuration = try configuration(
            "FLOCK_BROKER_DEFAULT_LIFETIME = 2h\nFLOCK_BROKER_ADMINISTRATORS = root@ap, carol@ap\nflock_broker_threads = 4"
        )
        #expect(configuration[Settings.defaultLifetime] == .seconds(7200))
        #expect(configuration[Settings.administrators].map(\.description) == ["root@ap", "carol@ap"])
        #expect(configuration[Settings.threads] == 4)
    }

    @Test func aWrongValueIsAnErrorThatSaysWhereAndWhat() throws {
        let configuration = try configuration("\nFLOCK_BROKER_THREADS = many")
        #expect(
            configuration.remarks.map(\.description) == [
                "error: own:2: FLOCK_BROKER_THREADS: expected a whole number from 0 to 256"
            ])
        #expect(!configuration.isValid)
        #expect(configuration[Settings.threads] == 0)
    }

    @Test func anUnknownNameInOurFileIsAnErrorWithASuggestion() throws {
        let configuration = try configuration("FLOCK_BROKER_THREDS = 4")
        #expect(
            configuration.remarks.map(\.description) == [
                "error: own:1: FLOCK_BROKER_THREDS is not a setting; did you mean FLOCK_BROKER_THREADS?"
            ])
    }

    @Test func anUnknownNameInHTCondorsConfigurationIsAWarning() throws {
        let configuration = try configuration("", condor: "FLOCK_BROKER_THREDS = 4")
        #expect(configuration.remarks.map(\.severity) == [.warning])
        #expect(configuration.isValid)
    }

    @Test func namesOfOthersAndThoseForTheMasterAreNotOurs() throws {
        let text = "FLOCK_BROKER = /usr/sbin/flockbrokerd\nFLOCK_BROKER_ARGS = -f\nSTART = true\nMY_NOTE = 1"
        #expect(try configuration(text).remarks == [])
    }

    @Test func settingsForTestsAreNeverSuggested() throws {
        let remarks = try configuration("FLOCK_BROKER_ALLOW_TEST_SETTING = true").remarks
        #expect(remarks.map(\.text) == ["FLOCK_BROKER_ALLOW_TEST_SETTING is not a setting"])
    }

    @Test func theNarrowestPrefixWins() throws {
        let text = "FLOCK_BROKER_THREADS = 1\nFLOCK_BROKER.FLOCK_BROKER_THREADS = 2\nB2.FLOCK_BROKER_THREADS = 3"
        #expect(try configuration(text)[Settings.threads] == 2)
        #expect(try configuration(text, localName: "B2")[Settings.threads] == 3)
    }

    @Test func theUserDomainIsHTCondorsUnlessSaidOtherwise() throws {
        #expect(try configuration("", condor: "UID_DOMAIN = ap.test")[Settings.uidDomain] == "ap.test")
        let both = try configuration("FLOCK_BROKER_UID_DOMAIN = own.test", condor: "UID_DOMAIN = ap.test")
        #expect(both[Settings.uidDomain] == "own.test")
    }

    @Test func theOriginOfAValueIsKnown() throws {
        let configuration = try configuration("FLOCK_BROKER_THREADS = $(N)\nN = 3")
        let effective = configuration.effective(Settings.threads.description)
        #expect(effective.text == "3")
        #expect(effective.origin == ConfigurationOrigin(source: "own", line: 1))
        #expect(configuration.effective(Settings.mode.description).origin == nil)
    }

    @Test func locksStayClosedWithoutThePermissionForTests() throws {
        let configuration = try configuration("FLOCK_BROKER_TEST_DISABLED_LOCKS = ownerCheck")
        #expect(configuration.disabledLocks == [])
        #expect(configuration.testRemarks.map(\.severity) == [.warning])
    }

    @Test func openLocksAreAnAlarm() throws {
        let configuration = try configuration(
            "FLOCK_BROKER_TEST_DISABLED_LOCKS = OwnerCheck tagCheck\nFLOCK_BROKER_ALLOW_TEST_SETTINGS = true")
        #expect(configuration.disabledLocks == ["ownerCheck", "tagCheck"])
        #expect(
            configuration.testRemarks == [
                ConfigurationRemark(
                    .alarm,
                    "NEGOTIATION LOCKS ARE SWITCHED OFF FOR A TEST: ownerCheck, tagCheck; jobs of others may run on annexes",
                    at: ConfigurationOrigin(source: "own", line: 1))
            ])
    }

    @Test func anUnknownLockIsAnError() throws {
        let configuration = try configuration("FLOCK_BROKER_TEST_DISABLED_LOCKS = everything")
        #expect(!configuration.isValid)
    }
}
