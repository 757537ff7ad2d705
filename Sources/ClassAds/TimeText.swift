extension AbsoluteTime {
    /// Reads the text of an `absTime` literal; nil if it is not acceptable (spec 07, 9.6).
    init?(text: [UInt8], zone: LocalTimeZone) {
        var rest = text[...]
        let written = Self.removeZone(&rest)
        guard let year = Self.field(4, &rest) else { return nil }
        var wall = CivilTime(year: Int64(year), month: 1, day: 0)
        let fields: [WritableKeyPath<CivilTime, Int>] = [\.month, \.day, \.hour, \.minute, \.second]
        for field in fields {
            guard let value = Self.field(2, &rest) else { break }
            wall[keyPath: field] = value
        }
        guard !rest.contains(where: ASCII.isDigit) else { return nil }
        let clock = wall.seconds
        let offset = written ?? zone.offset(atWallClock: clock)
        guard clock != -1, offset != -1 else { return nil }
        self.init(seconds: clock - Int64(offset), offset: offset)
    }

    /// `Z` with blanks after it, or `±hhmm` or `±hh:mm`, at the end of a text.
    private static func removeZone(_ text: inout ArraySlice<UInt8>) -> Int32? {
        if let last = text.lastIndex(where: { !ASCII.isSpace($0) }), last > text.startIndex,
            text[last] | 0x20 == UInt8(ascii: "z")
        {
            text.remove(at: last)
            return 0
        }
        let isSign = { (byte: UInt8) in byte == ASCII.plus || byte == ASCII.minus }
        if text.count > 5, isSign(text[text.endIndex - 5]) { return removeDigits(&text) }
        guard text.count > 6, isSign(text[text.endIndex - 6]), text[text.endIndex - 3] == UInt8(ascii: ":") else {
            return nil
        }
        // The colon is gone even if this turns out to be no zone.
        text.remove(at: text.endIndex - 3)
        return removeDigits(&text)
    }

    /// A sign and four digits at the end of a text.
    private static func removeDigits(_ text: inout ArraySlice<UInt8>) -> Int32? {
        let zone = Array(text.suffix(5))
        guard zone.dropFirst().allSatisfy(ASCII.isDigit) else { return nil }
        text.removeLast(5)
        let digits = zone.dropFirst().map { Int32($0 - ASCII.zero) }
        let seconds = (digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60
        return zone[0] == ASCII.minus ? -seconds : seconds
    }

    /// The number at the start of so many bytes that begin with a digit, whatever comes before; nil if there are
    /// fewer bytes.
    private static func field(_ length: Int, _ text: inout ArraySlice<UInt8>) -> Int? {
        text = text.drop { !ASCII.isDigit($0) }
        guard text.count >= length else { return nil }
        defer { text = text.dropFirst(length) }
        return text.prefix(length).prefix(while: ASCII.isDigit).reduce(0) { $0 * 10 + Int($1 - ASCII.zero) }
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
        let seconds = secondsField(&rest)
        let minutes = wholeField(&rest, unit: "m", separator: ":")
        let hours = wholeField(&rest, unit: "h", separator: ":")
        let days = wholeField(&rest, unit: "d", separator: "+")
        var sign = 1.0
        dropBlanks(&rest)
        if rest.last == ASCII.minus {
            sign = -1
            rest.removeLast()
            dropBlanks(&rest)
        }
        guard rest.isEmpty else { return nil }
        // The reference adds the whole fields up as 32-bit integers.
        let whole = days &* 86_400 &+ hours &* 3600 &+ minutes &* 60
        return sign * (Double(whole) + seconds)
    }

    private static func dropBlanks(_ text: inout ArraySlice<UInt8>) {
        while let last = text.last, ASCII.isSpace(last) { text.removeLast() }
    }

    /// Takes digits off the end of a text.
    private static func takeDigits(_ text: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var start = text.endIndex
        while start > text.startIndex, ASCII.isDigit(text[start - 1]) { start -= 1 }
        defer { text = text[..<start] }
        return text[start...]
    }

    /// Takes seconds with their fraction, and the unit if it is there, off the end of a text; 0 if there are none.
    private static func secondsField(_ text: inout ArraySlice<UInt8>) -> Double {
        dropBlanks(&text)
        guard let last = text.last else { return 0 }
        if ASCII.lower(last) == UInt8(ascii: "s") {
            text.removeLast()
            dropBlanks(&text)
        } else if !ASCII.isDigit(last) {
            return 0
        }
        var number = takeDigits(&text)
        if text.last == ASCII.dot {
            text.removeLast()
            number = takeDigits(&text) + [ASCII.dot] + number
        }
        return NumberText.leadingReal(number).value
    }

    /// Takes a number and what ends it off the end of a text; 0 if the ending is not there or the number is too large.
    private static func wholeField(
        _ text: inout ArraySlice<UInt8>, unit: Unicode.Scalar, separator: Unicode.Scalar
    ) -> Int32 {
        dropBlanks(&text)
        guard let last = text.last, ASCII.lower(last) == UInt8(ascii: unit) || last == UInt8(ascii: separator) else {
            return 0
        }
        text.removeLast()
        dropBlanks(&text)
        return Int32(String(decoding: takeDigits(&text), as: UTF8.self)) ?? 0
    }

    /// The text inside a `relTime` literal (spec 07, 5.2).
    static func text(_ value: Double) -> String {
        // The reference casts to a 32-bit integer; what does not fit is its least value there.
        let whole = Int64(Int32(exactly: abs(value).rounded(.towardZero)) ?? .min)
        let fraction = abs(value) - abs(value).rounded(.down)
        let (days, hours, minutes, seconds) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60)
        let last =
            fraction != 0
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
