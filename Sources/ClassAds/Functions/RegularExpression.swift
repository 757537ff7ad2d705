import CPCRE2
import Synchronization

/// A compiled regular expression: PCRE2, bytes, no UTF (spec 07, 9.8).
final class RegularExpression: @unchecked Sendable {  // PCRE2 only reads compiled patterns and match contexts
    private let code: OpaquePointer
    private let context: OpaquePointer
    private let usualContext: OpaquePointer

    /// Options given as letters.
    struct Options: OptionSet, Hashable {
        let rawValue: UInt32
        static let caseless = Options(rawValue: PCRE2_CASELESS)
        static let multiline = Options(rawValue: PCRE2_MULTILINE)
        static let dotAll = Options(rawValue: PCRE2_DOTALL)
        static let extended = Options(rawValue: PCRE2_EXTENDED)
        static let ungreedy = Options(rawValue: PCRE2_UNGREEDY)

        init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Unknown letters are ignored.
        init(letters: [UInt8]) {
            self = []
            if letters.contains(UInt8(ascii: "i")) { insert(.caseless) }
            if letters.contains(UInt8(ascii: "m")) { insert(.multiline) }
            if letters.contains(UInt8(ascii: "s")) { insert(.dotAll) }
            if letters.contains(UInt8(ascii: "x")) { insert(.extended) }
        }
    }

    /// Internal calls within which nearly every honest match is decided.
    private static let usualMatchLimit: UInt32 = 5_000
    /// Internal calls of one match before it is given up.
    private static let matchLimit: UInt32 = 1_000_000
    /// Nested backtracking points.
    private static let depthLimit: UInt32 = 250_000
    /// KiB of memory for backtracking.
    private static let heapLimit: UInt32 = 65_536
    private static let maximumPatternLength = 65_536

    /// Compiles a pattern; nil if it is none.
    init?(_ pattern: [UInt8], _ options: Options) {
        guard pattern.count <= Self.maximumPatternLength else { return nil }
        var errorCode: Int32 = 0
        var errorOffset = 0
        guard
            let code = pcre2_compile_8(pattern, pattern.count, options.rawValue, &errorCode, &errorOffset, nil)
        else { return nil }
        guard let context = Self.makeContext(Self.matchLimit) else {
            pcre2_code_free_8(code)
            return nil
        }
        guard let usual = Self.makeContext(Self.usualMatchLimit) else {
            pcre2_match_context_free_8(context)
            pcre2_code_free_8(code)
            return nil
        }
        self.code = code
        self.context = context
        usualContext = usual
    }

    private static func makeContext(_ limit: UInt32) -> OpaquePointer? {
        guard let context = pcre2_match_context_create_8(nil) else { return nil }
        pcre2_set_match_limit_8(context, limit)
        pcre2_set_depth_limit_8(context, depthLimit)
        pcre2_set_heap_limit_8(context, heapLimit)
        return context
    }

    deinit {
        pcre2_match_context_free_8(usualContext)
        pcre2_match_context_free_8(context)
        pcre2_code_free_8(code)
    }

    /// A match: the ranges of the groups up to the highest one that took part.
    struct Match {
        let groups: [Range<Int>?]
        var whole: Range<Int> { groups.first.flatMap { $0 } ?? 0..<0 }
    }

    /// Whether there is a match anywhere, if that can be told with little work.
    func quickMatch(_ subject: UnsafeBufferPointer<UInt8>) -> Bool? {
        guard let data = pcre2_match_data_create_8(1, nil) else { return nil }
        defer { pcre2_match_data_free_8(data) }
        // The group of the whole match alone has room, so 0 tells of a match with groups.
        let count = pcre2_match_8(code, subject.baseAddress, subject.count, 0, 0, data, usualContext)
        return count == PCRE2_ERROR_NOMATCH ? false : count >= 0 ? true : nil
    }

    /// How much work a match may be.
    enum Effort {
        /// Little: what is not decided then is ``Attempt/undecided``.
        case usual
        /// As much as is ever done.
        case utmost
    }

    /// Which matches count.
    enum Mode {
        case any
        /// One that is not empty.
        case nonEmpty
        /// One that is not empty and begins where the search does.
        case nonEmptyHere

        fileprivate var options: UInt32 {
            switch self {
            case .any: 0
            case .nonEmpty: PCRE2_NOTEMPTY
            case .nonEmptyHere: PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED
            }
        }
    }

    /// What came of an attempt.
    enum Attempt {
        case match(Match)
        case none
        case undecided
    }

    /// The first match from a position on.
    ///
    /// - Throws: when a limit other than that of the effort is reached.
    func firstMatch(
        in subject: [UInt8], from start: Int, mode: Mode, effort: Effort
    ) throws(EvaluationFailure) -> Attempt {
        guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { throw EvaluationFailure() }
        defer { pcre2_match_data_free_8(data) }
        let count = pcre2_match_8(
            code, subject, subject.count, start, mode.options, data, effort == .usual ? usualContext : context)
        if count == PCRE2_ERROR_NOMATCH { return .none }
        if count == PCRE2_ERROR_MATCHLIMIT { return .undecided }
        guard count > 0, let ends = pcre2_get_ovector_pointer_8(data) else { throw EvaluationFailure() }
        let groups = (0..<Int(count)).map { group -> Range<Int>? in
            // An unset group has the number -1; \K can put the start behind the end.
            let (low, high) = (ends[2 * group], ends[2 * group + 1])
            return 0 <= low && low <= high && high <= subject.count ? low..<high : nil
        }
        return .match(Match(groups: groups))
    }
}

/// Keeps the last pattern of one place in a tree, which nearly always is the next one too.
final class PatternCache: Sendable {
    private struct Entry: Sendable {
        let pattern: [UInt8]
        let options: RegularExpression.Options
        let expression: RegularExpression
    }

    private let entry = Mutex<Entry?>(nil)

    /// The compiled pattern; nil if it is none.
    func regularExpression(
        _ pattern: UnsafeBufferPointer<UInt8>, _ letters: UnsafeBufferPointer<UInt8>?
    ) -> RegularExpression? {
        let options = RegularExpression.Options(letters: letters.map { Array($0) } ?? [])
        if let kept = entry.withLock({ $0 }), kept.options == options, kept.pattern.elementsEqual(pattern) {
            return kept.expression
        }
        return regularExpression(Array(pattern), options)
    }

    /// The compiled pattern; nil if it is none.
    func regularExpression(_ pattern: [UInt8], _ options: RegularExpression.Options) -> RegularExpression? {
        if let kept = entry.withLock({ $0 }), kept.options == options, kept.pattern == pattern {
            return kept.expression
        }
        guard let expression = RegularExpression(pattern, options) else { return nil }
        entry.withLock { $0 = Entry(pattern: pattern, options: options, expression: expression) }
        return expression
    }
}
