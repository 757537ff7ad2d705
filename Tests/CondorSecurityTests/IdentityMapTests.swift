import Testing

@testable import CondorSecurity

@Suite struct IdentityMapTests {
    /// A map of files by path; a path with several texts is a directory.
    private static func read(
        _ text: String, literal: Bool = false, others: [String: String] = [:], directories: [String: [String]] = [:]
    ) -> (map: IdentityMap, problems: [String]) {
        let files = others.merging(["/etc/map": text]) { $1 }
        let (map, problems) = IdentityMapReader.read("/etc/map", literalKeys: literal) {
            path throws(IdentityMapReader.Unreadable) in
            if let names = directories[path] { return .directory(names) }
            guard let text = files[path] else { throw IdentityMapReader.Unreadable("there is no such file") }
            return .text(text)
        }
        return (map, problems.map(\.description))
    }

    private static func user(_ map: IdentityMap, _ method: AuthenticationMethod, _ name: String) throws -> String? {
        try map.user(of: name, by: method, defaultDomain: "x.org")
    }

    /// The two lines of spec 03, 8, which were tried with a real collector.
    @Test func theLinesOfTheSpecificationMap() throws {
        let (map, problems) = Self.read(
            """
            # a comment
            SSL "/O=Annex Broker Test/CN=annex-42" annex-42@ssl.example.org
            SCITOKENS /^https:\\/\\/broker.example.org,(.*)$/ \\1@sci.example.org
            """, literal: true)
        #expect(problems == [])
        #expect(try Self.user(map, .ssl, "/O=Annex Broker Test/CN=annex-42") == "annex-42@ssl.example.org")
        #expect(try Self.user(map, .sciTokens, "https://broker.example.org,annex-7") == "annex-7@sci.example.org")
        #expect(try Self.user(map, .ssl, "https://broker.example.org,annex-7") == nil)
    }

    @Test func withoutLiteralKeysEveryPrincipalIsAPatternThatFitsAnywhere() throws {
        let (map, _) = Self.read("FS ^(ann)e$ \\1\nFS \"b o\" quoted\nFS . rest@y")
        #expect(try Self.user(map, .fs, "anne") == "ann@x.org")
        #expect(try Self.user(map, .fs, "a b o c") == "quoted@x.org")
        #expect(try Self.user(map, .fs, "other") == "rest@y")
    }

    @Test func aSlashIsNoPatternUnlessKeysAreLiterals() throws {
        let (map, _) = Self.read("SSL /CN=(.*) \\1")
        #expect(try Self.user(map, .ssl, "/CN=anne") == "anne@x.org")
    }

    @Test func theFirstLineThatFitsDecides() throws {
        let (map, _) = Self.read(
            "FS anne first\nFS anne again\nFS /^a/ pattern\nFS andy late\nFS bert b", literal: true)
        #expect(try Self.user(map, .fs, "anne") == "first@x.org")
        #expect(try Self.user(map, .fs, "andy") == "pattern@x.org")
        #expect(try Self.user(map, .fs, "bert") == "b@x.org")
        #expect(try map.mapping(of: "andy", by: .fs)?.origin == MapOrigin(file: "/etc/map", line: 3))
    }

    @Test func literalsAreComparedExactly() throws {
        let (map, _) = Self.read("FS a.ne b", literal: true)
        #expect(try Self.user(map, .fs, "anne") == nil)
        #expect(try Self.user(map, .fs, "A.ne") == nil)
    }

    @Test func optionsOfAPatternFollowItsSlash() throws {
        let (map, _) = Self.read("FS /^ANNE$/i caseless\nSSL /CN=(.+)/U \\1\nSCITOKENS /CN=(.+)/ \\1", literal: true)
        #expect(try Self.user(map, .fs, "anne") == "caseless@x.org")
        #expect(try Self.user(map, .ssl, "CN=bert") == "b@x.org")
        #expect(try Self.user(map, .sciTokens, "CN=bert") == "bert@x.org")
    }

    @Test func groupsAreFilledInAndMissingOnesAreEmpty() throws {
        let (map, problems) = Self.read("FS ^(a)(b)?(c)$ \\3\\2\\1-\\0@d")
        #expect(problems == [])
        #expect(try Self.user(map, .fs, "ac") == "ca-ac@d")
    }

