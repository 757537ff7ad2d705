public import Cryptography

/// From the key file of a token issuer to the key that signs (spec 03, 2.2).
public enum SigningKey {
    /// The name of the key whose material is used twice in a row; the empty name means the same.
    public static let poolName = "POOL"
    /// Longest key file in bytes.
    public static let maximumFileSize = 64 << 10

    /// Applies or undoes the scrambling of key and password files; it is its own inverse.
    public static func scrambled(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let mask: [UInt8] = [0xDE, 0xAD, 0xBE, 0xEF]
        return zip(0..., bytes).map { $1 ^ mask[$0 % mask.count] }
    }

    /// The key material in a file: the whole content without scrambling, twice in a row for `POOL`.
    ///
    /// - Returns: `nil` if the file is empty or too long.
    public static func material(file: some Collection<UInt8>, name: String) -> SecretBytes? {
        guard 1...maximumFileSize ~= file.count else { return nil }
        return material(key: scrambled(file), name: name)
    }

    /// The key material of a key that we hold as it is: twice in a row for `POOL`.
    public static func material(key: [UInt8], name: String) -> SecretBytes {
        SecretBytes(name == poolName || name.isEmpty ? key + key : key)
    }

    /// The HMAC key that signs tokens.
    static func hmacKey(_ material: SecretBytes) -> SecretBytes {
        hkdfSHA256(material, salt: "htcondor".utf8, info: "master jwt".utf8, count: 32)
    }

    /// The signature of a token's text before its last dot.
    static func signature(of signingInput: String, material: SecretBytes) -> SecretBytes {
        SecretBytes(hmacSHA256(Array(signingInput.utf8), key: hmacKey(material)))
    }
}
