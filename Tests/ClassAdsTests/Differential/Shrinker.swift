/// Makes a case on which two implementations differ as small as it gets.
struct Shrinker {
    let reference: ReferenceLibrary

    /// Rounds after which a case is small enough for anybody.
    private static let maximumRounds = 40
    /// Cases that are tried in one process.
    private static let batchSize = 400

    /// A smaller case that differs too, its answer by the reference and ours.
    func shrink(
        _ start: DifferentialCase
    ) async throws -> (smallest: DifferentialCase, wanted: DifferentialAnswer, given: DifferentialAnswer)? {
        guard var best = try await differing([start]).first else { return nil }
        for _ in 0..<Self.maximumRounds {
            let smaller = Set(Self.candidates(best.question)).filter { $0.length < best.question.length }
                .sorted { ($0.length, "\($0)") < ($1.length, "\($1)") }
            var found: Difference?
            for batch in stride(from: 0, to: smaller.count, by: Self.batchSize) where found == nil {
                let end = min(batch + Self.batchSize, smaller.count)
                found = try await differing(Array(smaller[batch..<end])).first
            }
            guard let found else { break }
            best = found
        }
        return (best.question, best.wanted, best.given)
    }

    private struct Difference {
        var question: DifferentialCase
        var wanted: DifferentialAnswer
        var given: DifferentialAnswer
    }

    /// The cases that differ; a context ad that no longer parses is another matter.
    private func differing(_ cases: [DifferentialCase]) async throws -> [Difference] {
        try await zip(cases, reference.answers(to: cases)).compactMap { question, wanted in
            guard let wanted, wanted["fail"] != "ad" || question.operation == .ad else { return nil }
            let given = Subject.answer(question)
            return DifferentialCase.agree(wanted, given)
                ? nil : Difference(question: question, wanted: wanted, given: given)
        }
    }

    // MARK: Candidates

    private static func candidates(_ question: DifferentialCase) -> [DifferentialCase] {
        var result: [DifferentialCase] = []
        for optional in ["my", "target", "tz"] where question.texts[optional] != nil {
            var smaller = question
            smaller.texts[optional] = nil
            result.append(smaller)
        }
        for (name, text) in question.texts where name != "tz" {
            for replacement in shorter(text) {
                var smaller = question
                smaller.texts[name] = replacement
                result.append(smaller)
            }
        }
        return result
    }

    /// Texts with some tokens left out or made simpler.
    private static func shorter(_ text: String) -> [String] {
        let tokens = TokenCutter.tokens(text)
        var result: [String] = []
        let without = { (range: Range<Int>, replacement: [String]) -> String in
            (tokens[..<range.lowerBound] + replacement + tokens[range.upperBound...]).joined()
        }
        var length = tokens.count
        while length > 0 {
            for start in stride(from: 0, through: tokens.count - length, by: max(1, length / 2)) {
                result.append(without(start..<(start + length), []))
            }
            length = length > 4 ? length / 2 : length - 1
        }
        for (open, close) in TokenCutter.brackets(tokens) {
            let inner = Array(tokens[(open + 1)..<close])
            result.append(without(open..<(close + 1), inner))
            result.append(without(open..<(close + 1), ["1"]))
            result.append(without((open + 1)..<close, []))
            result.append(inner.joined())
            if open > 0, TokenCutter.kind(tokens[open - 1]) == .name {
                result.append(without((open - 1)..<(close + 1), ["1"]))
                result.append(without((open - 1)..<(close + 1), inner))
                result.append(tokens[(open - 1)...close].joined())
            }
        }
        for (index, token) in tokens.enumerated() {
            switch TokenCutter.kind(token) {
            case .name, .number:
                result.append(without(index..<(index + 1), ["1"]))
                result.append(without(index..<(index + 1), ["x"]))
            case .string:
                result.append(without(index..<(index + 1), ["\"a\""]))
                result.append(without(index..<(index + 1), ["\"" + token.dropFirst(2)]))
                result.append(without(index..<(index + 1), [token.dropLast(2) + "\""]))
            case .blank, .symbol: break
            }
        }
        return result
    }
}
