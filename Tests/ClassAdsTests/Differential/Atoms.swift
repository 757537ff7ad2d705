/// The small parts that generated texts are made of.
enum Atoms {
    /// Numbers of moderate size: what depends on overflow is not asked of both implementations.
    static let numbers = [
        "0", "1", "2", "3", "-1", "-2", "7", "10", "42", "63", "100", "1000", "4096", "65536", "-65536", "0.0", "-0.0",
        "0.5", "1.5", "2.5", "-2.5", "3.0", "1e3", "1e-7", "08.5", ".5", "1E5", "0.1", "100000.25", "1e-320",
        "123456.789", "2.000000000000001",
    ]

    /// Numbers that are read and printed but not computed with.
    static let rawNumbers = [
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e308", "1e400", "-1e400", "1e-400",
        "1.7976931348623157e308", "4.9e-324", "0x10", "010", "00", "1.", "1e", "1e+", "10K", "5B", "1.5.5", "-.5",
        "..5",
        "1234567890123456.7", "0.30000000000000004", "1e15", "1e16", "123456789012345678",
    ]

    static let words = ["true", "false", "TRUE", "undefined", "error", "UNDEFINED", "Error"]

    /// Strings, as they stand between the quotes in new syntax.
    static let strings = [
        "", "a", "abc", "ABC", "Hello World", "a,b,c", "a, b ,c", "10", "-3.5", "1e3", "0x1F", "inf", "nan", "true",
        "FALSE", "x", "slot1@host", "alice@dom@x", " ", "  pad ", ",,", "a;b;c", "it's", "x + 1", "1 +", "MY.x",
        "{1,2}",
        "[a=1]", "é日", "\\377", "\\q", "\\t\\n", "\\\\", "say \\\"hi\\\"", "5 apples", "LINUX", "linux", "a/b",
        "C:\\\\dir\\\\",
    ]

    static let times = [
        "absTime(\"2003-01-25T09:00:00-06:00\")", "absTime(\"1970-01-01T00:00:00Z\")",
        "absTime(\"2020-02-29T23:59:59+0530\")", "absTime(\"1999-12-31 23:59\")", "relTime(\"1+02:03:04\")",
        "relTime(90)", "relTime(-90.25)", "relTime(100000.5)", "relTime(\"90\")", "absTime(1000000000)",
        "absTime(1000000000,3600)", "absTime(-1.5,0)", "relTime(0)", "1000000000", "86399", "-61", "2147483647",
    ]

    /// Strings by what they are good for.
    static let special: [ArgumentKind: [String]] = [
        .pattern: [
            "^a", "(a)(b)?", "[a-z]+", "x*", "\\\\d+", "\\\\w+@\\\\w+", "a.c", "(", "*", "b$", "(a|b)c", "", "A",
            "\\\\s",
        ],
        .options: ["i", "g", "f", "gi", "imsx", "", "fg", "I"],
        .replacement: ["<\\\\0>", "\\\\1-\\\\2", "", "-", "\\\\9", "\\\\x"],
        .delimiters: [",", ", ", ";", "|", "", " ", ":;"],
        .comparison: ["<", "<=", "!=", "==", ">", ">=", "is", "isnt", "=?=", "x"],
        .format: ["%Y-%m-%d", "%H:%M:%S %j", "%c", "%", "%a %b %e", "%y%%", "%D %T", "%U %w %u", "", "x"],
        .version: [
            "1.2.3", "1.10", "1.2", "a01b", "a1b", "a001", "25.14.1", "$CondorVersion: 25.14.1 $", "", "00", "1.a",
        ],
        .stringList: [
            "a,b,c", "1, 2.5,-3", "1 2 3", "a, ,b", "", ",,", "x;y;z", "1,x", "A b C", " a ", "a\\tb", "1e3,5", "+5",
        ],
        .environment: ["A=1;B=2", "A=1 B='x y'", "|A=1|B=2", "A", "=x", "A=$$(B)", "A=1\\nB=2", "A='it''s'", "'", ""],
        .arguments: ["a b  c", "'a b' c", "''", "it''s", "'", "a'b'c", "", "\\t a \\n"],
    ]

    static let names = [
        "x", "y", "z", "a", "b", "c", "name", "lst", "ad", "n", "t", "f", "u", "e", "s", "d", "q", "c1", "c2", "rel",
        "missing", "MY.x", "MY.missing", "TARGET.x", "TARGET.y", "TARGET.missing", "other.x", "ad.p", "ad.r.s", "n.x",
        "n.nn.x", "n.y", ".x", ".missing", "parent.x", "self.y", "toplevel.x", "'odd name'", "Requirements", "rank",
        "CPUs", "mem", "os",
    ]

    static let binaryOperators = [
        "+", "-", "*", "/", "%", "<", "<=", "==", "!=", ">=", ">", "=?=", "=!=", "is", "isnt", "&&", "||", "&", "|",
        "^",
        "&&", "||", "==", "=?=", "?:",
    ]
}
