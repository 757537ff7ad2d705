import Testing

@Suite struct HouseRulesTests {
    @Test func everySourceFileHoldsOneConcept() throws {
        let long = try SourceTree.load().files
            .filter { HouseRules.lineCount(of: $0.text) > HouseRules.maximumLines }
            .map { "\($0.path): \(HouseRules.lineCount(of: $0.text)) lines" }
        #expect(long == [])
    }

    @Test func whatSwitchesOffACheckSaysWhy() throws {
        let unexplained = try SourceTree.load().files.flatMap { file in
            HouseRules.unexplainedEscapes(in: file.text).map { "\(file.path), \($0)" }
        }
        #expect(unexplained == [])
    }

    @Test(arguments: [
        "final class Box: @unchecked Sendable {",
        "nonisolated(unsafe) var count = 0",
        "let value = try! decode()",
        "let text = value as! String",
        "let address = \"https://example.org\" as! Address",
        "/// Guarded by a lock.\nfinal class Box: @unchecked Sendable {",
        "// Guarded by a lock.\n\nfinal class Box: @unchecked Sendable {",
        "let value = try! decode()  // !",
        "let a = 1  // of the other line\nlet value = try! decode()",
    ])
    func anEscapeWithoutAReasonIsFound(text: String) {
        #expect(HouseRules.unexplainedEscapes(in: SourceText(text)).count == 1)
    }

    @Test(arguments: [
        "final class Box: @unchecked Sendable {  // every field is guarded by `lock`",
        "// The event loop owns it.\nnonisolated(unsafe) var count = 0",
        "let rule = \"no try! here\"",
        "// try! is never right",
        "let alias! = 1",
        "let value = try? decode()",
    ])
    func whatIsExplainedOrNoEscapeIsNotReported(text: String) {
        #expect(HouseRules.unexplainedEscapes(in: SourceText(text)) == [])
    }

    @Test func linesAreCountedLikeTheToolsDo() {
        #expect(HouseRules.lineCount(of: SourceText("one\ntwo\n")) == 2)
        #expect(HouseRules.lineCount(of: SourceText("one\ntwo")) == 2)
    }
}

@Suite struct SourceTextTests {
    @Test(arguments: [
        ("let a = 1  // why", "let a = 1", "why"),
        ("let a = \"// no\"", "let a =", nil),
        (#"let a = "\"// no" // yes"#, "let a =", "yes"),
        ("/// What it is.", "", "/ What it is."),
        ("let a = /* no */ 1", "let a =  1", nil),
    ])
    func aLineIsDividedIntoCodeAndComment(text: String, code: String, comment: String?) {
        #expect(SourceText(text).lines == [SourceText.Line(number: 1, code: code, comment: comment)])
    }

    @Test func stringsAndBlockCommentsAreFollowedOverLines() {
        let text = SourceText("let a = \"\"\"\n  // inside\n  \"\"\"  // outside\n/*\nimport B\n*/ import C")
        #expect(text.lines.map(\.code) == ["let a =", "", "", "", "", "import C"])
        #expect(text.lines.map(\.comment) == [nil, nil, "outside", nil, nil, nil])
    }
}
