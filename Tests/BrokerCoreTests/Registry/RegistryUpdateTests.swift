import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import Testing

@Suite struct RegistryUpdateTests {
    @Test func identityMethodAnnexAndTimeAreOursToWrite() throws {
        let registry = Registry()
        try registry.bring(
            .startd,
            slot(more: [
                "AuthenticatedIdentity": "root@example.net", "AuthenticationMethod": "FS", "LastHeardFrom": 5,
                "AnnexName": "gpu", "RestrictToAuthenticatedIdentity": true, "NegotiatorMatchExprFlockTarget": "x",
            ]), now: 1234)
        let ad = try registry.ask(.startd, now: 1234)[0].ad
        #expect(ad.string("AuthenticatedIdentity") == "alice@example.net")
        #expect(ad.string("AuthenticationMethod") == "SCITOKENS")
        #expect(ad.integer("LastHeardFrom") == 1234)
        #expect(ad.string("AnnexName") == "gpu")
        #expect(!ad.contains("RestrictToAuthenticatedIdentity"))
        #expect(!ad.contains("NegotiatorMatchExprFlockTarget"))
    }

    @Test func withoutAuthenticationThereIsNoMethod() throws {
        let registry = Registry()
        let nobody = AdSource.accessPoint(user: "unauthenticated@unmapped", method: nil)
        try registry.bring(.table(.storage), ["Name": "s", "AuthenticationMethod": "FS"], from: nobody)
        #expect(try registry.ask(.table(.storage)).map { $0.ad.contains("AuthenticationMethod") } == [false])
    }

    @Test func anAdOfTheAccessPointCannotPassForAnAnnex() throws {
        let registry = Registry()
        try registry.bring(.table(.master), ["Name": "ap", "AnnexName": "gpu"], from: Sender.accessPoint)
        #expect(try registry.ask(.table(.master)).map { $0.ad.contains("AnnexName") } == [false])
    }

    @Test func anAdThatNamesAnotherAnnexIsShownUnderItsOwnAndMarked() throws {
        let registry = Registry()
        let prepared = try registry.bring(.startd, slot(more: ["AnnexName": "cpu"]))
        #expect(prepared.isMismatched)
        #expect(registry.slots(ofAnnex: Sender.gpu.id, now: 1000).map(\.isMismatched) == [true])
        #expect(try registry.ask(.startd)[0].ad.string("AnnexName") == "gpu")
    }

    @Test func theSameNameInTwoAnnexesIsTwoAds() throws {
        let registry = Registry()
        try registry.bring(.startd, slot(), from: Sender.alice)
        try registry.bring(.startd, slot(), from: Sender.bob)
        #expect(try registry.names(.startd) == ["slot1@node1", "slot1@node1"])
        #expect(registry.slots(ofAnnex: Sender.gpu.id, now: 1000).map(\.identity) == ["alice@example.net"])
    }

    @Test func anAdOfTheAccessPointIsReplacedOnlyByWhoBroughtIt() throws {
        let registry = Registry()
        let ad: ClassAd = ["Name": "ap", "MyAddress": "<192.0.2.9:9618>"]
        try registry.bring(.table(.schedd), ad, from: Sender.accessPoint)
        let eve = AdSource.accessPoint(user: "eve@example.net", method: "FS")
        #expect(throws: RegistryRefusal.foreignKey) { try registry.bring(.table(.schedd), ad, from: eve) }
    }

    @Test func aPilotHasSlotsAStartdAndAMasterAndNothingElse() throws {
        let registry = Registry()
        let ad: ClassAd = ["Name": "x", "MyType": "X", "MyAddress": "<192.0.2.9:9618>", "Machine": "m"]
        for table in AdTable.builtIn where ![.slot, .startd, .master].contains(table) {
            #expect(throws: RegistryRefusal.tableNotAllowed) { try registry.bring(.table(table), ad) }
        }
        #expect(throws: RegistryRefusal.tableNotAllowed) { try registry.bring(.generic, ad) }
    }

