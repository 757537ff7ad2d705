/// The names of an ad in internal order: by length, then folded (spec 07, 6.2).
///
/// Ads with the same names share one shape. It is changed only while a single
/// table holds it.
final class Shape: @unchecked Sendable {  // changed only by a table that found itself its only holder
    @exclusivity(unchecked) private(set) var names: [Name]
    /// The keys of ``names``, close together for the search.
    @exclusivity(unchecked) private(set) var keys: [NameKey]
    /// Positions in ``keys``, plus one, by hash; empty in small shapes and after a change.
    @exclusivity(unchecked) private var slots: [UInt16] = []
    /// Whether an attribute is called `MY` or `TARGET`, which changes what these mean in expressions.
    @exclusivity(unchecked) private(set) var redefinesScopes: Bool
    /// Whether an attribute is private, or was before a removal.
    @exclusivity(unchecked) private(set) var hasPrivateNames: Bool

    static let empty = Shape(ordered: [])

    /// From this size on a hash is quicker than a search.
    private static let indexedCount = 8
    private static let maximumIndexedCount = Int(UInt16.max) / 2
    private static let scopeNames = (my: NameKey("my".utf8), target: NameKey("target".utf8))

    /// A shape of names that are in order and all different.
    convenience init(ordered names: [Name]) { self.init(ordered: names, names.map(\.key)) }

    /// A shape of names that are in order and all different, with their keys.
    init(ordered names: [Name], _ keys: [NameKey]) {
        self.names = names
        self.keys = keys
        redefinesScopes = keys.contains { Self.isScopeName($0) }
        hasPrivateNames = names.contains(where: \.isPrivate)
        makeIndex()
    }

    private init(copying other: Shape) {
        names = other.names
        keys = other.keys
        redefinesScopes = other.redefinesScopes
        hasPrivateNames = other.hasPrivateNames
    }

    /// A shape that can be changed.
    var copy: Shape { Shape(copying: self) }

    private static func isScopeName(_ key: NameKey) -> Bool {
        switch key.length {
        case 2: key == scopeNames.my
        case 6: key == scopeNames.target
        default: false
        }
    }

    private func makeIndex() {
        guard Self.indexedCount...Self.maximumIndexedCount ~= keys.count else { return }
        var size = 16
        while size < keys.count * 2 { size *= 2 }
        slots = Array(repeating: 0, count: size)
        for (position, key) in keys.enumerated() {
            var slot = Int(truncatingIfNeeded: key.hash) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt16(position + 1)
        }
    }

    /// The place of a name, or nil.
    @inline(__always)
    func index(of key: NameKey) -> Int? {
        keys.withUnsafeBufferPointer { keys in
            slots.withUnsafeBufferPointer { slots in
                ShapeIndex(keys: keys, slots: slots).find(key)
            }
        }
    }

    /// Calls `body` with the index, which is valid during the call and while the shape is kept.
    @inline(__always)
    func withIndex<Result>(_ body: (ShapeIndex) -> Result) -> Result {
        keys.withUnsafeBufferPointer { keys in
            slots.withUnsafeBufferPointer { slots in body(ShapeIndex(keys: keys, slots: slots)) }
        }
    }

    /// Where a name is or belongs.
    func insertionIndex(of key: NameKey) -> Int {
        if let last = keys.last, last < key { return keys.count }
        return keys.withUnsafeBufferPointer { ShapeIndex.insertionIndex(of: key, $0) }
    }

    /// Adds a name at its place; only for a shape that nobody else holds.
    func insert(_ name: Name, at position: Int) {
        names.insert(name, at: position)
        keys.insert(name.key, at: position)
        slots = []
        if Self.isScopeName(name.key) { redefinesScopes = true }
        if name.isPrivate { hasPrivateNames = true }
    }

    /// Removes a name; only for a shape that nobody else holds.
    func remove(at position: Int) {
        names.remove(at: position)
        keys.remove(at: position)
        slots = []
    }
}

/// The look-up of names in a shape, without reference counts.
struct ShapeIndex {
    let keys: UnsafeBufferPointer<NameKey>
    let slots: UnsafeBufferPointer<UInt16>

    /// The place of a name, or nil.
    @inline(__always)
    func find(_ key: NameKey) -> Int? {
        guard slots.count > 0 else {
            let position = Self.insertionIndex(of: key, keys)
            return position < keys.count && keys[position] == key ? position : nil
        }
        var slot = Int(truncatingIfNeeded: key.hash) & (slots.count - 1)
        while true {
            let entry = Int(slots[slot])
            if entry == 0 { return nil }
            if keys[entry - 1] == key { return entry - 1 }
            slot = (slot + 1) & (slots.count - 1)
        }
    }

    /// Where a key is or belongs.
    @inline(__always)
    static func insertionIndex(of key: NameKey, _ keys: UnsafeBufferPointer<NameKey>) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
