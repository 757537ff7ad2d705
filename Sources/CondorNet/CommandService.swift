package import CEDAR
package import CondorSecurity
package import NIOCore

/// What a listening program offers to its peers.
///
/// ``CondorServer`` owns sockets, packets and handshakes and asks this for everything else.
/// All methods are called on the event loop of the connection and must not block it.
package protocol CommandService: Sendable {
    /// Commands, policies and credentials, as the handshake needs them.
    var security: any ServerSecurityEnvironment { get }

    /// Runs one command; `respond` is called exactly once, from any thread.
    func run(_ request: CommandRequest, respond: @escaping @Sendable (CommandOutcome) -> Void)

    /// Makes an authenticated session durable; the handshake goes on when `stored` was called with true.
    func store(_ session: SecuritySession, stored: @escaping @Sendable (Bool) -> Void)

    /// Remembers a session that need not survive the process.
    func cache(_ session: SecuritySession)

    /// A connection was turned away; called once for it, with the reason that belongs into the log.
    ///
    /// A command that answers with ``CommandOutcome/refuse(reason:)`` is not reported here.
    func refused(_ refusal: ConnectionRefusal)

    /// An authentication method failed where the next one succeeded; of use to whoever wonders why it is the other one.
    func methodFailed(_ refusal: ConnectionRefusal)

    /// Finds out what must be known of a peer before it is served, its names for instance; `nil` if that is nothing.
    ///
    /// Nothing is read from the connection before the future is complete; a failure closes it.
    func prepare(for peer: PeerAddress, on loop: any EventLoop) -> EventLoopFuture<Void>?

    /// Why this connection may not carry the session that its peer has just proven; `nil` if it may.
    ///
    /// Asked when the connection counts among those of the session, so that what ends sessions at the same moment either
    /// finds the connection or is found out here. `open` connections carry sessions of the same capability.
    func objection(to session: SecuritySession, open: Int) -> String?
}

extension CommandService {
    /// Nothing needs to be known.
    package func prepare(for peer: PeerAddress, on loop: any EventLoop) -> EventLoopFuture<Void>? { nil }
}

/// One command of one peer, ready to run.
package struct CommandRequest: Sendable {
    /// Number and level, from the service's own table.
    package var entry: CommandEntry
    /// Who asks, and under which session.
    package var session: SecuritySession
    /// Where the request came from.
    package var peer: PeerAddress
    /// The payload, or `nil` for a command without one.
    package var payload: MessageReader?
    /// Whether answers go out encrypted; decides how strings are coded.
    package var isEncrypted: Bool
    /// The connection, so that a service can close it later.
    package var connection: ConnectionHandle
    /// The peer's version, if it told one.
    package var peerVersion: CondorVersion?

    /// An empty message in the coding of this connection.
    package func makeWriter() -> MessageWriter { MessageWriter(encrypted: isEncrypted) }
}

/// What happens on the connection after a command.
package enum CommandOutcome: Sendable {
    /// Send these messages, if any, and wait for the next command.
    case keepOpen([ByteBuffer])
    /// Send these messages, if any, and close.
    case close([ByteBuffer])
    /// Close without a word; the service has logged why.
    case refuse(reason: String)
}

/// One line for the log about a peer that was turned away.
package struct ConnectionRefusal: Sendable {
    /// Where it came from.
    package var peer: PeerAddress
    /// The fixed text that says why.
    package var reason: String
    /// Details for the log: public ids, command numbers, bounded peer text.
    package var metadata: [String: String]

    /// A refusal with its details.
    package init(peer: PeerAddress, reason: String, metadata: [String: String] = [:]) {
        self.peer = peer
        self.reason = reason
        self.metadata = metadata
    }
}
