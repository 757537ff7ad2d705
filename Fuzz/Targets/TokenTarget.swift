import CEDAR
import ClassAds
import CondorSecurity
import Cryptography

/// Tokens: arbitrary texts, or arbitrary JSON in a token whose encoding is right.
enum TokenTarget {
    private static let key = SecretBytes([UInt8](repeating: 7, count: 64))

    static func run(_ input: inout FuzzInput) throws(BrokenRule) {
        let form = input.byte()
        switch form {
        case UInt8(ascii: "t"):
            try check(String(decoding: input.remainder(), as: UTF8.self))
        case UInt8(ascii: "j"):
            let parts = input.parts(2)
            try check("\(Base64URL.encode(parts[0])).\(Base64URL.encode(parts[1])).AAAA")
        case UInt8(ascii: "p"):
            // A good header, so that only the claims are arbitrary.
            let header = #"{"alg":"HS256","kid":"POOL"}"#
            try check("\(Base64URL.encode(Array(header.utf8))).\(Base64URL.encode(input.remainder())).AAAA")
        case UInt8(ascii: "k"):
            let file = input.remainder()
            for name in [SigningKey.poolName, "local"] { _ = SigningKey.material(file: file, name: name) }
            _ = SigningKey.password(file: file)
        default: return
        }
    }

    /// A token that was understood has what every token must have, and is understood alike when we sign it anew.
    private static func check(_ text: String) throws(BrokenRule) {
        guard let token = try? IDToken(parsing: text) else { return }  // refused, as most are
        let claims = token.claims
        try require(
            !claims.issuer.isEmpty && !claims.subject.isEmpty && !claims.id.isEmpty, "a token without its claims")
        _ = claims.limits
        let minted = IDToken.mint(claims, key: key)
        // What we sign has no claims beyond those we know.
        var expected = claims
        expected.others = ClassAd()
        guard minted.text.utf8.count <= IDToken.maximumLength else { return }
        do {
            let again = try IDToken(parsing: minted.text)
            try require(again.claims == expected, "claims that are others after signing: \(claims)")
        } catch let broken as BrokenRule {
            throw broken
        } catch {
            throw BrokenRule("a token that we signed is refused: \(error), \(claims)")
        }
    }
}
