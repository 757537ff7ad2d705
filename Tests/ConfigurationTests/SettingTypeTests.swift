import Testing

@testable import Configuration

@Suite struct SettingTypeTests {
    @Test(arguments: [
        ("0", 0), ("90", 90), ("90s", 90), ("15m", 900), ("24h", 86_400), ("24 H", 86_400), ("7d", 604_800),
        ("1w", 604_800),
    ])
    func timesTakeUnits(text: String, seconds: Int) throws {
        #expect(try SettingType<Duration>.time(0...1_000_000).parse(text) == .seconds(seconds))
    }

    @Test(arguments: ["", "h", "-1", "1.5h", "10 minutes", "1000001", "9223372036854775807w", "10x"])
    func timesOutsideOfRangeOrFormAreRefused(text: String) {
        #expect(throws: InvalidValue.self) { try SettingType<Duration>.time(0...1_000_000).parse(text) }
    }

    @Test(arguments: [("1", 1), ("64K", 65_536), ("64 kb", 65_536), ("10M", 10_485_760), ("1G", 1 << 30)])
    func sizesTakeUnits(text: String, bytes: Int) throws {
        #expect(try SettingType<Int>.size(1...(1 << 40)).parse(text) == bytes)
    }

    @Test(arguments: ["TRUE", "true", "yes", "T", "1", "on"])
    func truthHasHTCondorsSpellings(text: String) throws {
        #expect(try SettingType<Bool>.boolean.parse(text))
    }

    @Test func anythingElseIsNotABoolean() {
        #expect(throws: InvalidValue.self) { try SettingType<Bool>.boolean.parse("maybe") }
    }

    @Test func listsTakeCommasAndBlanks() throws {
        #expect(try SettingType<[String]>.list.parse("a@x, b@x\tc@x ,") == ["a@x", "b@x", "c@x"])
    }

    @Test func wordsAreComparedWithoutCase() throws {
        #expect(try SettingType<HandOffMode>.choice.parse("Flock") == .flock)
    }

    @Test func unknownWordsAreRefusedWithTheKnownOnes() {
        #expect(throws: InvalidValue("one of home, flock")) {
            try SettingType<HandOffMode>.choice.parse("both")
        }
    }

    @Test func unknownChoicesOfAListAreRefused() {
        #expect(throws: InvalidValue("any of red, green")) {
            try SettingType<[String]>.choices(["red", "green"]).parse("red, blue")
        }
    }

    @Test func pathsAreAbsolute() {
        #expect(throws: InvalidValue("an absolute path")) { try SettingType<String>.path.parse("state") }
    }

    @Test(arguments: [
        "127.0.0.1:9620", "ap.example.org:0", "[::1]:9620", "ap.example.org:9618?sock=ap_collector",
    ])
    func addressesReadBackAsTheyWereWritten(text: String) throws {
        #expect(try BrokerAddress(parsing: text).description == text)
    }

    @Test(arguments: [
        "", "host", "host:", ":9620", "host:65536", "host:-1", "host:+1", "<127.0.0.1:9620>", "::1:9620", "a b:1",
        "host:1?sock=a b", "host:1?a>", "host:1,other:2",
    ])
    func addressesWithBracketsBlanksOrWithoutPortAreRefused(text: String) {
        #expect(throws: InvalidValue.self) { try BrokerAddress(parsing: text) }
    }
}
