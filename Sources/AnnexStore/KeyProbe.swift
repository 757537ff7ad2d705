import Cryptography
import GRDB

/// Notices at start that secrets in the database were sealed with another key, and drops them (decision 16).
struct KeyProbe {
    /// The row of `meta` that holds the sealed probe.
    private static let metaKey = "key_probe"

    /// What is sealed; its content does not matter.
    private static let content = SecretBytes(Array("flockbroker".utf8))

    /// The key of the folder.
    var key: BrokerKey

    /// Checks the key, and in one transaction drops what it cannot open and remembers the key.
    ///
    /// - Returns: what was dropped, or `nil` if the key is right or there was nothing to lose.
    func check(_ database: Database) throws -> LostSecrets? {
        var lost: LostSecrets?
        try database.inTransaction(.immediate) {
            let probe = try String.fetchOne(
                database, sql: "SELECT value FROM meta WHERE key = ?", arguments: [Self.metaKey])
            if let probe, opens(probe) { return .commit }
            if probe != nil { lost = try drop(database) }
            try database.execute(
                sql: "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
                arguments: [Self.metaKey, Base64.encode(key.sealer.seal(Self.content, at: .probe))])
            return .commit
        }
        return lost
    }

    private func opens(_ probe: String) -> Bool {
        guard let sealed = Base64.decode(probe) else { return false }
        return key.sealer.open(sealed, at: .probe) == Self.content
    }

    private func drop(_ database: Database) throws -> LostSecrets {
        try database.execute(sql: "DELETE FROM session WHERE sealed_key IS NOT NULL")
        let sessions = database.changesCount
        try database.execute(sql: "UPDATE ad SET sealed_private = NULL WHERE sealed_private IS NOT NULL")
        let ads = database.changesCount
        try database.execute(sql: "UPDATE callback_target SET sealed_cookie = NULL WHERE sealed_cookie IS NOT NULL")
        let targets = database.changesCount
        return LostSecrets(
            reason: key.isNew ? .keyWasMissing : .keyIsAnother, sessions: sessions, ads: ads, targets: targets)
    }
}
