package import ClassAds

/// A schedd's `START_VANILLA_UNIVERSE`: which jobs may use which slots (spec 05, 5.4).
///
/// The expression speaks of `SLOT` and `JOB`. It is kept in two forms: with `TARGET` and `MY` in
/// their place, to be evaluated in a job's ad, and as the pieces that request ads are made from.
package struct Gate: Sendable {
    /// The form that keeps tagged jobs in their annex and others out of it.
    package static let exclusive = """
        ifThenElse(SLOT.Name is undefined || JOB.ClusterId is undefined, undefined, \
        (SLOT.NegotiatorMatchExprFlockTarget ?: SLOT.AnnexName) =?= JOB.FlockTarget)
        """

    private enum Piece: Sendable, Equatable {
        case text(String)
        case slotAttribute(String)
        case jobAttribute(String)
    }

    private let pieces: [Piece]
    private let expression: Expression

    /// A gate from its text.
    ///
    /// - Throws: if the text is no expression.
    package init(_ text: String) throws(ClassAdError) {
        pieces = Self.split(text)
        expression = try Expression(parsing: Self.text(of: pieces, resolvingIn: nil), syntax: .old)
    }

    /// Attributes of the job that the gate looks at; they are significant by themselves.
    package var jobAttributes: [String] {
        pieces.compactMap {
            guard case .jobAttribute(let name) = $0 else { return nil }
            return name
        }
    }

    /// What the gate says; a missing slot or job leaves it open unless the answer does not depend on them.
    ///
    /// - Returns: `nil` for anything but a definite true or false.
    package func verdict(slot: ClassAd?, job: ClassAd?, in environment: EvaluationEnvironment) -> Bool? {
        let value = (job ?? ClassAd()).evaluate(expression, target: slot, in: environment)
        guard case .boolean(let verdict) = value else { return nil }
        return verdict
    }

    /// The gate as a request ad carries it: `SLOT` as `TARGET`, literals of the job in place (spec 05, 2.5).
    package func constraint(for job: ClassAd) -> Expression {
        let resolved = Self.text(of: pieces, resolvingIn: job)
        do {
            return try Expression(parsing: resolved, syntax: .old)
        } catch {
            // A literal in the place of a name leaves the expression an expression.
            preconditionFailure("gate with literals does not parse: \(resolved)")
        }
    }

    private static func text(of pieces: [Piece], resolvingIn job: ClassAd?) -> String {
        pieces.map {
            switch $0 {
            case .text(let text): text
            case .slotAttribute(let name): "TARGET.\(name)"
            case .jobAttribute(let name):
                if let value = job?[name], value.literal != nil { value.text(.old) } else { "MY.\(name)" }
            }
        }.joined()
    }

    /// Finds `SLOT.name` and `JOB.name` outside of string literals.
    private static func split(_ text: String) -> [Piece] {
        var pieces: [Piece] = []
        var plain = ""
        var rest = Substring(text)
        while let character = rest.first {
            if character == "\"" {
                plain += takeString(&rest)
            } else if isWord(character) || character == "." {
                let word = takeWord(&rest)
                guard let piece = scoped(word) else {
                    plain += word
                    continue
                }
                pieces += [.text(plain), piece]
                plain = ""
            } else {
                plain.append(rest.removeFirst())
            }
        }
        return (pieces + [.text(plain)]).filter { $0 != .text("") }
    }

    private static func scoped(_ word: Substring) -> Piece? {
        guard let dot = word.firstIndex(of: ".") else { return nil }
        let name = String(word[word.index(after: dot)...])
        guard !name.isEmpty else { return nil }
        return switch word[..<dot].lowercased() {
        case "slot": .slotAttribute(name)
        case "job": .jobAttribute(name)
        default: nil
        }
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    private static func takeWord(_ text: inout Substring) -> Substring {
        let word = text.prefix { isWord($0) || $0 == "." }
        text.removeFirst(word.count)
        return word
    }

    private static func takeString(_ text: inout Substring) -> String {
        var taken = String(text.removeFirst())
        while let character = text.popFirst() {
            taken.append(character)
            if character == "\\", let escaped = text.popFirst() {
                taken.append(escaped)
            } else if character == "\"" {
                break
            }
        }
        return taken
    }
}
