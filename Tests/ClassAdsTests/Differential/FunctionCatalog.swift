/// What a generated argument should look like to be plausible.
enum ArgumentKind {
    case any, integer, number, string, list, ads, reference, time, pattern, options, replacement, delimiters
    case comparison, format, version, stringList, environment, arguments
}

/// A function and what it takes (spec 07, appendix).
struct CatalogFunction {
    var name: String
    var required: Int
    var arguments: [ArgumentKind]

    private init(_ name: String, _ required: Int, _ arguments: [ArgumentKind]) {
        self.name = name
        self.required = required
        self.arguments = arguments
    }

    private static func each(_ names: String, _ required: Int, _ arguments: ArgumentKind...) -> [CatalogFunction] {
        names.split(separator: " ").map { CatalogFunction(String($0), required, arguments) }
    }

    /// Every function of the appendix whose answer depends on its arguments alone; the README says which are missing
    /// and why.
    static let all: [CatalogFunction] = [
        each("isUndefined isError isString isInteger isReal isBoolean isList isClassAd isAbsTime isRelTime", 1, .any),
        each("int real string bool toUpper toLower size", 1, .any),
        each("floor ceil ceiling round", 1, .number),
        each("pow", 2, .number, .number),
        each("quantize", 2, .number, .number),
        each("quantize", 2, .number, .list),
        each("sum avg min max", 1, .list),
        each("member identicalMember", 2, .any, .list),
        each("anyCompare allCompare", 3, .comparison, .list, .any),
        each("strcat", 0, .any, .string, .any),
        each("join", 0, .string, .any, .string, .any),
        each("join", 1, .list),
        each("join", 2, .string, .list),
        each("substr", 2, .string, .integer, .integer),
        each("strcmp stricmp", 2, .string, .string),
        each("versioncmp versionEQ versionGE versionGT versionLE versionLT", 2, .version, .version),
        each("version_in_range", 3, .version, .version, .version),
        each("split", 1, .stringList, .delimiters),
        each("splitUserName splitSlotName", 1, .string),
        each("absTime", 1, .time, .integer),
        each("relTime splitTime interval", 1, .time),
        each("formatTime", 1, .time, .format),
        each(
            "getDayOfMonth getDayOfWeek getDayOfYear getDays getHours getMinutes getMonth getSeconds getYear", 1, .time),
        each("ifThenElse", 3, .any, .any, .any),
        each("eval", 1, .string),
        each("unparse", 1, .reference),
        each("unresolved", 1, .reference, .pattern),
        each("regexp", 2, .pattern, .string, .options),
        each("regexps replace replaceAll", 3, .pattern, .string, .replacement, .options),
        each("regexpMember", 2, .pattern, .list, .options),
        each("stringList_regexpMember", 2, .pattern, .stringList, .delimiters, .options),
        each("stringListSize stringListSum stringListAvg stringListMin stringListMax", 1, .stringList, .delimiters),
        each("stringListMember stringListIMember", 2, .string, .stringList, .delimiters),
        each(
            "stringListSubsetMatch stringListISubsetMatch stringListsIntersect", 2, .stringList, .stringList,
            .delimiters),
        each("evalInEachContext countMatches", 2, .reference, .ads),
        each("evalInEachContext countMatches", 2, .any, .ads),
        each("argsToList", 1, .arguments, .integer),
        each("listToArgs", 1, .list, .integer),
        each("envV1ToV2", 1, .environment),
        each("mergeEnvironment", 0, .environment, .environment, .environment),
        each("userMap", 2, .string, .string, .string, .any),
    ].flatMap { $0 }
}
