import COpenSSL

/// A public key that verifies signatures of tokens; which algorithm it serves follows from its kind alone.
///
/// RSA of 2048 to 8192 bits for RS256, the curve P-256 for ES256 (RFC 7518, 3.3 and 3.4). No other keys are taken.
public final class VerificationKey: Sendable {
    /// What a key is good for.
    public enum Kind: String, Sendable {
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        case rs256 = "RS256"
        /// ECDSA on P-256 with SHA-256.
        case es256 = "ES256"
    }

    /// Most keys that one PEM text may hold.
    public static let maximumKeys = 64
    /// Bits of an RSA modulus that are accepted.
    static let rsaBits = 2048...8192

    /// The algorithm that this key verifies.
    public let kind: Kind
    // Read only after init, and the library counts references atomically.
    private nonisolated(unsafe) let key: OpaquePointer

    /// The keys of a PEM text, `BEGIN PUBLIC KEY`, in order.
    ///
    /// - Throws: for a text without keys, with too many, or with one that is not of a ``Kind``.
    public static func keys(pem: String) throws(CryptographyFailure) -> [VerificationKey] {
        var pointers: [OpaquePointer] = []
        defer { pointers.forEach { EVP_PKEY_free($0) } }
        try PEM.forEachPublicKey(in: pem) { key in
            guard pointers.count < maximumKeys, EVP_PKEY_up_ref(key) == 1 else { return false }
            pointers.append(key)
            return true
        }
        var keys: [VerificationKey] = []
        while let pointer = pointers.first {
            pointers.removeFirst()
            keys.append(try VerificationKey(owning: pointer))
        }
        return keys
    }

    /// An RSA key by its numbers, as a JSON web key has them (RFC 7518, 6.3.1).
    public convenience init(rsaModulus: [UInt8], exponent: [UInt8]) throws(CryptographyFailure) {
        guard rsaModulus.count <= Self.rsaBits.upperBound / 8 + 1, exponent.count <= 8 else {
            throw CryptographyFailure(operation: "RSA public key")
        }
        let numbers = DER.sequence(DER.integer(rsaModulus) + DER.integer(exponent))
        try self.init(subjectPublicKeyInfo: DER.sequence(DER.rsaAlgorithm + DER.bitString(numbers)))
    }

    /// A P-256 key by its coordinates of 32 bytes each, as a JSON web key has them (RFC 7518, 6.2.1).
    public convenience init(p256X x: [UInt8], y: [UInt8]) throws(CryptographyFailure) {
        guard x.count == 32, y.count == 32 else { throw CryptographyFailure(operation: "P-256 public key") }
        try self.init(subjectPublicKeyInfo: DER.sequence(DER.p256Algorithm + DER.bitString([4] + x + y)))
    }

    private convenience init(subjectPublicKeyInfo: [UInt8]) throws(CryptographyFailure) {
        ERR_clear_error()
        let key = subjectPublicKeyInfo.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            return d2i_PUBKEY(nil, &cursor, bytes.count)
        }
        guard let key else {
            ERR_clear_error()
            throw CryptographyFailure(operation: "public key")
        }
        try self.init(owning: key)
    }

    private init(owning key: OpaquePointer) throws(CryptographyFailure) {
        self.key = key
        if EVP_PKEY_is_a(key, "RSA") == 1, Self.rsaBits ~= Int(EVP_PKEY_get_bits(key)) {
            kind = .rs256
        } else if EVP_PKEY_is_a(key, "EC") == 1, Self.isP256(key) {
            kind = .es256
        } else {
            kind = .rs256
            throw CryptographyFailure(operation: "public key: neither RSA of 2048 to 8192 bits nor P-256")
        }
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether `signature`, in the form of RFC 7518, is one of this key for `message`.
    public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        let encoded: [UInt8]
        switch kind {
        case .rs256:
            encoded = signature
        case .es256:
            guard signature.count == 64 else { return false }
            encoded = DER.sequence(DER.integer(Array(signature[..<32])) + DER.integer(Array(signature[32...])))
        }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
            && EVP_DigestVerify(context, encoded, encoded.count, message, message.count) == 1
    }

    private static func isP256(_ key: OpaquePointer) -> Bool {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { name in
            var count = 0
            return EVP_PKEY_get_group_name(key, name.baseAddress, name.count, &count) == 1
                && String(decoding: UnsafeRawBufferPointer(name).prefix(count), as: UTF8.self) == "prime256v1"
        }
    }
}

/// The few forms of DER that public keys and signatures are put together from (X.690).
private enum DER {
    /// rsaEncryption with NULL parameters (RFC 3279, 2.3.1).
    static let rsaAlgorithm: [UInt8] = [
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
    /// id-ecPublicKey on prime256v1 (RFC 5480, 2.1.1).
    static let p256Algorithm: [UInt8] = [
        0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
        0x03, 0x01, 0x07,
    ]

    static func sequence(_ content: [UInt8]) -> [UInt8] { element(0x30, content) }

    static func bitString(_ content: [UInt8]) -> [UInt8] { element(0x03, [0] + content) }

    /// A number that is not negative, from its big-endian bytes.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        return element(0x02, digits.first.map { $0 < 0x80 } == true ? digits : [0] + digits)
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        if content.count < 0x80 {
            length = [UInt8(content.count)]
        } else {
            var rest = content.count
            while rest > 0 {
                length.insert(UInt8(rest & 0xff), at: 0)
                rest >>= 8
            }
            length.insert(0x80 | UInt8(length.count), at: 0)
        }
        return [tag] + length + content
    }
}
