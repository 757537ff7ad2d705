import NIOCore

/// How fast connections from each address are served: a bucket of tokens for each, filled evenly.
///
/// Times are nanoseconds of a clock that never goes back. Pure, bounded in memory.
struct ConnectionRate {
    /// What becomes of a connection.
    enum Verdict: Equatable {
        /// It is served after so many nanoseconds; mostly none.
        case served(after: Int64)
        /// Its turn would come too late.
        case refused
    }

    /// Most addresses that are told apart at a time; further ones share a bucket.
    static let maximumAddresses = 8192

    private static let forgettingInterval: Int64 = 1_000_000_000

    private let interval: Int64
    private let burst: Int64
    private let longestDelay: Int64
    /// When the bucket of an address will be full again.
    private var fullAt: [AddressGroup?: Int64] = [:]
    /// When addresses were last forgotten; that takes time proportional to their number.
    private var forgotAt = Int64.min

    init(_ limits: ConnectionLimits) {
        interval = 1_000_000_000 / Int64(max(1, limits.connectionsPerSecond))
        burst = interval * Int64(max(1, limits.burst))
        longestDelay = limits.longestDelay.nanoseconds
    }

    /// How many addresses are remembered.
    var count: Int { fullAt.count }

    /// A connection from an address.
    mutating func open(_ address: AddressGroup, now: Int64) -> Verdict {
        let key = key(of: address, now: now)
        let full = max(fullAt[key] ?? now, now) + interval
        let delay = max(0, full - burst - now)
        guard delay <= longestDelay else { return .refused }
        fullAt[key] = full
        return .served(after: delay)
    }

    /// Takes further tokens of an address, as for so many connections.
    mutating func charge(_ address: AddressGroup, connections: Int, now: Int64) {
        let key = key(of: address, now: now)
        let full = max(fullAt[key] ?? now, now) + interval * Int64(connections)
        fullAt[key] = min(full, now + burst + longestDelay)
    }

    /// The bucket of an address; `nil` for the one that all share for whom there is no room.
    private mutating func key(of address: AddressGroup, now: Int64) -> AddressGroup? {
        if fullAt[address] != nil || fullAt.count < Self.maximumAddresses { return address }
        if now > forgotAt {
            forgotAt = now + Self.forgettingInterval
            fullAt = fullAt.filter { $0.value > now }
        }
        return fullAt.count < Self.maximumAddresses ? address : nil
    }
}
