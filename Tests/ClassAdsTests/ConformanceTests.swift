import Foundation
import Testing

@testable import classad_eval

/// Every recorded case of the reference implementation, in this process.
@Suite struct ConformanceTests {
    @Test(arguments: [
        "operators.jsonl", "functions.jsonl", "lex.jsonl", "scope-eval.jsonl", "flatten-refs.jsonl", "match.jsonl",
        "ads.jsonl", "time.jsonl", "rules.jsonl",
    ])
    func answersAreThoseOfTheReference(file: String) throws {
        let cases = try Vectors.cases(file)
        #expect(cases.count > (file == "rules.jsonl" ? 150 : 1000))
        var failed: [String] = []
        for testCase in cases {
            let operation = try #require(testCase["op"] as? String)
            let input = try #require(testCase["in"] as? [String: Any])
            let expected = try #require(testCase["out"])
            let answer = CaseRunner.answer(operation: operation, input: input)
            if !CaseComparison.matches(expected, answer) {
                failed.append("\(testCase["id"] ?? ""): \(answer)")
            }
        }
        #expect(failed.isEmpty, "\(failed.count) of \(cases.count) cases, first: \(failed.prefix(5))")
    }

    @Test func theCommandAnswersLineByLine() throws {
        let line = #"{"id":"x","cat":"op-arith","op":"eval","in":{"expr":"3 + 2.5"},"out":{}}"#
        let answer = CaseRunner.answer(to: line)
        #expect(answer == #"{"id":"x","out":{"bits":"4016000000000000","old":"5.5","type":"real"}}"#)
    }

    @Test(arguments: ["", "{", "[]", #"{"op":"nothing"}"#, #"{"op":"eval","in":{"expr":5}}"#])
    func theCommandAnswersNonsense(line: String) {
        #expect(CaseRunner.answer(to: line).hasPrefix(#"{"id":"","out":{"fail":"#))
    }
}
