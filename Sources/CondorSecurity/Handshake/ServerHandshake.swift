public import CEDAR
public import Cryptography
public import NIOCore

/// The beginning of a connection at the server: from the first message to a command that may run (spec 02 and 03).
///
/// Decides and never acts: the caller does what the returned actions say, in their order, and reports back. It feeds
/// the next message only after acting on the last, and none after ``Action/ready(_:)`` or ``Action/close(_:)``. At most
/// one of those two is ever returned. A handshake belongs to one event loop.
public struct ServerHandshake {
    /// How long a handshake may take in all; the caller closes the connection after that (spec 02, 14.4).
    public static let maximumDuration = Duration.seconds(120)

    /// What the caller has to do.
    public enum Action: Sendable {
        /// Send one message with this payload, in the coding of the moment.
        case send(ByteBuffer)
        /// Encrypt everything from here on, in both directions.
        case enableEncryption(SecretBytes)
        /// `lstat` this path, then ``directoryInspected(_:now:)``.
        case inspectDirectory(path: String)
        /// Remove this directory if it is still there; failure does no harm.
        case removeDirectory(path: String)
        /// Put an authenticated session into the cache and on disk, then ``sessionStored(now:)``.
        case storeSession(SecuritySession)
        /// Put a session without authentication into the cache; there is nothing to wait for.
        case cacheSession(SecuritySession)
        /// Worth a line in the log; the handshake goes on.
        case refused(SecurityRefusal)
        /// Run the command.
        case ready(StartedCommand)
        /// Send what is to be sent and close; `nil` if the client got all it wanted.
        case close(SecurityRefusal?)
    }

    enum State {
        case awaitingFirstMessage
        case awaitingMask(Negotiation)
        case running(AuthenticationMethod, any AuthenticationRun, Negotiation)
        case storing(SecuritySession, Negotiation)
        case over
    }

    let environment: any ServerSecurityEnvironment
    let random: any RandomSource
    let peer: PeerAddress
    let local: PeerAddress
    var state = State.awaitingFirstMessage

    /// The handshake of a new connection between `peer` and our end, `local`.
    public init(
        environment: any ServerSecurityEnvironment, random: any RandomSource = SystemRandom(), peer: PeerAddress,
        local: PeerAddress
    ) {
        self.environment = environment
        self.random = random
        self.peer = peer
        self.local = local
    }

    /// A message of the client.
    public mutating func received(_ message: InboundMessage, now: Int64) -> [Action] {
        step { (machine) throws(SecurityRefusal) in
            var reader = message.reader()
            switch machine.state {
            case .awaitingFirstMessage:
                return try machine.receivedFirst(reader, now: now)
            case .awaitingMask(let negotiation):
                return try machine.receivedMask(&reader, negotiation, now: now)
            case .running(let method, var run, let negotiation):
                machine.state = .over
                let progress = try run.received(&reader, now: now)
                return try machine.act(on: progress, method, run, negotiation, now: now)
            case .storing:
                throw SecurityRefusal(.unexpectedMessage, "while a session is stored")
            case .over:
                return []
            }
        }
    }

    /// The answer to ``Action/inspectDirectory(path:)``; `nil` if there is nothing at that path.
    public mutating func directoryInspected(_ owner: DirectoryOwner?, now: Int64) -> [Action] {
        step { (machine) throws(SecurityRefusal) in
            switch machine.state {
            case .running(let method, var run, let negotiation):
                machine.state = .over
                let progress = try run.directoryInspected(owner, now: now)
                return try machine.act(on: progress, method, run, negotiation, now: now)
            case .over:
                return []
            case .awaitingFirstMessage, .awaitingMask, .storing:
                preconditionFailure("no directory was asked for")
            }
        }
    }

    /// The session of ``Action/storeSession(_:)`` is in the cache and on disk.
    public mutating func sessionStored(now: Int64) -> [Action] {
        step { (machine) throws(SecurityRefusal) in
            switch machine.state {
            case .storing(let session, let negotiation):
                return machine.conclude(session, negotiation)
            case .over:
                return []
            case .awaitingFirstMessage, .awaitingMask, .running:
                preconditionFailure("no session was to be stored")
            }
        }
    }

    /// The session of ``Action/storeSession(_:)`` could not be stored: without it nothing is promised.
    public mutating func sessionStoreFailed() -> [Action] {
        step { (machine) throws(SecurityRefusal) in
            guard case .storing(let session, _) = machine.state else { return [] }
            throw SecurityRefusal(
                .storageFailed, user: session.identity.user, capabilityID: session.capabilityID)
        }
    }

    /// Runs one step; what it throws closes the connection.
    private mutating func step(
        _ body: (inout ServerHandshake) throws(SecurityRefusal) -> [Action]
    ) -> [Action] {
        do {
            return try body(&self)
        } catch {
            state = .over
            return [.close(error)]
        }
    }
}
