package import CEDAR
package import CondorSecurity
package import Cryptography
package import NIOCore

/// One connection as the server sees it: packets, handshake, and the commands that follow.
///
/// Pure: bytes and events in, ``Action`` values out. It holds no socket and reads no clock.
/// After ``Action/close`` nothing more comes out of it.
///
/// Source: spec 01, 9.2; spec 02, 1 and 8; spec 04, 2.
package struct ServerConnection {
    /// What the owner of the socket has to do, in this order.
    package enum Action: Sendable {
        /// Send these bytes.
        case write(ByteBuffer)
        /// Run the command, then call ``ServerConnection/commandFinished(_:)``.
        case run(PendingCommand)
        /// Make the session durable, then call ``ServerConnection/sessionStored(_:now:)``.
        case store(SecuritySession)
        /// Look at a directory, then call ``ServerConnection/directoryInspected(_:)``.
        case inspectDirectory(path: String)
        /// Remove what the FS method left behind.
        case removeDirectory(path: String)
        /// From here on the connection belongs to this session.
        case bind(SecuritySession)
        /// Turned away, with the reason for the log; a ``close`` follows.
        case refused(reason: String, metadata: [String: String])
        /// Close once everything written has gone out.
        case close
    }

    /// A command that is to run.
    package struct PendingCommand: Sendable {
        /// Number and level.
        package var entry: CommandEntry
        /// Who asks.
        package var session: SecuritySession
        /// The payload, or `nil` for a command without one.
        package var payload: MessageReader?
    }

    /// What the connection is waiting for; decides how long it may take.
    package enum Waiting: Sendable, Equatable {
        /// The peer has to get through the handshake.
        case handshake
        /// The peer has begun a message, or owes a payload.
        case message
        /// We are at work; the peer waits for us.
        case ourselves
        /// Nobody owes anything: a kept connection between two commands.
        case nothing
        /// Closed.
        case closed
    }

    private enum State {
        case handshake(ServerHandshake)
        case awaitingPayload(PendingCommand)
        case running(SecuritySession)
        case kept(SecuritySession)
        case closed
    }

    private var state: State
    private var stream: CEDARStream
    private let security: any ServerSecurityEnvironment
    private let peer: PeerAddress
    /// The peer's version, once it told it.
    package private(set) var peerVersion: CondorVersion?

    /// A connection that has just been accepted.
    package init(
        security: any ServerSecurityEnvironment, random: any RandomSource, peer: PeerAddress, local: PeerAddress
    ) {
        self.security = security
        self.peer = peer
        stream = CEDARStream(limits: .unauthenticated, random: random)
        state = .handshake(ServerHandshake(environment: security, random: random, peer: peer, local: local))
    }

    /// Whether messages are encrypted from here on.
    package var isEncrypted: Bool { stream.isEncrypted }

    /// What the connection waits for.
    package var waiting: Waiting {
        switch state {
        case .handshake: .handshake
        case .awaitingPayload: .message
        case .running: .ourselves
        case .kept: stream.hasPartialInput ? .message : .nothing
        case .closed: .closed
        }
    }

    // MARK: Events

    /// Bytes from the peer.
    package mutating func received(_ bytes: ByteBuffer, now: Int64) -> [Action] {
        if case .closed = state { return [] }
        stream.append(bytes)
        return advance(now: now)
    }

    /// The peer has closed its side.
    package mutating func peerClosed() -> [Action] {
        defer { state = .closed }
        switch state {
        case .closed, .kept where !stream.hasPartialInput: return [.close]
        case .running: return [.close]
        case .kept, .handshake, .awaitingPayload:
            guard stream.hasPartialInput else { return [.close] }
            return [.refused(reason: "connection closed in the middle of a message", metadata: [:]), .close]
        }
    }

    /// The time that ``waiting`` allows has passed.
    package mutating func deadlinePassed() -> [Action] {
        switch state {
        case .closed: return []
        case .handshake: return refuse("handshake took too long")
        case .awaitingPayload, .kept: return refuse("message was not completed in time")
        case .running: return []
        }
    }

    /// The answer to ``Action/inspectDirectory(path:)``.
    package mutating func directoryInspected(_ owner: DirectoryOwner?, now: Int64) -> [Action] {
        withHandshake(now: now) { $0.directoryInspected(owner, now: now) }
    }

    /// The answer to ``Action/store(_:)``; a session that could not be stored is not acknowledged.
    package mutating func sessionStored(_ stored: Bool, now: Int64) -> [Action] {
        guard stored else { return refuse("session could not be stored") }
        return withHandshake(now: now) { $0.sessionStored(now: now) }
    }

    /// The answer to ``Action/run(_:)``.
    package mutating func commandFinished(_ outcome: CommandOutcome, now: Int64) -> [Action] {
        guard case .running(let session) = state else { return [] }
        do {
            switch outcome {
            case .keepOpen(let messages):
                state = .kept(session)
                return try encode(messages) + advance(now: now)
            case .close(let messages):
                let actions = try encode(messages)
                state = .closed
                return actions + [.close]
            case .refuse(let reason):
                return refuse(reason)
            }
        } catch {
            return refuse("malformed message: \(error.kind)")
        }
    }

    // MARK: Steps

    /// Takes whole messages out of the stream as long as somebody waits for one.
    private mutating func advance(now: Int64) -> [Action] {
        var actions: [Action] = []
        do {
            while wantsMessage, let message = try stream.nextMessage() {
                actions += try take(message, now: now)
            }
        } catch {
            actions += refuse("malformed message: \(error.kind)")
        }
        return actions
    }

    private var wantsMessage: Bool {
        switch state {
        case .handshake(let handshake): handshake.wantsMessage
        case .awaitingPayload, .kept: true
        case .running, .closed: false
        }
    }

    private mutating func take(_ message: InboundMessage, now: Int64) throws(WireError) -> [Action] {
        switch state {
        case .handshake:
            return withHandshake(now: now, continuing: false) { $0.received(message, now: now) }
        case .awaitingPayload(var command):
            command.payload = message.reader()
            state = .running(command.session)
            return [.run(command)]
        case .kept(let session):
            var reader = message.reader()
            let number = try reader.readInteger()
            guard let entry = security.command(Int(clamping: number)) else {
                return refuse("unknown command", ["command": "\(number)"])
            }
            guard security.authorize(entry, session, peer: peer) else {
                return refuse("not authorized", metadata(of: entry, session))
            }
            state = .running(session)
            return [.run(PendingCommand(entry: entry, session: session, payload: entry.hasPayload ? reader : nil))]
        case .running, .closed:
            return []
        }
    }

    /// Lets the handshake take one step and does what concerns this machine.
    private mutating func withHandshake(
        now: Int64, continuing: Bool = true, _ step: (inout ServerHandshake) -> [ServerHandshake.Action]
    ) -> [Action] {
        guard case .handshake(var handshake) = state else { return [] }
        let steps = step(&handshake)
        state = .handshake(handshake)
        peerVersion = handshake.peerVersion
        var actions: [Action] = []
        do {
            for step in steps { actions += try perform(step) }
            if continuing { actions += advance(now: now) }
        } catch {
            actions += refuse("malformed message: \(error.kind)")
        }
        return actions
    }

    private mutating func perform(_ step: ServerHandshake.Action) throws(WireError) -> [Action] {
        switch step {
        case .send(let payload):
            return [.write(try stream.encode(payload))]
        case .enableEncryption(let key):
            try stream.enableEncryption(key: key)
            return []
        case .inspectDirectory(let path):
            return [.inspectDirectory(path: path)]
        case .removeDirectory(let path):
            return [.removeDirectory(path: path)]
        case .storeSession(let session):
            return [.store(session)]
        case .ready(let command):
            return start(command)
        case .close(let closing):
            state = .closed
            guard let closing else { return [.close] }
            return [.refused(reason: closing.reason, metadata: closing.metadata), .close]
        }
    }

    private mutating func start(_ command: StartedCommand) -> [Action] {
        stream.limits = command.session.identity.isAuthenticated ? .authenticated : .unauthenticated
        let pending = PendingCommand(entry: command.entry, session: command.session, payload: command.payload)
        if command.entry.hasPayload && command.payload == nil {
            state = .awaitingPayload(pending)
            return [.bind(command.session)]
        }
        state = .running(command.session)
        return [.bind(command.session), .run(pending)]
    }

    private mutating func encode(_ messages: [ByteBuffer]) throws(WireError) -> [Action] {
        var actions: [Action] = []
        for message in messages where message.readableBytes > 0 { actions.append(.write(try stream.encode(message))) }
        return actions
    }

    private mutating func refuse(_ reason: String, _ metadata: [String: String] = [:]) -> [Action] {
        if case .closed = state { return [] }
        state = .closed
        return [.refused(reason: reason, metadata: metadata), .close]
    }

    private func metadata(of entry: CommandEntry, _ session: SecuritySession) -> [String: String] {
        var metadata = ["command": "\(entry.number)", "level": entry.level.rawValue, "user": session.identity.user]
        if let capability = session.capabilityID { metadata["capability"] = capability }
        return metadata
    }
}
