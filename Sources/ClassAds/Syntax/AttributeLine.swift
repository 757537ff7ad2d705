/// A line `Name = expression` in old syntax (spec 07, 6.3).
enum AttributeLine {
    /// Where the name is, and where the expression begins.
    static func split(_ line: UnsafeBufferPointer<UInt8>) -> Result<(name: Range<Int>, right: Int), ClassAdError> {
        let start = line.firstIndex { !ASCII.isSpace($0) } ?? line.count
        guard let sign = line[start...].firstIndex(of: UInt8(ascii: "=")) else {
            return .failure(ClassAdError(.notAnAttribute, at: line.count, expecting: "'='"))
        }
        guard let end = line[start..<sign].lastIndex(where: { $0 != ASCII.space }) else {
            return .failure(ClassAdError(.notAnAttribute, at: start, expecting: "a name"))
        }
        let right = line[(sign + 1)...].firstIndex { $0 != ASCII.space } ?? line.count
        return .success((start..<(end + 1), right))
    }

    /// The expression in a text; what is not a plain literal is checked, not parsed.
    static func cell(
        _ text: UnsafeBufferPointer<UInt8>, pool: AdPool?, timeZone: LocalTimeZone
    ) -> Result<Cell, ClassAdError> {
        if let cell = PlainLiteral.cell(text, pool: pool) { return .success(cell) }
        if let body = pool?.body(text) { return .success(.body(body)) }
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
