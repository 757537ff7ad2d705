/// The part of HTCondor's configuration language that a pilot's files use.
///
/// `NAME = value` with `$(NAME)` and `$(NAME:default)`, comments, continued lines; `use` lines are
/// skipped. A definition that names itself means the one before it.
package struct ConfigurationLines: Sendable {
    /// How deep values may name each other.
    static let maximumDepth = 32

    private var values: [String: String] = [:]

    /// No definition.
    package init() {}

    /// Adds the definitions of a file; later ones replace earlier ones.
    package mutating func read(_ text: String) {
        var joined = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let line = String(line).trimmingBlanks
            if joined.isEmpty, line.hasPrefix("#") { continue }
            if line.hasSuffix("\\") {
                joined += line.dropLast()
                continue
            }
            define(joined + line)
            joined = ""
        }
        define(joined)
    }

    /// Sets a value from outside of the files, such as `LOCAL_DIR`.
    package mutating func set(_ name: String, _ value: String) {
        values[name.uppercased()] = value
    }

    /// The value of a name with all references filled in; `nil` if it is not defined or empty.
    package func value(_ name: String) -> String? {
        guard let raw = values[name.uppercased()] else { return nil }
        let text = expand(raw, depth: 0).trimmingBlanks
        return text.isEmpty ? nil : text
    }

    private mutating func define(_ line: String) {
        guard let equals = line.firstIndex(of: "=") else { return }
        let name = String(line[..<equals]).trimmingBlanks.uppercased()
        guard !name.isEmpty, !name.contains(where: { $0 == " " || $0 == ":" }) else { return }
        let value = String(line[line.index(after: equals)...]).trimmingBlanks
        values[name] = replaceReferences(in: value) { reference, fallback in
            guard reference.uppercased() == name else { return nil }
            return values[name] ?? fallback ?? ""
        }
    }

    private func expand(_ text: String, depth: Int) -> String {
        guard depth < Self.maximumDepth else { return text }
        return replaceReferences(in: text) { name, fallback in
            expand(values[name.uppercased()] ?? fallback ?? "", depth: depth + 1)
        }
    }

    /// Puts what `resolve` says in the place of each reference; `nil` leaves it.
    private func replaceReferences(
        in text: String, _ resolve: (_ name: String, _ fallback: String?) -> String?
    ) -> String {
        var result = ""
        var rest = Substring(text)
        while let start = rest.firstRange(of: "$("), let end = rest[start.upperBound...].firstIndex(of: ")") {
            let inner = rest[start.upperBound..<end]
            let colon = inner.firstIndex(of: ":")
            let name = String(inner[..<(colon ?? inner.endIndex)])
            let fallback = colon.map { String(inner[inner.index(after: $0)...]) }
            result += rest[..<start.lowerBound]
            result += resolve(name, fallback) ?? String(rest[start.lowerBound...end])
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = self[...]
        while let first = text.first, first == " " || first == "\t" || first == "\r" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
        return String(text)
    }
}
