import Testing

@testable import Configuration

@Suite struct ConfigurationReaderTests {
    /// Reads files that exist in memory only; the first is the main one.
    private func read(
        _ main: String, others: [String: String] = [:], environment: [String: String] = [:], arguments: [String] = []
    ) throws -> MacroTable {
        let files = others.merging(["main": main]) { first, _ in first }
        let sources: [ConfigurationSource] = [.file(path: "main"), .environment(environment), .arguments(arguments)]
        return try ConfigurationReader.read(sources) { files[$0] }
    }

    private func value(of name: String, in text: String) throws -> String? { try read(text).value(of: name) }

    private func error(in text: String, others: [String: String] = [:]) -> ConfigurationError? {
        do {
            let table = try read(text, others: others)
            for definition in table.all { _ = try table.value(of: definition.name) }
            return nil
        } catch {
            return error as? ConfigurationError
        }
    }

    @Test func namesHaveNoCaseAndValuesNoOuterBlanks() throws {
        #expect(try value(of: "color", in: "  Color  =  blue green \t\n") == "blue green")
    }

    @Test func theLastDefinitionCounts() throws {
        #expect(try value(of: "A", in: "A = 1\nA = 2") == "2")
    }

    @Test func aNumberSignStartsACommentAtTheBeginningOfALineOnly() throws {
        #expect(try value(of: "A", in: "# A = 0\nA = 1 # not a comment") == "1 # not a comment")
    }

    /// HTCondor manual, comments and line continuations: both examples.
    @Test(arguments: ["A = $(B) \\\n# $(C)\n$(D)\nB=b\nD=d", "A = $(B) \\\n# $(C) \\\n$(D)\nB=b\nD=d"])
    func commentsWithinAContinuedLineAreLeftOut(text: String) throws {
        #expect(try value(of: "A", in: text) == "b d")
    }

    @Test func aContinuedLineAtTheEndOfTheFileIsWhole() throws {
        #expect(try value(of: "A", in: "A = 1 \\") == "1")
    }

    @Test func aBlockKeepsItsLines() throws {
        #expect(try value(of: "A", in: "A @=end\n one\n two = 2\n@end\nB = 1") == " one\n two = 2")
    }

    @Test func aBlockWithoutEndIsAnError() {
        #expect(error(in: "A @=end\none")?.kind == .badLine)
    }

    @Test func referencesAreExpandedWhenTheValueIsAskedFor() throws {
        #expect(try value(of: "A", in: "A = $(B)/x\nB = 1\nB = 2") == "2/x")
    }

    @Test func aReferenceToItselfMeansTheEarlierValue() throws {
        #expect(try value(of: "A", in: "A = 1\nA = $(A) 2\nA = $(a) 3") == "1 2 3")
    }

    @Test func undefinedReferencesAreEmptyOrTheirDefault() throws {
        #expect(try value(of: "A", in: "A = x$(NONE)y$(NONE:7)z$(NONE:$(B))\nB = b") == "xy7zb")
    }

    @Test func aDollarCanBeWritten() throws {
        #expect(try value(of: "A", in: "A = $(DOLLAR)(B)") == "$(B)")
    }

    @Test func circlesOfReferencesAreFound() {
        #expect(error(in: "A = $(B)\nB = $(A)")?.kind == .tooDeep)
    }

    @Test func expansionIsBounded() {
        let text = (1...20).map { "A\($0) = $(A\($0 - 1))$(A\($0 - 1))$(A\($0 - 1))$(A\($0 - 1))" }
        #expect(error(in: "A0 = 0123456789\n" + text.joined(separator: "\n"))?.kind == .tooLarge)
    }

    @Test(arguments: ["A = $(B", "A = $(B C)", "A = $()"])
    func brokenReferencesAreErrors(text: String) {
        #expect(error(in: text)?.kind == .badMacro)
    }

    @Test func filesAreIncludedWhereTheyStand() throws {
        let table = try read("DIR = d\ninclude : $(DIR)/x\nA = $(A) 2", others: ["d/x": "A = 1"])
        #expect(try table.value(of: "A") == "1 2")
        #expect(table.definition("A")?.origin == ConfigurationOrigin(source: "main", line: 3))
    }

    @Test func aMissingFileIsAnErrorUnlessItMayBeMissing() throws {
        #expect(error(in: "include : none")?.kind == .unreadableFile)
        #expect(error(in: "include ifexist : none") == nil)
    }

    @Test func filesThatIncludeThemselvesAreFound() {
        #expect(error(in: "include : main")?.kind == .tooDeep)
    }

    @Test(arguments: [
        "use ROLE : Submit", "if defined X\nendif", "include command : /bin/date", "include : /bin/date |",
    ])
    func whatOnlyHTCondorUnderstandsIsRefused(text: String) {
        #expect(error(in: text)?.kind == .unsupported)
    }

    @Test(arguments: ["just words", "A B = 1", "= 1", "include none"])
    func linesThatAreNoDefinitionsAreRefusedWithTheirNumber(text: String) {
        let error = error(in: "X = 1\n\(text)")
        #expect(error?.kind == .badLine)
        #expect(error?.origin == ConfigurationOrigin(source: "main", line: 2))
    }

    @Test func settingsMayBeCalledLikeStatements() throws {
        #expect(try value(of: "use", in: "use = 1\ninclude=2") == "1")
    }

    @Test func theEnvironmentGoesOverFilesAndTheCommandLineOverBoth() throws {
        let table = try read(
            "A = 1\nB = 1\nC = 1", environment: ["_CONDOR_A": "2", "_condor_B": "2", "C": "2"], arguments: ["B=3"])
        #expect(try ["A", "B", "C"].map { try table.value(of: $0) } == ["2", "3", "1"])
    }

    @Test func whatHTCondorPrintsIsReadWithoutComplaint() throws {
        let dump = "# Parameters with names that match\nUID_DOMAIN = ap.test\nuse X\nodd line\n"
        let table = try ConfigurationReader.read([.condor(dump: dump)]) { _ in nil }
        #expect(try table.value(of: "UID_DOMAIN") == "ap.test")
    }

    @Test func aFileThatIsTooLargeIsRefused() {
        #expect(error(in: "A = " + String(repeating: "x", count: 1 << 20))?.kind == .tooLarge)
    }
}
