/// Sessions by id, bounded in all and per identity, the longest unused leaving first.
///
/// Whoever opens many sessions pushes out his own: the limit per identity comes first, and a full cache takes from
/// the identity that inserts before it takes from others. A value; its owner guards it. Insertion, use and removal
/// take constant time.
public struct SessionCache: Sendable {
    /// Whose sessions are counted together: those of one capability, else those of one user.
    private enum Owner: Hashable {
        case capability(String)
        case user(String)

        init(_ session: SecuritySession) {
            self = session.capabilityID.map(Owner.capability) ?? .user(session.identity.user)
        }
    }

    /// One session in its two orders of use: among all, and among those of its owner.
    private struct Node {
        var session: SecuritySession
        var all = Links()
        var own = Links()
    }

    private struct Links {
        var older: Int?
        var newer: Int?
    }

    /// The ends of one order of use.
    private struct Order {
        var oldest: Int?
        var newest: Int?
        var count = 0
    }

    /// Most sessions in all.
    public let capacity: Int
    /// Most sessions of one capability or user.
    public let capacityPerIdentity: Int
    /// Most sessions of all those who proved nothing.
    public let unauthenticatedCapacity: Int

    private var nodes: [Node?] = []
    private var free: [Int] = []
    private var indices: [String: Int] = [:]
    private var all = Order()
    private var owners: [Owner: Order] = [:]

    /// An empty cache.
    public init(capacity: Int = 65_536, capacityPerIdentity: Int = 1024, unauthenticatedCapacity: Int = 8192) {
        precondition(
            capacity > 0 && capacityPerIdentity > 0 && unauthenticatedCapacity > 0, "a cache that holds something")
        self.capacity = capacity
        self.capacityPerIdentity = capacityPerIdentity
        self.unauthenticatedCapacity = unauthenticatedCapacity
    }

    /// How many sessions there are, the dead ones not yet removed included.
    public var count: Int { indices.count }

    /// Keeps a session, replacing one of the same id.
    ///
    /// - Returns: the ids that had to leave.
    @discardableResult
    public mutating func insert(_ session: SecuritySession) -> [String] {
        remove(session.id)
        var evicted: [String] = []
        let owner = Owner(session)
        if let order = owners[owner], let oldest = order.oldest, order.count >= limit(of: session) {
            evicted.append(remove(at: oldest).id)
        }
        if count >= capacity, let oldest = owners[owner]?.oldest ?? all.oldest {
            evicted.append(remove(at: oldest).id)
        }
        let index = free.popLast() ?? nodes.endIndex
        let node = Node(session: session)
        if index == nodes.endIndex { nodes.append(node) } else { nodes[index] = node }
        indices[session.id] = index
        link(index, owner)
        return evicted
    }

    /// The live session of that id, its lease and its place in the order of use left alone.
    public func live(_ id: String, now: Int64) -> SecuritySession? {
        self[id].flatMap { $0.isAlive(at: now) ? $0 : nil }
    }

    /// The live session of that id, its lease renewed; one that has ended is removed (spec 02, 9.2).
    public mutating func use(_ id: String, now: Int64) -> SecuritySession? {
        guard let index = indices[id], var session = nodes[index]?.session else { return nil }
        guard session.isAlive(at: now) else {
            remove(at: index)
            return nil
        }
        session.lastUsed = max(session.lastUsed, now)
        nodes[index]?.session = session
        let owner = Owner(session)
        unlink(index, owner)
        link(index, owner)
        return session
    }

    /// The session of that id, dead or alive, its lease left alone.
    public subscript(id: String) -> SecuritySession? { indices[id].flatMap { nodes[$0]?.session } }

    /// Forgets a session.
    @discardableResult
    public mutating func remove(_ id: String) -> SecuritySession? { indices[id].map { remove(at: $0) } }

    /// Forgets all sessions that a capability opened.
    ///
    /// - Returns: their ids.
    @discardableResult
    public mutating func removeAll(capabilityID: String) -> [String] {
        var removed: [String] = []
        while let oldest = owners[.capability(capabilityID)]?.oldest { removed.append(remove(at: oldest).id) }
        return removed
    }

    /// Forgets all sessions that have ended.
    ///
    /// Takes time proportional to ``count``.
    ///
    /// - Returns: their ids.
    @discardableResult
    public mutating func removeExpired(now: Int64) -> [String] { removeAll { !$0.isAlive(at: now) } }

    /// Forgets all sessions that fulfil a condition.
    ///
    /// Takes time proportional to ``count``.
    ///
    /// - Returns: their ids.
    @discardableResult
    public mutating func removeAll(where condition: (SecuritySession) -> Bool) -> [String] {
        let ids = indices.keys.filter { id in self[id].map(condition) ?? false }
        for id in ids { remove(id) }
        return ids
    }

    /// Ends the sessions of a capability at `time` at the latest, where they would have lived longer.
    public mutating func cut(capabilityID: String, to time: Int64) {
        var next = owners[.capability(capabilityID)]?.oldest
        while let index = next, let node = nodes[index] {
            nodes[index]?.session.expiresAt = min(node.session.expiresAt, time)
            next = node.own.newer
        }
    }

    /// Shows every session, the longest unused first; for persistence.
    public func forEach<E: Error>(_ body: (SecuritySession) throws(E) -> Void) throws(E) {
        var next = all.oldest
        while let index = next, let node = nodes[index] {
            try body(node.session)
            next = node.all.newer
        }
    }

    private func limit(of session: SecuritySession) -> Int {
        session.identity.isAuthenticated ? capacityPerIdentity : unauthenticatedCapacity
    }

    @discardableResult
    private mutating func remove(at index: Int) -> SecuritySession {
        guard let session = nodes[index]?.session else { preconditionFailure("the index comes from this cache") }
        let owner = Owner(session)
        unlink(index, owner)
        nodes[index] = nil
        free.append(index)
        indices[session.id] = nil
        return session
    }

    /// Makes a node the most recently used one of both orders.
    private mutating func link(_ index: Int, _ owner: Owner) {
        all = append(index, to: all, by: \.all)
        owners[owner] = append(index, to: owners[owner] ?? Order(), by: \.own)
    }

    /// Takes a node out of both orders.
    private mutating func unlink(_ index: Int, _ owner: Owner) {
        all = detach(index, from: all, by: \.all)
        let order = detach(index, from: owners[owner] ?? Order(), by: \.own)
        owners[owner] = order.count == 0 ? nil : order
    }

    private mutating func append(_ index: Int, to order: Order, by links: WritableKeyPath<Node, Links>) -> Order {
        nodes[index]?[keyPath: links] = Links(older: order.newest, newer: nil)
        if let newest = order.newest { nodes[newest]?[keyPath: links].newer = index }
        return Order(oldest: order.oldest ?? index, newest: index, count: order.count + 1)
    }

    private mutating func detach(_ index: Int, from order: Order, by links: WritableKeyPath<Node, Links>) -> Order {
        guard let own = nodes[index]?[keyPath: links] else { return order }
        if let older = own.older { nodes[older]?[keyPath: links].newer = own.newer }
        if let newer = own.newer { nodes[newer]?[keyPath: links].older = own.older }
        return Order(
            oldest: own.older == nil ? own.newer : order.oldest, newest: own.newer == nil ? own.older : order.newest,
            count: order.count - 1)
    }
}
