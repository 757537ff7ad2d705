/// An attribute of an ad.
struct Attribute: Sendable {
    let name: Name
    var expression: Node
}

/// The attributes of one ad, in internal order: by length of the name, then folded (spec 07, 6.2).
struct AttributeTable: Sendable {
    private(set) var attributes: [Attribute] = []
    /// The keys of ``attributes``, close together for the search.
    private var keys: [NameKey] = []

    init() {}

    /// Takes attributes in any order; of equal names the last expression wins under the first spelling.
    init(unordered: [Attribute]) {
        if zip(unordered, unordered.dropFirst()).allSatisfy({ $0.name.key < $1.name.key }) {
            attributes = unordered
            keys = unordered.map(\.name.key)
            return
        }
        attributes.reserveCapacity(unordered.count)
        let order = unordered.indices.sorted {
            let (left, right) = (unordered[$0].name.key, unordered[$1].name.key)
            return left == right ? $0 < $1 : left < right
        }
        for index in order {
            let attribute = unordered[index]
            if let last = attributes.last, last.name.key == attribute.name.key {
                attributes[attributes.count - 1].expression = attribute.expression
            } else {
                attributes.append(attribute)
            }
        }
        keys = attributes.map(\.name.key)
    }

    var count: Int { attributes.count }

    /// The index of a name, or nil.
    @inline(__always)
    func index(of key: NameKey) -> Int? {
        keys.withUnsafeBufferPointer { keys in
            let position = Self.insertionIndex(for: key, keys)
            return position < keys.count && keys[position] == key ? position : nil
        }
    }

    subscript(key: NameKey) -> Node? {
        index(of: key).map { attributes[$0].expression }
    }

    /// Replaces the expression under its old spelling, or adds the attribute.
    mutating func insert(_ name: Name, _ expression: Node) {
        // In wire order each new attribute goes to the end.
        guard let last = keys.last, !(last < name.key) else {
            attributes.append(Attribute(name: name, expression: expression))
            keys.append(name.key)
            return
        }
        let position = keys.withUnsafeBufferPointer { Self.insertionIndex(for: name.key, $0) }
        if keys[position] == name.key {
            attributes[position].expression = expression
        } else {
            attributes.insert(Attribute(name: name, expression: expression), at: position)
            keys.insert(name.key, at: position)
        }
    }

    /// Removes a name and says whether it was there.
    @discardableResult
    mutating func remove(_ key: NameKey) -> Bool {
        guard let index = index(of: key) else { return false }
        attributes.remove(at: index)
        keys.remove(at: index)
        return true
    }

    mutating func removeAll(where condition: (Attribute) -> Bool) {
        attributes.removeAll(where: condition)
        keys = attributes.map(\.name.key)
    }

    /// Where a key is or belongs.
    @inline(__always)
    private static func insertionIndex(for key: NameKey, _ keys: UnsafeBufferPointer<NameKey>) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
