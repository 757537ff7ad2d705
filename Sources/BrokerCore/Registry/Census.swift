import CEDAR
import ClassAds

/// Sums over the registry, for the broker's own ad and for metrics (spec 04, 10).
package struct Census: Hashable, Sendable {
    /// Ads by table; tables without ads are left out.
    package var ads: [AdTable: Int] = [:]
    /// Slots by `State`.
    package var slots: [String: Int] = [:]
    /// `RunningJobs` of all submitters.
    package var runningJobs: Int64 = 0
    /// `IdleJobs` of all submitters.
    package var idleJobs: Int64 = 0
}

extension Registry {
    /// Counts what is to be seen at `now`; looks at every ad, so not for every event.
    package func census(now: Int64) -> Census {
        let tables = AdTable.builtIn + genericTables
        var census = Census()
        for (table, records) in zip(tables, snapshot(tables, now: now)) where !records.isEmpty {
            census.ads[table] = records.count
            for record in records {
                switch table {
                case .slot:
                    census.slots[record.publicAd.string(AttributeName.state, in: .plainValues) ?? "", default: 0] += 1
                case .submitter:
                    census.runningJobs &+= record.publicAd.integer(AttributeName.runningJobs, in: .plainValues) ?? 0
                    census.idleJobs &+= record.publicAd.integer(AttributeName.idleJobs, in: .plainValues) ?? 0
                case .startd, .schedd, .master, .negotiator, .accounting, .collector, .checkpointServer, .license,
                    .storage, .highAvailability, .grid, .generic:
                    break
                }
            }
        }
        return census
    }
}
