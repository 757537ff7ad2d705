/// Soft changes that wait for their turn, at most one for each key.
struct SoftChanges {
    /// A change, its place in the order of all changes, and who wants to know.
    struct Item {
        var sequence: UInt64
        var change: Change
        var waiters: [CommitWaiter]
    }

    private var items: [UInt64: Item] = [:]
    private var places: [Change.RefreshKey: UInt64] = [:]

    /// The number of waiting changes.
    var count: Int { items.count }

    /// Adds a change; an earlier one of the same key gives way to it.
    mutating func insert(_ change: Change, sequence: UInt64, waiter: CommitWaiter?) {
        var item = Item(sequence: sequence, change: change, waiters: waiter.map { [$0] } ?? [])
        if let key = change.refreshKey {
            if let earlier = places.updateValue(sequence, forKey: key),
                let replaced = items.removeValue(forKey: earlier)
            {
                item.waiters += replaced.waiters
            }
        }
        items[sequence] = item
    }

    /// Puts back what could not be written, unless a later change of the same key has come meanwhile.
    mutating func restore(_ failed: [Item]) {
        for item in failed {
            if let key = item.change.refreshKey {
                guard places[key] == nil else { continue }
                places[key] = item.sequence
            }
            items[item.sequence] = Item(sequence: item.sequence, change: item.change, waiters: [])
        }
    }

    /// Takes out every change, in no particular order.
    mutating func takeAll() -> [Item] {
        defer {
            items.removeAll(keepingCapacity: true)
            places.removeAll(keepingCapacity: true)
        }
        return Array(items.values)
    }

    /// Takes out the changes that came before `sequence`, in no particular order.
    mutating func take(before sequence: UInt64) -> [Item] {
        let taken = items.values.filter { $0.sequence < sequence }
        for item in taken {
            items[item.sequence] = nil
            if let key = item.change.refreshKey, places[key] == item.sequence { places[key] = nil }
        }
        return taken
    }
}
