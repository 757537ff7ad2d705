import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import Testing

@Suite struct RegistryInvalidationTests {
    private func registry() throws -> Registry {
        let registry = Registry()
        for name in ["slot1@node1", "slot2@node1"] { try registry.bring(.startd, slot(name)) }
        try registry.bring(.startd, slot("slot1@node1"), from: Sender.bob)
        try registry.bring(.startd, ["MyType": "StartD", "Name": "node1"])
        try registry.bring(.table(.master), master)
        return registry
    }

    private func condition(_ text: String, type: String = "Machine") throws -> ClassAd {
        ["MyType": "Query", "TargetType": Expression(type), "Requirements": try Expression(parsing: text)]
    }

    @Test func aNameTakesThatAdOfTheSendersOwnAndNoOther() throws {
        let registry = try registry()
        let removal = try registry.invalidate(
            .startd, ["Name": "slot1@node1", "TargetType": "Machine", "Requirements": false])
        #expect(removal.records.map(\.identity) == ["alice@example.net"])
        #expect(registry.slots(ofAnnex: Sender.gpu.id, now: 1000).map(\.key.name) == ["slot2@node1"])
        #expect(registry.slots(ofAnnex: Sender.other.id, now: 1000).count == 1)
    }

    @Test func targetTypeTellsDaemonAdsFromSlots() throws {
        let registry = try registry()
        try registry.invalidate(.startd, ["Name": "node1", "TargetType": "StartD"])
        #expect(try registry.names(.startd, ["TargetType": "StartD"]) == [])
        #expect(try registry.names(.startd).count == 3)
    }

    @Test func whatIsNotThereIsNoError() throws {
        #expect(try registry().invalidate(.startd, ["Name": "slot9@node1"]).isEmpty)
    }

    @Test func aConditionTakesTheSendersOwnAdsForWhichItIsTrue() throws {
        let registry = try registry()
        try registry.invalidate(.startd, condition("regexp(\"slot.@node1\", Name)"))
        #expect(registry.slots(ofAnnex: Sender.gpu.id, now: 1000).isEmpty)
        #expect(registry.slots(ofAnnex: Sender.other.id, now: 1000).count == 1)
    }

    @Test func aConditionHasNoTarget() throws {
        let removal = try registry().invalidate(.startd, condition("TARGET.Name == \"slot1@node1\""))
        #expect(removal.isEmpty)
    }

    @Test func withoutNameAndConditionItIsRefused() throws {
        #expect(throws: RegistryRefusal.noCondition) { try registry().invalidate(.startd, ["MyType": "Query"]) }
    }

    @Test func anotherDaemonOfTheAccessPointIsForeign() throws {
        let registry = Registry()
        let ad: ClassAd = ["Name": "ap", "MyAddress": "<192.0.2.9:9618>"]
        try registry.bring(.table(.schedd), ad, from: Sender.accessPoint)
        let eve = AdSource.accessPoint(user: "eve@example.net", method: "FS")
        #expect(throws: RegistryRefusal.foreignKey) { try registry.invalidate(.table(.schedd), ad, from: eve) }
        let removal = try registry.invalidate(.table(.schedd), condition("true", type: "Scheduler"), from: eve)
        #expect(removal.isEmpty)
    }

    @Test func aPilotCannotInvalidateWhatItMayNotBring() throws {
        #expect(throws: RegistryRefusal.tableNotAllowed) {
            try Registry().invalidate(.table(.schedd), ["Name": "ap", "MyAddress": "<x>"])
        }
    }

    @Test func genericOnesNeedATargetType() throws {
        let registry = Registry()
        try registry.bring(.generic, ["MyType": "Zork", "Name": "z"], from: Sender.accessPoint)
        #expect(throws: RegistryRefusal.noType) {
            try registry.invalidate(.generic, ["Name": "z"], from: Sender.accessPoint)
        }
        try registry.invalidate(.generic, ["Name": "z", "TargetType": "ZORK"], from: Sender.accessPoint)
        #expect(try registry.names(.any) == [])
    }

    @Test func revokingACapabilityTakesWhatCameWithIt() throws {
        let registry = try registry()
        let removal = registry.prepareRemoval(ofCapability: "cap-1", annexID: Sender.gpu.id)
        #expect(removal.records.count == 4)
        registry.publish(removal)
        #expect(try registry.ask(.any).map { $0.ad.string("AuthenticatedIdentity") } == ["bob@example.net"])
        #expect(registry.prepareRemoval(ofCapability: "cap-9", annexID: Sender.other.id).isEmpty)
    }

    @Test func onlyTheCommandsOfSpecification04AreInvalidations() {
        #expect(AdInvalidation.Kind(.invalidateStartdAds) == .startd)
        #expect(AdInvalidation.Kind(.invalidateMasterAds) == .table(.master))
        #expect(AdInvalidation.Kind(.invalidateGenericAds) == .generic)
        #expect(AdInvalidation.Kind(.updateMasterAd) == nil)
    }
}
