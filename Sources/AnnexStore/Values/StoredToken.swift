import Cryptography
import Foundation

/// What a session remembers of the token that opened it: who issued it to whom, and what it allows.
package struct StoredToken: Hashable, Sendable, Codable {
    /// The `iss` claim.
    package var issuer: String
    /// The `sub` claim.
    package var subject: String
    /// The `jti` claim; empty if there was none.
    package var id: String
    /// The words of the `scope` claim.
    package var scopes: [String]
    /// The groups of the holder, as the issuer says.
    package var groups: [String]
    /// The `exp` claim, in seconds since 1970.
    package var expiresAt: Int64?

    /// Describes a token.
    package init(
        issuer: String, subject: String, id: String, scopes: [String], groups: [String] = [], expiresAt: Int64? = nil
    ) {
        self.issuer = issuer
        self.subject = subject
        self.id = id
        self.scopes = scopes
        self.groups = groups
        self.expiresAt = expiresAt
    }

    /// The bytes that are sealed: JSON, so that a later version may add to it.
    func encoded() throws -> SecretBytes {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return SecretBytes(try encoder.encode(self))
    }

    /// The token in bytes that were sealed; `nil` if they are no such thing.
    init?(encoded: SecretBytes) {
        guard let token = try? JSONDecoder().decode(StoredToken.self, from: Data(encoded.bytes)) else {
            return nil  // damaged in a way that the seal does not tell; the caller counts it
        }
        self = token
    }
}
