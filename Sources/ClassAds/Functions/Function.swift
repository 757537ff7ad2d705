/// The functions of the language (spec 07, 9).
enum Function: String, CaseIterable, Sendable {
    // Type tests
    case isUndefined, isError, isString, isInteger, isReal, isBoolean, isList, isClassAd, isAbsTime, isRelTime
    // Conversions
    case int, real, string, bool
    // Numbers
    case floor, ceil, ceiling, round, pow, quantize, random
    // Lists
    case size, sum, avg, min, max, member, identicalMember, anyCompare, allCompare
    // Strings
    case strcat, join, substr, toUpper, toLower, strcmp, stricmp, split, splitUserName, splitSlotName
    case versioncmp, versionGT, versionGE, versionLT, versionLE, versionEQ
    case versionInRange = "version_in_range"
    // Time
    case time, currentTime, timeZoneOffset, dayTime, absTime, relTime, splitTime, formatTime, interval
    case getYear, getMonth, getDayOfYear, getDayOfMonth, getDayOfWeek, getDays, getHours, getMinutes, getSeconds
    // Control
    case ifThenElse, eval, unparse, unresolved, debug
    // Regular expressions
    case regexp, regexps, replace, replaceAll, regexpMember
    case stringListRegexpMember = "stringList_regexpMember"
    // String lists
    case stringListSize, stringListSum, stringListAvg, stringListMin, stringListMax
    case stringListMember, stringListIMember, stringListSubsetMatch, stringListISubsetMatch, stringListsIntersect
    // Nested contexts
    case evalInEachContext, countMatches
    // Arguments and environment
    case argsToList, listToArgs, envV1ToV2, mergeEnvironment
    // Site
    case userMap, userHome

    /// The function of a name in any case.
    init?(name: [UInt8]) {
        guard let function = Self.byName[NameKey(name)] else { return nil }
        self = function
    }

    private static let byName = [NameKey: Function](
        uniqueKeysWithValues: allCases.map { (NameKey($0.rawValue.utf8), $0) })
}

extension Function {
    /// How many arguments it takes; another number gives ERROR.
    var arity: ClosedRange<Int> {
        switch self {
        case .time, .currentTime, .timeZoneOffset, .dayTime: 0...0
        case .isUndefined, .isError, .isString, .isInteger, .isReal, .isBoolean, .isList, .isClassAd, .isAbsTime,
            .isRelTime, .int, .real, .string, .bool, .floor, .ceil, .ceiling, .round, .size, .sum, .avg, .min, .max,
            .toUpper, .toLower, .splitUserName, .splitSlotName, .relTime, .splitTime, .interval, .getYear, .getMonth,
            .getDayOfYear, .getDayOfMonth, .getDayOfWeek, .getDays, .getHours, .getMinutes, .getSeconds, .eval,
            .unparse, .debug, .envV1ToV2:
            1...1
        case .pow, .quantize, .member, .identicalMember, .strcmp, .stricmp, .versioncmp, .versionGT, .versionGE,
            .versionLT, .versionLE, .versionEQ, .evalInEachContext, .countMatches:
            2...2
        case .anyCompare, .allCompare, .versionInRange, .ifThenElse: 3...3
        case .random: 0...1
        case .absTime, .formatTime: 0...2
        case .split, .unresolved, .argsToList, .listToArgs, .stringListSize, .stringListSum, .stringListAvg,
            .stringListMin, .stringListMax, .userHome:
            1...2
        case .substr, .regexp, .regexpMember, .stringListMember, .stringListIMember, .stringListSubsetMatch,
            .stringListISubsetMatch, .stringListsIntersect:
            2...3
        case .regexps, .replace, .replaceAll: 3...4
        case .stringListRegexpMember, .userMap: 2...4
        case .strcat, .join, .mergeEnvironment: 0...Int.max
        }
    }
}
