import Foundation

/// Numbers that look random and come again with the same seed (SplitMix64).
package struct SeededRandom: RandomNumberGenerator {
    private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    package let seed: UInt64
    private var state: UInt64

    /// Numbers that are the same in every run.
    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// Takes the seed from `FLOCK_SEED`, or makes one, and prints it, so that a failure can be had again.
    ///
    /// - Parameter stream: different for each user of one seed.
    package init(for purpose: String, stream: UInt64 = 0) {
        let given = ProcessInfo.processInfo.environment["FLOCK_SEED"].flatMap { UInt64($0) }
        seed = given ?? UInt64.random(in: 1...999_999_999)
        state = seed &+ stream &* 0x9E37_79B9
        print("\(purpose): FLOCK_SEED=\(seed)")
    }

    package mutating func next() -> UInt64 {
        state &+= Self.increment
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A pause of up to so many milliseconds.
    package mutating func pause(upTo milliseconds: Int) -> Duration {
        .microseconds(Int.random(in: 0...(milliseconds * 1000), using: &self))
    }

    /// Whether something happens that happens once in so many times.
    package mutating func once(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }
}
