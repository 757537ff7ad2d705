import CondorSecurity
import Synchronization

/// The security sessions in force, shared by all connections.
final class SessionVault: Sendable {
    /// Sessions that were handed to the process when it started; they are never pushed out and never stored.
    private let inherited: [String: SecuritySession]
    private let cache: Mutex<SessionCache>

    init(_ cache: SessionCache, inherited: [SecuritySession] = []) {
        self.inherited = Dictionary(inherited.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        self.cache = Mutex(cache)
    }

    /// A session that is known and still good; looking renews nothing.
    func find(_ id: String, now: Int64) -> SecuritySession? {
        if let session = inherited[id] { return session.isAlive(at: now) ? session : nil }
        return cache.withLock { $0.live(id, now: now) }
    }

    /// The same, its lease renewed: for a peer that has proven to hold its key.
    func use(_ id: String, now: Int64) -> SecuritySession? {
        if let session = inherited[id] { return session.isAlive(at: now) ? session : nil }
        return cache.withLock { $0.use(id, now: now) }
    }

    /// Keeps a session, and says which ones had to go for it.
    func insert(_ session: SecuritySession) -> [String] { cache.withLock { $0.insert(session) } }

    /// Drops the sessions of a capability, and says which they were.
    func drop(capability: String) -> [String] { cache.withLock { $0.removeAll(capabilityID: capability) } }

    /// Drops one session.
    func drop(_ id: String) { _ = cache.withLock { $0.remove(id) } }

    /// Drops what has run out, and says which they were.
    func removeExpired(now: Int64) -> [String] { cache.withLock { $0.removeExpired(now: now) } }

    /// How many there are.
    var count: Int { inherited.count + cache.withLock { $0.count } }
}

extension SessionVault {
    /// The sessions that an earlier process stored, and the ids of those that are of no use any more.
    ///
    /// The longest unused come first, so that they are the first to leave again where bounds have become tighter.
    static func restoring(
        _ stored: [SecuritySession], inherited: [SecuritySession], now: Int64
    ) -> (vault: SessionVault, dropped: [String]) {
        var cache = SessionCache()
        var dropped: [String] = []
        for session in stored.sorted(by: { ($0.lastUsed, $0.id) < ($1.lastUsed, $1.id) }) {
            if session.key != nil, session.isAlive(at: now) {
                dropped += cache.insert(session)
            } else {
                dropped.append(session.id)
            }
        }
        return (SessionVault(cache, inherited: inherited), dropped)
    }
}
