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

    package static func == (lhs: Self, rhs: Self) -> Bool { lhs.id == rhs.id }

    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// The open connections of a server, and which session each one carries.
package final class ConnectionTable: Sendable {
    private struct State {
        var nextID: UInt64 = 1
        var byID: [UInt64: (handle: ConnectionHandle, peer: PeerAddress, session: SecuritySession?)] = [:]
        /// Connections from each host that carry no session yet.
        var unboundPerHost: [String: Int] = [:]
        var perCapability: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// An empty table.
    package init() {}

    /// How many connections are open.
    package var count: Int { state.withLock { $0.byID.count } }

    /// How many connections of one host have not said yet who they are.
    package func unboundCount(from peer: PeerAddress) -> Int { state.withLock { $0.unboundPerHost[peer.host] ?? 0 } }

    /// How many connections carry a session of one capability.
    package func count(ofCapability id: String) -> Int { state.withLock { $0.perCapability[id] ?? 0 } }

    func add(_ channel: any Channel, peer: PeerAddress) -> ConnectionHandle {
        state.withLock {
            let handle = ConnectionHandle(id: $0.nextID, channel: channel)
            $0.nextID += 1
            $0.byID[handle.id] = (handle, peer, nil)
            $0.unboundPerHost[peer.host, default: 0] += 1
            return handle
        }
    }

    func bind(_ handle: ConnectionHandle, to session: SecuritySession) {
        state.withLock {
            guard let before = $0.byID[handle.id] else { return }
            if before.session == nil { $0.unboundPerHost.decrease(before.peer.host) }
            if let old = before.session?.capabilityID { $0.perCapability.decrease(old) }
            $0.byID[handle.id]?.session = session
            if let capability = session.capabilityID { $0.perCapability[capability, default: 0] += 1 }
        }
    }

    func remove(_ handle: ConnectionHandle) {
        state.withLock {
            guard let entry = $0.byID.removeValue(forKey: handle.id) else { return }
            if entry.session == nil { $0.unboundPerHost.decrease(entry.peer.host) }
            if let capability = entry.session?.capabilityID { $0.perCapability.decrease(capability) }
        }
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
