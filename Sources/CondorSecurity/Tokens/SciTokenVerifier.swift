public import Cryptography

/// Judges SciTokens by the keys of configured issuers; nothing is fetched (spec 03, 4.3).
///
/// The algorithm is decided before a key is chosen, and a key serves its own algorithm alone: `none`, HMAC with a public
/// key as its secret, and keys that the token itself brings along lead nowhere.
public struct SciTokenVerifier: Sendable {
    /// Longest token in bytes.
    public static let maximumLength = 16 << 10
    /// How far an issuer's clock may be ahead of ours, in seconds; the end of a token is taken as it stands.
    public static let clockTolerance: Int64 = 60
    /// Keys that are tried for one token; a set has a few.
    static let maximumTries = 4
    /// Most audiences, groups and scopes that are read.
    static let maximumWords = 128

    /// The audiences that mean anybody, by the profile of the token.
    private enum Profile: String {
        case sciTokens2 = "ANY"
        case wlcg = "https://wlcg.cern.ch/jwt/v1/any"
        /// SciTokens 1.0, which knows no such audience.
        case sciTokens1 = ""
    }

    private let issuers: [String: IssuerKeySet]
    private let audiences: Set<String>

    /// A verifier for tokens of these issuers that are meant for one of these audiences, or for anybody.
    public init(issuers: [String: IssuerKeySet], audiences: [String]) {
        self.issuers = issuers
        self.audiences = Set(audiences)
    }

    /// The claims of a good token, or why it is not; the reason holds no part of it but ids that its issuer vouches for.
    public func verify(_ token: SecretBytes, now: Int64) -> Result<SciToken, CredentialRefusal> {
        do throws(Refusal) {
            return .success(try check(token, now: now))
        } catch {
            return .failure(CredentialRefusal(reason: "SciToken: \(error.rawValue)"))
        }
    }

    /// Why a token is refused.
    private enum Refusal: String, Error {
        case malformed = "malformed"
        case algorithm = "neither RS256 nor ES256"
        case critical = "an extension that must be understood"
        case issuer = "unknown issuer"
        case key = "no key of that name and kind"
        case signature = "wrong signature"
        case claims = "a claim is missing or of the wrong type"
        case expired = "expired"
        case notYet = "not valid yet"
        case profile = "unknown profile"
        case audience = "for another audience"
    }

    private func check(_ token: SecretBytes, now: Int64) throws(Refusal) -> SciToken {
        guard token.count <= Self.maximumLength else { throw .malformed }
        let parts = token.withBytes {
            $0.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false).map { Array($0) }
        }
        guard parts.count == 3, let header = Self.object(parts[0]) else { throw .malformed }
        guard let algorithm = header["alg"]?.string, let kind = VerificationKey.Kind(rawValue: algorithm) else {
            throw .algorithm
        }
        guard header["crit"] == nil else { throw .critical }
        guard let payload = Self.object(parts[1]), let signature = Self.decode(parts[2]) else { throw .malformed }
        guard let issuer = payload["iss"]?.string, let keySet = issuers[issuer] else { throw .issuer }
        if let name = header["kid"], name.string == nil { throw .malformed }
        let keys = keySet.candidates(kind, id: header["kid"]?.string)
        guard !keys.isEmpty else { throw .key }
        let signed = parts[0] + [UInt8(ascii: ".")] + parts[1]
        guard keys.prefix(Self.maximumTries).contains(where: { $0.verifies(signature, of: signed) }) else {
            throw .signature
        }
        return try judge(payload, issuer: issuer, now: now)
    }

    /// The claims, once the signature is good.
    private func judge(_ payload: JSONValue, issuer: String, now: Int64) throws(Refusal) -> SciToken {
        guard let expiresAt = payload["exp"]?.seconds, let notBefore = payload["nbf"]?.seconds,
            let subject = payload["sub"]?.string, Self.isName(subject)
        else { throw .claims }
        guard now < expiresAt else { throw .expired }
        guard notBefore <= now + Self.clockTolerance else { throw .notYet }
        let profile = try Self.profile(payload)
        let meant = try Self.words(payload["aud"])
        guard
            meant.contains(where: {
                audiences.contains($0) || (profile != .sciTokens1 && $0 == profile.rawValue)
            })
        else { throw .audience }
        let scopes: [String]
        switch payload["scope"] {
        case nil: scopes = []
        case .string(let text)?: scopes = text.split(separator: " ").map(String.init)
        default: throw .claims
        }
        let groups = try payload["wlcg.groups"].map { (groups) throws(Refusal) in try Self.words(groups) } ?? []
        guard scopes.count <= Self.maximumWords, (scopes + groups).allSatisfy(Self.isName) else { throw .claims }
        var id = ""
        if let claim = payload["jti"] {
            guard let text = claim.string, Self.isName(text) else { throw .claims }
            id = text
        }
        return SciToken(
            issuer: issuer, subject: subject, id: id, scopes: scopes, groups: groups, expiresAt: expiresAt)
    }

    private static func profile(_ payload: JSONValue) throws(Refusal) -> Profile {
        switch (payload["ver"], payload["wlcg.ver"]) {
        case (.string("scitoken:2.0")?, nil): .sciTokens2
        case (nil, .string("1.0")?): .wlcg
        case (nil, nil), (.string("scitoken:1.0")?, nil): .sciTokens1
        default: throw .profile
        }
    }

    /// A claim that is one text or a list of texts.
    private static func words(_ value: JSONValue?) throws(Refusal) -> [String] {
        switch value {
        case .string(let word)?:
            return [word]
        case .array(let values)?:
            let words = values.compactMap(\.string)
            guard words.count == values.count, words.count <= maximumWords else { throw .claims }
            return words
        default:
            throw .claims
        }
    }

    /// Whether a text can be a name in maps, ads and logs: printable, not empty, not overlong.
    private static func isName(_ text: String) -> Bool {
        1...1024 ~= text.utf8.count && !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
    }

    private static func decode(_ part: [UInt8]) -> [UInt8]? { Base64URL.decode(String(decoding: part, as: UTF8.self)) }

    private static func object(_ part: [UInt8]) -> JSONValue? {
        guard let bytes = decode(part), case .object(let members)? = try? JSONParser.parse(bytes) else {
            return nil  // the one reason of the parser, "not JSON", is told by nil
        }
        return .object(members)
    }
}
