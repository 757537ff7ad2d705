import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import TestSupport
import Testing

@Suite struct SlotOfferTests {
    @Test func theRecordedPartitionableSlotIsAFreeOffer() throws {
        let offer = try RecordedAds.partitionableSlot()
        #expect(offer.name == "slot1@annex1@localhost")
        #expect(offer.kind == .partitionable)
        #expect(offer.address.description == "<127.0.0.1:35331?addrs=127.0.0.1-35331&alias=127-0-0-1.test>")
        #expect(
            offer.claim.publicForm == "<127.0.0.1:35331?addrs=127.0.0.1-35331&alias=127-0-0-1.test>#1795387019#8#...")
        #expect(offer.isFree(now: Fixture.now, handedOut: HandOutLedger()))
    }

    @Test func noOfferKeepsPrivateAttributesWithThePublicAd() throws {
        let offer = try RecordedAds.partitionableSlot()
        #expect(offer.publicAd.names.filter(ClassAd.isPrivate) == [])
    }

    /// Spec 05, 2.13, "Free slot".
    @Test(arguments: [
        ("State = \"Claimed\"", false),
        ("State = \"Owner\"", false),
        ("State = \"Drained\"", false),
        ("Offline = true", false),
        ("Draining = true", false),
        ("DynamicSlot = true", false),
        ("Start = \"Directly attached to schedd ap\"", false),
        ("PartitionableSlot = true", true),
        ("Offline = false", true),
        ("Cpus = 0", true),
    ])
    func aStaticSlotIsFreeByItsState(line: String, isFree: Bool) throws {
        #expect(try Fixture.slot(lines: [line]).isFree(now: Fixture.now, handedOut: HandOutLedger()) == isFree)
    }

    @Test(arguments: ["Cpus = 0", "Memory = 0", "Memory = undefined", "State = \"Claimed\""])
    func aPartitionableSlotIsFreeWhileSomethingIsLeft(line: String) throws {
        #expect(!(try Fixture.partitionable(lines: [line]).isFree(now: Fixture.now, handedOut: HandOutLedger())))
    }

    @Test func slotsOfClosedAnnexesAndReservedOnesAreNotFree() throws {
        let closed = try Fixture.slot(of: Fixture.annex(isOpen: false))
        var reserved = try Fixture.slot()
        reserved.isReserved = true
        #expect(!closed.isFree(now: Fixture.now, handedOut: HandOutLedger()))
        #expect(!reserved.isFree(now: Fixture.now, handedOut: HandOutLedger()))
    }

    @Test(arguments: [
        (["MyAddress = \"<127.0.0.1:1>\""], "noName"), (["Name = \"s\""], "noAddress"),
        (["Name = \"s\"", "MyAddress = \"nowhere>\""], "noAddress"),
        (["Name = \"s\"", "MyAddress = \"<127.0.0.1:1>\""], "noClaim"),
    ])
    func adsWithoutNameAddressOrClaimAreNoOffers(lines: [String], reason: String) throws {
        let ad = try ClassAd(lines: lines)
        let error = #expect(throws: SlotOffer.Unusable.self) {
            _ = try SlotOffer(publicAd: ad, privateAd: ClassAd(), annex: Fixture.annex(), key: "s", receivedAt: 0)
        }
        #expect(error.map { "\($0)" } == reason)
    }

    @Test func theClaimNullIsNoClaim() throws {
        let ad = try ClassAd(lines: ["Name = \"s\"", "MyAddress = \"<127.0.0.1:1>\""])
        #expect(throws: SlotOffer.Unusable.noClaim) {
            _ = try SlotOffer(
                publicAd: ad, privateAd: ClassAd(lines: ["ClaimId = \"null\""]), annex: Fixture.annex(), key: "s",
                receivedAt: 0)
        }
    }

    @Test func olderStartdsNameTheClaimCapability() throws {
        let ad = try ClassAd(lines: ["Name = \"s\"", "MyAddress = \"<127.0.0.1:1>\""])
        var privateAd = ClassAd()
        privateAd.set("Capability", Fixture.claim(7).text)
        let offer = try SlotOffer(publicAd: ad, privateAd: privateAd, annex: Fixture.annex(), key: "s", receivedAt: 0)
        #expect(offer.claim.publicForm == Fixture.claim(7).publicForm)
    }

    @Test func aSlotThatNamesAnotherAnnexIsNoOffer() {
        #expect(throws: SlotOffer.Unusable.otherAnnex) { try Fixture.slot(lines: ["AnnexName = \"green\""]) }
    }

    @Test func aSlotThatNamesItsAnnexIsAnOffer() throws {
        #expect(try Fixture.slot(lines: ["AnnexName = \"blue\""]).annex.key.name == "blue")
    }

    /// Spec 05, 5.1, step 8.
    @Test(arguments: [
        ("<127.0.0.1:1>", "<10.0.0.1:2>", true), ("<127.0.0.1:1>", "<[::1]:2>", false),
        ("<127.0.0.1:1?addrs=127.0.0.1-1+[--1]-1>", "<[::1]:2>", true),
        ("<127.0.0.1:1>", "<[::1]:2?CCBID=127.0.0.1:9620#1>", true), ("<ap.example.org:1>", "<[::1]:2>", true),
    ])
    func aScheddReachesSlotsOfItsOwnFamiliesAndThoseBehindCallbacks(schedd: String, slot: String, isReached: Bool)
        throws
    {
        let families = AddressFamilies(try #require(Sinful(schedd)))
        #expect(families.canReach(AddressFamilies(try #require(Sinful(slot)))) == isReached)
    }
}
