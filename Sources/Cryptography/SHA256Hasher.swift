import COpenSSL

/// SHA-256 of bytes that come in pieces; a value, so that a copy goes on independently.
public struct SHA256Hasher {
    /// Bytes of a digest.
    public static let digestSize = 32

    // Immutable once fetched, used from all threads, lives as long as the process.
    fileprivate nonisolated(unsafe) static let algorithm: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil)

    /// The library's state, copied by ``SHA256Hasher`` before it is changed while shared.
    private final class State {
        let context: OpaquePointer

        init(copying original: OpaquePointer?) {
            guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
            self.context = context
            let status =
                if let original { EVP_MD_CTX_copy_ex(context, original) } else {
                    EVP_DigestInit_ex2(context, SHA256Hasher.algorithm, nil)
                }
            precondition(status == 1, "SHA-256 is part of every OpenSSL")
        }

        deinit { EVP_MD_CTX_free(context) }
    }

    private var state = State(copying: nil)

    /// A hash of nothing so far.
    public init() {}

    /// Adds bytes.
    public mutating func update(_ bytes: some Collection<UInt8>) {
        if !isKnownUniquelyReferenced(&state) { state = State(copying: state.context) }
        let context = state.context
        let status = bytes.withContiguousBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(status == 1, "hashing memory cannot fail")
    }

    /// The digest of everything added so far; more may be added afterwards.
    public func digest() -> [UInt8] {
        let final = State(copying: state.context)
        return [UInt8](unsafeUninitializedCapacity: Self.digestSize) { buffer, count in
            precondition(EVP_DigestFinal_ex(final.context, buffer.baseAddress, nil) == 1, "hashing memory cannot fail")
            count = Self.digestSize
        }
    }
}

/// SHA-256 of bytes in one go.
public func sha256(_ bytes: some Collection<UInt8>) -> [UInt8] {
    bytes.withContiguousBytes { input in
        [UInt8](unsafeUninitializedCapacity: SHA256Hasher.digestSize) { buffer, count in
            let status = EVP_Digest(
                input.baseAddress, input.count, buffer.baseAddress, nil, SHA256Hasher.algorithm, nil)
            precondition(status == 1, "hashing memory cannot fail")
            count = SHA256Hasher.digestSize
        }
    }
}
