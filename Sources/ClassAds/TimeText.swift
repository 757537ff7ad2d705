extension AbsoluteTime {
    /// Reads the text of an `absTime` literal; nil if it is not acceptable (spec 07, 9.6).
    init?(text: [UInt8], zone: LocalTimeZone) {
        var rest = text[...]
        let written = Self.removeZone(&rest)
        guard let year = Self.digits(4, &rest) else { return nil }
        var wall = CivilTime(year: Int64(year), month: 1, day: 0)
        let fields: [WritableKeyPath<CivilTime, Int>] = [\.month, \.day, \.hour, \.minute, \.second]
        for field in fields {
            rest = rest.drop { !ASCII.isDigit($0) }
            guard rest.count >= 2 else { break }
            guard let value = Self.digits(2, &rest) else { return nil }
            wall[keyPath: field] = value
        }
        guard !rest.contains(where: ASCII.isDigit) else { return nil }
        let clock = wall.seconds
        let offset = written ?? zone.offset(atWallClock: clock)
        guard clock != -1, offset != -1 else { return nil }
        self.init(seconds: clock - Int64(offset), offset: offset)
    }

    /// `Z`, `±hhmm` or `±hh:mm` at the end of a text.
    private static func removeZone(_ text: inout ArraySlice<UInt8>) -> Int32? {
        var end = text
        while let last = end.last, ASCII.isSpace(last) { end.removeLast() }
        if let last = end.last, last | 0x20 == UInt8(ascii: "z") {
            text = end.dropLast()
            return 0
        }
        for (length, hasColon) in [(5, false), (6, true)] {
            let zone = Array(end.suffix(length))
            guard zone.count == length, zone[0] == ASCII.plus || zone[0] == ASCII.minus else { continue }
            guard !hasColon || zone[3] == UInt8(ascii: ":") else { continue }
            let digits = [zone[1], zone[2], zone[length - 2], zone[length - 1]]
            guard digits.allSatisfy(ASCII.isDigit) else { continue }
            let values = digits.map { Int32($0 - ASCII.zero) }
            let hours = values[0] * 10 + values[1]
            let minutes = values[2] * 10 + values[3]
            text = end.dropLast(length)
            return (zone[0] == ASCII.minus ? -1 : 1) * (hours * 3600 + minutes * 60)
        }
        return nil
    }

    /// A number of exactly so many digits, after anything that is no digit.
    private static func digits(_ count: Int, _ text: inout ArraySlice<UInt8>) -> Int? {
        text = text.drop { !ASCII.isDigit($0) }
        let digits = text.prefix(count)
        guard digits.count == count, digits.allSatisfy(ASCII.isDigit) else { return nil }
        text = text.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - ASCII.zero) }
    }

    /// The text inside an `absTime` literal (spec 07, 5.2).
    var text: String {
        let local = CivilTime(seconds: seconds &+ Int64(offset))
        let zone = abs(Int64(offset))
        let two = { (value: Int) in NumberText.twoDigits(value) }
        return "\(local.year)-\(two(local.month))-\(two(local.day))"
            + "T\(two(local.hour)):\(two(local.minute)):\(two(local.second))"
            + "\(offset > 0 ? "+" : "-")\(NumberText.twoDigits(zone / 3600)):\(NumberText.twoDigits(zone / 60 % 60))"
    }
}

/// The text of relative times.
enum RelativeTimeText {
    /// Reads `[-][[[days+]hh:]mm:]ss[.fff]`, from the end; nil if it is not acceptable (spec 07, 9.6).
    static func parse(_ text: [UInt8]) -> Double? {
        var rest = text[...]
        let seconds = lastField(&rest, unit: "s", separator: nil, allowsFraction: true) ?? 0
        let minutes = lastField(&rest, unit: "m", separator: ":") ?? 0
        let hours = lastField(&rest, unit: "h", separator: ":") ?? 0
        let days = lastField(&rest, unit: "d", separator: "+") ?? 0
        var sign = 1.0
        if rest.last == ASCII.minus {
            sign = -1
            rest.removeLast()
            dropBlanks(&rest)
        }
        guard rest.isEmpty else { return nil }
        return sign * (((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    }

    private static func dropBlanks(_ text: inout ArraySlice<UInt8>) {
        while let last = text.last, ASCII.isSpace(last) { text.removeLast() }
    }

    /// Takes a number and what ends it off the end of the text; nil if the ending is not there.
    private static func lastField(
        _ text: inout ArraySlice<UInt8>, unit: Unicode.Scalar, separator: Unicode.Scalar?, allowsFraction: Bool = false
    ) -> Double? {
        dropBlanks(&text)
        if let last = text.last, last == UInt8(ascii: unit) || separator.map({ last == UInt8(ascii: $0) }) == true {
            text.removeLast()
            dropBlanks(&text)
        } else if separator != nil {
            return nil
        }
        var start = text.endIndex
        while start > text.startIndex, ASCII.isDigit(text[start - 1]) { start -= 1 }
        if allowsFraction, start > text.startIndex, text[start - 1] == ASCII.dot {
            start -= 1
            while start > text.startIndex, ASCII.isDigit(text[start - 1]) { start -= 1 }
        }
        let value = NumberText.leadingReal(text[start...]).value
        text = text[..<start]
        dropBlanks(&text)
        return value
    }

    /// The text inside a `relTime` literal (spec 07, 5.2).
    static func text(_ value: Double) -> String {
        // The reference casts to a 32-bit integer; what does not fit is its least value there.
        let whole = Int64(Int32(exactly: abs(value).rounded(.towardZero)) ?? .min)
        let fraction = abs(value) - abs(value).rounded(.towardZero)
        let (days, hours, minutes, seconds) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60)
        let last =
            fraction > 0
            ? String(decoding: NumberText.format("%02g", Double(seconds) + fraction), as: UTF8.self)
            : NumberText.twoDigits(seconds)
        let two = { (value: Int64) in NumberText.twoDigits(value) }
        let sign = value < 0 ? "-" : ""
        if days != 0 { return "\(sign)\(days)+\(two(hours)):\(two(minutes)):\(last)" }
        if hours != 0 { return "\(sign)\(two(hours)):\(two(minutes)):\(last)" }
        if minutes != 0 { return "\(sign)\(two(minutes)):\(last)" }
        return sign + last
    }
}
