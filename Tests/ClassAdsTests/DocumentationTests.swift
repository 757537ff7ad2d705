import Foundation
import Testing

@testable import ClassAds

/// The examples of the documentation compile and do what they say.
///
/// Each code block of an article stands here word for word.
@Suite struct DocumentationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func everyExampleStandsInThisFile() throws {
        let own = try Self.lines(of: URL(filePath: #filePath)).joined(separator: "\n")
        let folder = Self.root.appending(path: "Sources/ClassAds/ClassAds.docc")
        var count = 0
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            var block: [String]?
            for line in try Self.lines(of: file) {
                if line == "```swift" {
                    block = []
                } else if line == "```", let example = block {
                    #expect(own.contains(example.joined(separator: "\n")), "\(file.lastPathComponent): \(example)")
                    count += 1
                    block = nil
                } else {
                    block?.append(line)
                }
            }
        }
        #expect(count >= 10)
    }

    /// The lines of a file without the blanks around them; blank ones left out.
    private static func lines(of file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            $0.trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }
    }

    @Test func overview() throws {
        var slot: ClassAd = ["Name": "slot1@node7", "Cpus": 8, "Memory": 16_384]
        slot["Start"] = try Expression(parsing: "TARGET.RequestMemory <= Memory")

        let constraint = try Expression(parsing: #"Cpus > 4 && regexp("^slot", Name)"#)
        let fits = slot.isTrue(constraint)

        #expect(fits)
    }

    @Test func evaluating() throws {
        let job = try ClassAd(parsing: "[ RequestCpus = 4; RequestMemory = RequestCpus * 2048; Owner = \"alice\" ]")

        let memory = job.integer("RequestMemory")  // 8192
        let owner = job.string("owner")  // "alice"
        let disk = job.integer("RequestDisk")  // nil

        #expect(memory == 8192 && owner == "alice" && disk == nil)

        switch job.evaluate(try Expression(parsing: "RequestCpus / 0")) {
        case .integer(let number): print("a number", number)
        case .undefined: print("something is missing")
        case .error: print("nonsense")
        default: print("something else")
        }

        let noon = EvaluationEnvironment(now: 1_700_000_000, timeZone: .utc)
        let age = try job.evaluate(Expression(parsing: "time() - 1699999000"), in: noon)  // 1000

        #expect(age == .integer(1000))
    }

    @Test func matching() throws {
        let job = try ClassAd(parsing: "[ RequestCpus = 4; Requirements = TARGET.Cpus >= RequestCpus; Rank = Memory ]")
        let slot = try ClassAd(parsing: "[ Cpus = 8; Memory = 4096; Requirements = TARGET.RequestCpus <= Cpus ]")

        let accepted = job.accepts(slot)  // the Requirements of the job alone
        let matched = ClassAd.symmetricMatch(job, slot)  // those of both
        let preference = job.rank(of: slot)  // 4096

        #expect(accepted && matched && preference == 4096)

        let outside = job.externalReferences(of: try Expression(parsing: "TARGET.Cpus >= RequestCpus"))  // ["Cpus"]

        #expect(outside == ["Cpus"])
    }

    @Test func readingAndWriting() throws {
        let slot = try ClassAd(
            longForm: """
                Name = "slot1@node7"
                Cpus = 8
                Start = TARGET.RequestMemory <= 16384
                """)
        print(slot.json())

        #expect(slot.count == 3)

        do {
            _ = try Expression(parsing: "Cpus > ")
        } catch {
            print(error)  // expected an expression at byte 7
        }

        #expect(throws: ClassAdError(.unexpectedToken, at: 7, expecting: "an expression")) {
            try Expression(parsing: "Cpus > ")
        }
    }

    @Test func manyAds() throws {
        let pool = AdPool()
        var ads: [ClassAd] = []
        for node in 1...100 {
            var builder = ClassAd.Builder(expectedCount: 3, pool: pool)
            try builder.insert(line: Array("Name = \"slot1@node\(node)\"".utf8))
            try builder.insert(line: Array("Arch = \"X86_64\"".utf8))
            try builder.insert(line: Array("Requirements = TARGET.RequestMemory <= 4096".utf8))
            ads.append(builder.build())
        }

        let constraint = try Expression(parsing: #"regexp("node1[0-9]$", Name) && Arch == "X86_64""#)
        let found = ads.filter { $0.isTrue(constraint) }  // ten of them

        #expect(found.count == 10)
    }

    @Test func strangers() throws {
        var cautious = EvaluationEnvironment.system
        cautious.maximumSteps = 10_000
        cautious.maximumStringBytes = 1 << 16
        let stranger = try Expression(parsing: #"regexp("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")"#)
        let verdict = ClassAd().isTrue(stranger, in: cautious)  // false, and soon

        #expect(!verdict)
    }
}
