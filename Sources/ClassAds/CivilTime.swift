/// A broken-down date and time in the Gregorian calendar.
struct CivilTime: Equatable, Sendable {
    var year: Int64
    /// 1 to 12.
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    init(year: Int64, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// The fields of a number of seconds since 1970.
    init(seconds: Int64) {
        let (days, rest) = seconds.dividedDown(by: 86_400)
        // Days since 0000-03-01, in eras of 400 years.
        let (era, dayOfEra) = (days + 719_468).dividedDown(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = Int(rest / 3600)
        minute = Int(rest / 60 % 60)
        second = Int(rest % 60)
    }

    /// Seconds since 1970; fields out of range carry over as with `timegm`.
    var seconds: Int64 {
        let (years, months) = Int64(month - 1).dividedDown(by: 12)
        let days = Self.days(year: year &+ years, month: Int(months) + 1) &+ Int64(day) &- 1
        return days &* 86_400 &+ Int64(hour) &* 3600 &+ Int64(minute) &* 60 &+ Int64(second)
    }

    /// 0 for Sunday.
    var dayOfWeek: Int {
        let days = CivilTime(year: year, month: month, day: day).seconds.dividedDown(by: 86_400).quotient
        return Int((days &+ 4).dividedDown(by: 7).remainder)
    }

    /// 0 for the first of January.
    var dayOfYear: Int {
        let start = CivilTime(year: year, month: 1, day: 1).seconds
        return Int((CivilTime(year: year, month: month, day: day).seconds &- start) / 86_400)
    }

    /// Days from 1970-01-01 to the first of a month from 1 to 12.
    private static func days(year: Int64, month: Int) -> Int64 {
        let shifted = month <= 2 ? year &- 1 : year
        let (era, yearOfEra) = shifted.dividedDown(by: 400)
        let monthFromMarch = Int64((month + 9) % 12)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + (153 * monthFromMarch + 2) / 5
        return era &* 146_097 &+ dayOfEra &- 719_468
    }
}

extension Int64 {
    /// Quotient rounded down and the remainder that is never negative; the divisor is positive.
    func dividedDown(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
