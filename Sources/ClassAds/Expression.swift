/// An expression of the ClassAd language: an immutable tree, cheap to copy.
///
/// ```swift
/// let fits = try Expression(parsing: "Cpus > 2 && Arch == \"X86_64\"")
/// slot.evaluate(fits).isTrue
/// ```
///
/// Spec 07, 1.1 and 4.
public struct Expression: Sendable {
    let cell: Cell

    init(cell: Cell) { self.cell = cell }

    init(_ node: Node) { cell = Cell(node) }

    var node: Node { cell.node }

    /// Parses a whole text.
    ///
    /// - Throws: ``ClassAdError`` if the text is no expression or goes on after one.
    public init(
        parsing text: String, syntax: Syntax = .new, timeZone: LocalTimeZone = .system
    ) throws(ClassAdError) {
        try self.init(parsing: Array(text.utf8), syntax: syntax, timeZone: timeZone)
    }

    /// Parses bytes; unless `full`, anything may follow the expression (spec 07, 4).
    ///
    /// `timeZone` is the zone of literal times written without one.
    public init(
        parsing bytes: some Collection<UInt8>, syntax: Syntax = .new, full: Bool = true,
        timeZone: LocalTimeZone = .system
    ) throws(ClassAdError) {
        let result = bytes.withContiguousStorageIfAvailable { buffer in
            Self.parse(buffer, syntax: syntax, full: full, timeZone: timeZone)
        }
        let parsed =
            result
            ?? Array(bytes).withUnsafeBufferPointer { Self.parse($0, syntax: syntax, full: full, timeZone: timeZone) }
        cell = Cell(try parsed.get())
    }

    static func parse(
        _ buffer: UnsafeBufferPointer<UInt8>, syntax: Syntax, full: Bool, timeZone: LocalTimeZone
    ) -> Result<Node, ClassAdError> {
        Result { () throws(ClassAdError) in
            var parser = Parser(buffer, syntax: syntax, builder: TreeBuilder(zone: timeZone))
            return try parser.parse(full: full)
        }
    }

    // MARK: Literals

    /// A literal.
    ///
    /// A list or an ad is taken with what it holds but without the place where it was written.
    public init(_ value: Value) {
        cell =
            switch value {
            case .list(let list): Cell(.list(list.literal))
            case .classAd(let ad): Cell(.ad(AdLiteral(ad.scope.table)))
            default: Cell(value)
            }
    }

    /// An integer literal.
    public init(_ value: Int64) { cell = .integer(value) }

    /// An integer literal.
    public init(_ value: Int) { cell = .integer(Int64(value)) }

    /// A real literal.
    public init(_ value: Double) { cell = .real(value) }

    /// A boolean literal.
    public init(_ value: Bool) { cell = .boolean(value) }

    /// A string literal; the text is not parsed.
    public init(_ value: String) { cell = .string(ByteString(value)) }

    /// A string literal; the text is not parsed.
    public init(_ value: ByteString) { cell = .string(value) }

    /// A list of expressions.
    public init(_ elements: [Expression]) { cell = Cell(.list(ListLiteral(elements.map(\.node)))) }

    /// A nested ad; a chained parent is left out.
    public init(_ ad: ClassAd) { cell = Cell(.ad(AdLiteral(ad.table))) }

    /// UNDEFINED.
    public static let undefined = Expression(cell: .undefined)

    /// The value, if the expression is a literal; lists and nested ads are not.
    public var literal: Value? {
        if let value = cell.plainValue { return value }
        if case .literal(let value) = node { return value }
        return nil
    }

    // MARK: Text

    /// The text in a syntax, with bytes that are not UTF-8 replaced (spec 07, 5).
    public func text(_ syntax: Syntax = .new) -> String { String(decoding: bytes(syntax), as: UTF8.self) }

    /// The text in a syntax (spec 07, 5).
    public func bytes(_ syntax: Syntax) -> [UInt8] {
        var printer = Printer(syntax)
        printer.write(cell)
        return printer.output
    }
}

extension Expression: Equatable {
    /// Structural equality (spec 07, 14.2): names with their case, reals within 2.2e-16.
    public static func == (left: Self, right: Self) -> Bool { left.node.isSame(as: right.node) }
}

extension Expression: CustomStringConvertible {
    /// The text in new syntax.
    public var description: String { text(.new) }
}

extension Expression: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
    /// An integer literal.
    public init(integerLiteral value: Int64) { self.init(value) }

    /// A real literal.
    public init(floatLiteral value: Double) { self.init(value) }

    /// A boolean literal.
    public init(booleanLiteral value: Bool) { self.init(value) }

    /// A string literal; the text is not parsed.
    public init(stringLiteral value: String) { self.init(value) }

    /// A list.
    public init(arrayLiteral elements: Expression...) { self.init(elements) }
}
