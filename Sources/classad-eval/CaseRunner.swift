import ClassAds
import Foundation

/// Carries out the operations of the ClassAd case files.
struct CaseRunner {
    private let input: CaseFields
    private let environment: EvaluationEnvironment

    /// A context ad that does not parse.
    private struct BadAd: Error {}

    /// The answer line for an input line.
    static func answer(to line: String) -> String {
        let object = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]  // nil is answered
        var result: [String: Any] = ["id": object?["id"] ?? ""]
        result["out"] = answer(
            operation: object?["op"] as? String ?? "", input: object?["in"] as? [String: Any] ?? [:])
        let data = try? JSONSerialization.data(withJSONObject: result, options: [.sortedKeys, .withoutEscapingSlashes])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// The members of the answer to one operation.
    static func answer(operation: String, input: [String: Any]) -> [String: Any] {
        let fields = CaseFields(input)
        let now = Int64(Date().timeIntervalSince1970)
        let runner = CaseRunner(
            input: fields, environment: EvaluationEnvironment(now: now, timeZone: fields.zone))
        do {
            return try runner.run(operation).members
        } catch {
            return Answer(failure: error is BadAd ? "ad" : "parse").members
        }
    }

    private func run(_ operation: String) throws -> Answer {
        switch operation {
        case "eval": try evaluate()
        case "parse": try parse()
        case "line": try line()
        case "quote": quote()
        case "name": name()
        case "ad": try ad()
        case "match": try match()
        case "refs": try references()
        case "flatten": try flatten()
        case "attr": try attribute()
        case "chain": try chain()
        case "same": try same()
        default: Answer(failure: "unknown operation")
        }
    }

    // MARK: Inputs

    private func expression(_ name: String, full: Bool = true) throws -> ClassAds.Expression {
        try ClassAds.Expression(
            parsing: input.bytes(name) ?? [], syntax: input.syntax, full: full, timeZone: environment.timeZone)
    }

    private func context(_ name: String) throws -> ClassAd {
        guard let text = input.bytes(name) else { return ClassAd() }
        do {
            return try ClassAd(parsing: text, timeZone: environment.timeZone)
        } catch {
            throw BadAd()
        }
    }

    // MARK: Expressions

    private func evaluate() throws -> Answer {
        let my = try context("my")
        let target = input.contains("target") ? try context("target") : nil
        return .value(my.evaluate(try expression("expr"), target: target, in: environment))
    }

    private func parse() throws -> Answer {
        forms(try expression("text", full: input.flag("full", default: true)))
    }

    private func forms(_ expression: ClassAds.Expression) -> Answer {
        var answer = Answer()
        answer.set("new", expression.bytes(.new))
        answer.set("old", expression.bytes(.old))
        return answer
    }

    private func line() throws -> Answer {
        var ad = ClassAd()
        try ad.insert(line: input.bytes("line") ?? [], timeZone: environment.timeZone)
        guard let (name, expression) = ad.attributes.first else { return Answer(failure: "parse") }
        var answer = forms(expression)
        answer.set("name", name.bytes)
        return answer
    }

    private func quote() -> Answer { forms(ClassAds.Expression(ByteString(input.bytes("string") ?? []))) }

    private func name() -> Answer {
        let name = input.bytes("name") ?? []
        var ad = ClassAd()
        ad[ByteString(name)] = 1
        var answer = Answer()
        answer["valid_old"] = ClassAd.isValidName(name)
        answer.set("new", ad.bytes(.new))
        return answer
    }

    private func same() throws -> Answer {
        var answer = Answer()
        answer["same"] = try expression("a") == expression("b")
        return answer
    }

    private func flatten() throws -> Answer {
        let my = try context("my")
        let result = my.flatten(
            try expression("expr"), inline: input.flag("inline", default: false), in: environment)
        var answer = Answer()
        switch result {
        case nil: return Answer(failure: "flatten")
        case .value(let value): answer["value"] = Answer.value(value).members
        case .residual(let tree): answer.set("tree", tree.bytes(.new))
        }
        return answer
    }

