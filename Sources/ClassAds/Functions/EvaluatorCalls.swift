extension Evaluator {
    /// The value of a call (spec 07, 9).
    mutating func evaluate(_ call: FunctionCall) throws(EvaluationFailure) -> Value {
        guard let function = call.function else { return .error }
        guard function.arity.contains(call.arguments.count) else {
            if function == .userHome { throw EvaluationFailure() }
            return .error
        }
        switch function {
        case .ifThenElse: return try ifThenElse(call.arguments)
        case .debug: return try evaluate(call.arguments[0])
        case .unparse: return try unparse(call.arguments[0])
        case .unresolved: return try unresolved(call)
        case .evalInEachContext: return try evaluateInEachContext(call.arguments[0], call.arguments[1])
        case .countMatches: return try countMatches(call.arguments[0], call.arguments[1])
        default: break
        }
        var arguments: [Value] = []
        arguments.reserveCapacity(call.arguments.count)
        for argument in call.arguments { arguments.append(try evaluate(argument)) }
        return try apply(function, arguments, call.pattern)
    }

    /// A function of evaluated arguments.
    mutating func apply(
        _ function: Function, _ arguments: [Value], _ cache: PatternCache
    ) throws(EvaluationFailure) -> Value {
        switch function {
        case .isUndefined, .isError, .isString, .isInteger, .isReal, .isBoolean, .isList, .isClassAd, .isAbsTime,
            .isRelTime:
            return .boolean(Self.test(function, arguments[0]))
        case .int, .real, .string, .bool: return try convert(function, arguments[0])
        case .floor, .ceil, .ceiling, .round: return Self.roundOff(function, arguments[0])
        case .pow: return Self.power(arguments[0], arguments[1])
        case .quantize: return try quantize(arguments[0], arguments[1])
        case .random: return try random(arguments.first)
        case .size: return Self.size(arguments[0])
        case .sum, .avg: return try total(function, arguments[0])
        case .min, .max: return try extreme(function, arguments[0])
        case .member, .identicalMember: return try member(function, arguments[0], arguments[1])
        case .anyCompare, .allCompare: return try compareAll(function, arguments)
        case .strcat, .join, .substr, .toUpper, .toLower, .strcmp, .stricmp, .split, .splitUserName,
            .splitSlotName:
            return try strings(function, arguments)
        case .versioncmp, .versionGT, .versionGE, .versionLT, .versionLE, .versionEQ, .versionInRange:
            return versions(function, arguments)
        case .time, .currentTime, .timeZoneOffset, .dayTime, .absTime, .relTime, .splitTime, .formatTime, .interval,
            .getYear, .getMonth, .getDayOfYear, .getDayOfMonth, .getDayOfWeek, .getDays, .getHours, .getMinutes,
            .getSeconds:
            return try times(function, arguments)
        case .eval: return try evaluateText(arguments[0])
        case .regexp, .regexps, .replace, .replaceAll, .regexpMember, .stringListRegexpMember:
            return try regularExpressions(function, arguments, cache)
        case .stringListSize, .stringListSum, .stringListAvg, .stringListMin, .stringListMax, .stringListMember,
            .stringListIMember, .stringListSubsetMatch, .stringListISubsetMatch, .stringListsIntersect:
            return stringLists(function, arguments)
        case .argsToList, .listToArgs: return try argumentLists(function, arguments)
        case .envV1ToV2, .mergeEnvironment: return Environments.apply(function, arguments)
        case .userMap: return try userMap(arguments)
        case .userHome: return userHome(arguments)
        case .ifThenElse, .debug, .unparse, .unresolved, .evalInEachContext, .countMatches: return .error
        }
    }

    // MARK: Type tests (spec 07, 9.1)

    private static func test(_ function: Function, _ value: Value) -> Bool {
        switch value {
        case .undefined: function == .isUndefined
        case .error: function == .isError
        case .string: function == .isString
        case .integer: function == .isInteger
        case .real: function == .isReal
        case .boolean: function == .isBoolean
        case .list: function == .isList
        case .classAd: function == .isClassAd
        case .absoluteTime: function == .isAbsTime
        case .relativeTime: function == .isRelTime
        }
    }
}
