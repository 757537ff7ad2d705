import ClassAds

/// Which jobs a schedd counts for a pool, and which it lets run there (spec 05, 1.3).
///
/// The two rules do not agree, as in a real schedd.
package struct FlockRules: Sendable {
    /// `FLOCK_COLLECTOR_HOSTS`.
    package var pools: [String]
    /// `FLOCK_BY_DEFAULT`.
    package var byDefault: Bool

    /// The settings of a schedd.
    package init(pools: [String], byDefault: Bool = true) {
        self.pools = pools
        self.byDefault = byDefault
    }

    /// Whether a job adds to the idle jobs advertised to a listed pool; the home pool is told of all.
    func counts(flockTo: String?, for pool: String) -> Bool {
        guard !pool.isEmpty else { return true }
        guard let flockTo else { return byDefault }
        let items = listItems(flockTo)
        if items.contains(where: { $0.lowercased() == "default" }) { return true }
        return byDefault && items.contains(pool)
    }

    /// Whether a job may be offered to, and run in, a pool; the home pool is never asked about.
    func canFlock(flockTo: String?, to pool: String) -> Bool {
        guard !pool.isEmpty else { return true }
        guard let flockTo else { return byDefault && pools.contains { $0.lowercased() == pool.lowercased() } }
        return listItems(flockTo).contains { $0.lowercased() == pool.lowercased() }
    }
}
