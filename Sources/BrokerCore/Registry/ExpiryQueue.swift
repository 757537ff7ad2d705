/// Deadlines of keys, the next one first: a binary heap.
///
/// A key whose deadline moves later is not moved here; it is looked at when its old deadline comes and put back. So a
/// pilot that renews its ads every few seconds costs nothing.
struct ExpiryQueue {
    private struct Item {
        var deadline: Int64
        var key: AdKey
    }

    private var heap: [Item] = []

    /// The next deadline, in seconds since 1970.
    var next: Int64? { heap.first?.deadline }

    /// The number of deadlines, those included that an earlier one of the same key has overtaken.
    var count: Int { heap.count }

    /// Adds a deadline.
    mutating func insert(_ key: AdKey, deadline: Int64) {
        heap.append(Item(deadline: deadline, key: key))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out a key whose deadline has come.
    mutating func pop(now: Int64) -> (key: AdKey, deadline: Int64)? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].deadline < heap[smallest].deadline {
                smallest = child
            }
            guard smallest != parent else { break }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
        return (first.key, first.deadline)
    }
}
