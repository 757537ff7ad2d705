import CPCRE2

/// A regular expression for other modules of this package: PCRE2's syntax, bytes, bounded effort.
package struct TextPattern: Sendable {
    /// Why a text is no pattern.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        /// The library's words for it.
        package let reason: String
        /// The byte of the pattern at which it was noticed.
        package let offset: Int

        /// Reason and place.
        package var description: String { "\(reason) at offset \(offset)" }
    }

    /// A match that would take more work than any honest one.
    package struct TooMuchWork: Error, Equatable {}

    /// The number of groups in parentheses.
    package let groupCount: Int
    private let expression: RegularExpression

    /// Compiles a pattern.
    ///
    /// - Parameter ungreedy: whether quantifiers take as little as they can.
    package init(_ pattern: String, caseless: Bool = false, ungreedy: Bool = false) throws(Failure) {
        let bytes = Array(pattern.utf8)
        var options: RegularExpression.Options = []
        if caseless { options.insert(.caseless) }
        if ungreedy { options.insert(RegularExpression.Options(rawValue: PCRE2_UNGREEDY)) }
        groupCount = try Self.examine(bytes, options)
        guard let expression = RegularExpression(bytes, options) else {
            throw Failure(reason: "the pattern is too long", offset: bytes.count)
        }
        self.expression = expression
    }

    /// Compiles a pattern for what the library says of it only.
    private static func examine(
        _ pattern: [UInt8], _ options: RegularExpression.Options
    ) throws(Failure) -> Int {
        var code: Int32 = 0
        var offset = 0
        guard let compiled = pcre2_compile_8(pattern, pattern.count, options.rawValue, &code, &offset, nil) else {
            throw Failure(reason: message(code), offset: offset)
        }
        defer { pcre2_code_free_8(compiled) }
        var groups: UInt32 = 0
        guard pcre2_pattern_info_8(compiled, UInt32(PCRE2_INFO_CAPTURECOUNT), &groups) == 0 else {
            throw Failure(reason: "the pattern cannot be used", offset: 0)
        }
        return Int(groups)
    }

    private static func message(_ code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { buffer in
            let count = pcre2_get_error_message_8(code, buffer.baseAddress, buffer.count)
            return count > 0 ? String(decoding: buffer[..<Int(count)], as: UTF8.self) : "not a regular expression"
        }
    }

    /// The whole match and its groups, those that took no part empty; `nil` if the pattern fits nowhere in the text.
    package func firstMatch(in text: String) throws(TooMuchWork) -> [String]? {
        let subject = Array(text.utf8)
        let attempt: RegularExpression.Attempt
        do {
            attempt = try expression.firstMatch(in: subject, from: 0, mode: .any, effort: .utmost)
        } catch {
            throw TooMuchWork()
        }
        switch attempt {
        case .none:
            return nil
        case .undecided:
            throw TooMuchWork()
        case .match(let match):
            let texts = match.groups.map { $0.map { String(decoding: subject[$0], as: UTF8.self) } ?? "" }
            return texts + [String](repeating: "", count: max(0, groupCount + 1 - texts.count))
        }
    }
}
