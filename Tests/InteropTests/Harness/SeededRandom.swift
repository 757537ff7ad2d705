import Foundation

/// Random numbers that can be had again: SplitMix64 from a seed that is printed.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    /// Takes the seed from `FLOCK_SEED`, or makes one, and prints it.
    init(for purpose: String) {
        let given = ProcessInfo.processInfo.environment["FLOCK_SEED"].flatMap { UInt64($0) }
        seed = given ?? UInt64.random(in: 1...999_999_999)
        state = seed
        print("\(purpose): FLOCK_SEED=\(seed)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A pause of up to so many milliseconds.
    mutating func pause(upTo milliseconds: Int) -> Duration {
        .microseconds(Int.random(in: 0...(milliseconds * 1000), using: &self))
    }

    /// Whether something happens that happens once in so many times.
    mutating func once(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }
}
