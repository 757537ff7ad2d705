import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import TestSupport
import Testing

@Suite struct HandOutLedgerTests {
    private static let start: Int64 = 1000
    private let slot: SlotOffer
    private let match: Match

    init() throws {
        slot = try Fixture.partitionable(
            "s", claim: 1, dynamicSlots: 2,
            lines: ["EnteredCurrentState = \(Self.start - 50)", "NumDynamicSlotsTime = \(Self.start - 5)"])
        match = Self.match(claim: 1)
    }

    private static func match(claim: Int, at now: Int64 = start) -> Match {
        Match(
            claimPublicID: Fixture.claim(claim).publicForm, annexID: "alice@ap.test/blue", slotKey: "s", schedd: "ap",
            submitter: "alice@ap.test", user: "alice@ap.test", cluster: 1, proc: 0, autocluster: 3, handedOutAt: now)
    }

    private func ledger() -> HandOutLedger {
        var ledger = HandOutLedger()
        ledger.handedOut(match, of: slot)
        return ledger
    }

    private func sighting(
        inUse: Int? = nil, onOffer: Int? = nil, isUnclaimed: Bool = true, dynamicSlots: Int64 = 2,
        changedAt: Int64 = start - 5
    ) -> SlotSighting {
        SlotSighting(
            annexID: "alice@ap.test/blue", slotKey: "s", claimInUse: inUse.map { Fixture.claim($0).publicForm },
            claimOnOffer: onOffer.map { Fixture.claim($0).publicForm }, isUnclaimed: isUnclaimed,
            dynamicSlots: dynamicSlots, changedAt: changedAt)
    }

    private func confirmed(at now: Int64) -> Match {
        var match = match
        match.confirmedAt = now
        return match
    }

    /// Spec 05, 2.13: again only if a later ad shows the same claim, and 150 seconds passed.
    @Test(
        arguments: [
            (1000, 1000, false), (1000, 1150, false), (1001, 1149, false), (1001, 1150, true), (1149, 1149, false),
            (1200, 1200, true),
        ] as [(Int64, Int64, Bool)])
    func aClaimIsPermittedAgainAfterALaterAdAndTheWait(shownAt: Int64, now: Int64, permits: Bool) {
        #expect(ledger().permits(claim: match.claimPublicID, shownAt: shownAt, now: now) == permits)
    }

    @Test func aConfirmedClaimIsNeverHandedOutAgain() {
        var ledger = ledger()
        _ = ledger.observe(sighting(inUse: 1), now: 1010)
        #expect(!ledger.permits(claim: match.claimPublicID, shownAt: 5000, now: 5000))
    }

    @Test func anotherClaimIsPermitted() {
        #expect(ledger().permits(claim: Fixture.claim(2).publicForm, shownAt: 0, now: 1000))
    }

    @Test func theClaimInUseConfirmsTheMatchOnce() {
        var ledger = ledger()
        #expect(ledger.observe(sighting(inUse: 1), now: 1003) == [.confirmed(confirmed(at: 1003))])
        #expect(ledger.observe(sighting(inUse: 1), now: 1004) == [])
    }

    /// Spec 05, 3.6: "match accepted on partitionable slot".
    @Test func aNewClaimWithADynamicSlotMoreIsNoRefusal() {
        var ledger = ledger()
        #expect(ledger.observe(sighting(onOffer: 2, dynamicSlots: 3), now: 1001) == [])
        #expect(ledger.permits(slot: slot, schedd: "ap", autocluster: 3, now: 1001))
    }

    @Test func aNewClaimWithoutADynamicSlotMoreIsARefusal() {
        var ledger = ledger()
        #expect(ledger.observe(sighting(onOffer: 2), now: 1001) == [.refused(match)])
        #expect(ledger.observe(sighting(onOffer: 2), now: 1002) == [])
    }

    @Test func aNewClaimOnAClaimedSlotIsForPreemptionAndNoRefusal() {
        var ledger = ledger()
        #expect(ledger.observe(sighting(onOffer: 2, isUnclaimed: false), now: 1001) == [])
    }

    /// Jobs may be shorter than the time between two updates.
    @Test func aClaimThatWasUsedUpBetweenTwoUpdatesIsNoRefusal() {
        var ledger = ledger()
        #expect(ledger.observe(sighting(onOffer: 2, changedAt: Self.start + 1), now: 1002) == [])
        #expect(ledger.permits(slot: slot, schedd: "ap", autocluster: 3, now: 1002))
    }

    @Test(
        arguments: [
            ([], 0), (["EnteredCurrentState = 900"], 900),
            (
                ["EnteredCurrentState = 900", "NumDynamicSlotsTime = 990"], 990
            ),
        ] as [([String], Int64)])
    func theAdTellsWhenASlotWasClaimedOrFreedLast(lines: [String], changedAt: Int64) throws {
        let ad = try ClassAd(lines: ["State = \"Unclaimed\""] + lines)
        let sighting = SlotSighting(publicAd: ad, privateAd: nil, annexID: "a", slotKey: "s", now: 1000)
        #expect(sighting == SlotSighting(annexID: "a", slotKey: "s", isUnclaimed: true, changedAt: changedAt))
    }

