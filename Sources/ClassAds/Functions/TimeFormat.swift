import Glibc

/// `strftime` in the C locale.
enum TimeFormat {
    /// Bytes of output; longer results are empty (spec 07, 9.6).
    private static let capacity = 1023

    static func format(_ time: CivilTime, _ format: [UInt8]) -> [UInt8] {
        var fields = tm()
        fields.tm_year = Int32(truncatingIfNeeded: time.year &- 1900)
        fields.tm_mon = Int32(truncatingIfNeeded: time.month &- 1)
        fields.tm_mday = Int32(truncatingIfNeeded: time.day)
        fields.tm_hour = Int32(truncatingIfNeeded: time.hour)
        fields.tm_min = Int32(truncatingIfNeeded: time.minute)
        fields.tm_sec = Int32(truncatingIfNeeded: time.second)
        let year = Int32(truncatingIfNeeded: time.year)
        let day = dayNumber(year, Int32(truncatingIfNeeded: time.month), fields.tm_mday)
        fields.tm_wday = day % 7
        fields.tm_yday = day &- dayNumber(year, 1, 1)
        let format = format.map(CChar.init(bitPattern:)) + [0]
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            let length = strftime(buffer.baseAddress, capacity, format, &fields)
            return buffer.prefix(length).map(UInt8.init(bitPattern:))
        }
    }

    /// The number of a day, 1 for the first of January of the year 1, a Monday.
    ///
    /// As in the reference implementation it is not exact for fields out of range or years before 1.
    private static func dayNumber(_ year: Int32, _ month: Int32, _ day: Int32) -> Int32 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let before = year &- 1
        let leapDays = before / 4 &- before / 100 &+ before / 400
        let months = (367 &* month &- 362) / 12 &- (month <= 2 ? 0 : isLeap ? 1 : 2)
        return 365 &* before &+ leapDays &+ months &+ day
    }
}
