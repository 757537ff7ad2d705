/// Seals secrets for storage: AES-256-GCM, a random 12-byte nonce in front, the tag behind.
///
/// The purpose is authenticated, so that a sealed value cannot be moved to another place.
public struct SealingKey: Sendable {
    private static let nonceSize = 12

    private let key: SecretBytes
    private let random: any RandomSource

    /// A key of 32 bytes.
    public init(_ key: SecretBytes, random: any RandomSource = SystemRandom()) {
        precondition(key.count == AESGCM.keySize, "a sealing key has 32 bytes")
        self.key = key
        self.random = random
    }

    /// Nonce, ciphertext and tag: 28 bytes more than `plaintext`.
    public func seal(_ plaintext: some Collection<UInt8>, purpose: String) -> [UInt8] {
        let nonce = random.bytes(Self.nonceSize)
        var sealed = nonce
        sealed.append(contentsOf: repeatElement(0, count: plaintext.count + AESGCM.tagSize))
        let done = plaintext.withContiguousBytes { plaintext in
            sealed.withUnsafeMutableBytes { sealed in
                do throws(CryptographyFailure) {
                    try GCMContext(key: key, nonceSize: Self.nonceSize, sealing: true).seal(
                        plaintext, nonce: nonce, authenticating: Array(purpose.utf8),
                        into: UnsafeMutableRawBufferPointer(rebasing: sealed[Self.nonceSize...]))
                    return true
                } catch {
                    return false
                }
            }
        }
        precondition(done, "AES-256-GCM is part of every OpenSSL")
        return sealed
    }

    /// The plaintext, if `sealed` was made with this key for this purpose.
    public func open(_ sealed: some Collection<UInt8>, purpose: String) throws(AuthenticationFailure) -> SecretBytes {
        guard sealed.count >= Self.nonceSize + AESGCM.tagSize else { throw AuthenticationFailure() }
        let context: GCMContext
        do throws(CryptographyFailure) {
            context = try GCMContext(key: key, nonceSize: Self.nonceSize, sealing: false)
        } catch {
            throw AuthenticationFailure()
        }
        let nonce = Array(sealed.prefix(Self.nonceSize))
        let body = Array(sealed.dropFirst(Self.nonceSize))
        return try SecretBytes(count: body.count - AESGCM.tagSize) { (output) throws(AuthenticationFailure) in
            let opened = body.withUnsafeBytes { body in
                do throws(AuthenticationFailure) {
                    try context.open(body, nonce: nonce, authenticating: Array(purpose.utf8), into: output)
                    return true
                } catch {
                    return false
                }
            }
            guard opened else { throw AuthenticationFailure() }
        }
    }
}
