import COpenSSL

/// A session key as it is handed over after SSL or SCITOKENS: 3DES-EDE-CFB64 with a zero IV (spec 03, 1.3).
///
/// The wrap is not authenticated; the key that goes with the method's secret is.
/// - Throws: where 3DES is switched off (FIPS mode), or without a secret.
public func wrapSessionKey(_ key: SecretBytes, with secret: SecretBytes) throws(CryptographyFailure) -> [UInt8] {
    var wrapped = [UInt8](repeating: 0, count: key.count)
    let done = key.withBytes { input in
        wrapped.withUnsafeMutableBytes { tripleDES(input, secret: secret, into: $0, encrypting: true) }
    }
    guard done else { throw CryptographyFailure(operation: "3DES-CFB64 wrap") }
    return wrapped
}

/// The session key in what ``wrapSessionKey(_:with:)`` made; with another secret, other bytes.
public func unwrapSessionKey(
    _ wrapped: [UInt8], with secret: SecretBytes
) throws(CryptographyFailure) -> SecretBytes {
    try SecretBytes(count: wrapped.count) { (output) throws(CryptographyFailure) in
        let done = wrapped.withUnsafeBytes { tripleDES($0, secret: secret, into: output, encrypting: false) }
        guard done else { throw CryptographyFailure(operation: "3DES-CFB64 unwrap") }
    }
}

/// The 24-byte 3DES key HTCondor makes of a secret of any length but zero.
///
/// Longer secrets fold over by XOR, shorter ones repeat (`src/condor_io/CryptKey.cpp`; spec 03, 1.3).
func foldedTo24(_ secret: SecretBytes) -> SecretBytes {
    SecretBytes(count: 24) { key in
        secret.withBytes { secret in
            if secret.count >= key.count {
                for (index, byte) in secret.enumerated() { key[index % 24] ^= byte }
            } else {
                for index in key.indices { key[index] = secret[index % secret.count] }
            }
        }
    }
}

private func tripleDES(
    _ input: UnsafeRawBufferPointer, secret: SecretBytes, into output: UnsafeMutableRawBufferPointer, encrypting: Bool
) -> Bool {
    guard secret.count > 0, input.count <= 1024, let context = EVP_CIPHER_CTX_new() else { return false }
    defer { EVP_CIPHER_CTX_free(context) }
    var length: Int32 = 0
    let initialVector = [UInt8](repeating: 0, count: 8)
    let done = foldedTo24(secret).withBytes { key in
        EVP_CipherInit_ex(
            context, EVP_des_ede3_cfb64(), nil, key.bindMemory(to: UInt8.self).baseAddress, initialVector,
            encrypting ? 1 : 0) == 1
            && EVP_CipherUpdate(
                context, output.bindMemory(to: UInt8.self).baseAddress, &length,
                input.bindMemory(to: UInt8.self).baseAddress, Int32(input.count)) == 1
            && Int(length) == input.count
    }
    if !done { ERR_clear_error() }
    return done
}
