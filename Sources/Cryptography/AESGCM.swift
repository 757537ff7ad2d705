import COpenSSL

/// AES-256-GCM with one key, for both directions of one connection.
///
/// Nonces have 16 bytes as CEDAR wants them (spec 01, 6.2), not the usual 12; the caller never repeats one.
/// Confined to its connection's event loop: not `Sendable`.
public final class AESGCM {
    /// Bytes of the authentication tag behind each ciphertext.
    public static let tagSize = 16
    /// Bytes of a nonce.
    public static let nonceSize = 16
    /// Bytes of a key.
    public static let keySize = 32

    private let sealing: GCMContext
    private let opening: GCMContext

    /// Prepares a key of 32 bytes.
    public init(key: SecretBytes) throws(CryptographyFailure) {
        sealing = try GCMContext(key: key, nonceSize: Self.nonceSize, sealing: true)
        opening = try GCMContext(key: key, nonceSize: Self.nonceSize, sealing: false)
    }

    /// Writes ciphertext and tag, `plaintext.count + 16` bytes, to `output`.
    public func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: [UInt8], authenticating: [UInt8],
        into output: UnsafeMutableRawBufferPointer
    ) throws(CryptographyFailure) {
        precondition(nonce.count == Self.nonceSize, "the caller counts nonces")
        try sealing.seal(plaintext, nonce: nonce, authenticating: authenticating, into: output)
    }

    /// Writes the plaintext, `sealed.count - 16` bytes, to `output`; on failure `output` holds zeroes.
    public func open(
        _ sealed: UnsafeRawBufferPointer, nonce: [UInt8], authenticating: [UInt8],
        into output: UnsafeMutableRawBufferPointer
    ) throws(AuthenticationFailure) {
        precondition(nonce.count == Self.nonceSize, "the caller counts nonces")
        try opening.open(sealed, nonce: nonce, authenticating: authenticating, into: output)
    }
}

/// One keyed AES-256-GCM state of the library, for one direction.
final class GCMContext {
    // Immutable once fetched, used from all threads, lives as long as the process.
    private nonisolated(unsafe) static let algorithm: OpaquePointer? = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
    private static let tagSize = AESGCM.tagSize

    private let context: OpaquePointer
    private let nonceSize: Int

    init(key: SecretBytes, nonceSize: Int, sealing: Bool) throws(CryptographyFailure) {
        guard key.count == AESGCM.keySize, let context = EVP_CIPHER_CTX_new() else {
            throw CryptographyFailure(operation: "AES-256-GCM key")
        }
        self.context = context
        self.nonceSize = nonceSize
        let ready =
            EVP_CipherInit_ex(context, Self.algorithm, nil, nil, nil, sealing ? 1 : 0) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonceSize), nil) == 1
            && key.withBytes { key in
                EVP_CipherInit_ex(context, nil, nil, key.bindMemory(to: UInt8.self).baseAddress, nil, -1) == 1
            }
        guard ready else { throw CryptographyFailure(operation: "AES-256-GCM key") }
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: [UInt8], authenticating: [UInt8],
        into output: UnsafeMutableRawBufferPointer
    ) throws(CryptographyFailure) {
        precondition(output.count == plaintext.count + Self.tagSize, "room for ciphertext and tag")
        precondition(nonce.count == nonceSize && plaintext.count < Int(Int32.max), "sizes the library can count")
        let target = output.bindMemory(to: UInt8.self).baseAddress
        var length: Int32 = 0
        let sealed =
            EVP_CipherInit_ex(context, nil, nil, nil, nonce, -1) == 1
            && EVP_CipherUpdate(context, nil, &length, authenticating, Int32(authenticating.count)) == 1
            && (plaintext.isEmpty
                || EVP_CipherUpdate(
                    context, target, &length, plaintext.bindMemory(to: UInt8.self).baseAddress, Int32(plaintext.count))
                    == 1)
            && EVP_CipherFinal_ex(context, target, &length) == 1
            && EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagSize), target.map { $0 + plaintext.count }) == 1
        guard sealed else { throw CryptographyFailure(operation: "AES-256-GCM seal") }
    }

    func open(
        _ sealed: UnsafeRawBufferPointer, nonce: [UInt8], authenticating: [UInt8],
        into output: UnsafeMutableRawBufferPointer
    ) throws(AuthenticationFailure) {
        let size = sealed.count - Self.tagSize
        guard size >= 0, size < Int(Int32.max), nonce.count == nonceSize else { throw AuthenticationFailure() }
        precondition(output.count == size, "room for the plaintext")
        let source = sealed.bindMemory(to: UInt8.self).baseAddress
        let target = output.bindMemory(to: UInt8.self).baseAddress
        var length: Int32 = 0
        let opened =
            EVP_CipherInit_ex(context, nil, nil, nil, nonce, -1) == 1
            && EVP_CipherUpdate(context, nil, &length, authenticating, Int32(authenticating.count)) == 1
            && (size == 0 || EVP_CipherUpdate(context, target, &length, source, Int32(size)) == 1)
            && EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagSize),
                source.map { UnsafeMutableRawPointer(mutating: $0 + size) }) == 1
            && withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.tagSize) { rest in
                EVP_CipherFinal_ex(context, rest.baseAddress, &length) == 1
            }
        guard opened else {
            OPENSSL_cleanse(target, output.count)
            throw AuthenticationFailure()
        }
    }
}