    /// While the broker was away, the claim may have been used and given back.
    @Test func aNewClaimAfterARestartIsNoRefusal() {
        var ledger = HandOutLedger([match])
        #expect(ledger.observe(sighting(onOffer: 2), now: 1020) == [])
        #expect(ledger.permits(slot: slot, schedd: "ap", autocluster: 3, now: 1020))
    }

    @Test func theBackOffHoldsForTheSlotAndTheGroupOfJobsOnly() throws {
        var ledger = ledger()
        _ = ledger.observe(sighting(onOffer: 2), now: 1001)
        #expect(!ledger.permits(slot: slot, schedd: "ap", autocluster: 3, now: 1010))
        #expect(ledger.permits(slot: slot, schedd: "ap", autocluster: 4, now: 1010))
        #expect(ledger.permits(slot: slot, schedd: "other", autocluster: 3, now: 1010))
        #expect(ledger.permits(slot: try Fixture.slot("t"), schedd: "ap", autocluster: 3, now: 1010))
        #expect(ledger.permits(slot: slot, schedd: "ap", autocluster: 3, now: 1011))
    }

    /// 10 seconds, doubling, up to 10 minutes.
    @Test func theBackOffDoublesUpToItsLimit() {
        var ledger = ledger()
        var now: Int64 = 2000
        var waits: [Int64] = []
        for claim in 2...10 {
            _ = ledger.observe(sighting(onOffer: claim), now: now)
            let wait = (1...1000).first { ledger.permits(slot: slot, schedd: "ap", autocluster: 3, now: now + $0) }
            waits.append(wait ?? -1)
            now += waits.last ?? 0
            ledger.handedOut(Self.match(claim: claim, at: now), of: slot)
        }
        #expect(waits == [10, 20, 40, 80, 160, 320, 600, 600, 600])
    }

    @Test func aSuccessEndsTheBackOff() {
        var ledger = ledger()
        _ = ledger.observe(sighting(onOffer: 2), now: 1001)
        ledger.handedOut(Self.match(claim: 2, at: 1012), of: slot)
        _ = ledger.observe(sighting(inUse: 2), now: 1013)
        #expect(ledger.permits(slot: slot, schedd: "ap", autocluster: 3, now: 1014))
    }

    @Test func whatIsNotSeenIn150SecondsIsLostOnce() {
        var ledger = ledger()
        #expect(ledger.nextDeadline(after: 1000) == 1150)
        #expect(ledger.expire(now: 1149) == [])
        #expect(ledger.expire(now: 1150) == [.lost(match)])
        #expect(ledger.expire(now: 1151) == [])
        #expect(ledger.nextDeadline(after: 1151) == nil)
    }

    @Test func aLostMatchMayStillBeConfirmed() {
        var ledger = ledger()
        _ = ledger.expire(now: 1150)
        #expect(ledger.observe(sighting(inUse: 1), now: 1700) == [.confirmed(confirmed(at: 1700))])
    }

    @Test func settledMatchesAreForgottenInTheEnd() {
        var ledger = ledger()
        _ = ledger.observe(sighting(inUse: 1), now: 1010)
        #expect(ledger.expire(now: 1010 + HandOutLedger.memory - 1) == [])
        #expect(ledger.matches.count == 1)
        #expect(ledger.expire(now: 1010 + HandOutLedger.memory) == [.forgotten(confirmed(at: 1010))])
        #expect(ledger.matches == [])
    }

    @Test func theDeadlineOfABackOffWakesNegotiation() {
        var ledger = ledger()
        _ = ledger.observe(sighting(onOffer: 2), now: 1001)
        #expect(ledger.nextDeadline(after: 1001) == 1011)
    }

    /// Nothing else makes the broker ask again.
    @Test func theEndOfABackOffIsToldToWhoeverLooksForTheFirstTimeSince() {
        var ledger = ledger()
        #expect(!ledger.hasWaitEnded(after: .min, by: 1001))
        _ = ledger.observe(sighting(onOffer: 2), now: 1001)
        #expect(!ledger.hasWaitEnded(after: 1001, by: 1010))
        #expect(ledger.hasWaitEnded(after: 1010, by: 1011))
        #expect(ledger.hasWaitEnded(after: 1001, by: 1100))
        #expect(!ledger.hasWaitEnded(after: 1011, by: 1012))
    }

    @Test func whatDidNotReachTheScheddIsFreeAgain() {
        var ledger = ledger()
        ledger.withdraw(claim: match.claimPublicID)
        #expect(ledger.permits(claim: match.claimPublicID, shownAt: 0, now: 1001))
    }

    @Test func matchesOfAnEarlierRunAreStillHandedOut() {
        let ledger = HandOutLedger([match])
        #expect(!ledger.permits(claim: match.claimPublicID, shownAt: 900, now: 1001))
        #expect(ledger.nextDeadline(after: 1001) == 1150)
    }

    @Test func theRecordedDynamicSlotConfirmsItsClaim() throws {
        let ads = try RecordedAds()
        let sighting = SlotSighting(
            publicAd: ads.publicDynamic, privateAd: nil, annexID: "a", slotKey: "d", now: Fixture.now)
        #expect(
            sighting
                == SlotSighting(
                    annexID: "a", slotKey: "d",
                    claimInUse: "<127.0.0.1:35331?addrs=127.0.0.1-35331&alias=127-0-0-1.test>#1795387019#5#...",
                    isUnclaimed: false, changedAt: 1_795_387_036))
    }
}
