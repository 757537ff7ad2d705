import Testing

@testable import ClassAds

@Suite struct LocalTimeZoneTests {
    private let eastern = TimeZoneRules("EST5EDT,M3.2.0,M11.1.0").map(LocalTimeZone.rules) ?? .utc
    private let sydney = TimeZoneRules("AEST-10AEDT,M10.1.0,M4.1.0/3").map(LocalTimeZone.rules) ?? .utc

    /// 2003-03-09 07:00 and 2003-11-02 06:00 Greenwich time.
    @Test func summerTimeBeginsAndEndsToTheSecond() {
        #expect(eastern.offset(at: 1_047_193_199) == -18_000)
        #expect(eastern.offset(at: 1_047_193_200) == -14_400)
        #expect(eastern.offset(at: 1_067_752_799) == -14_400)
        #expect(eastern.offset(at: 1_067_752_800) == -18_000)
    }

    /// 2003-01-15 and 2003-07-15.
    @Test func southernSummersSpanTheNewYear() {
        #expect(sydney.offset(at: 1_042_588_800) == 39_600)
        #expect(sydney.offset(at: 1_058_227_200) == 36_000)
    }

    /// Clocks skip 02:30 on 2003-03-09 and show 01:30 twice on 2003-11-02.
    @Test func skippedAndDoubledTimesHaveOneMeaning() {
        #expect(eastern.offset(atWallClock: 1_047_177_000) == -14_400)
        #expect(eastern.offset(atWallClock: 1_067_736_600) == -18_000)
    }

    @Test(arguments: [Int64.min, -1, 0, .max])
    func extremeTimesDoNotTrap(seconds: Int64) {
        _ = eastern.fields(at: seconds)
        _ = sydney.offset(atWallClock: seconds)
        _ = LocalTimeZone.system.fields(at: seconds)
        _ = AbsoluteTime(seconds: seconds, offset: .max).text
    }

    @Test(arguments: ["", "E5", "EST", "EST5EDT,M3.2.0", "EST5EDT,J60,J300", "EST5EDT,M13.1.0,M11.1.0", "EST999"])
    func onlyPOSIXRulesWithMonthsAreTaken(text: String) {
        #expect((TimeZoneRules(text) == nil) == (text != "EST"))
    }
}
