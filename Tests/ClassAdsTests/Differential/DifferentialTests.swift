import Foundation
import TestSupport
import Testing

/// The library against HTCondor's own: new random cases in every run; see `README.md` beside this file.
@Suite struct DifferentialTests {
    /// Cases are made and compared in this many parts at once.
    private static let parts = 4
    /// Differences of one part that are made small and reported.
    private static let mostReports = 3

    private static let seed = SeededRandom(for: "differential ClassAd cases").seed

    /// Cases of one run, `FLOCK_CASES` of them; never fewer than 20,000 by default.
    private static var cases: Int {
        ProcessInfo.processInfo.environment["FLOCK_CASES"].flatMap { Int($0) } ?? 20_000
    }

    private static let corpus = Result { try CaseGenerator.Corpus.load() }

    @Test(
        .enabled(if: ReferenceLibrary.python != nil, "FLOCK_PYTHON names no interpreter with HTCondor's library"),
        arguments: 0..<parts)
    func answersAreThoseOfTheReference(part: Int) async throws {
        let reference = try ReferenceLibrary()
        var generator = CaseGenerator(seed: Self.seed &+ UInt64(part) &* 0x1_0000_0001, corpus: try Self.corpus.get())
        let questions = (0..<(Self.cases / Self.parts)).map { _ in generator.next() }
        let wanted = try await reference.answers(to: questions)
        #expect(wanted.count == questions.count)

        let untold = wanted.count { $0 == nil || $0?["skip"] != nil }
        #expect(untold * 20 < questions.count, "\(untold) of \(questions.count) cases have no answer to compare with")

        var different: [DifferentialCase] = []
        for (question, wanted) in zip(questions, wanted) {
            guard let wanted, !DifferentialCase.agree(wanted, Subject.answer(question)) else { continue }
            different.append(question)
        }
        var count = different.count
        for question in different.prefix(Self.mostReports) {
            guard let found = try await Shrinker(reference: reference).shrink(question) else {
                // We answer alike each time; it was the reference that changed its mind.
                count -= 1
                print("FLOCK_SEED=\(Self.seed): the reference answers differently when it is asked again: \(question)")
                continue
            }
            let report = "\(found.smallest)\n  reference: \(found.wanted)\n  ours:      \(found.given)"
            Issue.record("FLOCK_SEED=\(Self.seed): \(report)")
        }
        #expect(count == 0, "of \(questions.count) cases")
        try reference.close()
    }
}
