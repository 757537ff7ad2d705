import Testing

@testable import ClassAds

/// Ads made with a pool share, and are what they would be without.
@Suite struct AdPoolTests {
    private let pool = AdPool()

    private func ad(_ lines: [String], pool: AdPool?, expectedCount: Int? = nil) throws -> ClassAd {
        var builder = ClassAd.Builder(expectedCount: expectedCount ?? lines.count, pool: pool)
        for line in lines { try builder.insert(line: Array(line.utf8)) }
        return builder.build()
    }

    private func slotLines() throws -> [String] {
        try Vectors.text("startd-25.14.long").split(separator: "\n").map(String.init)
    }

    @Test func sharedAdsAreTheSameAds() throws {
        let lines = try slotLines()
        let alone = try ad(lines, pool: nil)
        for order in [lines, lines.reversed(), lines.shuffled(), lines] {
            #expect(try ad(order, pool: pool) == alone)
        }
        var wire: [String] = []
        alone.forEachLine { _, line in wire.append(String(decoding: line, as: UTF8.self)) }
        var again: [String] = []
        try ad(wire, pool: pool).forEachLine { _, line in again.append(String(decoding: line, as: UTF8.self)) }
        #expect(again == wire)
    }

    @Test func equalAdsShareNamesAndExpressions() throws {
        let lines = try slotLines()
        let (first, second) = (try ad(lines, pool: pool), try ad(lines, pool: pool))
        #expect(first.table.shape === second.table.shape)
        guard case .body(let one)? = first.cell(of: NameKey("requirements".utf8)),
            case .body(let other)? = second.cell(of: NameKey("requirements".utf8))
        else {
            Issue.record("Requirements is no literal")
            return
        }
        #expect(one === other)
    }

    @Test func changingOneAdLeavesTheOthers() throws {
        let lines = ["A = 1", "Bb = 2", "C = A + Bb"]
        let first = try ad(lines, pool: pool)
        var second = try ad(lines, pool: pool)
        second["Zz"] = 5
        second["A"] = nil
        second["Bb"] = 7
        #expect(first == (try ad(lines, pool: nil)))
        #expect(second == (try ClassAd(parsing: "[ Bb = 7; C = A + Bb; Zz = 5 ]")))
        let third = second
        second["Yy"] = 6
        #expect(third["Yy"] == nil && second["Yy"] == 6)
    }

    @Test(arguments: [
        ["A = 1", "B = 2", "D = 4"], ["A = 1", "B = 2"], ["A = 1", "B = 2", "C = 3", "D = 4"],
        ["C = 1", "B = 2", "A = 3"],
        ["A = 1", "a = 2", "B = 3"], ["A  =  1", "B=2", "C = 3"], ["AA = 1", "B = 2", "C = 3"], [],
    ])
    func otherNamesThanExpectedAreTaken(lines: [String]) throws {
        _ = try ad(["A = 1", "B = 2", "C = 3"], pool: pool)
        #expect(try ad(lines, pool: pool, expectedCount: 3) == (try ad(lines, pool: nil)))
        #expect(try ad(lines, pool: pool) == (try ad(lines, pool: nil)))
    }

    @Test func spellingsAreThoseOfTheAd() throws {
        _ = try ad(["Memory = 1", "Cpus = 2"], pool: pool)
        #expect(try ad(["MEMORY = 1", "cpus = 2"], pool: pool).names == ["cpus", "MEMORY"])
    }

    @Test func badLinesAreRefusedWithTheirPlace() throws {
        for pool in [nil, pool] {
            var builder = ClassAd.Builder(pool: pool)
            try builder.insert(line: Array("A = 1 + 2".utf8))
            #expect(throws: ClassAdError(.unexpectedToken, at: 7, expecting: "an expression")) {
                try builder.insert(line: Array("A = 1 +".utf8))
            }
            #expect(builder.build() == (try ClassAd(parsing: "[ A = 1 + 2 ]")))
        }
    }

    @Test func aPoolForgetsWhatNobodyAsksFor() {
        var table = InternTable<ByteString>()
        func hash(_ text: ByteString) -> UInt64 { text.bytes.withUnsafeBufferPointer { SeededHash.hash($0) } }
        func known(_ text: ByteString) -> Bool {
            text.bytes.withUnsafeBufferPointer { table.find($0, hash: hash(text)) } != nil
        }
        let used: ByteString = "used"
        let unused: ByteString = "unused"
        table.insert(used, hash: hash(used))
        table.insert(unused, hash: hash(unused))
        for number in 0..<30_000 {
            let text = ByteString("text \(number)")
            table.insert(text, hash: hash(text))
            if number % 1000 == 0 { #expect(known(used)) }
        }
        #expect(known(used))
        #expect(!known(unused))
    }

    /// What the check lets pass parses, and what it refuses does not.
    @Test func checkAndParserAgree() throws {
        var checked = 0
        for file in ["lex.jsonl", "operators.jsonl", "functions.jsonl", "scope-eval.jsonl"] {
            for testCase in try Vectors.cases(file) {
                let input = try #require(testCase["in"] as? [String: Any])
                for key in ["text", "expr", "line"] {
                    guard let text = input[key] as? String else { continue }
                    let bytes = Array((key == "line" ? text : "A = " + text).utf8)
                    var lazy = ClassAd.Builder(trees: .whenNeeded)
                    var eager = ClassAd.Builder(trees: .atOnce)
                    let (one, other) = (
                        Result { try lazy.insert(line: bytes) }, Result { try eager.insert(line: bytes) }
                    )
                    switch (one, other) {
                    case (.success, .success): #expect(lazy.build() == eager.build(), "\(text)")
                    case (.failure(let one), .failure(let other)):
                        #expect(one as? ClassAdError == other as? ClassAdError, "\(text)")
                    default: Issue.record("\(text): \(one), \(other)")
                    }
                    checked += 1
                }
            }
        }
        #expect(checked > 10_000)
    }
}
