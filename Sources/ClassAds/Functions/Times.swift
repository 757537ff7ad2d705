/// Times (spec 07, 9.6).
extension Evaluator {
    mutating func times(_ function: Function, _ arguments: [Value]) throws(EvaluationFailure) -> Value {
        switch function {
        case .time: return .integer(environment.now)
        case .currentTime: return .absoluteTime(local(environment.now))
        case .timeZoneOffset: return .relativeTime(Double(environment.timeZone.offset(at: environment.now)))
        case .dayTime:
            let fields = environment.timeZone.fields(at: environment.now)
            return .relativeTime(Double(fields.hour * 3600 + fields.minute * 60 + fields.second))
        case .absTime: return try absoluteTime(arguments)
        case .relTime: return Self.relativeTime(arguments[0])
        case .splitTime: return splitTime(arguments[0])
        case .formatTime: return try formatTime(arguments)
        case .interval: return Self.interval(arguments[0])
        default: return field(function, arguments[0])
        }
    }

    private func local(_ seconds: Int64) -> AbsoluteTime {
        AbsoluteTime(seconds: seconds, offset: environment.timeZone.offset(at: seconds))
    }

    private func absoluteTime(_ arguments: [Value]) throws(EvaluationFailure) -> Value {
        guard let first = arguments.first else { return .absoluteTime(local(environment.now)) }
        var offset: Int32?
        if arguments.count == 2 {
            switch arguments[1] {
            case .integer(let seconds): offset = Int32(truncatingIfNeeded: seconds)
            case .real(let seconds), .relativeTime(let seconds):
                offset = Int32(truncatingIfNeeded: Int64(smallWholePartOf: seconds))
            default: return .error
            }
        }
        let seconds: Int64
        switch first {
        case .integer(let value): seconds = Int64(Int32(truncatingIfNeeded: value))
        case .real(let value), .relativeTime(let value): seconds = Int64(smallWholePartOf: value)
        case .absoluteTime, .undefined, .string: return first
        default: return .error
        }
        // Only a time given as an integer is refused this offset.
        if offset == -1, case .integer = first { throw EvaluationFailure() }
        return .absoluteTime(offset.map { AbsoluteTime(seconds: seconds, offset: $0) } ?? local(seconds))
    }

    private static func relativeTime(_ value: Value) -> Value {
        switch value {
        case .integer(let seconds): .relativeTime(Double(Int32(truncatingIfNeeded: seconds)))
        case .real(let seconds), .relativeTime(let seconds): .relativeTime(seconds)
        case .absoluteTime(let time): .relativeTime(Double(time.seconds))
        case .undefined: .undefined
        case .string: .relativeTime(0)
        case .error, .boolean, .list, .classAd: .error
        }
    }

    /// `getYear` and its like.
    private func field(_ function: Function, _ value: Value) -> Value {
        switch value {
        case .absoluteTime(let time):
            let fields = environment.timeZone.fields(at: time.seconds)
            switch function {
            case .getYear: return .integer(fields.year)
            case .getMonth: return .integer(Int64(fields.month))
            case .getDayOfYear: return .integer(Int64(fields.dayOfYear))
            case .getDayOfMonth: return .integer(Int64(fields.day))
            case .getDayOfWeek: return .integer(Int64(fields.dayOfWeek))
            case .getHours: return .integer(Int64(fields.hour))
            case .getMinutes: return .integer(Int64(fields.minute))
            case .getSeconds: return .integer(Int64(fields.second))
            default: return .error
            }
        case .relativeTime(let value):
            let seconds = Int64(smallWholePartOf: value)
            switch function {
            case .getDays: return .integer(seconds / 86_400)
            case .getHours: return .integer(seconds / 3600 % 24)
            case .getMinutes: return .integer(seconds / 60 % 60)
            case .getSeconds: return .integer(seconds % 60)
            default: return .error
            }
        default: return .error
        }
    }

