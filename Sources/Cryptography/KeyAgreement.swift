import COpenSSL

/// An ephemeral P-256 key pair for the session key (spec 02, 6).
public final class KeyAgreement: Sendable {
    /// Bytes of a public key: the uncompressed point `04 | X | Y`.
    public static let publicKeySize = 65
    /// Bytes of a private scalar and of a shared secret.
    public static let scalarSize = 32

    /// Our public key as it travels, before base64.
    public let publicKey: [UInt8]
    // Never changed after init, and the library counts references atomically.
    private nonisolated(unsafe) let key: OpaquePointer

    /// A fresh key pair.
    public convenience init() throws(CryptographyFailure) {
        guard let key = flock_EC_generate() else { throw CryptographyFailure(operation: "P-256 key generation") }
        try self.init(owning: key)
    }

    /// The key pair of a known scalar of 32 bytes, big-endian; for replaying recorded exchanges.
    public convenience init(privateScalar: [UInt8]) throws(CryptographyFailure) {
        guard privateScalar.count == Self.scalarSize else {
            throw CryptographyFailure(operation: "P-256 private scalar")
        }
        var der = Self.privateKeyInfoPrefix + privateScalar
        defer { erase(&der) }
        let key = der.withUnsafeBufferPointer { der in
            var cursor = der.baseAddress
            return d2i_AutoPrivateKey(nil, &cursor, der.count)
        }
        guard let key else {
            ERR_clear_error()
            throw CryptographyFailure(operation: "P-256 private scalar")
        }
        try self.init(owning: key)
    }

    private init(owning key: OpaquePointer) throws(CryptographyFailure) {
        self.key = key
        var raw: UnsafeMutablePointer<UInt8>?
        let count = EVP_PKEY_get1_encoded_public_key(key, &raw)
        publicKey = Array(UnsafeBufferPointer(start: raw, count: count))
        flock_free(raw)
        guard publicKey.count == Self.publicKeySize else { throw CryptographyFailure(operation: "P-256 public key") }
    }

    deinit { EVP_PKEY_free(key) }

    /// The X coordinate of the common point, 32 bytes.
    ///
    /// - Throws: if `peer` is not an uncompressed point of the curve.
    public func sharedSecret(with peer: [UInt8]) throws(CryptographyFailure) -> SecretBytes {
        guard peer.count == Self.publicKeySize, peer[0] == 4, let other = EVP_PKEY_new() else {
            throw CryptographyFailure(operation: "P-256 peer key")
        }
        defer { EVP_PKEY_free(other) }
        guard EVP_PKEY_copy_parameters(other, key) == 1,
            EVP_PKEY_set1_encoded_public_key(other, peer, peer.count) == 1,
            let context = EVP_PKEY_CTX_new(key, nil)
        else {
            ERR_clear_error()
            throw CryptographyFailure(operation: "P-256 peer key")
        }
        defer { EVP_PKEY_CTX_free(context) }
        return try SecretBytes(count: Self.scalarSize) { (output) throws(CryptographyFailure) in
            var count = output.count
            guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, other) == 1,
                EVP_PKEY_derive(context, output.bindMemory(to: UInt8.self).baseAddress, &count) == 1,
                count == output.count
            else {
                ERR_clear_error()
                throw CryptographyFailure(operation: "P-256 agreement")
            }
        }
    }

    /// PKCS #8 up to the scalar: version 0, id-ecPublicKey, prime256v1, ECPrivateKey version 1 (RFC 5208, RFC 5915).
    private static let privateKeyInfoPrefix: [UInt8] = [
        0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20,
    ]
}