    @Test func methodNamesHaveNoCaseAndTokensHaveManyNames() throws {
        let (map, problems) = Self.read("fs anne a\nscitoken i,s b\nTOKEN t c\nKERBEROS k@K d")
        #expect(try Self.user(map, .fs, "anne") == "a@x.org")
        #expect(try Self.user(map, .sciTokens, "i,s") == "b@x.org")
        #expect(
            problems == ["warning: /etc/map:3: the map is not asked for TOKEN: the user stands in the token itself"])
        #expect(map.lineCount == 4)
        #expect(map.speaks(of: .fs) && !map.speaks(of: .ssl))
    }

    @Test(arguments: [
        ("FS anne", "a line is METHOD principal user"), ("FS", "a line is METHOD principal user"),
        ("FS \"anne a", "a quotation mark is not closed"), ("FS \"anne\"x a", "not followed by a blank"),
        ("FS (anne a", "missing closing parenthesis at offset 5"), ("FS anne \\1", "refers to group 1"),
        ("FS a(n)ne \\2", "the principal has 1"), ("@include", "@include needs a path"),
        ("@include /nowhere", "/nowhere: there is no such file"), ("FS \"\" a", "a line is METHOD"),
    ])
    func faultyLinesAreToldWithTheirPlace(line: String, words: String) throws {
        let (_, problems) = Self.read("\n" + line + "\n")
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("error: /etc/map:2: ") == true)
        #expect(problems.first?.contains(words) == true, "\(problems)")
    }

    @Test(arguments: [("FS /anne a", "closing slash"), ("FS /anne/g a", "something else than i and U")])
    func faultyPatternsAreToldWithTheirPlace(line: String, words: String) {
        let (_, problems) = Self.read(line, literal: true)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(words) == true, "\(problems)")
    }

    @Test func allFaultsAreToldAtOnce() {
        #expect(Self.read("FS (a b\nFS a\nFS x y\nFS ) c\n").problems.count == 3)
    }

    @Test func linesMayEndAsOnOtherSystems() throws {
        let (map, problems) = Self.read("FS anne a\r\nFS bert b\r\n")
        #expect(problems == [])
        #expect(try Self.user(map, .fs, "bert") == "b@x.org")
    }

    @Test func whatFollowsTheUserIsNotLookedAt() {
        #expect(Self.read("FS anne a # comment").problems == [])
        #expect(Self.read("FS anne a b").problems.first?.hasPrefix("warning: /etc/map:1: ") == true)
    }

    // MARK: Includes

    @Test func includedLinesStandWhereTheyAreIncluded() throws {
        let (map, problems) = Self.read(
            "FS ^a$ one\n@include more\nFS . last", others: ["/etc/more": "FS ^b$ two\n@include \"sub dir/x\""],
            directories: ["/etc/sub dir/x": []])
        #expect(problems == [])
        #expect(try Self.user(map, .fs, "b") == "two@x.org")
        #expect(try map.mapping(of: "b", by: .fs)?.origin == MapOrigin(file: "/etc/more", line: 1))
        #expect(try Self.user(map, .fs, "c") == "last@x.org")
    }

    @Test func directoriesAreReadFileByFile() throws {
        let (map, _) = Self.read(
            "@include d", others: ["/etc/d/1": "FS a one", "/etc/d/2": "FS a two"],
            directories: ["/etc/d": ["/etc/d/1", "/etc/d/2"]])
        #expect(try Self.user(map, .fs, "a") == "one@x.org")
    }

    @Test func filesThatIncludeEachOtherComeToAnEnd() {
        #expect(
            Self.read("@include map").problems == ["error: /etc/map:1: files include each other more than 4 deep"])
    }

    @Test func aMapOfTooManyFilesComesToAnEnd() {
        let text = String(repeating: "@include more\n", count: 300)
        let problems = Self.read(text, others: ["/etc/more": ""]).problems
        #expect(problems.first == "error: /etc/map:256: more than 256 files")
        #expect(problems.count <= IdentityMapReader.maximumProblems)
    }

    // MARK: What a map refuses

    @Test(arguments: ["FS . \"two words\"", "FS . a,b", "FS . a/b", "FS . @x", "FS . a@", "FS . *@x", "FS . a\\\\1"])
    func whatIsNoUserIsRefusedAndNotPassedOn(line: String) {
        let (map, problems) = Self.read(line + "\nFS . other")
        #expect(problems == [])
        #expect(throws: IdentityMap.Failure.notAUser(MapOrigin(file: "/etc/map", line: 1))) {
            try Self.user(map, .fs, "anne")
        }
    }

    @Test func aPatternThatGoesAstrayRefusesInsteadOfPassingOn() {
        let (map, _) = Self.read("FS (a+)+(b+)+(a+)+(b+)+c$ bad\nFS . other")
        let name = String(repeating: "aaaaaaaaaabbbbbbbbbb", count: 40) + "c!"
        #expect(throws: IdentityMap.Failure.tooMuchWork(MapOrigin(file: "/etc/map", line: 1))) {
            try Self.user(map, .fs, name)
        }
    }

    @Test func aNameThatIsTooLongIsRefused() {
        let (map, _) = Self.read("FS . other")
        #expect(throws: IdentityMap.Failure.principalTooLong) {
            try Self.user(map, .fs, String(repeating: "a", count: 5000))
        }
    }

    @Test func aLineThatIsTooLongIsTold() {
        #expect(
            Self.read("FS a " + String(repeating: "b", count: 9000)).problems
                == ["error: /etc/map:1: the line has more than 8192 bytes"])
    }

    @Test(arguments: 0..<200)
    func garbageNeverTraps(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        let alphabet = Array("FSL @\"/\\#.*()[]{}ai12\t\nU,=+?|^$".utf8)
        let bytes = (0..<300).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return alphabet[Int(state >> 33) % alphabet.count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        for literal in [true, false] {
            let (map, _) = Self.read(text, literal: literal)
            for name in ["anne", "/CN=a", ""] { _ = try? Self.user(map, .fs, name) }
        }
    }
}
