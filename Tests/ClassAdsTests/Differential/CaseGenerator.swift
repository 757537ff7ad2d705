import TestSupport

import Foundation

/// Makes cases of every operation, from nothing and from recorded texts.
struct CaseGenerator {
    /// Real and recorded texts that cases are made of.
    struct Corpus {
        /// Expressions in new syntax.
        var expressions: [String]
        /// Lines of real ads in old syntax.
        var lines: [String]
        /// Ads that expressions were recorded with.
        var ads: [String]
        var documents: [DifferentialCase.Operation: [String]]

        /// From the files beside the tests.
        static func load() throws -> Corpus {
            var corpus = Corpus(expressions: [], lines: [], ads: [], documents: [:])
            for file in ["operators", "functions", "scope-eval", "flatten-refs", "time", "lex", "ads"] {
                for recorded in try Vectors.cases(file + ".jsonl") {
                    guard let input = recorded["in"] as? [String: Any], recorded["cat"] as? String != "limits",
                        recorded["cat"] as? String != "platform"
                    else { continue }
                    if let text = input["expr"] as? String { corpus.expressions.append(text) }
                    if let text = input["my"] as? String { corpus.ads.append(text) }
                    if recorded["op"] as? String == "parse", let text = input["text"] as? String,
                        input["syntax"] as? String != "old"
                    {
                        corpus.expressions.append(text)
                    }
                    if let format = input["fmt"] as? String, let text = input["text"] as? String,
                        let operation = DifferentialCase.Operation(rawValue: format)
                    {
                        corpus.documents[operation, default: []].append(text)
                    }
                }
            }
            corpus.expressions.removeAll { !isPredictable($0) }
            corpus.ads = Set(corpus.ads).sorted()
            for file in ["startd-25.14.long", "job.long", "startd-dslot-gpu.ad", "job-gpu.ad", "schedd.ad"] {
                corpus.lines += try Vectors.text(file).split(separator: "\n").map(String.init)
            }
            return corpus
        }
    }

    private var make: ExpressionGenerator
    private let corpus: Corpus

    init(seed: UInt64, corpus: Corpus) {
        make = ExpressionGenerator(seed: seed)
        self.corpus = corpus
    }

    /// Whether a text has one answer on every platform and at any time; the README gives the reasons.
    static func isPredictable(_ text: String) -> Bool {
        let folded = text.lowercased().filter { !$0.isWhitespace }
        let forbidden = [
            "time()", "random(", "userhome(", "timezoneoffset", "daytime(", "abstime()", "formattime()", "/*", "<<",
            ">>",
            "\u{0}", "countmatches(", "evalineachcontext(",
        ]
        if forbidden.contains(where: folded.contains) { return false }
        // Attributes of lists that functions made are read after the list is gone.
        if folded.contains(").") { return false }
        // So many digits or such exponents are beyond 64 bits, or make the year of a time go beyond 32.
        return folded.firstMatch(of: /[0-9]{10}|e[0-9]{2}/) == nil
    }

    mutating func next() -> DifferentialCase {
        while true {
            let candidate = generate()
            if candidate.texts.values.allSatisfy({ $0.utf8.count < 4000 && !$0.utf8.contains(0) }) { return candidate }
        }
    }

    private mutating func generate() -> DifferentialCase {
        switch make.random.below(100) {
        case ..<48: return evaluation()
        case ..<60: return DifferentialCase(.parse, ["text": parsed()])
        case ..<66: return DifferentialCase(.ad, ["text": make.ad(depth: 2, names: Self.attributes, most: 6)])
        case ..<74: return DifferentialCase(.old, ["text": lines()])
        case ..<76: return document(.json)
        case ..<78: return document(.xml)
        case ..<85: return match()
        case ..<91: return inAd(.refs)
        case ..<97: return inAd(.flatten)
        case ..<99: return same()
        default: return DifferentialCase(.quote, ["text": raw()])
        }
    }

    // MARK: Expressions

