/// A `TZ` value in POSIX form, such as `EST5EDT,M3.2.0,M11.1.0`.
public struct TimeZoneRules: Sendable, Hashable {
    /// A yearly change: the `week`th (5: last) `weekday` of `month`, at `seconds` of local time.
    private struct Change: Hashable {
        var month: Int
        var week: Int
        var weekday: Int
        var seconds: Int64

        /// Local seconds since 1970 in a year.
        func moment(in year: Int64) -> Int64 {
            let first = CivilTime(year: year, month: month, day: 1)
            var day = 1 + (weekday - first.dayOfWeek + 7) % 7 + (week - 1) * 7
            let next = CivilTime(year: year, month: month + 1, day: 1).seconds
            let length = Int((next &- first.seconds) / 86_400)
            while day > length { day -= 7 }
            return CivilTime(year: year, month: month, day: day).seconds &+ seconds
        }
    }

    private var standard: Int32
    private var summer: Int32?
    private var start: Change?
    private var end: Change?

    /// Parses a `TZ` value; nil if it is not in this form.
    public init?(_ text: String) {
        var rest = Substring(text)
        guard Self.skipName(&rest) else { return nil }
        // A bare name has no offset and means Greenwich.
        if rest.isEmpty {
            standard = 0
            return
        }
        guard let offset = Self.time(&rest), abs(offset) <= 90_000 else { return nil }
        standard = Int32(-offset)
        guard !rest.isEmpty else { return }
        guard Self.skipName(&rest) else { return nil }
        summer = standard + 3600
        if let first = rest.first, first != "," {
            guard let offset = Self.time(&rest), abs(offset) <= 90_000 else { return nil }
            summer = Int32(-offset)
        }
        if rest.isEmpty { rest = ",M3.2.0,M11.1.0" }
        guard let start = Self.change(&rest), let end = Self.change(&rest), rest.isEmpty else { return nil }
        self.start = start
        self.end = end
    }

    /// Seconds to add to Greenwich time.
    func offset(at seconds: Int64) -> Int32 {
        guard let summer, let start, let end else { return standard }
        // The C library applies the rules of 1970 to everything before.
        let year = max(1970, CivilTime(seconds: seconds &+ Int64(standard)).year)
        let begins = start.moment(in: year) &- Int64(standard)
        let ends = end.moment(in: year) &- Int64(summer)
        let isSummer =
            begins < ends ? begins <= seconds && seconds < ends : !(ends <= seconds && seconds < begins)
        return isSummer ? summer : standard
    }

    // MARK: Parsing

    private static func skipName(_ text: inout Substring) -> Bool {
        if text.first == "<" {
            guard let end = text.firstIndex(of: ">") else { return false }
            text = text[text.index(after: end)...]
            return true
        }
        let name = text.prefix { $0.isASCII && $0.isLetter }
        text = text[name.endIndex...]
        return name.count >= 3
    }

    private static func number(_ text: inout Substring) -> Int? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard digits.count <= 3, let value = Int(digits) else { return nil }
        text = text[digits.endIndex...]
        return value
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    private static func time(_ text: inout Substring) -> Int64? {
        var sign: Int64 = 1
        if text.first == "+" || text.first == "-" { sign = text.removeFirst() == "-" ? -1 : 1 }
        guard let hours = number(&text) else { return nil }
        var seconds = Int64(hours) * 3600
        for unit in [Int64(60), 1] where text.first == ":" {
            text.removeFirst()
            guard let value = number(&text) else { return nil }
            seconds += Int64(value) * unit
        }
        return sign * seconds
    }

    /// `,Mm.w.d[/time]`.
    private static func change(_ text: inout Substring) -> Change? {
        guard text.hasPrefix(",M") else { return nil }
        text = text.dropFirst(2)
        guard let month = number(&text), 1...12 ~= month, text.first == "." else { return nil }
        text.removeFirst()
        guard let week = number(&text), 1...5 ~= week, text.first == "." else { return nil }
        text.removeFirst()
        guard let weekday = number(&text), 0...6 ~= weekday else { return nil }
        var seconds: Int64 = 7200
        if text.first == "/" {
            text.removeFirst()
            guard let time = time(&text) else { return nil }
            seconds = time
        }
        return Change(month: month, week: week, weekday: weekday, seconds: seconds)
    }
}
