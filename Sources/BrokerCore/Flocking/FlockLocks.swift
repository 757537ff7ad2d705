/// The locks that keep an annex to its owner's tagged jobs, as far as the broker holds them itself.
///
/// Each closes some of the paths of spec 05, 5.3, and none is enough alone. Production runs with
/// ``all``; tests open them one by one to show what each is for.
package struct FlockLocks: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Every round asks the schedd for tagged jobs only (paths 2; spec 05, 2.2).
    package static let constraint = FlockLocks(rawValue: 1 << 0)
    /// The user of a request must be the annex's owner or his guest (path 1; spec 05, 5.5).
    package static let ownerCheck = FlockLocks(rawValue: 1 << 1)
    /// The tag of a request must be the annex's name (path 2; spec 05, 5.5).
    package static let tagCheck = FlockLocks(rawValue: 1 << 2)
    /// The slot ad demands the tag, which binds what the schedd picks before it claims (path 3).
    package static let rewrittenRequirements = FlockLocks(rawValue: 1 << 3)
    /// The slot ad is restricted to the user, also for leftovers and reuse (paths 3, 4, 6 and 9).
    package static let restrictIdentity = FlockLocks(rawValue: 1 << 4)
    /// The slot ad carries the tag in an attribute that survives claiming, for the schedd's gate (paths 5 to 7).
    package static let stickyTag = FlockLocks(rawValue: 1 << 5)

    /// The names of the locks, as settings for tests spell them.
    package static let named: [(name: String, lock: FlockLocks)] = [
        ("constraint", .constraint), ("ownerCheck", .ownerCheck), ("tagCheck", .tagCheck),
        ("rewrittenRequirements", .rewrittenRequirements), ("restrictIdentity", .restrictIdentity),
        ("stickyTag", .stickyTag),
    ]

    /// All of them.
    package static let all = named.reduce(into: FlockLocks()) { $0.formUnion($1.lock) }

    /// All but the named ones; names that are no locks are ignored, so that a mistake leaves a lock closed.
    package init(allBut names: [String]) {
        self = Self.named.reduce(into: .all) { locks, entry in
            if names.contains(entry.name) { locks.remove(entry.lock) }
        }
    }
}
