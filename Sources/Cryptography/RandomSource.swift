import COpenSSL

/// Where nonces, keys and ids come from; tests and replays inject their own.
public protocol RandomSource: Sendable {
    /// `count` fresh bytes.
    func bytes(_ count: Int) -> [UInt8]
}

/// The cryptographic library's generator, seeded by the operating system.
public struct SystemRandom: RandomSource {
    /// Needs no state of its own.
    public init() {}

    /// `count` unpredictable bytes; stops the process when there are none, since nothing could go on safely.
    public func bytes(_ count: Int) -> [UInt8] {
        precondition(0...Int(Int32.max) ~= count, "a sensible number of random bytes")
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            guard RAND_bytes(buffer.baseAddress, Int32(count)) == 1 else {
                preconditionFailure("the operating system gives no randomness")
            }
            initialized = count
        }
    }
}
