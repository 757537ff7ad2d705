import BrokerCore
import ClassAds
import Testing

/// What becomes visible when (decision 15).
@Suite struct RegistryOrderTests {
    private func prepare(_ registry: Registry, _ ad: ClassAd, private privateAd: ClassAd? = nil) throws
        -> PreparedUpdate
    {
        try registry.prepare(
            AdUpdate(kind: .startd, ad: ad, privateAd: privateAd, wireBytes: 100), from: Sender.alice, now: 1000)
    }

    @Test func aFirstRegistrationIsDurableAndUnseenUntilPublished() throws {
        let registry = Registry()
        let prepared = try prepare(registry, slot())
        #expect(prepared.parts.map(\.effect) == [.registered])
        #expect(prepared.isDurable)
        #expect(try registry.names(.startd) == [])
        registry.publish(prepared)
        #expect(try registry.names(.startd) == ["slot1@node1"])
    }

    @Test func aRepetitionIsARefresh() throws {
        let registry = Registry()
        try registry.bring(.startd, slot(), private: claim())
        let prepared = try prepare(registry, slot(more: ["LoadAvg": 0.5]), private: claim())
        #expect(prepared.parts.map(\.effect) == [.refreshed])
        #expect(!prepared.isDurable)
    }

    @Test func stateActivityAndClaimAreChanges() throws {
        let registry = Registry()
        try registry.bring(.startd, slot(), private: claim())
        #expect(try prepare(registry, slot(state: "Claimed"), private: claim()).isDurable)
        let second = Registry()
        try second.bring(.startd, slot(), private: claim())
        #expect(try prepare(second, slot(more: ["Activity": "Busy"]), private: claim()).isDurable)
        let third = Registry()
        try third.bring(.startd, slot(), private: claim())
        #expect(try prepare(third, slot(), private: claim("<192.0.2.1:9618>#1#2#new")).isDurable)
    }

    @Test func aChangeIsUnseenUntilPublished() throws {
        let registry = Registry()
        try registry.bring(.startd, slot())
        let prepared = try prepare(registry, slot(state: "Claimed"))
        #expect(try registry.ask(.startd)[0].ad.string("State") == "Unclaimed")
        registry.publish(prepared)
        #expect(try registry.ask(.startd)[0].ad.string("State") == "Claimed")
    }

    @Test func whatFollowsAChangeOnItsWayWaitsBehindIt() throws {
        let registry = Registry()
        let first = try prepare(registry, slot())
        let second = try prepare(registry, slot())
        #expect(second.parts.map(\.effect) == [.changed])
        registry.publish(first)
        registry.publish(second)
        #expect(try registry.ask(.startd)[0].ad.integer("UpdatesTotal") == 2)
    }

    @Test func publishingInTheWrongOrderLeavesTheLaterAd() throws {
        let registry = Registry()
        let first = try prepare(registry, slot(state: "Unclaimed"))
        let second = try prepare(registry, slot(state: "Claimed"))
        registry.publish(second)
        registry.publish(first)
        #expect(try registry.ask(.startd)[0].ad.string("State") == "Claimed")
    }

    @Test func anAbandonedRegistrationLeavesNothingAndMayComeAgain() throws {
        let registry = Registry()
        registry.abandon(try prepare(registry, slot()))
        #expect(try registry.names(.startd) == [])
        #expect(try prepare(registry, slot()).parts.map(\.effect) == [.registered])
    }

    @Test func anAbandonedChangeLeavesTheOldAd() throws {
        let registry = Registry()
        try registry.bring(.startd, slot())
        registry.abandon(try prepare(registry, slot(state: "Claimed")))
        #expect(try registry.ask(.startd)[0].ad.string("State") == "Unclaimed")
        #expect(try prepare(registry, slot()).parts.map(\.effect) == [.refreshed])
    }

    @Test func anInvalidatedAdIsSeenUntilItsRemovalIsPublished() throws {
        let registry = Registry()
        try registry.bring(.startd, slot())
        let removal = try registry.prepare(
            AdInvalidation(kind: .startd, ad: ["Name": "slot1@node1"]), from: Sender.alice, now: 1000)
        #expect(try registry.names(.startd) == ["slot1@node1"])
        registry.publish(removal)
        #expect(try registry.names(.startd) == [])
    }

    @Test func anAdThatComesBehindItsRemovalIsARegistration() throws {
        let registry = Registry()
        try registry.bring(.startd, slot())
        let removal = try registry.prepare(
            AdInvalidation(kind: .startd, ad: ["Name": "slot1@node1"]), from: Sender.alice, now: 1000)
        let again = try prepare(registry, slot())
        #expect(again.parts.map(\.effect) == [.registered])
        registry.publish(removal)
        registry.publish(again)
        #expect(try registry.names(.startd) == ["slot1@node1"])
    }

    @Test func anAbandonedRemovalLeavesTheAd() throws {
        let registry = Registry()
        try registry.bring(.startd, slot())
        registry.abandon(
            try registry.prepare(
                AdInvalidation(kind: .startd, ad: ["Name": "slot1@node1"]), from: Sender.alice, now: 1000))
        #expect(try registry.names(.startd) == ["slot1@node1"])
        #expect(try prepare(registry, slot()).parts.map(\.effect) == [.refreshed])
    }
}
