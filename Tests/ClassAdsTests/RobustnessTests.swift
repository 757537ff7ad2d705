import ClassAds
import Foundation
import TestSupport
import Testing

/// Damaged texts must never crash anything.
@Suite struct RobustnessTests {
    private static let fragments = [
        "9223372036854775807", "-9223372036854775808", "1e308", "-1e400", "real(\"NaN\")", "<<", ">>>", "%", "/ 0",
        "[", "]", "{", "}", "(", ")", "\"", "'", "\\", "?:", "absTime(\"9999-99-99T99:99:99+9999\")",
        "relTime(1e300)", "formatTime(", "interval(", "\u{0}", "\u{FF}", "MY.", "TARGET.", "parent.", "root", ".",
        "eval(\"", "substr(\"abc\", -2147483648, 2147483647)", "replaceall(\"x*\", ", "splitTime(", "quantize(",
        "pow(10, 400)", "evalInEachContext(", "countMatches(", "unparse(", "unresolved(", "/*", "//", "=?=", "!",
    ]

    private static func damaged(_ text: [UInt8], _ generator: inout SeededRandom) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let position = Int.random(in: 0...text.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: text.insert(UInt8.random(in: 0...255, using: &generator), at: position)
            case 1: if position < text.count { text.remove(at: position) }
            case 2: text = Array(text[..<position])
            case 3:
                let end = Int.random(in: position...text.count, using: &generator)
                text.insert(contentsOf: text[position..<end].prefix(200), at: position)
            default:
                let fragment = fragments.randomElement(using: &generator) ?? ""
                text.insert(contentsOf: Array(fragment.utf8), at: position)
            }
        }
        return text
    }

    private static func texts() throws -> [[UInt8]] {
        var texts: [[UInt8]] = []
        for file in ["operators.jsonl", "functions.jsonl", "lex.jsonl", "scope-eval.jsonl", "time.jsonl", "ads.jsonl"] {
            for (index, testCase) in try Vectors.cases(file).enumerated() where index % 7 == 0 {
                let input = testCase["in"] as? [String: Any] ?? [:]
                for name in ["expr", "text", "my", "line"] {
                    if let text = input[name] as? String { texts.append(Array(text.utf8)) }
                }
            }
        }
        return texts
    }

    private static let context = """
        [ x = 5; y = x * 2.5; s = "a,b"; l = {1,x,"z"}; n = [ a = x; b = parent.y; c = MY.a ]; c1 = c2; c2 = c1;
        u = undefined; e = error; t = absTime("2003-01-25T09:00:00-06:00"); Requirements = TARGET.x > 1 ]
        """

    @Test func damagedTextsAreParsedPrintedAndEvaluatedWithoutCrashing() throws {
        var generator = SeededRandom(for: "damaged ClassAd texts")
        let my = try ClassAd(parsing: Self.context)
        let environment = EvaluationEnvironment(now: 1_700_000_000, maximumSteps: 20_000, maximumStringBytes: 1 << 20)
        var parsed = 0
        for text in try Self.texts() {
            let text = Self.damaged(text, &generator)
            for syntax in [Syntax.new, .old] {
                // What does not parse is refused, which is all that is asked of it.
                guard let expression = try? Expression(parsing: text, syntax: syntax, full: false) else { continue }
                parsed += 1
                // Not always the same tree: `- 5` prints as ` -5`, which is a literal.
                _ = try? Expression(parsing: expression.bytes(syntax), syntax: syntax)
                let value = my.evaluate(expression, in: environment)
                _ = Expression(value).bytes(.old)
                _ = value.description
                _ = my.evaluate(expression, target: my, in: environment)
                _ = my.flatten(expression, inline: true, in: environment)
                _ = my.externalReferences(of: expression)
                _ = my.internalReferences(of: expression)
                var ad = my
                ad["q"] = expression
                _ = (ad.json(), ad.xml(), ad.longForm())
            }
            // Refusals are fine here too.
            _ = try? ClassAd(parsingJSON: text)
            _ = try? ClassAd(parsingXML: text)
            _ = try? ClassAd(longForm: text)
        }
        #expect(parsed > 1000)
    }
}
