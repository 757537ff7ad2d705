import Cryptography
import Synchronization

/// The same bytes in every run, so that an input always does the same.
final class FuzzRandom: RandomSource {
    private let state = Atomic<UInt64>(0x9E37_79B9_7F4A_7C15)

    func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in
            let value = state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
            let mixed = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            return UInt8(truncatingIfNeeded: mixed >> 27)
        }
    }
}
