import AnnexModel
import BrokerCore
import ClassAds
import Testing

@Suite struct RegistryExpiryTests {
    @Test func anAdLivesItsLifetimeAndNotASecondMore() throws {
        let registry = Registry()
        try registry.bring(.startd, slot(more: ["ClassAdLifetime": 60]), now: 1000)
        #expect(registry.nextDeadline == 1061)
        #expect(try registry.names(.startd, now: 1060) == ["slot1@node1"])
        #expect(registry.expire(now: 1060).isEmpty)
        #expect(try registry.names(.startd, now: 1061) == [], "also before anybody has taken it away")
        #expect(registry.expire(now: 1061).map(\.key.name) == ["slot1@node1"])
        #expect(registry.nextDeadline == nil)
    }

    @Test(arguments: [("undefined", 901), ("\"x\"", 901), ("60.9", 61), ("0", 2), ("-5", 2), ("9999999999", 604_801)])
    func lifetimesThatAreNoneOrTooLongAreReplaced(lifetime: String, deadline: Int64) throws {
        let registry = Registry()
        try registry.bring(.startd, slot(more: ["ClassAdLifetime": try Expression(parsing: lifetime)]), now: 0)
        #expect(registry.slots(ofAnnex: Sender.gpu.id, now: 0)[0].deadline == deadline)
    }

    @Test func aRenewedAdLivesOn() throws {
        let registry = Registry()
        try registry.bring(.startd, slot(), now: 0)
        try registry.bring(.startd, slot(), now: 800)
        #expect(registry.expire(now: 901).isEmpty)
        #expect(registry.nextDeadline == 1701)
        #expect(registry.expire(now: 1701).count == 1)
    }

    @Test func anAdThatShortensItsLifetimeIsGoneAtTheNewTime() throws {
        let registry = Registry()
        try registry.bring(.startd, slot(), now: 0)
        try registry.bring(.startd, slot(more: ["ClassAdLifetime": 10]), now: 0)
        #expect(registry.nextDeadline == 11)
        #expect(registry.expire(now: 11).count == 1)
        #expect(registry.expire(now: 901).isEmpty)
    }

    @Test func shorteningALifetimeAgainAndAgainLosesNoDeadline() throws {
        let registry = Registry()
        try registry.bring(.startd, slot("other"), now: 0)
        for lifetime in stride(from: 1000, through: 500, by: -1) {
            try registry.bring(.startd, slot(more: ["ClassAdLifetime": Expression(lifetime)]), now: 0)
        }
        #expect(registry.expire(now: 501).map(\.key.name) == ["slot1@node1"])
        #expect(registry.expire(now: 901).map(\.key.name) == ["other"])
    }

    @Test func manyAdsExpireInTheOrderOfTheirDeadlines() throws {
        let registry = Registry()
        for lifetime in [50, 10, 40, 20, 30] {
            try registry.bring(.startd, slot("s\(lifetime)", more: ["ClassAdLifetime": Expression(lifetime)]), now: 0)
        }
        var gone: [String] = []
        while let next = registry.nextDeadline { gone += registry.expire(now: next).map(\.key.name) }
        #expect(gone == ["s10", "s20", "s30", "s40", "s50"])
    }

    @Test func anExpiredAdThatComesAgainIsARegistration() throws {
        let registry = Registry()
        try registry.bring(.startd, slot(), now: 0)
        _ = registry.expire(now: 901)
        #expect(try registry.bring(.startd, slot(), now: 950).parts.map(\.effect) == [.registered])
    }

    @Test func anAdWithAnUpdateOnItsWayIsNotReportedAsGone() throws {
        let registry = Registry()
        try registry.bring(.startd, slot(), now: 0)
        let change = try registry.prepare(
            AdUpdate(kind: .startd, ad: slot(state: "Claimed"), wireBytes: 1), from: Sender.alice, now: 900)
        #expect(registry.expire(now: 901).isEmpty)
        registry.publish(change)
        #expect(try registry.names(.startd, now: 901) == ["slot1@node1"])
        #expect(registry.nextDeadline == 1801)
    }

    private func stored(_ name: String, heard: Int64) -> AdRecord {
        AdRecord(
            key: AdKey(table: .slot, scope: .annex(Sender.gpu.id), name: name), identity: "alice@example.net",
            method: "SCITOKENS", capabilityID: "cap-1",
            publicAd: slot(name, more: ["LastHeardFrom": Expression(heard), "UpdatesTotal": 7]), secrets: nil,
            lastHeardFrom: heard, lifetime: 900,
            statistics: UpdateStatistics(total: 7, sequenced: 6, lost: 0, history: 0), isRestored: true)
    }

    @Test func restoredAdsKeepTheirTimeAndMarkUntilTheyAreRenewed() throws {
        let registry = Registry()
        registry.restore([stored("a", heard: 500), stored("b", heard: 99)], now: 1000)
        #expect(try registry.names(.startd) == ["a"], "b is past its lifetime")
        #expect(try registry.ask(.startd)[0].ad.integer("LastHeardFrom") == 500)
        #expect(registry.slots(ofAnnex: Sender.gpu.id, now: 1000).map(\.isRestored) == [true])
        let prepared = try registry.bring(.startd, slot("a"), now: 1001)
        #expect(prepared.parts.map(\.effect) == [.refreshed])
        #expect(registry.slots(ofAnnex: Sender.gpu.id, now: 1001).map(\.isRestored) == [false])
        #expect(try registry.ask(.startd)[0].ad.integer("UpdatesTotal") == 8)
    }

    @Test func restoredAdsExpireToo() throws {
        let registry = Registry()
        registry.restore([stored("a", heard: 500)], now: 1000)
        #expect(registry.expire(now: 1401).map(\.key.name) == ["a"])
    }

    @Test func theBrokersOwnAdDoesNotExpire() throws {
        let registry = Registry()
        registry.publishOwn(["MyType": "Collector", "Name": "broker@ap"], name: "broker@ap", now: 0)
        #expect(registry.expire(now: 1_000_000).isEmpty)
        #expect(try registry.names(.table(.collector), now: 1_000_000) == ["broker@ap"])
        #expect(try !registry.ask(.table(.collector))[0].ad.contains("AuthenticatedIdentity"))
    }
}
