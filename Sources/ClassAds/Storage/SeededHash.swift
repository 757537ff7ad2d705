import Glibc

/// Hashes of bytes that nobody outside the process can foresee, so that no peer can make names collide.
enum SeededHash {
    private static let seeds = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max) | 1)

    /// A hash of up to 24 bytes that sit in three words, and of the hash of what follows them.
    @inline(__always)
    static func hash(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ rest: UInt64) -> UInt64 {
        let seeds = seeds
        return fold(fold(first ^ seeds.0, second ^ seeds.1), fold(third ^ seeds.1, rest ^ seeds.0) ^ seeds.1)
    }

    /// A hash of any bytes.
    @inline(__always)
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let seeds = seeds
        let raw = UnsafeRawBufferPointer(bytes)
        var state = seeds.0 ^ UInt64(truncatingIfNeeded: bytes.count)
        var position = 0
        while position + 16 <= raw.count {
            state = fold(
                raw.loadUnaligned(fromByteOffset: position, as: UInt64.self) ^ state,
                raw.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self) ^ seeds.1)
            position += 16
        }
        if position + 8 <= raw.count {
            state = fold(raw.loadUnaligned(fromByteOffset: position, as: UInt64.self) ^ state, seeds.1)
            position += 8
        }
        var rest: UInt64 = 0
        while position < raw.count {
            rest = rest << 8 | UInt64(raw[position])
            position += 1
        }
        return fold(rest ^ state, seeds.1)
    }

    /// Both halves of the product, mixed.
    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}

extension UnsafeRawBufferPointer {
    /// Whether as many bytes elsewhere are the same.
    @inline(__always)
    func hasSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let own = baseAddress, let others = other.baseAddress else { return count == other.count }
        return count == other.count && memcmp(own, others, count) == 0
    }
}
