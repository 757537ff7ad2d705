import BrokerCore
import ClassAds
import Testing

@Suite struct UpdateStatisticsTests {
    private func ad(_ number: Int64, start: Int64 = 500) -> ClassAd {
        slot(more: ["UpdateSequenceNumber": Expression(number), "DaemonStartTime": Expression(start)])
    }

    private func counters(_ registry: Registry) throws -> [String] {
        let stored = try registry.ask(.startd)[0].ad
        return [
            "\(stored.integer("UpdatesTotal") ?? -1)", "\(stored.integer("UpdatesSequenced") ?? -1)",
            "\(stored.integer("UpdatesLost") ?? -1)", stored.string("UpdatesHistory") ?? "",
        ]
    }

    /// The sequence that a real collector was given, with the first digits of its history (spec 04, 5.4).
    @Test func theHistoryIsThatOfARealCollector() throws {
        let registry = Registry()
        var histories: [String] = []
        for number: Int64 in [1, 2, 5, 6, 3, 4] {
            try registry.bring(.startd, ad(number))
            histories.append(String(try counters(registry)[3].prefix(2)))
        }
        #expect(histories == ["00", "00", "60", "30", "4c", "26"])
        #expect(try counters(registry) == ["6", "8", "3", "26" + String(repeating: "0", count: 30)])
    }

    @Test func nothingIsLostWhenTheDaemonStartedAnew() throws {
        let registry = Registry()
        try registry.bring(.startd, ad(90))
        try registry.bring(.startd, ad(1, start: 600))
        #expect(try counters(registry) == ["2", "1", "0", String(repeating: "0", count: 32)])
    }

    @Test func updatesWithoutNumbersAreOnlyCounted() throws {
        let registry = Registry()
        try registry.bring(.startd, slot())
        try registry.bring(.startd, slot())
        #expect(try counters(registry) == ["2", "0", "0", String(repeating: "0", count: 32)])
    }

    @Test func whatAClientClaimsIsReplaced() throws {
        let registry = Registry()
        try registry.bring(.startd, slot(more: ["UpdatesTotal": 99, "UpdatesLost": 99, "UpdatesHistory": "f"]))
        #expect(try counters(registry) == ["1", "0", "0", String(repeating: "0", count: 32)])
    }

    @Test func anAdWithoutAddressHasNoCounters() throws {
        let registry = Registry()
        try registry.bring(.startd, ["Name": "a", "HasStartDaemonAd": true, "UpdatesTotal": 5])
        #expect(try counters(registry) == ["-1", "-1", "-1", ""])
    }

    @Test(arguments: [(Int64.min, Int64.max), (Int64.max, Int64.min), (Int64(0), Int64.max), (Int64.max, Int64.max)])
    func numbersAtTheEdgesDoNotOverflow(first: Int64, second: Int64) throws {
        let registry = Registry()
        for _ in 0..<3 {
            try registry.bring(.startd, ad(first))
            try registry.bring(.startd, ad(second))
        }
        #expect(try counters(registry)[0] == "6")
    }

    @Test func countersReadBackFromTheirText() {
        let counters = UpdateStatistics(total: 1, sequenced: 2, lost: 3, history: 0x26 << 120)
        #expect(
            UpdateStatistics(total: 1, sequenced: 2, lost: 3, history: counters.historyText) == counters)
        #expect(UpdateStatistics(total: 1, sequenced: 2, lost: 3, history: "xyz") == nil)
    }
}
