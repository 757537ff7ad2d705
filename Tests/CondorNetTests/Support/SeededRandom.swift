import Foundation

/// Numbers that come again with the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    /// The seed of this run: `FLOCK_SEED`, else a new one; printed, so that a failure can be had again.
    static let seed: UInt64 = {
        let seed =
            ProcessInfo.processInfo.environment["FLOCK_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(in: 0..<1 << 32)
        print("bad input: FLOCK_SEED=\(seed)")
        return seed
    }()

    /// The numbers of this run, different for each `stream`.
    init(_ stream: UInt64) { state = Self.seed &+ stream &* 0x9E37_79B9 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
