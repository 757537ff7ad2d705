import Cryptography

/// Seals the secrets of single rows, each row under a key of its own.
///
/// Rows of ads are sealed again with every refresh. A key per row keeps the number of random nonces used with any one
/// key far below the 2^32 that AES-GCM allows, and a sealed value cannot be moved to another row.
package struct RowSealer: Sendable {
    /// A place for a secret.
    enum Place {
        case session(id: String)
        case sessionToken(id: String)
        case ad(StoredAdKey)
        case target(id: Int64)
        /// A known text, by which a wrong key is noticed before anything else is opened.
        case probe

        /// The place as text; the parts that peers choose come last, so no two places share a text.
        var purpose: String {
            switch self {
            case .session(let id): "session/\(id)"
            case .sessionToken(let id): "session-token/\(id)"
            case .ad(let key): "ad/\(key.annexID ?? "-")/\(key.table.utf8.count)/\(key.table)/\(key.key)"
            case .target(let id): "target/\(id)"
            case .probe: "probe"
            }
        }
    }

    private let key: SecretBytes
    private let random: any RandomSource

    /// Seals under keys derived from the bytes of `broker.key`.
    init(brokerKey: SecretBytes, random: any RandomSource) {
        key = brokerKey
        self.random = random
    }

    /// `secret` as it is stored at `place`.
    func seal(_ secret: SecretBytes, at place: Place) -> [UInt8] {
        sealingKey(for: place.purpose).seal(secret.bytes, purpose: place.purpose)
    }

    /// The secret stored at `place`, or `nil` if it was sealed elsewhere, with another key, or is damaged.
    func open(_ sealed: [UInt8], at place: Place) -> SecretBytes? {
        do throws(AuthenticationFailure) {
            return try sealingKey(for: place.purpose).open(sealed, purpose: place.purpose)
        } catch {
            return nil
        }
    }

    private func sealingKey(for purpose: String) -> SealingKey {
        let derived = hkdfSHA256(
            key, salt: Array("flockbroker stored secrets 1".utf8), info: Array(purpose.utf8), count: BrokerKey.size)
        return SealingKey(derived, random: random)
    }
}