    private static let attributes = [
        "x", "y", "z", "name", "lst", "ad", "n", "t", "f", "u", "e", "c1", "c2", "ads", "rel", "CPUs", "'odd name'",
        "LongAttributeName", "_x1", "ClaimId",
    ]

    /// The ad that most expressions are evaluated in.
    private static let usual = """
        [x = 5; y = x * 2.5; name = "Node42"; lst = {1,x,"z",2.5}; ad = [p = 1; q = "deep"; r = [s = x + 1; x = 9]];
        n = [x = 10; y = parent.x; z = MY.x; nn = [x = 100; w = z; t = TARGET.x]]; t = true; f = false; u = undefined;
        e = error; s = "a, b ,c"; d = d || true; c1 = c2; c2 = c1 + 1; q = missing + 1; rel = TARGET.x > x;
        ads = {[x = 1; z = y],n,ad,undefined,[a = MY.x; x = toplevel.x]}; CPUs = 8; mem = 1024; os = "LINUX";
        'odd name' = 3; Requirements = TARGET.CPUs >= CPUs && other.x isnt x; rank = TARGET.mem / 2.0]
        """

    private mutating func scope() -> String {
        switch make.random.below(10) {
        case ..<6: Self.usual
        case ..<8: make.random.pick(corpus.ads)
        default: make.ad(depth: 2, names: Self.attributes, most: 7)
        }
    }

    private mutating func expression() -> String {
        switch make.random.below(10) {
        case ..<6: return make.expression(depth: make.random.number(1...4))
        case ..<8: return make.call(depth: 3)
        case 8: return changed(make.random.pick(corpus.expressions))
        default:
            let parts = (0..<2).map { _ in make.random.pick(corpus.expressions) }
            return "(\(parts[0])) \(make.random.pick(Atoms.binaryOperators)) (\(parts[1]))"
        }
    }

    private static let zones = ["EST5EDT,M3.2.0,M11.1.0", "IST-5:30", "CET-1CEST,M3.5.0,M10.5.0/3", "XXX+3:30"]

    private mutating func evaluation() -> DifferentialCase {
        var question = DifferentialCase(.eval, ["text": expression(), "my": scope()])
        if make.random.percent(35) {
            question.texts["target"] =
                make.random.percent(60)
                ? "[x = 6; y = \"t\"; z = TARGET.x + x; lst = {9}; ads = {[x = x + 1]}; back = other.y; CPUs = 4; mem = 7]"
                : scope()
        }
        if make.random.percent(6) { question.texts["tz"] = make.random.pick(Self.zones) }
        return question
    }

    private mutating func inAd(_ operation: DifferentialCase.Operation) -> DifferentialCase {
        make.writesAds = false
        defer { make.writesAds = true }
        return DifferentialCase(
            operation, ["text": make.expression(depth: make.random.number(1...4)), "my": Self.usual])
    }

