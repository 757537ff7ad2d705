/// The connections whose peers have proven nothing, in the order of their coming, by address.
struct UnprovenConnections {
    /// The numbers of one address's connections, which only grow; gone ones stay until they are at the front.
    private struct Line {
        var ids: [UInt64] = []
        var first = 0
        var present: Set<UInt64> = []

        var oldest: UInt64? { ids[first...].first { present.contains($0) } }

        mutating func remove(_ id: UInt64) {
            present.remove(id)
            while first < ids.count, !present.contains(ids[first]) { first += 1 }
            guard first > 32, first > ids.count / 2 else { return }
            ids.removeFirst(first)
            first = 0
        }
    }

    private var lines: [AddressGroup: Line] = [:]
    /// How many there are.
    private(set) var count = 0
    /// Bytes that they hold together.
    var heldBytes = 0

    /// How many come from one address.
    func count(from group: AddressGroup) -> Int { lines[group]?.present.count ?? 0 }

    /// The one that has been there longest, of one address.
    func oldest(from group: AddressGroup) -> UInt64? { lines[group]?.oldest }

    /// The one that has been there longest, of the address that has most.
    var oldestOfTheMost: UInt64? { lines.values.max { $0.present.count < $1.present.count }?.oldest }

    mutating func add(_ id: UInt64, from group: AddressGroup) {
        lines[group, default: Line()].ids.append(id)
        lines[group]?.present.insert(id)
        count += 1
    }

    mutating func remove(_ id: UInt64, from group: AddressGroup) {
        guard lines[group]?.present.contains(id) == true else { return }
        lines[group]?.remove(id)
        if lines[group]?.present.isEmpty == true { lines[group] = nil }
        count -= 1
    }
}
