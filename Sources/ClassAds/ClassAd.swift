/// A set of named expressions (spec 07, 1.1 and 6).
///
/// Names compare without regard to the case of ASCII letters and keep the
/// spelling under which they first came. A copy costs one reference count.
///
/// ```swift
/// let slot: ClassAd = ["Name": "slot1@host", "Cpus": 4]
/// ```
public struct ClassAd: Sendable {
    var table: AttributeTable
    private var chain: Chain?

    private final class Chain: Sendable {
        let parent: ClassAd
        init(_ parent: ClassAd) { self.parent = parent }
    }

    /// An ad without attributes.
    public init() { table = AttributeTable() }

    init(table: AttributeTable, chainedParent: ClassAd? = nil) {
        self.table = table
        chain = chainedParent.map(Chain.init)
    }

    /// Parses an ad in new syntax, `[ A = 1; B = 2 ]`.
    ///
    /// - Throws: ``ClassAdError`` if the text is no ad.
    public init(parsing text: String, timeZone: LocalTimeZone = .system) throws(ClassAdError) {
        try self.init(parsing: Array(text.utf8), timeZone: timeZone)
    }

    /// Parses an ad in new syntax, `[ A = 1; B = 2 ]`.
    ///
    /// - Throws: ``ClassAdError`` if the text is no ad.
    public init(parsing bytes: some Collection<UInt8>, timeZone: LocalTimeZone = .system) throws(ClassAdError) {
        let expression = try Expression(parsing: bytes, syntax: .new, timeZone: timeZone)
        guard case .ad(let ad) = expression.node else {
            throw ClassAdError(.unexpectedToken, at: 0, expecting: "'['")
        }
        self.init(table: ad.table)
    }

    // MARK: Attributes

    /// The number of attributes, those of a chained parent not counted.
    public var count: Int { table.count }

    /// Whether there is no attribute, chained parents left aside.
    public var isEmpty: Bool { table.count == 0 }

    /// The expression of an attribute; setting nil removes it.
    ///
    /// Reading sees the attributes of a chained parent; removing does not touch the parent, see
    /// ``remove(_:)``. A name must not be empty; setting one has no effect.
    public subscript(_ name: String) -> Expression? {
        get { cell(of: NameKey(name.utf8)).map(Expression.init(cell:)) }
        set {
            guard let newValue else {
                table.remove(NameKey(name.utf8))
                return
            }
            set(NameTable.shared.name(Array(name.utf8)), newValue.cell)
        }
    }

    /// The expression of an attribute whose name need not be UTF-8; setting nil removes it.
    public subscript(_ name: ByteString) -> Expression? {
        get { cell(of: NameKey(name.bytes)).map(Expression.init(cell:)) }
        set {
            guard let newValue else {
                table.remove(NameKey(name.bytes))
                return
            }
            set(NameTable.shared.name(name.bytes), newValue.cell)
        }
    }

    /// The attributes in wire order, those of a chained parent left aside.
    public var attributes: [(name: ByteString, expression: Expression)] {
        table.attributes.map { (ByteString($0.name.spelling), Expression(cell: $0.cell)) }
    }

    /// Whether the ad or its chained parent has an attribute.
    public func contains(_ name: String) -> Bool { cell(of: NameKey(name.utf8)) != nil }

    /// Sets an attribute to an integer.
    public mutating func set(_ name: String, _ value: Int) { self[name] = Expression(value) }

    /// Sets an attribute to an integer.
    public mutating func set(_ name: String, _ value: Int64) { self[name] = Expression(value) }

    /// Sets an attribute to a boolean.
    public mutating func set(_ name: String, _ value: Bool) { self[name] = Expression(value) }

    /// Sets an attribute to a real.
    public mutating func set(_ name: String, _ value: Double) { self[name] = Expression(value) }

    /// Sets an attribute to a string; the text is not parsed.
    public mutating func set(_ name: String, _ value: String) { self[name] = Expression(value) }

    /// Sets an attribute to a string; the text is not parsed.
    public mutating func set(_ name: String, _ value: ByteString) { self[name] = Expression(value) }

    /// Sets an attribute to an expression.
    public mutating func set(_ name: String, _ expression: Expression) { self[name] = expression }

    /// Sets all attributes of another ad, its chained parents included.
    public mutating func merge(_ other: ClassAd) {
        if let parent = other.chainedParent { merge(parent) }
        for attribute in other.table.attributes { table.insert(attribute.name, attribute.cell) }
    }

    /// Removes the attributes whose name fulfils a condition, chained parents left aside.
    public mutating func removeAll(where condition: (String) -> Bool) {
        table.removeAll { condition($0.text) }
    }

    /// Removes the attributes whose name begins so, in any case, chained parents left aside.
    public mutating func removeAll(withPrefix prefix: String) {
        let prefix = Array(prefix.utf8)
        func hasPrefix(_ name: Name) -> Bool { ASCII.equalFolded(name.spelling.prefix(prefix.count), prefix) }
        if table.shape.names.contains(where: hasPrefix) { table.removeAll(where: hasPrefix) }
    }

    /// Deletes an attribute and says whether there was one.
    ///
    /// A name that a chained parent has becomes UNDEFINED in this ad (spec 07, 11).
    @discardableResult
    public mutating func remove(_ name: String) -> Bool {
        let name = Name(name)
        if chainedParent?.cell(of: name.key) != nil {
            table.insert(name, .undefined)
            return true
        }
        return table.remove(name.key)
    }

    /// The names in wire order: by length, then without regard to case (spec 07, 6.2).
    public var names: [String] { table.shape.names.map(\.text) }

    /// Whether a name consists of letters, digits and `_` and begins with no digit (spec 07, 6.1).
    ///
    /// Ads take other names as well; tools do not.
    public static func isValidName(_ name: some Collection<UInt8>) -> Bool { Name.isPlain(name) }

    func cell(of key: NameKey) -> Cell? { table[key] ?? chainedParent?.cell(of: key) }

    private mutating func set(_ name: Name, _ cell: Cell) {
        if !name.spelling.isEmpty { table.insert(name, cell) }
    }

    // MARK: Chaining (spec 07, 11)

    /// Whether there is a chained parent.
    var isChained: Bool { chain != nil }

    /// The ad in which attributes are looked up that this one lacks.
    public var chainedParent: ClassAd? { chain?.parent }

    /// Makes another ad the one in which attributes are looked up that this one lacks.
    public mutating func chain(to parent: ClassAd) { chain = Chain(parent) }

    /// Ends the chaining.
    public mutating func unchain() { chain = nil }
}

extension ClassAd: Equatable {
    /// The same attributes with structurally equal expressions, chained parents left aside (spec 07, 14.2).
    public static func == (left: Self, right: Self) -> Bool { left.table.isSame(as: right.table) }
}

extension ClassAd: ExpressibleByDictionaryLiteral {
    /// An ad of the given attributes; of equal names the last one counts.
    public init(dictionaryLiteral elements: (String, Expression)...) {
        self.init(
            table: AttributeTable(
                unordered: elements.map { Attribute(name: NameTable.shared.name(Array($0.utf8)), cell: $1.cell) }))
    }
}

extension ClassAd: CustomStringConvertible {
    /// The ad in new syntax, without private attributes.
    public var description: String { publicPart.text }
}