    private func references() throws -> Answer {
        let my = try context("my")
        let expression = try expression("expr")
        let sets = [
            ("ext", my.fullExternalReferences(of: expression)), ("int", my.fullInternalReferences(of: expression)),
            ("ext_trim", my.externalReferences(of: expression)),
            ("int_trim", my.internalReferences(of: expression)),
        ]
        var answer = Answer()
        for (name, names) in sets { answer[name] = names ?? ["fail": "refs"] as Any }
        return answer
    }

    // MARK: Ads

    private func ad() throws -> Answer {
        let text = input.bytes("text") ?? []
        let zone = environment.timeZone
        let ad: ClassAd =
            switch input.text("fmt") {
            case "old": try Self.ad(ofLines: text, zone)
            case "json": try ClassAd(parsingJSON: text, timeZone: zone)
            case "xml": try ClassAd(parsingXML: text, timeZone: zone)
            default: try ClassAd(parsing: text, timeZone: zone)
            }
        let wanted = input.texts("only") ?? ["n", "wire", "long", "new", "json", "jsonl", "xml"]
        var answer = Answer()
        for form in wanted {
            switch form {
            case "n": answer["n"] = ad.count
            case "wire": answer["wire"] = Self.lines(ad)
            case "long": answer.set("long", ad.longFormBytes())
            case "new": answer.set("new", ad.bytes(.new))
            case "json": answer.set("json", ad.jsonBytes(.pretty))
            case "jsonl": answer.set("jsonl", ad.jsonBytes(.line))
            case "xml": answer.set("xml", ad.xmlBytes())
            default: break
            }
        }
        return answer
    }

    /// Reads lines as the reference's string reader does, for which white space after the last line is a bad line.
    private static func ad(ofLines text: [UInt8], _ zone: LocalTimeZone) throws -> ClassAd {
        var ad = ClassAd()
        var rest = text[...]
        while !rest.isEmpty {
            rest = rest.drop { $0 == UInt8(ascii: " ") || 9...13 ~= $0 }
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            try ad.insert(line: Array(line), timeZone: zone)
            rest = rest.dropFirst(line.count + 1)
        }
        return ad
    }

    private static func lines(_ ad: ClassAd) -> [Any] {
        var lines: [Any] = []
        ad.forEachLine { lines.append(Answer.element(Array($1))) }
        return lines
    }

    private func match() throws -> Answer {
        let left = try context("left")
        let right = try context("right")
        var answer = Answer()
        let match = MatchedAds(left: left, right: right, in: environment)
        answer["symmetric"] = match.isSymmetric
        answer["left_accepts"] = match.accepts(by: .left)
        answer["right_accepts"] = match.accepts(by: .right)
        answer["left_rank"] = Answer.value(match.value(.rank, of: .left)).members
        answer["right_rank"] = Answer.value(match.value(.rank, of: .right)).members
        answer["left_req"] = Answer.value(match.evaluate("Requirements", in: .left)).members
        answer["right_req"] = Answer.value(match.evaluate("Requirements", in: .right)).members
        return answer
    }

    private func attribute() throws -> Answer {
        var my = try context("my")
        if input.contains("parent") { my.chain(to: try context("parent")) }
        let name = input.text("attr") ?? ""
        var answer = Answer()
        answer["value"] = Answer.value(my.evaluate(name, in: environment)).members
        answer["int"] = my.integer(name, in: environment).map { String($0) } ?? NSNull() as Any
        answer["float"] = my.real(name, in: environment).map(Answer.bits) ?? NSNull() as Any
        answer["bool"] = my.boolean(name, in: environment) ?? NSNull() as Any
        answer["string"] = my.byteString(name, in: environment).map { Answer.element($0.bytes) } ?? NSNull() as Any
        return answer
    }

    private func chain() throws -> Answer {
        var child = try context("child")
        child.chain(to: try context("parent"))
        var answer = Answer()
        if let names = input.texts("delete") {
            var deleted: [Bool] = []
            for name in names { deleted.append(child.remove(name)) }
            answer["deleted"] = deleted
        }
        var values: [String: Any] = [:]
        for name in input.texts("names") ?? [] {
            values[name] = Answer.value(child.evaluate(name, in: environment)).members
        }
        answer["values"] = values
        answer["size"] = child.count
        answer["wire"] = Self.lines(child)
        answer.set("long", child.longFormBytes())
        return answer
    }
}
