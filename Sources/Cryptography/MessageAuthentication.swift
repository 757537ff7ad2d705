import COpenSSL

/// HMAC-SHA-256 of `message` (RFC 2104).
public func hmacSHA256(_ message: some Collection<UInt8>, key: SecretBytes) -> [UInt8] {
    hmac(EVP_sha256(), size: 32, message, key: key)
}

/// HMAC-SHA-1 of `message`, as the messages of IDTOKENS and PASSWORD carry it (spec 03, 2.6).
public func hmacSHA1(_ message: some Collection<UInt8>, key: SecretBytes) -> [UInt8] {
    hmac(EVP_sha1(), size: 20, message, key: key)
}

/// HKDF with SHA-256 (RFC 5869); labels go in without a NUL (spec 03, 2.2).
///
/// - Parameter count: bytes wanted, at most 255 * 32.
public func hkdfSHA256(
    _ secret: SecretBytes, salt: some Collection<UInt8>, info: some Collection<UInt8>, count: Int
) -> SecretBytes {
    precondition(0...(255 * 32) ~= count, "RFC 5869 bounds the output")
    let pseudorandom = SecretBytes(count: 32) { output in
        salt.withContiguousBytes { salt in
            secret.withBytes { hmac(EVP_sha256(), message: $0, key: salt, into: output) }
        }
    }
    let info = Array(info)
    return SecretBytes(count: count) { output in
        withUnsafeTemporaryAllocation(byteCount: 32 + info.count + 1, alignment: 16) { input in
            withUnsafeTemporaryAllocation(byteCount: 32, alignment: 16) { block in
                let tail = UnsafeMutableRawBufferPointer(rebasing: input[32...])
                tail.copyBytes(from: info)
                var written = 0
                var counter: UInt8 = 1
                while written < count {
                    tail[info.count] = counter
                    let message = written == 0 ? UnsafeRawBufferPointer(tail) : UnsafeRawBufferPointer(input)
                    pseudorandom.withBytes { hmac(EVP_sha256(), message: message, key: $0, into: block) }
                    let size = min(32, count - written)
                    UnsafeMutableRawBufferPointer(rebasing: output[written..<written + size])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: block[..<size]))
                    input.copyBytes(from: block)
                    written += size
                    counter &+= 1
                }
                OPENSSL_cleanse(input.baseAddress, input.count)
                OPENSSL_cleanse(block.baseAddress, block.count)
            }
        }
    }
}

private func hmac(
    _ algorithm: OpaquePointer?, size: Int, _ message: some Collection<UInt8>, key: SecretBytes
) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: size)
    output.withUnsafeMutableBytes { output in
        message.withContiguousBytes { message in
            key.withBytes { hmac(algorithm, message: message, key: $0, into: output) }
        }
    }
    return output
}

private func hmac(
    _ algorithm: OpaquePointer?, message: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer
) {
    let result = HMAC(
        algorithm, key.baseAddress, Int32(key.count), message.bindMemory(to: UInt8.self).baseAddress, message.count,
        output.bindMemory(to: UInt8.self).baseAddress, nil)
    precondition(result != nil, "HMAC of memory cannot fail")
}
