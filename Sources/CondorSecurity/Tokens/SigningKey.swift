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

    /// The pool's password in a file: without scrambling, up to the first NUL (spec 03, 6.3).
    ///
    /// - Returns: `nil` if there is nothing before it, or the file is too long.
    public static func password(file: some Collection<UInt8>) -> SecretBytes? {
        guard file.count <= maximumFileSize else { return nil }
        let password = scrambled(file.prefix { $0 != 0 }).prefix { $0 != 0 }
        return password.isEmpty ? nil : SecretBytes(password)
    }

    /// Whether a file's name can be the name of a key: it fits into the list of names that clients are told.
    ///
    /// Names that HTCondor's own exclusion of configuration files skips are no names of keys either.
    public static func isUsableName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "@"):
                true
            default: false
            }
        }
        return isPlain && 1...128 ~= name.utf8.count && !name.hasPrefix(".")
            && !excludedSuffixes.contains(where: name.hasSuffix)
    }

    /// What `LOCAL_CONFIG_DIR_EXCLUDE_REGEXP` skips by default, as far as ``isUsableName(_:)`` would let it through.
    private static let excludedSuffixes = [
        ".pl", ".py", ".sh", ".rpmsave", ".rpmnew", ".dpkg-old", ".dpkg-dist", ".cfsaved",
    ]

    /// The HMAC key that signs tokens.
    static func hmacKey(_ material: SecretBytes) -> SecretBytes {
        hkdfSHA256(material, salt: "htcondor".utf8, info: "master jwt".utf8, count: 32)
    }

    /// The signature of a token's text before its last dot.
    static func signature(of signingInput: String, material: SecretBytes) -> SecretBytes {
        SecretBytes(hmacSHA256(Array(signingInput.utf8), key: hmacKey(material)))
    }
}
