package import CondorSecurity

/// Which refusals get a line in the log: each cause once in an hour, and not many of one kind from one address.
///
/// Times are seconds. Pure, bounded in memory.
package struct RefusalThrottle: Sendable {
    /// Refusals that got no line of their own.
    package struct Summary: Sendable, Equatable {
        /// The address, or the network, they came from; empty for all addresses beyond those that are told apart.
        package var address: String
        /// The fixed text that says why.
        package var reason: String
        /// How many there were.
        package var count: Int
    }

    /// For how long a cause that was told is not told again, in seconds.
    package static let window: Int64 = 3600
    /// How often it is told what was left out, in seconds.
    package static let summaryInterval: Int64 = 60
    /// Most lines of one reason from one address in a window.
    package static let linesPerReason = 20
    /// Most pairs of address and reason that are told apart.
    package static let maximumReasons = 2048

    private struct Key: Hashable {
        var address: String
        var reason: String
    }

    private struct Record {
        var endsAt: Int64
        /// Hashes of what was told.
        var told: Set<Int> = []
        var suppressed = 0
    }

    private var records: [Key: Record] = [:]
    private var summaryDue: Int64 = 0

    /// Nothing refused yet.
    package init() {}

    /// Whether this refusal gets a line.
    ///
    /// - Parameter subject: what tells it from others of the same reason: a capability, a user, a command.
    package mutating func isWorthALine(
        from peer: PeerAddress, reason: String, subject: String, now: Int64
    ) -> Bool {
        var key = Key(address: AddressGroup(peer).description, reason: reason)
        if records[key] == nil, records.count >= Self.maximumReasons {
            records = records.filter { $0.value.endsAt > now || $0.value.suppressed > 0 }
            if records.count >= Self.maximumReasons { key.address = "" }
        }
        var record = records[key] ?? Record(endsAt: now + Self.window)
        defer { records[key] = record }
        if record.endsAt <= now {
            record.told = []
            record.endsAt = now + Self.window
        }
        guard record.told.count < Self.linesPerReason, record.told.insert(subject.hashValue).inserted else {
            record.suppressed += 1
            return false
        }
        return true
    }

    /// What was left out since the last time, at most once in ``summaryInterval``.
    package mutating func summaries(now: Int64) -> [Summary] {
        guard now >= summaryDue else { return [] }
        summaryDue = now + Self.summaryInterval
        var summaries: [Summary] = []
        for (key, record) in records where record.suppressed > 0 {
            summaries.append(Summary(address: key.address, reason: key.reason, count: record.suppressed))
            records[key]?.suppressed = 0
        }
        return summaries.sorted { ($0.address, $0.reason) < ($1.address, $1.reason) }
    }
}
