import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import TestSupport
import Testing

@Suite struct RegistryAdsTests {
    private func record(
        _ table: AdTable = .slot, scope: AdScope = .annex("a"), isMismatched: Bool = false, isRestored: Bool = false
    ) throws -> AdRecord {
        let ads = try RecordedAds()
        let publicAd = ads.publicPartitionable
        return AdRecord(
            key: AdKey(table: table, scope: scope, name: "key"), identity: "alice@ap.test", method: "SCITOKENS",
            capabilityID: nil, publicAd: publicAd.publicPart,
            secrets: PrivateAd(from: publicAd, ads.privatePartitionable), lastHeardFrom: Fixture.now,
            lifetime: 900, isMismatched: isMismatched, isRestored: isRestored)
    }

    @Test func aStoredSlotIsAnOffer() throws {
        let offer = try SlotOffer(record(), annex: Fixture.annex())
        #expect(offer.key == "key")
        #expect(offer.isFree(now: Fixture.now, handedOut: HandOutLedger()))
    }

    @Test func aSlotThatNamedAnotherAnnexIsNoOffer() throws {
        let record = try record(isMismatched: true)
        #expect(throws: SlotOffer.Unusable.otherAnnex) { try SlotOffer(record, annex: Fixture.annex()) }
    }

    @Test func aSlotFromBeforeARestartIsNotFreeUntilItIsRenewed() throws {
        let offer = try SlotOffer(record(isRestored: true), annex: Fixture.annex())
        #expect(!offer.isFree(now: Fixture.now, handedOut: HandOutLedger()))
    }

    @Test func aStoredSlotIsASighting() throws {
        let sighting = try #require(SlotSighting(record()))
        #expect(sighting.annexID == "a")
        #expect(sighting.isUnclaimed)
        #expect(sighting.claimOnOffer?.hasSuffix("#8#...") == true)
    }

    @Test func adsOfTheAccessPointAreNoSightings() throws {
        #expect(SlotSighting(try record(scope: .accessPoint)) == nil)
    }

    @Test(arguments: [(AdTable.master, true), (.startd, true), (.slot, false)])
    func mastersAndStartdsCanBeStopped(table: AdTable, canBeStopped: Bool) throws {
        let daemon = StoppableDaemon(try record(table))
        #expect((daemon?.hasLiveCapability(now: Fixture.now) == true) == canBeStopped)
    }
}
