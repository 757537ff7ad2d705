import ClassAds
import Testing

/// Printed forms, byte for byte those of `condor_status` on a real slot ad (spec 07, 15).
@Suite struct TextFormTests {
    private func slot() throws -> ClassAd { try ClassAd(longForm: Vectors.text("startd-25.14.long")) }

    @Test func longFormIsReadAndWritten() throws {
        #expect(try slot().longForm() + "\n" == Vectors.text("startd-25.14.long"))
        #expect(try slot().count == 183)
    }

    @Test func jsonIsThatOfTheTool() throws {
        #expect(try "[\n" + slot().json() + "\n]\n" == Vectors.text("startd-25.14.json"))
    }

    @Test func xmlIsThatOfTheTool() throws {
        let header = "<?xml version=\"1.0\"?>\n<!DOCTYPE classads SYSTEM \"classads.dtd\">\n<classads>\n"
        #expect(try header + slot().xml() + "\n</classads>\n" == Vectors.text("startd-25.14.xml"))
    }

    @Test func wireLinesAreReadBack() throws {
        let slot = try slot()
        var copy = ClassAd()
        var names: [String] = []
        var lines: [[UInt8]] = []
        slot.forEachLine { name, line in
            names.append(name.description)
            lines.append(Array(line))
        }
        for line in lines { try copy.insert(line: line) }
        #expect(copy == slot)
        #expect(names == slot.names)
    }

    @Test func newSyntaxIsReadBack() throws {
        let slot = try slot()
        #expect(try ClassAd(parsing: slot.text) == slot)
    }

    @Test func jsonIsReadBack() throws {
        let slot = try slot()
        #expect(try ClassAd(parsingJSON: slot.json()) == slot)
        #expect(try ClassAd(parsingJSON: slot.json(.line)) == slot)
    }

    @Test func jsonEscapesAboveASCIIBecomeUTF8() throws {
        let ad = try ClassAd(parsingJSON: #"{"A": "\u00e9\ud83d\ude00\ud83d"}"#)
        #expect(ad.string("A") == "é😀\u{FFFD}")
    }

    @Test func bytesThatAreNotUTF8SurviveTheOldSyntax() throws {
        var ad = ClassAd()
        ad["A"] = Expression(ByteString([0xFF, 0x41]))
        var lines: [[UInt8]] = []
        ad.forEachLine { lines.append(Array($1)) }
        #expect(lines == [Array("A = \"".utf8) + [0xFF, 0x41, 0x22]])
        var copy = ClassAd()
        try copy.insert(line: lines[0])
        #expect(copy == ad)
    }

    @Test func typicalJobAndSlotMatch() throws {
        let job = try ClassAd(longForm: Vectors.text("job.long"))
        var slot = try slot()
        #expect(job.accepts(slot))
        slot.set("Memory", 0)
        #expect(!job.accepts(slot))
    }
}
