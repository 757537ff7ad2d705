import Cryptography

/// The public keys with which an issuer of SciTokens signs, as an administrator has them in a file.
///
/// Two forms are taken: the JSON web key set that issuers publish (RFC 7517, 5), and PEM public keys, which have no names.
public struct IssuerKeySet: Sendable {
    /// Longest file in bytes.
    public static let maximumFileSize = 256 << 10
    /// Most keys of one issuer.
    public static let maximumKeys = VerificationKey.maximumKeys

    /// Why a file gives no keys.
    public enum Failure: String, Error, Sendable {
        /// The file is empty or too long.
        case size = "the file is empty or too long"
        /// The text is neither a JSON web key set nor PEM.
        case malformed = "neither a JSON web key set nor PEM public keys"
        /// There is no RSA or P-256 signing key, or there are too many keys.
        case keys = "no RSA or P-256 signing key, or too many keys"
    }

    /// One key.
    struct Key: Sendable {
        /// `kid`; `nil` for a key without name.
        var id: String?
        var key: VerificationKey
    }

    let keys: [Key]

    /// The keys in a file.
    public init(file: [UInt8]) throws(Failure) {
        guard 1...Self.maximumFileSize ~= file.count else { throw .size }
        if file.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
            keys = try Self.keys(json: file)
        } else {
            do {
                keys = try VerificationKey.keys(pem: String(decoding: file, as: UTF8.self)).map {
                    Key(id: nil, key: $0)
                }
            } catch {
                throw .malformed
            }
        }
        guard 1...Self.maximumKeys ~= keys.count else { throw .keys }
    }

    /// The keys that may have made a signature: of the right kind, and not of another name.
    func candidates(_ kind: VerificationKey.Kind, id: String?) -> [VerificationKey] {
        keys.filter { $0.key.kind == kind && (id == nil || $0.id == nil || $0.id == id) }.map(\.key)
    }

    /// The signing keys of a set; keys of other kinds and for other purposes are skipped, as RFC 7517 wants it.
    private static func keys(json: [UInt8]) throws(Failure) -> [Key] {
        // The parser has one reason, "not JSON", which is what the failure says.
        guard let set = try? JSONParser.parse(json, maximumLength: maximumFileSize),
            case .array(let members)? = set["keys"]
        else { throw .malformed }
        return members.compactMap(key)
    }

    private static func key(_ value: JSONValue) -> Key? {
        if let use = value["use"], use.string != "sig" { return nil }
        let key: VerificationKey?
        switch value["kty"]?.string {
        case "RSA":
            guard let modulus = number(value["n"]), let exponent = number(value["e"]) else { return nil }
            // A key that is too short or malformed is not one of those we take; the others of the set still count.
            key = try? VerificationKey(rsaModulus: modulus, exponent: exponent)
        case "EC" where value["crv"]?.string == "P-256":
            guard let x = number(value["x"]), let y = number(value["y"]) else { return nil }
            key = try? VerificationKey(p256X: x, y: y)  // as above
        default:
            return nil
        }
        guard let key else { return nil }
        if let algorithm = value["alg"], algorithm.string != key.kind.rawValue { return nil }
        return Key(id: value["kid"]?.string, key: key)
    }

    private static func number(_ value: JSONValue?) -> [UInt8]? { value?.string.flatMap { Base64URL.decode($0) } }
}