    private mutating func match() -> DifferentialCase {
        let sides = (0..<2).map { _ in
            let own = make.random.percent(50) ? Self.usual : make.ad(depth: 2, names: Self.attributes, most: 5)
            let rest = own.dropFirst().drop { $0.isWhitespace }
            return "[Requirements = \(expression()); \(rest.first == "]" ? "z = 1" : "")" + rest
        }
        return DifferentialCase(.match, ["left": sides[0], "right": sides[1]])
    }

    private mutating func same() -> DifferentialCase {
        let first = expression()
        let second = make.random.percent(50) ? first.replacing(" ", with: "  ") : changed(first)
        return DifferentialCase(.same, ["first": first, "second": second])
    }

    // MARK: Texts

    /// Text for the parser alone: whatever it means, it is not evaluated.
    private mutating func parsed() -> String {
        switch make.random.below(10) {
        case ..<2: return make.random.pick(Atoms.rawNumbers + Atoms.numbers)
        case ..<4: return damaged(make.expression(depth: 3))
        case ..<6: return damaged(make.random.pick(corpus.expressions))
        case ..<8: return damaged(value(of: make.random.pick(corpus.lines)))
        case 8: return "\"\(raw())\""
        default: return make.expression(depth: 4)
        }
    }

    private func value(of line: String) -> String {
        line.firstIndex(of: "=").map { String(line[line.index(after: $0)...]) } ?? line
    }

    private mutating func lines() -> String {
        let count = make.random.number(1...3)
        var lines: [String] = []
        for _ in 0..<count {
            switch make.random.below(10) {
            case ..<4: lines.append(damaged(make.random.pick(corpus.lines)))
            case ..<6: lines.append(make.random.pick(corpus.lines))
            case ..<8: lines.append("\(make.random.pick(["A", " B", "a b", "'q'", "_x"]))=\(parsed())")
            default: lines.append("\(make.random.pick(["A", "B", "c1"])) = \(make.expression(depth: 2))")
            }
        }
        // A line that is empty, or looks like the beginning of another format, ends the ad for the reference.
        let plain = lines.map { $0.filter { $0 != "\n" && $0 != "\r" } }.filter { !$0.allSatisfy(\.isWhitespace) }
        return (plain.isEmpty ? ["A = 1"] : plain).joined(separator: "\n") + "\n"
    }

    private mutating func document(_ format: DifferentialCase.Operation) -> DifferentialCase {
        let text = make.random.pick(corpus.documents[format] ?? ["{}"])
        // The reference loops for ever over some damaged XML.
        let isDamaged = format == .json && make.random.percent(60)
        return DifferentialCase(format, ["text": isDamaged ? damaged(text) : text])
    }

    /// Any characters at all.
    private mutating func raw() -> String {
        (0..<make.random.below(8)).map { _ in
            if make.random.percent(40) { return make.random.pick(Atoms.strings) }
            let scalar = make.random.percent(80) ? make.random.number(32...126) : make.random.number(1...0x2FF)
            return String(Character(Unicode.Scalar(UInt16(scalar)) ?? "?"))
        }.joined()
    }

    // MARK: Changes

    /// A text with some operands, names or operators replaced; it still parses.
    private mutating func changed(_ text: String) -> String {
        var tokens = TokenCutter.tokens(text)
        guard !tokens.isEmpty else { return text }
        for _ in 0..<make.random.number(1...3) {
            let index = make.random.below(tokens.count)
            let isCalled = index + 1 < tokens.count && tokens[index + 1] == "("
            switch TokenCutter.kind(tokens[index]) {
            case .string, .number: tokens[index] = make.literal()
            case .name where !isCalled: tokens[index] = make.random.pick(Atoms.names)
            case .symbol where Atoms.binaryOperators.contains(tokens[index]):
                tokens[index] = " " + make.random.pick(Atoms.binaryOperators) + " "
            case .name, .blank, .symbol: break
            }
        }
        return tokens.joined()
    }

    private static let debris = [
        "(", ")", "[", "]", "{", "}", ",", ";", "?", ":", ".", "=", "'", "\"", "\\", "@", "0x", "//", "!", "~", " ",
        "\t", "-",
        "<<", ">>>", "=?=", "?:", "is", "e5", "$",
    ]

    /// A text with tokens lost, put in or broken.
    private mutating func damaged(_ text: String) -> String {
        var tokens = TokenCutter.tokens(text)
        for _ in 0..<make.random.number(1...3) where !tokens.isEmpty {
            let index = make.random.below(tokens.count)
            switch make.random.below(5) {
            case 0: tokens.remove(at: index)
            case 1: tokens.insert(make.random.pick(Self.debris), at: index)
            case 2: tokens[index] = make.random.pick(Self.debris)
            case 3: tokens[index] = make.random.pick(Atoms.rawNumbers + Atoms.words)
            default:
                var scalars = Array(tokens[index].unicodeScalars)
                let added = Unicode.Scalar(UInt8(make.random.number(1...126)))
                scalars.insert(added, at: make.random.below(scalars.count + 1))
                tokens[index] = String(String.UnicodeScalarView(scalars))
            }
        }
        // A comment that does not end makes the reference repeat the token before it.
        return tokens.joined().replacing("/*", with: "/ *")
    }
}
