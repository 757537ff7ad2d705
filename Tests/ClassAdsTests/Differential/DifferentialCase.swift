@testable import ClassAds

/// One question that both implementations answer.
struct DifferentialCase: Codable, Hashable {
    enum Operation: String, Codable, CaseIterable {
        /// The value of `text` in the ad `my`, with `target` in a match.
        case eval
        /// The printed forms of the expression `text`.
        case parse
        /// The printed forms of the ad `text`.
        case ad
        /// The ad in lines of old syntax, JSON or XML.
        case old, json, xml
        /// Whether the ads `left` and `right` accept each other.
        case match
        /// The external and internal references of `text` in the ad `my`.
        case refs
        /// What remains of `text` in the ad `my`.
        case flatten
        /// Whether `first` and `second` are the same expression.
        case same
        /// The literal for the string `text`.
        case quote
    }

    var operation: Operation
    var texts: [String: String]

    enum CodingKeys: String, CodingKey {
        case operation = "op"
        case texts = "in"
    }

    init(_ operation: Operation, _ texts: [String: String]) {
        self.operation = operation
        self.texts = texts
    }

    var length: Int { texts.values.reduce(0) { $0 + $1.utf8.count + 1 } }
}

/// An answer: texts by name, all compared as they are but `bits`.
typealias DifferentialAnswer = [String: String]

/// Answers cases with the library under test.
enum Subject {
    /// A text that is no expression or no ad; `what` says which.
    private struct Refused: Error {
        var what: String
    }

    static func answer(_ question: DifferentialCase) -> DifferentialAnswer {
        do {
            return try answer(question.operation, question.texts)
        } catch let refused as Refused {
            return ["fail": refused.what]
        } catch {
            return ["fail": "ad"]
        }
    }

    private static func answer(
        _ operation: DifferentialCase.Operation, _ texts: [String: String]
    ) throws -> DifferentialAnswer {
        let zone = texts["tz"].flatMap(TimeZoneRules.init).map(LocalTimeZone.rules) ?? .utc
        let environment = EvaluationEnvironment(now: 0, timeZone: zone)
        let text = texts["text"] ?? ""
        switch operation {
        case .quote: return ["text": Expression(ByteString(text)).text(.new)]
        case .parse: return forms(try expression(text, zone), "parse")
        case .ad: return forms(Expression(try ad(text, zone)), "ad")
        case .old: return ["new": try ClassAd(longForm: text, timeZone: zone).text]
        case .json: return ["new": try ClassAd(parsingJSON: text, timeZone: zone).text]
        case .xml: return ["new": try ClassAd(parsingXML: text, timeZone: zone).text]
        case .match:
            let left = try ad(texts["left"] ?? "", zone)
            let right = try ad(texts["right"] ?? "", zone)
            return [
                "left": "\(left.accepts(right, in: environment))", "right": "\(right.accepts(left, in: environment))",
                "both": "\(ClassAd.symmetricMatch(left, right, in: environment))",
            ]
        case .same:
            return [
                "same": "\(try expression(texts["first"] ?? "", zone) == expression(texts["second"] ?? "", zone))"
            ]
        case .eval, .refs, .flatten: break
        }
        let scope = try ad(texts["my"] ?? "[]", zone)
        let target = try texts["target"].map { try ad($0, zone) }
        let tree = try expression(text, zone)
        switch operation {
        case .eval: return typed(scope.evaluate(tree, target: target, in: environment))
        case .refs:
            return [
                "external": names(scope.fullExternalReferences(of: tree, in: environment)),
                "internal": names(scope.fullInternalReferences(of: tree, in: environment)),
            ]
        default:
            switch scope.flatten(tree, in: environment) {
            case nil: return ["fail": "flatten"]
            case .residual(let rest): return ["tree": rest.text(.new)]
            // The binding does not tell relative times from reals.
            case .value(.relativeTime(let seconds)): return typed(.real(seconds))
            case .value(let value): return typed(value)
            }
        }
    }

    private static func expression(_ text: String, _ zone: LocalTimeZone) throws -> Expression {
        do {
            return try Expression(parsing: text, timeZone: zone)
        } catch {
            throw Refused(what: "parse")
        }
    }

    private static func ad(_ text: String, _ zone: LocalTimeZone) throws -> ClassAd {
        do {
            return try ClassAd(parsing: text, timeZone: zone)
        } catch {
            throw Refused(what: "ad")
        }
    }

    private static func names(_ names: [String]?) -> String { names.map { $0.joined(separator: ",") } ?? "failure" }

    /// The printed forms of an ad with the tree as its only attribute.
    private static func forms(_ tree: Expression, _ what: String) -> DifferentialAnswer {
        var ad = ClassAd()
        ad["a"] = tree
        return ["new": ad.text, "old": ad.longForm(), "json": ad.json()]
    }

    private static func typed(_ value: Value) -> DifferentialAnswer {
        let text = value.description
        switch value {
        case .undefined: return ["type": "undefined"]
        case .error: return ["type": "error"]
        case .boolean: return ["type": "boolean", "text": text]
        case .integer: return ["type": "integer", "text": text]
        case .real(let number): return ["type": "real", "bits": bits(number)]
        case .string: return ["type": "string", "text": text]
        case .absoluteTime: return ["type": "abstime", "text": text]
        case .relativeTime(let number): return ["type": "reltime", "bits": bits(number)]
        case .list: return ["type": "list", "text": text]
        case .classAd: return ["type": "classad", "text": text]
        }
    }

    private static func bits(_ number: Double) -> String {
        let text = String(number.isNaN ? 0x7FF8_0000_0000_0000 : number.bitPattern, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}

extension DifferentialCase {
    /// Whether an answer of the library under test is that of the reference.
    ///
    /// Doubles may be two units in the last place apart; what the reference cannot tell counts as equal.
    static func agree(_ reference: DifferentialAnswer, _ given: DifferentialAnswer) -> Bool {
        if reference["skip"] != nil || reference == given { return true }
        guard let wanted = reference["bits"].flatMap({ UInt64($0, radix: 16) }),
            let bits = given["bits"].flatMap({ UInt64($0, radix: 16) }), reference["type"] == given["type"]
        else { return false }
        return max(wanted, bits) - min(wanted, bits) <= 2
    }
}
