import ClassAds
public import Cryptography

/// A token signed with a key of its server: header, claims and a signature that stays secret (spec 03, 2).
public struct IDToken: Sendable, Equatable {
    /// Longest token in bytes.
    public static let maximumLength = 16 << 10
    /// The only algorithm we sign with and accept.
    static let algorithm = "HS256"

    /// Why a text is no token we can use.
    public enum Failure: String, Error, Sendable {
        /// Not two or three parts of base64url, or too long.
        case malformed
        /// Signed with another algorithm, or unsigned.
        case algorithm
        /// A claim that must be there is missing, empty or of the wrong type.
        case claims
    }

    /// What the token says.
    public let claims: IDTokenClaims
    /// Header and claims as they travel, `header.payload`.
    public let signingInput: String
    /// The signature: the secret shared by the token's holder and the server.
    public let signature: SecretBytes

    /// The whole token.
    ///
    /// It is a credential.
    public var text: String { signingInput + "." + signature.withBytes { Base64URL.encode($0) } }

    /// Signs claims with the key material of ``SigningKey/material(key:name:)``.
    public static func mint(_ claims: IDTokenClaims, key material: SecretBytes) -> IDToken {
        let header = JSONValue.object([
            .init(name: "alg", value: .string(algorithm)), .init(name: "kid", value: .string(claims.keyName)),
        ])
        var members: [JSONValue.Member] = []
        if let expiresAt = claims.expiresAt { members.append(.init(name: "exp", value: .integer(expiresAt))) }
        if let issuedAt = claims.issuedAt { members.append(.init(name: "iat", value: .integer(issuedAt))) }
        members.append(.init(name: "iss", value: .string(claims.issuer)))
        members.append(.init(name: "jti", value: .string(claims.id)))
        if !claims.scopes.isEmpty {
            members.append(.init(name: "scope", value: .string(claims.scopes.joined(separator: " "))))
        }
        members.append(.init(name: "sub", value: .string(claims.subject)))
        let signingInput =
            Base64URL.encode(Array(header.text.utf8)) + "."
            + Base64URL.encode(Array(JSONValue.object(members).text.utf8))
        return IDToken(
            claims: claims, signingInput: signingInput,
            signature: SigningKey.signature(of: signingInput, material: material))
    }

    /// Reads a whole token, as its holder has it.
    ///
    /// Nothing is verified.
    public init(parsing text: String) throws(Failure) {
        let parts = text.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.maximumLength, parts.count == 3, !parts[2].isEmpty,
            let signature = Base64URL.decode(String(parts[2]))
        else { throw .malformed }
        let signingInput = String(text[..<parts[1].endIndex])
        self.init(
            claims: try Self.claims(of: signingInput), signingInput: signingInput, signature: SecretBytes(signature))
    }

    private init(claims: IDTokenClaims, signingInput: String, signature: SecretBytes) {
        self.claims = claims
        self.signingInput = signingInput
        self.signature = signature
    }

    /// The claims of `header.payload`, the algorithm being the one and only, and `iss`, `sub`, `jti` being there.
    static func claims(of signingInput: String) throws(Failure) -> IDTokenClaims {
        let parts = signingInput.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard signingInput.utf8.count <= maximumLength, parts.count == 2, let header = object(parts[0]) else {
            throw .malformed
        }
        guard header["alg"]?.string == algorithm else { throw .algorithm }
        guard let payload = object(parts[1]) else { throw .malformed }
        guard let keyName = header["kid"]?.string, let issuer = nonEmpty(payload["iss"]),
            let subject = nonEmpty(payload["sub"]), let id = nonEmpty(payload["jti"])
        else { throw .claims }
        var claims = IDTokenClaims(
            keyName: keyName, issuer: issuer, subject: subject, id: id, issuedAt: try seconds(payload["iat"]),
            expiresAt: try seconds(payload["exp"]), scopes: try words(payload["scope"]))
        claims.others = others(payload)
        return claims
    }

    /// The claims without a meaning of their own here, as far as an ad can hold them.
    private static func others(_ payload: JSONValue) -> ClassAd {
        guard case .object(let members) = payload else { return ClassAd() }
        let known = ["iss", "sub", "jti", "iat", "exp", "scope"]
        var ad = ClassAd()
        for member in members where !known.contains(member.name.lowercased()) && isName(member.name) {
            switch member.value {
            case .boolean(let value): ad.set(member.name, value)
            case .integer(let value): ad.set(member.name, value)
            case .real(let value): ad.set(member.name, value)
            case .string(let value): ad.set(member.name, value)
            case .null, .array, .object: continue
            }
        }
        return ad
    }

    /// Whether a claim's name can be that of an attribute.
    private static func isName(_ name: String) -> Bool {
        1...64 ~= name.utf8.count
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func object(_ part: Substring) -> JSONValue? {
        guard let bytes = Base64URL.decode(String(part)), case .object(let members)? = try? JSONParser.parse(bytes)
        else {
            return nil  // the one reason of the parser, "not JSON", is told by nil
        }
        return .object(members)
    }

    private static func nonEmpty(_ value: JSONValue?) -> String? {
        guard let text = value?.string, !text.isEmpty, !text.utf8.contains(0) else { return nil }
        return text
    }

    /// Seconds of a claim that may be missing, but not be anything else than a number.
    private static func seconds(_ value: JSONValue?) throws(Failure) -> Int64? {
        guard let value else { return nil }
        guard let seconds = value.seconds else { throw .claims }
        return seconds
    }

    /// Words of a claim that may be missing, but not be anything else than a text.
    private static func words(_ value: JSONValue?) throws(Failure) -> [String] {
        guard let value else { return [] }
        guard let text = value.string else { throw .claims }
        return text.split(separator: " ").map(String.init)
    }
}
