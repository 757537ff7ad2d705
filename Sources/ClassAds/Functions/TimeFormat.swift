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
        fields.tm_wday = Int32(truncatingIfNeeded: time.dayOfWeek)
        fields.tm_yday = Int32(truncatingIfNeeded: time.dayOfYear)
        let format = format.map(CChar.init(bitPattern:)) + [0]
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            let length = strftime(buffer.baseAddress, capacity, format, &fields)
            return buffer.prefix(length).map(UInt8.init(bitPattern:))
        }
    }
}
