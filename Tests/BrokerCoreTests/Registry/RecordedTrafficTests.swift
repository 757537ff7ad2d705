import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import TestSupport
import Testing

/// What a real collector was asked and answered (spec 04, 17).
@Suite struct RecordedTrafficTests {
    /// The registry in the state in which the exchanges were recorded.
    private func registry() throws -> Registry {
        let registry = Registry()
        var second = try RecordedMessage("x_update_startd_ad_with_ack", "> ")
        #expect(try UpdateKind(second.command()) == .startd)
        let slot2 = try second.ad()
        var slot1 = slot2
        slot1.merge(["Name": "slot1@e9.example.net", "SlotID": 1, "MyAddress": "<192.0.2.9:9001>"])
        try registry.bring(
            .startd, slot1, private: ["ClaimId": "<192.0.2.9:9001>#1700000000#1#00112233445566778899aabbccddeeff"])
        try registry.bring(.startd, slot2)
        return registry
    }

    private func answer(_ name: String) throws -> Set<ClassAdLines> {
        var request = try RecordedMessage(name, "> ")
        let kind = try #require(AdQuery.Kind(request.command()))
        return try Set(registry().ask(kind, request.ad()).map { ClassAdLines($0.ad) })
    }

    @Test(arguments: ["x_query_multiple", "x_query_expression_projection", "x_query_unknown_target"])
    func queriesAreAnsweredAsByTheCollector(name: String) throws {
        var reply = try RecordedMessage(name, "< ")
        #expect(try answer(name) == reply.answer())
    }

    @Test func aMultiQueryWithoutTypeIsRefused() throws {
        #expect(throws: QueryRefusal.noType) { try answer("x_query_multiple_without_target") }
    }

    @Test func anUpdateWithoutNameIsRefused() throws {
        var request = try RecordedMessage("x_update_without_key", "> ")
        let kind = try #require(UpdateKind(request.command()))
        let ad = try request.ad()
        #expect(throws: RegistryRefusal.noKey) { try Registry().bring(kind, ad) }
    }

    @Test(arguments: ["x_merge_startd_ad", "x_query_multiple_pvt"])
    func commandsOfNegotiatorsAreNotServed(name: String) throws {
        var request = try RecordedMessage(name, "> ")
        let command = try request.command()
        #expect(UpdateKind(command) == nil)
        #expect(AdQuery.Kind(command) == nil)
    }

    @Test func anInvalidationByNameTakesThatSlot() throws {
        var request = try RecordedMessage("x_invalidate_by_key", "> ")
        let kind = try #require(AdInvalidation.Kind(request.command()))
        let registry = try registry()
        try registry.invalidate(kind, request.ad())
        #expect(try registry.names(.startd) == ["slot2@e9.example.net"])
    }

    @Test func aRealStartdsFirstUpdateIsStoredWithItsClaim() throws {
        var message = try RecordedMessage("update_startd_ad_first")
        let kind = try #require(UpdateKind(message.command()))
        let registry = Registry()
        let (ad, privateAd) = (try message.ad(), try message.ad())
        try registry.bring(kind, ad, private: privateAd)
        let record = try #require(registry.slots(ofAnnex: Sender.gpu.id, now: 1000).first)
        #expect(record.key.name == "slot1@ep1.example.net")
        #expect(record.secrets?.claimID == privateAd.string("ClaimId"))
        #expect(Self.theirs(record.publicAd) == Self.theirs(ad.publicPart))
    }

    @Test(arguments: ["invalidate_startd_slot", "invalidate_startd_daemon", "invalidate_master"])
    func whatDaemonsSayOnShutdownTakesTheirAd(name: String) throws {
        let registry = Registry()
        try registry.bring(.startd, slot("slot1@ep1.example.net"))
        try registry.bring(.startd, ["MyType": "StartD", "Name": "ep1.example.net"])
        try registry.bring(.table(.master), ["MyType": "DaemonMaster", "Name": "ep1.example.net"])
        var message = try RecordedMessage(name)
        let kind = try #require(AdInvalidation.Kind(message.command()))
        #expect(try registry.invalidate(kind, message.ad()).records.count == 1)
        #expect(try registry.ask(.any).count == 2)
    }

    /// An ad without the attributes that are the broker's to write.
    private static func theirs(_ ad: ClassAd) -> ClassAdLines {
        let ours: Set = [
            "AuthenticatedIdentity", "AuthenticationMethod", "LastHeardFrom", "UpdatesTotal", "UpdatesSequenced",
            "UpdatesLost", "UpdatesHistory", "AnnexName",
        ]
        var ad = ad
        ad.removeAll(where: ours.contains)
        return ClassAdLines(ad)
    }

    /// Files of ads and the tables they belong to.
    static let files: [(String, UpdateKind)] = [
        ("startd_pslot_cpu", .startd), ("startd_pslot_gpu", .startd), ("startd_dslot_claimed_cpu", .startd),
        ("startd_dslot_claimed_gpu", .startd), ("startd_daemon", .startd), ("master", .table(.master)),
        ("schedd", .table(.schedd)), ("submitter", .table(.submitter)), ("negotiator", .table(.negotiator)),
        ("accounting", .table(.accounting)), ("collector_self", .table(.collector)),
    ]

    @Test(arguments: files)
    func realAdsComeBackAsTheyWereBroughtButForWhatIsOurs(name: String, kind: UpdateKind) throws {
        let ads = try recordedAds(name)
        let registry = Registry()
        for ad in ads { try registry.bring(kind, ad, from: Sender.accessPoint) }
        #expect(try Set(registry.ask(.any).map { Self.theirs($0.ad) }) == Set(ads.map(Self.theirs)))
    }
}
