/// A table that `userMap()` looks users up in (spec 07, 9.12).
///
/// Its text has one rule per line: a method (`*` for all), a user and what he maps to, separated by blanks. A user in
/// slashes is a regular expression, with `i` (any case) or `U` (not greedy) behind it, whose groups `\1` to `\9` the
/// result may use. Quotes hold words with blanks together. The first rule that fits counts. Files are not included.
///
/// ```swift
/// let groups = UserMap("""
///     * alice physics,chemistry
///     * /@guest.org$/i guests
///     """)
/// ```
public struct UserMap: Sendable {
    private enum Pattern: Sendable {
        case name([UInt8])
        case expression(RegularExpression)
    }

    private struct Rule: Sendable {
        let method: NameKey
        let pattern: Pattern
        let result: [UInt8]
    }

    private let rules: [Rule]

    /// Reads the rules; comments and lines without three fields or with a broken expression are passed over.
    public init(_ text: String) {
        rules = text.utf8.split(separator: ASCII.newline).compactMap { line in
            var rest = line.drop { $0 == ASCII.space || $0 == UInt8(ascii: "\t") }[...]
            guard let method = Self.field(&rest, allowsExpression: false), method.text.first != UInt8(ascii: "#"),
                let user = Self.field(&rest, allowsExpression: true),
                let result = Self.field(&rest, allowsExpression: false)
            else { return nil }
            var pattern = Pattern.name(user.text)
            if let options = user.options {
                guard let expression = RegularExpression(user.text, options) else { return nil }
                pattern = .expression(expression)
            }
            return Rule(method: NameKey(method.text), pattern: pattern, result: result.text)
        }
    }

    /// What a user maps to; nil if no rule fits.
    ///
    /// - Throws: when an expression goes beyond the limits of `evaluator`.
    func result(
        of user: [UInt8], method: [UInt8], _ evaluator: inout Evaluator
    ) throws(EvaluationFailure) -> [UInt8]? {
        let key = NameKey(method)
        for rule in rules where rule.method == key {
            switch rule.pattern {
            case .name(let name):
                if name == user { return Self.expand(rule.result, [name]) }
            case .expression(let expression):
                guard let match = try evaluator.firstMatch(of: expression, in: user) else { continue }
                return Self.expand(rule.result, match.groups.map { $0.map { Array(user[$0]) } ?? [] })
            }
        }
        return nil
    }

    /// A result with `\d` replaced by groups; other backslashes stay.
    private static func expand(_ text: [UInt8], _ groups: [[UInt8]]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == ASCII.backslash, let next = rest.popFirst() else {
                result.append(byte)
                continue
            }
            if ASCII.isDigit(next), groups.indices.contains(Int(next - ASCII.zero)) {
                result += groups[Int(next - ASCII.zero)]
            } else {
                result += [byte, next]
            }
        }
        return result
    }

    // MARK: Reading

    private struct Field {
        var text: [UInt8] = []
        /// The options of a field in slashes.
        var options: RegularExpression.Options?
    }

    /// Takes a field off the start of a line; nil if there is none or it is empty.
    private static func field(_ line: inout Substring.UTF8View, allowsExpression: Bool) -> Field? {
        let isBlank = { (byte: UInt8) in byte == ASCII.space || byte == UInt8(ascii: "\t") }
        line = line.drop(while: isBlank)
        var field = Field()
        let slash = UInt8(ascii: "/")
        guard let end = line.first, end == ASCII.quote || (end == slash && allowsExpression) else {
            field.text = Array(line.prefix { !isBlank($0) })
            line = line.dropFirst(field.text.count)
            return field.text.isEmpty ? nil : field
        }
        line.removeFirst()
        while let byte = line.popFirst() {
            if byte == end { break }
            guard byte == ASCII.backslash else {
                field.text.append(byte)
                continue
            }
            guard let next = line.popFirst() else { break }
            if next != end, next != ASCII.backslash { field.text.append(ASCII.backslash) }
            field.text.append(next)
        }
        if end == slash {
            var options = RegularExpression.Options()
            while let letter = line.first, letter == UInt8(ascii: "i") || letter == UInt8(ascii: "U") {
                options.insert(letter == UInt8(ascii: "i") ? .caseless : .ungreedy)
                line.removeFirst()
            }
            field.options = options
        }
        return field.text.isEmpty ? nil : field
    }
}
