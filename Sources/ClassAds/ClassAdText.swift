/// The text forms of ads in old and new syntax (spec 07, 6.3 and 15.1 to 15.3).
extension ClassAd {
    // MARK: Old syntax

    /// Adds an attribute from a line `Name = expression` in old syntax (spec 07, 6.3).
    ///
    /// - Throws: ``ClassAdError`` without `=`, without a name, or if what follows is no expression.
    public mutating func insert(line: String, timeZone: LocalTimeZone = .system) throws(ClassAdError) {
        try insert(line: Array(line.utf8), timeZone: timeZone)
    }

    /// Adds an attribute from a line `Name = expression` in old syntax (spec 07, 6.3).
    public mutating func insert(line: [UInt8], timeZone: LocalTimeZone = .system) throws(ClassAdError) {
        let result = line.withUnsafeBytes { Self.attribute(line: $0, timeZone: timeZone) }
        let attribute = try result.get()
        table.insert(attribute.name, attribute.cell)
    }

    /// Adds an attribute from a line `Name = expression` in old syntax (spec 07, 6.3).
    public mutating func insert(
        line: UnsafeRawBufferPointer, timeZone: LocalTimeZone = .system
    ) throws(ClassAdError) {
        let attribute = try Self.attribute(line: line, timeZone: timeZone).get()
        table.insert(attribute.name, attribute.cell)
    }

    /// Parses the `-long` form: lines, blank ones and comments skipped (spec 07, 15.2).
    ///
    /// - Throws: the ``ClassAdError`` of the first bad line.
    public init(longForm text: some Collection<UInt8>, timeZone: LocalTimeZone = .system) throws(ClassAdError) {
        var builder = Builder(timeZone: timeZone)
        try builder.insert(longForm: text)
        self = builder.build()
    }

    /// Parses the `-long` form: lines, blank ones and comments skipped (spec 07, 15.2).
    ///
    /// - Throws: the ``ClassAdError`` of the first bad line.
    public init(longForm text: String, timeZone: LocalTimeZone = .system) throws(ClassAdError) {
        try self.init(longForm: Array(text.utf8), timeZone: timeZone)
    }

    /// The attribute in a line `Name = expression`.
    private static func attribute(
        line: UnsafeRawBufferPointer, timeZone: LocalTimeZone
    ) -> Result<Attribute, ClassAdError> {
        line.withMemoryRebound(to: UInt8.self) { line in
            AttributeLine.split(line).flatMap { parts in
                let text = UnsafeBufferPointer(rebasing: line[parts.right...])
                return AttributeLine.cell(text, pool: nil, trees: .whenNeeded, timeZone: timeZone).map { cell in
                    let name = UnsafeBufferPointer(rebasing: line[parts.name])
                    return Attribute(name: NameTable.shared.name(name), cell: cell)
                }.mapError { error in
                    var error = error
                    error.position += parts.right
                    return error
                }
            }
        }
    }

    /// Calls `body` with the name and the line `Name = expression` of each attribute in wire order, those of a
    /// chained parent first (spec 07, 15.1).
    ///
    /// Private attributes are included. The bytes of a line are there during the call only.
    public func forEachLine(_ body: (_ name: ByteString, _ line: UnsafeRawBufferPointer) -> Void) {
        if isChained { chainedParent?.forEachLine(body) }
        var printer = Printer(.old, capacity: 512)
        for index in 0..<table.count {
            let name = table.shape.names[index]
            printer.clear()
            printer.writeLine(name, table.cells[index])
            printer.output.withUnsafeBytes { body(ByteString(kept: name.spelling), $0) }
        }
    }

    private static func line(_ attribute: Attribute) -> [UInt8] {
        var printer = Printer(.old, capacity: attribute.name.spelling.count + 24)
        printer.writeLine(attribute.name, attribute.cell)
        return printer.output
    }

    /// The `-long` form: lines in alphabetical order, each ended by a newline, without private attributes
    /// (spec 07, 15.2).
    public func longForm() -> String { String(decoding: longFormBytes(), as: UTF8.self) }

    /// The bytes of ``longForm()``.
    public func longFormBytes() -> [UInt8] {
        unchained.alphabetical.reduce(into: []) { text, attribute in
            text += Self.line(attribute)
            text.append(ASCII.newline)
        }
    }

    // MARK: New syntax

    /// The ad in new syntax on one line, private attributes included.
    public var text: String { String(decoding: bytes(.new), as: UTF8.self) }

    /// The ad in brackets on one line, private attributes included.
    public func bytes(_ syntax: Syntax) -> [UInt8] {
        var printer = Printer(syntax)
        printer.write(table)
        return printer.output
    }

    // MARK: Order

    /// Public attributes in the order of `strcasecmp`, as tools print them (spec 07, 6.2).
    var alphabetical: [Attribute] {
        table.attributes
            .filter { !$0.name.isPrivate }
            .sorted { ASCII.compareFolded($0.name.spelling, $1.name.spelling) < 0 }
    }

    /// One ad with the attributes of all chained parents.
    var unchained: ClassAd {
        guard let parent = chainedParent else { return self }
        // The spelling of the child counts.
        var result = parent.unchained
        result.table.removeAll { table.index(of: $0.key) != nil }
        return ClassAd(table: AttributeTable(unordered: Array(result.table.attributes) + table.attributes))
    }
}
