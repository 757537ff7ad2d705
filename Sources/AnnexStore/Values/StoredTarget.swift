package import Cryptography

/// A daemon registered for callbacks (CCB), so that it keeps its id over a restart of the broker.
package struct StoredTarget: Hashable, Sendable, Identifiable {
    /// Its CCB id.
    package var id: Int64
    /// The incarnation of the annex it belongs to; `nil` for a daemon of the access point.
    package var annexID: String?
    /// The capability with which it registered.
    package var capabilityID: String?
    /// What it calls itself; for the log.
    package var name: String
    /// What it must show to get its id back, sealed at rest; `nil` if it was lost.
    package var cookie: SecretBytes?
    /// When it last registered or was heard from, in seconds since 1970.
    package var lastSeen: Int64

    /// Describes a target.
    package init(
        id: Int64, annexID: String?, capabilityID: String?, name: String, cookie: SecretBytes?, lastSeen: Int64
    ) {
        self.id = id
        self.annexID = annexID
        self.capabilityID = capabilityID
        self.name = name
        self.cookie = cookie
        self.lastSeen = lastSeen
    }

    /// Hashes the id, which tells targets apart; the cookie stays out of hash tables.
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
