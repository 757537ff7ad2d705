import ClassAds
import Foundation

/// Prints nanoseconds per operation, and bytes per stored ad, as lines `name value`.
@main
enum ClassAdBenchmark {
    static func main() throws {
        let folder = URL(filePath: CommandLine.arguments.dropFirst().first ?? "data")
        let slotText = try lines(of: folder.appending(path: "startd-25.14.long"))
        let jobText = try lines(of: folder.appending(path: "job.long"))
        let slot = try ad(slotText)
        let job = try ad(jobText)
        var wireText: [[UInt8]] = []
        slot.forEachLine { _, line in wireText.append(Array(line)) }

        try takingIn(slotText, as: "long")
        try takingIn(wireText, as: "wire")
        let newText = Array(slot.text.utf8)
        report("parse-new") { use((try? ClassAd(parsing: newText))?.count) }
        evaluating(job, slot)
        report("print-old") { slot.forEachLine { _, line in use(line.count) } }
        report("print-json") { use(slot.json().utf8.count) }
        try storing(slotText)
    }

    // MARK: Taking in

    private static func takingIn(_ lines: [[UInt8]], as order: String) throws {
        let pool = AdPool()
        _ = try ad(lines, pool)
        report("take-in-\(order)") { use(try? ad(lines, nil).count) }
        report("take-in-\(order)-pool") { use(try? ad(lines, pool).count) }
        report("parse-\(order)") {
            var builder = ClassAd.Builder(expectedCount: lines.count, trees: .atOnce)
            for line in lines { try? builder.insert(line: line) }
            use(builder.build().count)
        }
    }

    private static func ad(_ lines: [[UInt8]], _ pool: AdPool? = nil) throws -> ClassAd {
        var builder = ClassAd.Builder(expectedCount: lines.count, pool: pool)
        for line in lines { try builder.insert(line: line) }
        return builder.build()
    }

    // MARK: Evaluating

    private static func evaluating(_ job: ClassAd, _ slot: ClassAd) {
        precondition(ClassAd.symmetricMatch(job, slot), "the job must fit the slot")
        report("match") { use(ClassAd.symmetricMatch(job, slot)) }
        report("job-requirements") { use(job.accepts(slot)) }
        report("slot-requirements") { use(slot.accepts(job)) }
        constraint("constraint", #"Cpus >= 1 && Memory >= 1024 && Arch == "X86_64""#, slot)
        constraint("constraint-regexp", #"regexp("^slot1@", Name)"#, slot)
    }

    private static func constraint(_ name: String, _ text: String, _ slot: ClassAd) {
        guard let expression = try? Expression(parsing: text) else { preconditionFailure("a correct constraint") }
        precondition(slot.isTrue(expression), "the constraint must hold")
        report(name) { use(slot.isTrue(expression)) }
    }

    // MARK: Storing

    private static func storing(_ lines: [[UInt8]]) throws {
        let count = 5000
        let name = Array("Name = ".utf8)
        guard let index = lines.firstIndex(where: { $0.starts(with: name) }) else {
            preconditionFailure("a slot has a name")
        }
        let pool = AdPool()
        var lines = lines
        var ads: [ClassAd] = []
        ads.reserveCapacity(count)
        let before = Heap.usedBytes
        for number in 0..<count {
            lines[index] = name + Array("\"slot1@node\(number).example.net\"".utf8)
            ads.append(try ad(lines, pool))
        }
        let after = Heap.usedBytes
        print("bytes-per-ad \((after - before) / ads.count)")
    }

    // MARK: Helpers

    private static func lines(of file: URL) throws -> [[UInt8]] {
        try [UInt8](Data(contentsOf: file)).split(separator: 10).map(Array.init)
    }

    /// Measures what the second argument of the program names, or everything.
    private static func report(_ name: String, _ work: () -> Void) {
        if let only = CommandLine.arguments.dropFirst(2).first, only != name { return }
        print("\(name) \(Stopwatch.nanoseconds(work))")
    }

    /// Keeps the optimizer from leaving out what is measured.
    @inline(never)
    private static func use<T>(_ value: T) {}
}
