import Synchronization

/// Lets ads share what they have in common: their names, their strings, their expressions.
///
/// Slots of one kind of node differ in a few attributes only. Made with a pool,
/// each keeps little more than eight bytes per attribute, and an expression that
/// a thousand of them have is checked, parsed and compiled once. A pool holds a
/// bounded number of texts; ads made with it stay valid without it.
///
/// ```swift
/// let pool = AdPool()
/// var builder = ClassAd.Builder(pool: pool)
/// ```
public final class AdPool: Sendable {
    private let strings = (0..<8).map { _ in Shard<ByteString>() }
    private let bodies = (0..<8).map { _ in Shard<ExpressionBody>() }
    private let orders = Mutex(NameOrders())

    private final class Shard<Element: InternedText & Sendable>: Sendable {
        let table = Mutex(InternTable<Element>())
    }

    /// Longer texts are hardly ever the same in two ads.
    private static let maximumLength = 4096

    /// A pool that knows nothing yet.
    public init() {}

    /// The string of some bytes.
    func string(_ bytes: UnsafeBufferPointer<UInt8>) -> ByteString {
        guard bytes.count <= Self.maximumLength else { return ByteString(bytes) }
        let hash = SeededHash.hash(bytes)
        return strings[Int(hash >> 29 & 7)].table.withLock { table in
            if let string = table.find(bytes, hash: hash) { return string }
            let string = ByteString(bytes)
            table.insert(string, hash: hash)
            return string
        }
    }

    /// The expression of a text, or nil if it was not met before.
    func body(_ source: UnsafeBufferPointer<UInt8>) -> ExpressionBody? {
        guard source.count <= Self.maximumLength else { return nil }
        let hash = SeededHash.hash(source)
        return bodies[Int(hash >> 29 & 7)].table.withLock { $0.find(source, hash: hash) }
    }

    /// Keeps an expression that was made of a text.
    func keep(_ body: ExpressionBody) {
        guard body.source.count <= Self.maximumLength else { return }
        let hash = body.source.withUnsafeBufferPointer { SeededHash.hash($0) }
        bodies[Int(hash >> 29 & 7)].table.withLock { table in
            let known = body.source.withUnsafeBufferPointer { table.find($0, hash: hash) }
            if known == nil { table.insert(body, hash: hash) }
        }
    }

    /// The order of names that an ad with so many attributes last had.
    func lastOrder(ofCount count: Int) -> NameOrder? { orders.withLock { $0.last[count] } }

    /// The order of certain names; nil if a name is there twice.
    func order(of names: [Name]) -> NameOrder? {
        let hash = NameOrder.hash(names)
        return orders.withLock { orders in
            let known = orders.byHash[hash]
            if let known, known.isOrder(of: names) {
                orders.last[names.count] = known
                return known
            }
            guard let order = NameOrder(names) else { return nil }
            orders.add(order, hash)
            return order
        }
    }
}

/// The orders of names that a pool knows.
private struct NameOrders {
    private(set) var byHash: [UInt64: NameOrder] = [:]
    var last: [Int: NameOrder] = [:]
    private var nameCount = 0

    /// Names in all orders together; beyond that the pool begins anew.
    private static let maximumNameCount = 200_000

    mutating func add(_ order: NameOrder, _ hash: UInt64) {
        nameCount += order.names.count + 1
        if nameCount > Self.maximumNameCount { self = NameOrders() }
        byHash[hash] = order
        last[order.names.count] = order
    }
}

/// Names in the order they come in, and where they belong in the shape.
final class NameOrder: Sendable {
    let names: [Name]
    let shape: Shape
    /// The place in ``names`` of each name of the shape; nil if they come in its order.
    let places: [Int]?

    /// Nil if a name is there twice.
    init?(_ names: [Name]) {
        let places = names.indices.sorted { names[$0].key < names[$1].key }
        guard zip(places, places.dropFirst()).allSatisfy({ names[$0].key != names[$1].key }) else { return nil }
        self.names = names
        let isOrdered = places.elementsEqual(names.indices)
        shape = Shape(ordered: isOrdered ? names : places.map { names[$0] })
        self.places = isOrdered ? nil : places
    }

    /// The table of the cells of these names.
    func table(_ cells: [Cell]) -> AttributeTable {
        AttributeTable(shape: shape, cells: places.map { places in places.map { cells[$0] } } ?? cells)
    }

    static func hash(_ names: [Name]) -> UInt64 {
        names.reduce(UInt64(names.count)) { SeededHash.hash($0, $1.key.hash, 0, 0) }
    }

    /// Whether the names are these, spelled alike.
    func isOrder(of other: [Name]) -> Bool {
        names.count == other.count
            && zip(names, other).allSatisfy { $0 === $1 || $0.spelling == $1.spelling }
    }
}
