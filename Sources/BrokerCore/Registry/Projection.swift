import CEDAR
import ClassAds

/// The attributes that a query wants of each ad (spec 04, 8.4).
struct Projection {
    private enum Rule {
        /// Everything.
        case whole
        /// These, in the spelling of the request.
        case names([String])
        /// What this expression gives for the ad.
        case expression(Expression, query: ClassAd)
    }

    private let rule: Rule

    /// Most names of one projection; further ones are left out.
    static let maximumNames = 2000

    /// Reads the attribute `name` of a query.
    init(_ name: String, of query: ClassAd) {
        switch (query[name], query[name]?.literal) {
        case (nil, _): rule = .whole
        case (_?, .string(let text)?): rule = Self.rule(text)
        case (_?, _?): rule = .whole
        case (let expression?, nil): rule = .expression(expression, query: query)
        }
    }

    /// Whether every ad is wanted as it is.
    var isWhole: Bool {
        if case .whole = rule { true } else { false }
    }

    /// The part of `ad` that is wanted, with what its expressions refer to.
    ///
    /// Words that are no attributes of the ad, and words that cannot be names at all, are passed over: tools send them.
    func apply(to ad: ClassAd, in environment: EvaluationEnvironment) -> ClassAd {
        guard let names = names(for: ad, in: environment) else { return ad }
        var result = ClassAd()
        for name in names {
            guard let expression = ad[name], !result.contains(name) else { continue }
            result[name] = expression
            guard expression.literal == nil, let references = ad.internalReferences(of: expression) else { continue }
            for reference in references where !result.contains(reference) { result[reference] = ad[reference] }
        }
        return result
    }

    /// Whether `name` is wanted of `ad`.
    func wants(_ name: String, of ad: ClassAd, in environment: EvaluationEnvironment) -> Bool {
        guard let names = names(for: ad, in: environment) else { return true }
        return names.contains { $0.lowercased() == name.lowercased() }
    }

    /// The names wanted of `ad`; `nil` for all.
    private func names(for ad: ClassAd, in environment: EvaluationEnvironment) -> [String]? {
        switch rule {
        case .whole: return nil
        case .names(let names): return names
        case .expression(let expression, let query):
            guard case .string(let text) = query.evaluate(expression, target: ad, in: environment) else { return nil }
            return Projection(rule: Self.rule(text)).names(for: ad, in: environment)
        }
    }

    private init(rule: Rule) {
        self.rule = rule
    }

    /// The words of a projection; none means the whole ad.
    private static func rule(_ text: ByteString) -> Rule {
        let words = text.bytes.split { $0 == UInt8(ascii: ",") || $0 == 0x20 || (0x09...0x0D).contains($0) }
        let names = words.prefix(maximumNames).map { String(decoding: $0, as: UTF8.self) }
        return names.isEmpty ? .whole : .names(names)
    }
}