    @Test func limitsOnAttributesBytesAndAdsHold() throws {
        var limits = RegistryLimits()
        limits.attributesPerAd = 10
        limits.adsPerAnnex = 2
        let registry = Registry(limits: limits)
        var large = slot()
        for number in 0..<10 { large.set("A\(number)", number) }
        #expect(throws: RegistryRefusal.tooManyAttributes) { try registry.bring(.startd, large) }
        #expect(throws: RegistryRefusal.tooLarge) {
            try registry.prepare(
                AdUpdate(kind: .startd, ad: slot(), wireBytes: (256 << 10) + 1), from: Sender.alice, now: 1)
        }
        try registry.bring(.startd, slot("a"))
        try registry.bring(.table(.master), master)
        #expect(throws: RegistryRefusal.tooManyAds) { try registry.bring(.startd, slot("b")) }
        try registry.bring(.startd, slot("a"))
        try registry.bring(.startd, slot("b"), from: Sender.bob)
    }

    @Test func theAdsOfAnAnnexHaveRoomTogether() throws {
        var limits = RegistryLimits()
        limits.adsPerAnnex = 4
        limits.averageBytesPerAd = 600
        let registry = Registry(limits: limits)
        try registry.bring(.startd, slot("a"))
        try registry.bring(.table(.master), master)
        #expect(throws: RegistryRefusal.tooManyBytes) { try registry.bring(.startd, slot("b")) }
        #expect(throws: RegistryRefusal.tooManyBytes) {
            try registry.prepare(AdUpdate(kind: .startd, ad: slot("a"), wireBytes: 1401), from: Sender.alice, now: 1)
        }
        try registry.bring(.startd, slot("a"))
        try registry.bring(.startd, slot("b"), from: Sender.bob)
        try registry.invalidate(.startd, slot("a"))
        try registry.bring(.startd, slot("b"))
    }

    @Test func aSlotWithoutRoomForItsDaemonAdLeavesNothingBehind() throws {
        var limits = RegistryLimits()
        limits.adsPerAnnex = 1
        let registry = Registry(limits: limits)
        var old = slot(more: ["SlotID": 1])
        old["HasStartDaemonAd"] = nil
        #expect(throws: RegistryRefusal.tooManyAds) { try registry.bring(.startd, old) }
        try registry.bring(.startd, slot())
        #expect(try registry.names(.startd) == ["slot1@node1"])
    }

    @Test func privateAttributesOfBothAdsLiveApartFromThePublicAd() throws {
        let registry = Registry()
        try registry.bring(
            .startd, slot(more: ["_condor_PrivRemoteAdminCapability": "admin", "Capability": "old"]), private: claim())
        let record = registry.slots(ofAnnex: Sender.gpu.id, now: 1000)[0]
        #expect(record.publicAd.names.filter(ClassAd.isPrivate) == [])
        #expect(record.secrets?.claimID == "<192.0.2.1:9618>#1#1#secret")
        #expect(record.secrets?.administrationCapability == "admin")
        #expect(record.secrets.map { "\($0)" } == "<3 private attributes>")
    }

    @Test func anUpdateWithoutPrivateAdKeepsTheClaim() throws {
        let registry = Registry()
        try registry.bring(.startd, slot(), private: claim())
        try registry.bring(.startd, slot())
        #expect(registry.slots(ofAnnex: Sender.gpu.id, now: 1000)[0].secrets?.claimID == "<192.0.2.1:9618>#1#1#secret")
        try registry.bring(.startd, slot(), private: [:])
        #expect(registry.slots(ofAnnex: Sender.gpu.id, now: 1000)[0].secrets == nil)
    }

    static let claims: [(ClassAd, String)] = [
        (["ClaimIdList": " a b", "ClaimId": "c", "Capability": "d"], "a"),
        (["ClaimId": "c", "Capability": "d"], "c"), (["Capability": "d"], "d"),
    ]

    @Test(arguments: claims)
    func theClaimIDIsTakenFromTheListFirst(secrets: ClassAd, expected: String) {
        #expect(PrivateAd(from: secrets)?.claimID == expected)
    }

    @Test func onlyTheCommandsOfSpecification04AreUpdates() {
        #expect(UpdateKind(.updateStartdAd) == .startd)
        #expect(UpdateKind(.updateStartdAdWithAck) == .startd)
        #expect(UpdateKind(.updateGridAd) == .table(.grid))
        #expect(UpdateKind(.updateOwnSubmitterAd) == nil)
        #expect(UpdateKind(.mergeStartdAd) == nil)
        #expect(UpdateKind(.queryStartdAds) == nil)
    }
}

@Suite struct StartdRoutingTests {
    private func route(_ change: (inout ClassAd) -> Void) throws -> [AdTable] {
        var ad = slot(more: ["SlotID": 1])
        ad["HasStartDaemonAd"] = nil
        change(&ad)
        return try Registry().bring(.startd, ad).parts.map(\.record.key.table)
    }

    @Test func myTypeAndHasStartDaemonAdDecideWhereAnAdGoes() throws {
        #expect(try route { $0["MyType"] = "StartD" } == [.startd])
        #expect(try route { $0["MyType"] = "startd" } == [.startd])
        #expect(try route { $0["MyType"] = "Slot" } == [.slot])
        #expect(try route { $0["HasStartDaemonAd"] = false } == [.slot])
        #expect(try route { _ in } == [.slot, .startd])
        #expect(try route { $0["SlotID"] = 2 } == [.slot])
        #expect(try route { $0["DynamicSlot"] = true } == [.slot])
    }

    private static let old: ClassAd = {
        var ad = slot(more: [
            "SlotID": 1, "Requirements": true, "Rank": 0, "Start": true, "SlotType": "Static", "SlotTypeID": 0,
        ])
        ad["HasStartDaemonAd"] = nil
        return ad
    }()

    @Test func theDaemonAdMadeFromASlotLacksWhatOnlySlotsHave() throws {
        let registry = Registry()
        try registry.bring(.startd, Self.old, private: claim())
        let daemon = try registry.ask(.startd, ["TargetType": "StartD"])[0].ad
        #expect(daemon.string("MyType") == "StartD")
        #expect(daemon.string("Name") == "slot1@node1")
        #expect(daemon.integer("Cpus") == 4)
        for name in ["Requirements", "Rank", "Start", "State", "Activity", "SlotID", "SlotType", "SlotTypeID"] {
            #expect(!daemon.contains(name), "\(name)")
        }
        #expect(registry.startds(ofAnnex: Sender.gpu.id, now: 1000)[0].secrets == nil)
    }

    @Test func itGoesWhenItsSlotGoes() throws {
        let registry = Registry()
        try registry.bring(.startd, Self.old)
        try registry.invalidate(.startd, ["Name": "slot1@node1", "TargetType": "Machine"])
        #expect(try registry.names(.any) == [])
    }

    @Test func aStartdsOwnAdIsNotReplacedByOneMadeFromASlot() throws {
        let registry = Registry()
        try registry.bring(.startd, ["MyType": "StartD", "Name": "slot1@node1", "Own": true])
        try registry.bring(.startd, Self.old)
        #expect(try registry.ask(.startd, ["TargetType": "StartD"])[0].ad.boolean("Own") == true)
    }
}
