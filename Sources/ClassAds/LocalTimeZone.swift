import Glibc

/// The zone that counts as local in time functions and in times written without one (spec 07, 9.6).
public enum LocalTimeZone: Sendable, Hashable {
    /// The zone of the process.
    case system
    /// A fixed number of seconds east of Greenwich.
    case fixed(Int32)
    /// The rules of a POSIX `TZ` value.
    case rules(TimeZoneRules)

    /// Greenwich.
    public static let utc = LocalTimeZone.fixed(0)

    /// Seconds to add to get local time.
    func offset(at seconds: Int64) -> Int32 {
        switch self {
        case .fixed(let offset): return offset
        case .rules(let rules): return rules.offset(at: seconds)
        case .system:
            var time = time_t(seconds)
            var fields = tm()
            guard localtime_r(&time, &fields) != nil else { return 0 }
            return Int32(clamping: fields.tm_gmtoff)
        }
    }

    /// The offset in force when local clocks show `wallClock`, given as if it were Greenwich time.
    ///
    /// Of a time that clocks show twice the standard one is meant; one that they skip counts as daylight saving.
    func offset(atWallClock wallClock: Int64) -> Int32 {
        let before = offset(at: wallClock &- 86_400)
        let after = offset(at: wallClock &+ 86_400)
        let valid = [before, after].filter { offset(at: wallClock &- Int64($0)) == $0 }
        return valid.min() ?? max(before, after)
    }

    /// The local fields of a time.
    func fields(at seconds: Int64) -> CivilTime {
        CivilTime(seconds: seconds &+ Int64(offset(at: seconds)))
    }
}
