import Testing

@testable import ClassAds

@Suite struct ClassAdBuilderTests {
    @Test func linesInAnyOrderMakeTheSameAdAsOneByOne() throws {
        let lines = ["Zeta = 1", "A = 2", "zeta = 3", "_u = 4", "LongAttributeName = 5", "a = x + 1"]
        var builder = ClassAd.Builder()
        var ad = ClassAd()
        for line in lines {
            try builder.insert(line: Array(line.utf8))
            try ad.insert(line: line)
        }
        #expect(builder.count == 6)
        #expect(builder.build() == ad)
        #expect(builder.build().names == ["A", "_u", "Zeta", "LongAttributeName"])
    }

    @Test func aBadLineIsRefused() {
        var builder = ClassAd.Builder()
        #expect(throws: ClassAdError.self) { try builder.insert(line: Array("A == 1".utf8)) }
        #expect(builder.count == 0)
    }

    /// The short way for plain literals must not be laxer or stricter than the parser.
    @Test(arguments: [
        "0", "-0", "-1", "00", "010", "-010", "999999999999999999", "9999999999999999999", "-", "5 junk", "1.5", "",
        "true", "FALSE", "truth", "\"\"", "\"a\"", "\"a\\\"", "\"a\\\\\"", "\"a\"b\"", "\"a\" ", "\"", "\"a\u{0}b\"",
        "-9223372036854775808", "+1", "--1", "1K",
    ])
    func plainLiteralsMeanWhatTheParserReads(text: String) throws {
        let bytes = Array(text.utf8)
        let parsed = try? Expression(parsing: bytes, syntax: .old, full: false)  // nil: refused
        guard let value = bytes.withUnsafeBufferPointer({ PlainLiteral.cell($0, pool: nil) })?.plainValue else {
            return
        }
        #expect(parsed?.literal == value)
    }
}
