/// Definitions of configuration names, and the expansion of `$(NAME)` in them.
///
/// Names are compared without regard to case. A reference is expanded when a value is asked
/// for, so that the last definition counts; only a reference of a name to itself is replaced
/// when it is defined.
package struct MacroTable: Sendable {
    /// What was written for a name, and where.
    package struct Definition: Hashable, Sendable {
        package var name: String
        /// The text with its references not yet expanded.
        package var text: String
        package var origin: ConfigurationOrigin
        /// Whether a typing error here is ours to complain about.
        package var isOwn: Bool
    }

    /// The longest value after expansion, in bytes.
    package static let maximumLength = 1 << 16
    /// The deepest nesting of references.
    package static let maximumDepth = 32

    private var definitions: [String: Definition] = [:]

    package init() {}

    /// All definitions, ordered by name.
    package var all: [Definition] { definitions.values.sorted { $0.name < $1.name } }

    /// The last definition of a name.
    package func definition(_ name: String) -> Definition? { definitions[name.lowercased()] }

    /// Defines a name; `$(NAME)` within the value means what it meant before.
    package mutating func define(_ definition: Definition) throws(ConfigurationError) {
        let key = definition.name.lowercased()
        let earlier = definitions[key]
        var definition = definition
        definition.text = try Self.replace(in: definition.text, at: definition.origin) { reference in
            reference.name.lowercased() == key ? earlier?.text ?? reference.fallback ?? "" : nil
        }
        definitions[key] = definition
    }

    /// The value of a name with all references expanded, or `nil` if it is not defined.
    package func value(of name: String) throws(ConfigurationError) -> String? {
        guard let definition = definition(name) else { return nil }
        return try expand(definition.text, at: definition.origin)
    }

    /// Expands the references of a text; an undefined name without a default is empty.
    package func expand(_ text: String, at origin: ConfigurationOrigin) throws(ConfigurationError) -> String {
        try expand(text, at: origin, depth: 0)
    }

    private func expand(
        _ text: String, at origin: ConfigurationOrigin, depth: Int
    ) throws(ConfigurationError) -> String {
        guard depth < Self.maximumDepth else {
            throw ConfigurationError(.tooDeep, "references go round in a circle or too deep", at: origin)
        }
        return try Self.replace(in: text, at: origin) { reference throws(ConfigurationError) in
            if reference.name.uppercased() == "DOLLAR" { return "$" }
            let found = definition(reference.name)?.text ?? reference.fallback ?? ""
            return try expand(found, at: origin, depth: depth + 1)
        }
    }

    /// A `$(NAME)` or `$(NAME:default)`.
    private struct Reference {
        var name: String
        var fallback: String?
    }

    /// Replaces the references of a text for which `replacement` has a text.
    private static func replace(
        in text: String, at origin: ConfigurationOrigin,
        with replacement: (Reference) throws(ConfigurationError) -> String?
    ) throws(ConfigurationError) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.range(ofPrefixPair: "$", "(") {
            result += rest[..<dollar]
            guard let end = closingParenthesis(in: rest, from: dollar) else {
                throw ConfigurationError(.badMacro, "a reference $(…) is not closed", at: origin)
            }
            let body = rest[rest.index(dollar, offsetBy: 2)..<end]
            let parts = body.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let reference = Reference(
                name: String(parts[0].trimmed), fallback: parts.count == 2 ? String(parts[1]) : nil)
            guard ConfigurationScanner.isName(reference.name) else {
                throw ConfigurationError(.badMacro, "$(\(body.prefix(64))) does not name a setting", at: origin)
            }
            let afterEnd = rest.index(after: end)
            result += try replacement(reference) ?? String(rest[dollar..<afterEnd])
            guard result.utf8.count <= maximumLength else {
                throw ConfigurationError(.tooLarge, "the value grows beyond \(maximumLength) bytes", at: origin)
            }
            rest = rest[afterEnd...]
        }
        return result + rest
    }

    /// The parenthesis that closes the one after `dollar`; defaults may hold references.
    private static func closingParenthesis(in text: Substring, from dollar: Substring.Index) -> Substring.Index? {
        var depth = 0
        for index in text[dollar...].indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }
}

extension Substring {
    /// Where `first` is directly followed by `second`.
    fileprivate func range(ofPrefixPair first: Character, _ second: Character) -> Index? {
        var search = self
        while let found = search.firstIndex(of: first) {
            let after = index(after: found)
            if after < endIndex, self[after] == second { return found }
            search = self[after...]
        }
        return nil
    }
}
