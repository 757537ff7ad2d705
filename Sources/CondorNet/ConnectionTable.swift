package import CondorSecurity
import NIOCore
import Synchronization

/// An open connection, as something that can be named and closed.
package struct ConnectionHandle: Sendable, Hashable {
    /// Unique within the process.
    package let id: UInt64
    private let channel: any Channel

    init(id: UInt64, channel: any Channel) {
        self.id = id
        self.channel = channel
    }

    /// Closes the connection; harmless when it is closed already.
    package func close() { channel.close(promise: nil) }

    /// Has the connection's handler turn the peer away.
    func turnAway(_ reason: String) { channel.pipeline.fireUserInboundEventTriggered(TurnedAway(reason: reason)) }

    package static func == (lhs: Self, rhs: Self) -> Bool { lhs.id == rhs.id }

    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// The event by which a connection learns that it has to make room.
struct TurnedAway: Sendable {
    /// The fixed text for the log.
    var reason: String
}

/// The open connections of a server: which session each one carries, and what those hold that have proven nothing.
package final class ConnectionTable: Sendable {
    /// Somebody who has to leave, and why.
    struct Eviction: Sendable {
        var handle: ConnectionHandle
        var peer: PeerAddress
        /// The fixed text for the log.
        var reason: String
    }

    /// What becomes of a new connection.
    struct Opening: Sendable {
        var handle: ConnectionHandle
        /// When it is served.
        var verdict: ConnectionRate.Verdict
        /// Who makes room for it.
        var eviction: Eviction?
    }

    private struct Entry {
        var handle: ConnectionHandle
        var peer: PeerAddress
        var session: SecuritySession?
        /// Among those who have proven nothing, and what it holds as one of them.
        var group: AddressGroup?
        var heldBytes = 0
    }

    private struct State {
        var nextID: UInt64 = 1
        var byID: [UInt64: Entry] = [:]
        var unproven = UnprovenConnections()
        var perCapability: [String: Int] = [:]
        var rate: ConnectionRate
    }

    private let limits: ConnectionLimits
    private let state: Mutex<State>

    /// An empty table.
    package init(limits: ConnectionLimits = ConnectionLimits()) {
        self.limits = limits
        state = Mutex(State(rate: ConnectionRate(limits)))
    }

    /// How many connections are open.
    package var count: Int { state.withLock { $0.byID.count } }

    /// How many connections have not proven who they are.
    package var unprovenCount: Int { state.withLock { $0.unproven.count } }

    /// How many connections carry a session of one capability.
    package func count(ofCapability id: String) -> Int { state.withLock { $0.perCapability[id] ?? 0 } }

    /// A new connection; `now` is in nanoseconds of the event loops' clock.
    func open(_ channel: any Channel, peer: PeerAddress, now: Int64) -> Opening {
        let group = AddressGroup(peer)
        return state.withLock { state in
            let handle = ConnectionHandle(id: state.nextID, channel: channel)
            state.nextID += 1
            state.byID[handle.id] = Entry(handle: handle, peer: peer, session: nil, group: group)
            state.unproven.add(handle.id, from: group)
            let hasRate = !(group.isLoopback && limits.exemptsLoopback)
            let verdict = hasRate ? state.rate.open(group, now: now) : .served(after: 0)
            let oldest: UInt64? =
                if state.unproven.count(from: group) > limits.unprovenPerAddress {
                    state.unproven.oldest(from: group)
                } else if state.unproven.count > limits.unproven {
                    state.unproven.oldestOfTheMost
                } else {
                    nil
                }
            let eviction = oldest.flatMap { Self.evict($0, "too many connections that have proven nothing", &state) }
            return Opening(handle: handle, verdict: verdict, eviction: eviction)
        }
    }

    /// The connection now carries this session; one that proves who the peer is frees it from the limits of the others.
    func bind(_ handle: ConnectionHandle, to session: SecuritySession) {
        state.withLock {
            guard let before = $0.byID[handle.id] else { return }
            if let old = before.session?.capabilityID { $0.perCapability.decrease(old) }
            $0.byID[handle.id]?.session = session
            if let capability = session.capabilityID { $0.perCapability[capability, default: 0] += 1 }
            if session.identity.isAuthenticated { Self.release(handle.id, &$0) }
        }
    }

    /// What a connection holds in memory; without meaning for one that has proven who it is.
    ///
    /// - Returns: who has to leave if that is too much in all.
    func hold(_ handle: ConnectionHandle, bytes: Int) -> Eviction? {
        state.withLock { state in
            guard let entry = state.byID[handle.id], entry.group != nil else { return nil }
            state.byID[handle.id]?.heldBytes = bytes
            state.unproven.heldBytes += bytes - entry.heldBytes
            guard state.unproven.heldBytes > limits.unprovenBytes else { return nil }
            let largest = state.byID.values.filter { $0.group != nil }.max { $0.heldBytes < $1.heldBytes }
            return largest.flatMap {
                Self.evict($0.handle.id, "too much memory held by those who have proven nothing", &state)
            }
        }
    }

    /// A peer was turned away for what it sent.
    func countFailure(of peer: PeerAddress, now: Int64) {
        let group = AddressGroup(peer)
        guard !(group.isLoopback && limits.exemptsLoopback) else { return }
        state.withLock { $0.rate.charge(group, connections: limits.costOfFailure, now: now) }
    }

    func remove(_ handle: ConnectionHandle) {
        state.withLock {
            Self.release(handle.id, &$0)
            guard let entry = $0.byID.removeValue(forKey: handle.id) else { return }
            if let capability = entry.session?.capabilityID { $0.perCapability.decrease(capability) }
        }
    }

    /// Takes a connection out of those who have proven nothing.
    private static func release(_ id: UInt64, _ state: inout State) {
        guard let entry = state.byID[id], let group = entry.group else { return }
        state.unproven.remove(id, from: group)
        state.unproven.heldBytes -= entry.heldBytes
        state.byID[id]?.group = nil
        state.byID[id]?.heldBytes = 0
    }

    private static func evict(_ id: UInt64, _ reason: String, _ state: inout State) -> Eviction? {
        guard let entry = state.byID[id] else { return nil }
        release(id, &state)
        return Eviction(handle: entry.handle, peer: entry.peer, reason: reason)
    }

    /// Closes every connection whose session satisfies the condition, and says how many there were.
    @discardableResult
    package func close(where condition: (SecuritySession) -> Bool) -> Int {
        let doomed = state.withLock { state in
            state.byID.values.filter { $0.session.map(condition) ?? false }.map(\.handle)
        }
        doomed.forEach { $0.close() }
        return doomed.count
    }

    /// Closes every connection.
    package func closeAll() {
        state.withLock { $0.byID.values.map(\.handle) }.forEach { $0.close() }
    }
}

extension [String: Int] {
    /// Counts one less, and forgets the key at zero.
    fileprivate mutating func decrease(_ key: String) {
        guard let count = self[key] else { return }
        self[key] = count > 1 ? count - 1 : nil
    }
}
