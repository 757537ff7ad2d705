import COpenSSL

/// Secret bytes that erase themselves when the last reference goes away.
///
/// They do not print, and `==` takes the same time for every pair of equal length.
public final class SecretBytes: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    private nonisolated(unsafe) let storage: UnsafeMutableRawBufferPointer  // written in init only, freed in deinit

    /// A copy of `bytes`; the caller's copy stays the caller's to erase.
    public init(_ bytes: some Collection<UInt8>) {
        storage = .allocate(byteCount: bytes.count, alignment: 16)
        storage.copyBytes(from: bytes)
    }

    /// `count` bytes that `fill` writes; they are zero before.
    public init<E: Error>(count: Int, fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        storage = .allocate(byteCount: count, alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        try fill(storage)
    }

    /// `count` bytes of a random source, of which no copy is left.
    public static func random(_ count: Int, from source: any RandomSource = SystemRandom()) -> SecretBytes {
        var bytes = source.bytes(count)
        defer { erase(&bytes) }
        return SecretBytes(bytes)
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    /// The number of bytes, which is not secret.
    public var count: Int { storage.count }

    /// Gives the bytes to `body`; they must not outlive the call.
    public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(storage))
    }

    /// A copy that does not erase itself, for encoders that need an array.
    public var bytes: [UInt8] { Array(storage) }

    /// Says how long the secret is and nothing else.
    public var description: String { "<\(count) secret bytes>" }

    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Whether both hold the same bytes, in time that depends on the length alone.
    public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left.storage.baseAddress, right.storage.baseAddress, left.count) == 0
    }
}

/// Whether both hold the same bytes, in time that depends on the lengths alone.
public func constantTimeEqual(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    return a.withContiguousBytes { a in
        b.withContiguousBytes { b in CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count) == 0 }
    }
}

/// Overwrites bytes that were a secret; copies that others hold stay theirs to erase.
public func erase(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
}

extension Collection where Element == UInt8 {
    /// Calls `body` with the bytes in one piece, copying them only if they are scattered.
    func withContiguousBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        if let result = withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) { return result }
        return Array(self).withUnsafeBytes(body)
    }
}
