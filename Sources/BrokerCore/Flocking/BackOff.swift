/// A waiting time that doubles with every failure up to a limit.
struct BackOff: Hashable, Sendable {
    /// The wait after the first failure, in seconds.
    let first: Int64
    /// The longest wait, in seconds.
    let longest: Int64
    /// How often it failed in a row.
    private(set) var failures = 0
    /// When the next attempt may be made, in seconds since 1970.
    private(set) var until: Int64 = .min

    init(first: Int64, longest: Int64) {
        self.first = first
        self.longest = longest
    }

    /// Counts a failure and starts the wait.
    mutating func failed(at now: Int64) {
        let doublings = min(failures, 32)
        failures += 1
        until = now + min(longest, first << Int64(doublings))
    }

    /// Whether an attempt may be made.
    func isOver(at now: Int64) -> Bool { now >= until }
}