    private func splitTime(_ value: Value) -> Value {
        let time: AbsoluteTime
        switch value {
        case .integer(let seconds): time = local(seconds)
        case .real(let seconds): time = local(Int64(smallWholePartOf: seconds))
        case .absoluteTime(let value): time = value
        case .relativeTime(let seconds): return splitRelative(seconds)
        case .undefined: return .undefined
        default: return .error
        }
        let fields = CivilTime(seconds: time.seconds &+ Int64(time.offset))
        return ad([
            ("Type", .string("AbsoluteTime")), ("Year", .integer(fields.year)),
            ("Month", .integer(Int64(fields.month))),
            ("Day", .integer(Int64(fields.day))), ("Hours", .integer(Int64(fields.hour))),
            ("Minutes", .integer(Int64(fields.minute))), ("Seconds", .integer(Int64(fields.second))),
            ("Offset", .integer(Int64(time.offset))),
        ])
    }

    private func splitRelative(_ value: Double) -> Value {
        let whole = Int64(smallWholePartOf: abs(value))
        var parts = [whole / 86_400, whole / 3600 % 24, whole / 60 % 60]
        var seconds = Double(whole % 60) + (abs(value) - abs(value).rounded(.down))
        if value < 0 {
            if let first = parts.firstIndex(where: { $0 > 0 }) {
                parts[first] = 0 &- parts[first]
            } else {
                seconds = -seconds
            }
        }
        return ad([
            ("Type", .string("RelativeTime")), ("Days", .integer(parts[0])), ("Hours", .integer(parts[1])),
            ("Minutes", .integer(parts[2])), ("Seconds", .real(seconds)),
        ])
    }

    private func ad(_ attributes: [(String, Value)]) -> Value {
        let table = AttributeTable(
            unordered: attributes.map { Attribute(name: Name($0), expression: .literal($1)) })
        return .classAd(AdValue(Scope(AdLiteral(table), parent: nil)))
    }

    private mutating func formatTime(_ arguments: [Value]) throws(EvaluationFailure) -> Value {
        var format: [UInt8] = Array("%c".utf8)
        let fields: CivilTime
        switch arguments.first {
        case nil: fields = environment.timeZone.fields(at: environment.now)
        case .integer(let seconds): fields = environment.timeZone.fields(at: seconds)
        case .real(let seconds): fields = environment.timeZone.fields(at: Int64(smallWholePartOf: seconds))
        case .absoluteTime(let time): fields = CivilTime(seconds: time.seconds &+ Int64(time.offset))
        case .classAd(let ad): fields = timeFields(of: ad)
        default: return .error
        }
        if arguments.count == 2 {
            guard case .string(let given) = arguments[1] else { return .error }
            format = given.bytes
        }
        return .string(ByteString(TimeFormat.format(fields, format)))
    }

    /// The fields of an ad made like those of `splitTime`; what is missing is 0 to C, so the year 1900 and January.
    private mutating func timeFields(of ad: AdValue) -> CivilTime {
        var values: [Int] = []
        for (name, missing) in [("Year", 1900), ("Month", 1), ("Day", 0), ("Hours", 0), ("Minutes", 0), ("Seconds", 0)]
        {
            var value = Value.undefined
            if let (holder, index) = ad.scope.find(NameKey(name.utf8)) {
                value = isolated(from: ad.scope) { (evaluator) throws(EvaluationFailure) in
                    try evaluator.evaluateAttribute(holder, index, in: ad.scope)
                }
            }
            values.append(value.integerValue.map { Int(Int32(truncatingIfNeeded: $0)) } ?? missing)
        }
        return CivilTime(
            year: Int64(values[0]), month: values[1], day: values[2], hour: values[3], minute: values[4],
            second: values[5])
    }

    private static func interval(_ value: Value) -> Value {
        guard case .integer(let integer) = toInteger(value) else { return .error }
        let seconds = Int64(Int32(truncatingIfNeeded: integer))
        let two = { (value: Int64) in NumberText.twoDigits(abs(value)) }
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
        if days != 0 { return .string("\(days)+\(two(hours)):\(two(minutes)):\(two(seconds % 60))") }
        if hours != 0 { return .string("\(hours):\(two(minutes)):\(two(seconds % 60))") }
        return .string(minutes != 0 ? "\(minutes):\(two(seconds % 60))" : "\(seconds)")
    }
}
