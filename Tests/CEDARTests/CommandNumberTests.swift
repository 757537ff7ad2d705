import Testing

@testable import CEDAR

@Suite struct CommandNumberTests {
    @Test func namesAreUnique() {
        #expect(Set(CommandNumber.names.values).count == CommandNumber.names.count)
    }

    @Test func everyNameLeadsBackToItsNumber() {
        for (command, name) in CommandNumber.names { #expect(CommandNumber(name: name) == command) }
    }

    /// The numbers a real collector sent in its lists of valid commands (spec 04, 3.5).
    @Test func theCommandsOfARealCollectorAreKnown() {
        let numbers = [
            60002, 60003, 60011, 60045, 60046, 60047, 60048, 60049, 60050, 60052, 69, 80, 81, 60007, 457, 60020, 68, 5,
            6, 7, 9, 12, 43, 20, 46, 78, 50, 56, 48, 71, 74, 53, 60021, 60027, 67, 13, 0, 60, 60028, 14, 18, 1, 11,
            60029, 15, 2, 60022, 10, 54, 79, 51, 73, 49, 77, 60026, 60017, 17, 44, 21, 47, 57, 59, 72, 42, 4, 19, 45,
            55, 58, 70, 60004, 60012, 60006, 60005, 60042, 60015, 60016, 60041, 60023, 60024, 60013, 60018, 60051,
        ]
        #expect(numbers.filter { !CommandNumber(rawValue: $0).isKnown } == [])
    }

    @Test func unknownNumbersHaveAName() {
        #expect(CommandNumber(rawValue: 123_456).name == "COMMAND_123456")
        #expect(!CommandNumber(rawValue: 123_456).isKnown)
        #expect(CommandNumber(name: "COMMAND_123456") == nil)
    }

    @Test func logsShowNameAndNumber() { #expect("\(CommandNumber.negotiate)" == "NEGOTIATE (416)") }

    @Test func ourOwnNumbersLieInTheirRange() {
        let own = CommandNumber.names.filter { $0.value.hasPrefix("FLOCK_") }.map(\.key.rawValue)
        #expect(own.count == 7)
        #expect(own.allSatisfy { 78_000...78_099 ~= $0 })
    }
}

@Suite struct CondorVersionTests {
    @Test(arguments: [
        ("$CondorVersion: 25.14.0 2026-01-01 BuildID: something $", "25.14.0"),
        ("$CondorVersion: 23.0.28 2025-08-21 BuildID: UW_Python_Wheel_Build $", "23.0.28"),
        ("$CondorVersion: 6.0.0 x", "6.0.0"),
    ])
    func announcementsAreRead(text: String, short: String) {
        #expect(CondorVersion(text)?.short == short)
        #expect(CondorVersion(text)?.text == text)
    }

    @Test(arguments: [
        "", "25.14.0", "$CondorVersion: 25.14.0", "$CondorVersion: 5.0.0 x $", "$CondorVersion: 25.100.0 x $",
        "$CondorVersion: 25.14 x $", "$CondorVersion: 25.14.0.1 x $", "$CondorVersion: -25.1.0 x $",
        "$condorversion: 25.14.0 x $", "$CondorVersion:  25.14.0 x $",
        "$CondorVersion: 25.14.0 " + String(repeating: "x", count: 600),
    ])
    func otherTextsAreNoVersion(text: String) { #expect(CondorVersion(text) == nil) }

    @Test func oursIsReadByPeers() {
        #expect(CondorVersion(CondorVersion.ours.text) == .ours)
        #expect(CondorVersion.ours.text.hasSuffix(" $"))
    }

    @Test func versionsAreOrderedByNumber() throws {
        let versions = ["9.9.0", "23.0.28", "23.2.0", "23.10.0", "25.14.0"].compactMap { CondorVersion(short: $0) }
        #expect(versions.count == 5)
        #expect(versions.shuffled().sorted() == versions)
    }
}
