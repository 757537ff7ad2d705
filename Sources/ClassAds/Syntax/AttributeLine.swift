/// A line `Name = expression` in old syntax (spec 07, 6.3).
enum AttributeLine {
    /// Where the name is, and where the expression begins.
    static func split(_ line: UnsafeBufferPointer<UInt8>) -> Result<(name: Range<Int>, right: Int), ClassAdError> {
        var start = 0
        while start < line.count, ASCII.isSpace(line[start]) { start += 1 }
        var sign = start
        while sign < line.count, line[sign] != UInt8(ascii: "=") { sign += 1 }
        guard sign < line.count else {
            return .failure(ClassAdError(.notAnAttribute, at: line.count, expecting: "'='"))
        }
        var end = sign
        while end > start, line[end - 1] == ASCII.space { end -= 1 }
        guard end > start else { return .failure(ClassAdError(.notAnAttribute, at: start, expecting: "a name")) }
        var right = sign + 1
        while right < line.count, line[right] == ASCII.space { right += 1 }
        return .success((start..<end, right))
    }

    /// The expression in a text; what is not a plain literal is checked, and parsed if trees are wanted at once.
    static func cell(
        _ text: UnsafeBufferPointer<UInt8>, pool: AdPool?, trees: ClassAd.Builder.Trees, timeZone: LocalTimeZone
    ) -> Result<Cell, ClassAdError> {
        if let cell = PlainLiteral.cell(text, pool: pool) { return .success(cell) }
        if let body = pool?.body(text) { return .success(.body(body)) }
        if trees == .atOnce {
            return Expression.parse(text, syntax: .old, full: false, timeZone: timeZone).map { Cell($0) }
        }
        switch check(text) {
        case .failure(let error): return .failure(error)
        case .success(let mayHoldTime):
            if mayHoldTime || text.contains(0) {
                return Expression.parse(text, syntax: .old, full: false, timeZone: timeZone).map { Cell($0) }
            }
            let body = ExpressionBody(checked: Array(text))
            pool?.keep(body)
            return .success(.body(body))
        }
    }

    private static func check(_ text: UnsafeBufferPointer<UInt8>) -> Result<Bool, ClassAdError> {
        Result { () throws(ClassAdError) in
            var parser = Parser(text, syntax: .old, builder: SyntaxCheck())
            _ = try parser.parse(full: false)
            return parser.builder.mayHoldTime
        }
    }
}
