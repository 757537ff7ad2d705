import COpenSSL
import Cryptography
import Testing

/// An issuer of SciTokens that a test makes for itself: a key pair, and what it signs.
final class TestIssuer {
    /// How the issuer signs, and so what its key is.
    enum Algorithm {
        case es256
        case rs256(bits: Int32)
        /// Another curve, which nobody should take.
        case p384
    }

    private let key: OpaquePointer
    let algorithm: Algorithm

    init(_ algorithm: Algorithm) throws {
        self.algorithm = algorithm
        switch algorithm {
        case .es256:
            key = try #require(flock_EC_generate())
        case .rs256(let bits):
            key = try Self.generate(EVP_PKEY_RSA) { EVP_PKEY_CTX_set_rsa_keygen_bits($0, bits) }
        case .p384:
            key = try Self.generate(EVP_PKEY_EC) { EVP_PKEY_CTX_set_ec_paramgen_curve_nid($0, NID_secp384r1) }
        }
    }

    deinit { EVP_PKEY_free(key) }

    private static func generate(_ kind: Int32, _ setUp: (OpaquePointer) -> Int32) throws -> OpaquePointer {
        let context = try #require(EVP_PKEY_CTX_new_id(kind, nil))
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        try #require(EVP_PKEY_keygen_init(context) == 1)
        try #require(setUp(context) == 1)
        try #require(EVP_PKEY_keygen(context, &key) == 1)
        return try #require(key)
    }

    /// The public key as PEM.
    func pem() throws -> String {
        let bio = try #require(BIO_new(BIO_s_mem()))
        defer { BIO_free(bio) }
        try #require(PEM_write_bio_PUBKEY(bio, key) == 1)
        var start: UnsafeMutablePointer<CChar>?
        let count = flock_BIO_mem_data(bio, &start)
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// The public key as a JSON web key, with further members.
    func jwk(_ more: String = #""kid":"k1","use":"sig""#) throws -> String {
        switch algorithm {
        case .rs256:
            return try #"{"kty":"RSA","n":"\#(number("n"))","e":"\#(number("e"))",\#(more)}"#
        case .es256, .p384:
            var raw: UnsafeMutablePointer<UInt8>?
            let count = EVP_PKEY_get1_encoded_public_key(key, &raw)
            defer { flock_free(raw) }
            let point = Array(UnsafeBufferPointer(start: raw, count: count)).dropFirst()
            let (x, y) = (Array(point.prefix(point.count / 2)), Array(point.suffix(point.count / 2)))
            let curve = point.count == 64 ? "P-256" : "P-384"
            return
                #"{"kty":"EC","crv":"\#(curve)","x":"\#(Base64URL.encode(x))","y":"\#(Base64URL.encode(y))",\#(more)}"#
        }
    }

    private func number(_ name: String) throws -> String {
        var number: OpaquePointer?
        try #require(EVP_PKEY_get_bn_param(key, name, &number) == 1)
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: Int(BN_num_bits(number) + 7) / 8)
        try #require(BN_bn2bin(number, &bytes) == Int32(bytes.count))
        return Base64URL.encode(bytes)
    }

    /// A token of this header and these claims, signed with the key whatever the header says.
    func token(header: String, claims: String) throws -> String {
        let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
        return input + "." + Base64URL.encode(try signature(of: Array(input.utf8)))
    }

    /// The signature in the form of RFC 7518.
    private func signature(of message: [UInt8]) throws -> [UInt8] {
        let encoded = try derSignature(of: message)
        guard case .es256 = algorithm else { return encoded }
        return try encoded.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            let pair = try #require(d2i_ECDSA_SIG(nil, &cursor, bytes.count))
            defer { ECDSA_SIG_free(pair) }
            var raw = [UInt8](repeating: 0, count: 64)
            try raw.withUnsafeMutableBufferPointer { raw in
                let start = try #require(raw.baseAddress)
                try #require(BN_bn2binpad(ECDSA_SIG_get0_r(pair), start, 32) == 32)
                try #require(BN_bn2binpad(ECDSA_SIG_get0_s(pair), start + 32, 32) == 32)
            }
            return raw
        }
    }

    /// The signature as OpenSSL makes it.
    func derSignature(of message: [UInt8]) throws -> [UInt8] {
        let context = try #require(EVP_MD_CTX_new())
        defer { EVP_MD_CTX_free(context) }
        try #require(EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1)
        var count = 0
        try #require(EVP_DigestSign(context, nil, &count, message, message.count) == 1)
        var signature = [UInt8](repeating: 0, count: count)
        try #require(EVP_DigestSign(context, &signature, &count, message, message.count) == 1)
        return Array(signature.prefix(count))
    }
}
