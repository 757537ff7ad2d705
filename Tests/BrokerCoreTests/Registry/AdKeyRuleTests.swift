import BrokerCore
import ClassAds
import Testing

@Suite struct AdKeyRuleTests {
    /// The rules of spec 04, 4.2, seen through what a registration is stored under.
    private func key(_ kind: UpdateKind, _ ad: ClassAd) -> String? {
        // A refusal shows as no key.
        try? Registry().bring(kind, ad, from: Sender.accessPoint).parts.first?.record.key.name
    }

    private static let address: ClassAd = ["MyAddress": "<192.0.2.1:9618>"]

    private func with(_ more: ClassAd) -> ClassAd {
        var ad = Self.address
        ad.merge(more)
        return ad
    }

    @Test func slotsHaveTheirNameOrElseMachineAndSlotNumber() {
        #expect(key(.startd, ["Name": "slot1@a", "Machine": "a", "SlotID": 2]) == "slot1@a")
        #expect(key(.startd, ["Machine": "a", "SlotID": 2]) == "a:2")
        #expect(key(.startd, ["Machine": "a"]) == "a")
    }

    @Test func nameIsEvaluatedAndMustGiveAString() throws {
        var ad = ClassAd()
        ad["Name"] = try Expression(parsing: "strcat(\"a\", \"b\")")
        #expect(key(.startd, ad) == "ab")
        #expect(key(.startd, ["Name": 7]) == nil)
        #expect(key(.startd, ["Name": ""]) == nil)
    }

    @Test func submittersNeedAnAddressAndAreToldApartByTheirSchedd() {
        #expect(key(.table(.submitter), ["Name": "alice@x", "ScheddName": "ap"]) == nil)
        #expect(key(.table(.submitter), with(["Name": "alice@x", "ScheddName": "ap"])) == "alice@xap")
        #expect(key(.table(.schedd), ["Name": "ap", "ScheddIpAddr": "hello"]) == "ap")
    }

    @Test func theSmallTablesHaveTheirOwnRules() {
        #expect(key(.table(.license), ["Name": "l"]) == nil)
        #expect(key(.table(.license), with(["Machine": "m"])) == "m")
        #expect(key(.table(.master), ["Machine": "m"]) == "m")
        #expect(key(.table(.checkpointServer), ["Name": "c"]) == nil)
        #expect(key(.table(.checkpointServer), ["Machine": "c"]) == "c")
        #expect(key(.table(.storage), ["Machine": "s"]) == nil)
        #expect(key(.table(.accounting), ["Name": "alice", "NegotiatorName": "neg"]) == "aliceneg")
        #expect(key(.generic, ["MyType": "Zork", "Name": "z"]) == "z")
        let grid: ClassAd = ["HashName": "h", "Owner": "o", "ScheddIpAddr": "<x>", "GridmanagerSelectionValue": "g"]
        #expect(key(.table(.grid), grid) == "hog")
        #expect(key(.table(.grid), ["HashName": "h", "Owner": "o"]) == nil)
    }

    @Test func keysAreCaseSensitive() throws {
        let registry = Registry()
        try registry.bring(.startd, slot("slot1@Node"))
        try registry.bring(.startd, slot("slot1@node"))
        #expect(try registry.names(.startd) == ["slot1@Node", "slot1@node"])
    }

    @Test func namesThatWouldForgeLogLinesOrAreTooLongAreRefused() {
        #expect(key(.startd, ["Name": "a\nb"]) == nil)
        #expect(key(.startd, ["Name": Expression(String(repeating: "n", count: 1024))]) != nil)
        #expect(key(.startd, ["Name": Expression(String(repeating: "n", count: 1025))]) == nil)
        #expect(key(.startd, ["Name": Expression(ByteString([0x61, 0xFF]))]) == nil)
    }
}
