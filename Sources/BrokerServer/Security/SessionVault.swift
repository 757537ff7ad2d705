import CondorSecurity
import Synchronization

/// The security sessions in force, shared by all connections.
final class SessionVault: Sendable {
    private let cache: Mutex<SessionCache>

    init(_ cache: SessionCache) { self.cache = Mutex(cache) }

    /// A session that is known and still good; finding it renews its lease.
    func use(_ id: String, now: Int64) -> SecuritySession? { cache.withLock { $0.use(id, now: now) } }

    /// Keeps a session, and says which ones had to go for it.
    func insert(_ session: SecuritySession) -> [String] { cache.withLock { $0.insert(session) } }

    /// Drops the sessions of a capability, and says which they were.
    func drop(capability: String) -> [String] { cache.withLock { $0.removeAll(capabilityID: capability) } }

    /// Drops one session.
    func drop(_ id: String) { _ = cache.withLock { $0.remove(id) } }

    /// Drops what has run out, and says which they were.
    func removeExpired(now: Int64) -> [String] { cache.withLock { $0.removeExpired(now: now) } }

    /// How many there are.
    var count: Int { cache.withLock { $0.count } }
}
