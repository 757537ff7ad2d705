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
        /// Remember a session that need not survive us.
        case cache(SecuritySession)
        /// Look at a directory, then call ``ServerConnection/directoryInspected(_:)``.
        case inspectDirectory(path: String)
        /// Remove what the FS method left behind.
        case removeDirectory(path: String)
        /// From here on the connection belongs to this session, whose key the peer has proven to hold.
        case bind(SecuritySession)
        /// Turned away, which is worth a line in the log; a ``close`` follows at once, and there is one of these at most.
        case refused(reason: String, metadata: [String: String])
        /// A method failed, and another one led to the goal.
        case methodFailed(reason: String, metadata: [String: String])
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
        /// The peer has sent no whole message yet.
        case beginning
        /// The peer has to get through the handshake.
        case handshake
        /// The peer has begun a message, or owes a payload, or has proven nothing and has nothing more to ask.
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
        /// The handshake waits for an answer of ours, not for a message.
        case paused(ServerHandshake)
        case awaitingPayload(PendingCommand, isProven: Bool)
        case running(SecuritySession)
        case kept(SecuritySession)
        case closed
    }

    /// A server is sent ads, and none of them comes near this size.
    private static let authenticatedLimits = StreamLimits(maximumMessageBytes: 4 << 20)

    private var state: State
    private var stream: CEDARStream
    private let security: any ServerSecurityEnvironment
    private let peer: PeerAddress
    private var hasEnded = false
    /// Whether a message has come; until then nobody has asked for anything.
    private var hasBegun = false
    /// The method that failed last: the reason of a handshake that comes to nothing.
    private var failedMethod: SecurityRefusal?
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
        case .handshake: hasBegun ? .handshake : .beginning
        case .paused: .handshake
        case .awaitingPayload: .message
        case .running: .ourselves
        case .kept(let session):
            stream.hasPartialInput || !session.identity.isAuthenticated ? .message : .nothing
        case .closed: .closed
        }
    }

    /// Input that may wait here while we are at work.
    static let maximumWaitingInput = 64 << 10

    /// Bytes received that no step has consumed yet; never more than a message of the limit and one delivery.
    package var bufferedBytes: Int { stream.bufferedBytes }

    /// Whether more bytes are welcome now: a peer that does not wait for us is left to wait in its own buffers.
    package var wantsInput: Bool {
        switch state {
        case .handshake, .awaitingPayload, .kept, .closed: true
        case .paused, .running: stream.bufferedBytes < Self.maximumWaitingInput
        }
    }

    // MARK: Events

    /// Bytes from the peer.
    package mutating func received(_ bytes: ByteBuffer, now: Int64) -> [Action] {
        if case .closed = state { return [] }
        stream.append(bytes)
        return advance(now: now)
    }

    /// The peer will send nothing more; what has arrived before is still worked off.
    ///
    /// A daemon that goes sends its invalidations and closes at once.
    package mutating func peerClosed(now: Int64) -> [Action] {
        if case .closed = state { return [] }
        hasEnded = true
        return advance(now: now)
    }

    /// The connection is gone, in both directions: nothing can be done any more, but it may be worth a line in the log.
    package mutating func connectionLost() -> [Action] {
        switch state {
        case .handshake, .awaitingPayload, .kept:
            return end()
        case .paused, .running, .closed:
            state = .closed
            return []
        }
    }

    /// The time that ``waiting`` allows has passed.
    package mutating func deadlinePassed() -> [Action] {
        switch state {
        case .closed: return []
        case .handshake, .paused: return refuse("handshake took too long")
        case .kept where !stream.hasPartialInput:
            state = .closed
            return [.close]
        case .awaitingPayload, .kept: return refuse("message was not completed in time")
        case .running: return []
        }
    }

    /// The answer to ``Action/inspectDirectory(path:)``.
    package mutating func directoryInspected(_ owner: DirectoryOwner?, now: Int64) -> [Action] {
        resumeHandshake(now: now) { $0.directoryInspected(owner, now: now) }
    }

    /// The answer to ``Action/store(_:)``; a session that could not be stored is not acknowledged.
    package mutating func sessionStored(_ stored: Bool, now: Int64) -> [Action] {
        resumeHandshake(now: now) { stored ? $0.sessionStored(now: now) : $0.sessionStoreFailed() }
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
            case .refuse:
                // Whoever ran the command knows more about it, and has logged it.
                state = .closed
                return [.close]
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
        if hasEnded, wantsMessage { actions += end() }
        return actions
    }

    /// Nothing more will come, and everything that came is done.
    private mutating func end() -> [Action] {
        if stream.hasPartialInput { return refuse("connection closed in the middle of a message") }
        switch state {
        case .handshake where hasBegun:
            if let failedMethod { return refuse(failedMethod) }
            return refuse("connection closed during the handshake")
        case .awaitingPayload(let command, _):
            return refuse("connection closed before the payload", metadata(of: command.entry, command.session))
        case .handshake, .paused, .running, .kept, .closed:
            state = .closed
            return [.close]
        }
    }

    private var wantsMessage: Bool {
        switch state {
        case .handshake, .awaitingPayload, .kept: true
        case .paused, .running, .closed: false
        }
    }

    private mutating func take(_ message: InboundMessage, now: Int64) throws(WireError) -> [Action] {
        hasBegun = true
        switch state {
        case .handshake(var handshake):
            state = .closed
            let steps = handshake.received(message, now: now)
            return try perform(steps, handshake)
        case .awaitingPayload(var command, let isProven):
            command.payload = message.reader()
            guard !isProven else {
                state = .running(command.session)
                return [.run(command)]
            }
            return run(command, provenBy: message, now: now)
        case .kept(let session):
            var reader = message.reader()
            let number = try reader.readInteger()
            guard let entry = security.command(Int(clamping: number)) else {
                return refuse("unknown command", ["command": "\(number)"])
            }
            guard security.isAuthorized(entry, session, peer: peer) else {
                let reason = security.reasonToDeny(entry, session, peer: peer)
                return refuse("not authorized", metadata(of: entry, session).merging(["detail": reason]) { $1 })
            }
            state = .running(session)
            return [.run(PendingCommand(entry: entry, session: session, payload: entry.hasPayload ? reader : nil))]
        case .paused, .running, .closed:
            return []
        }
    }

    /// Gives the handshake the answer it waited for, and goes on.
    private mutating func resumeHandshake(
        now: Int64, _ step: (inout ServerHandshake) -> [ServerHandshake.Action]
    ) -> [Action] {
        guard case .paused(var handshake) = state else { return [] }
        state = .closed
        let steps = step(&handshake)
        do {
            return try perform(steps, handshake) + advance(now: now)
        } catch {
            return refuse("malformed message: \(error.kind)")
        }
    }

    /// Does what concerns this machine of a handshake's step, and hands the rest on.
    private mutating func perform(
        _ steps: [ServerHandshake.Action], _ handshake: ServerHandshake
    ) throws(WireError) -> [Action] {
        state = .handshake(handshake)
        var actions: [Action] = []
        for step in steps {
            switch step {
            case .send(let payload):
                actions.append(.write(try stream.encode(payload)))
            case .enableEncryption(let key):
                try stream.enableEncryption(key: key)
            case .inspectDirectory(let path):
                state = .paused(handshake)
                actions.append(.inspectDirectory(path: path))
            case .removeDirectory(let path):
                actions.append(.removeDirectory(path: path))
            case .storeSession(let session):
                state = .paused(handshake)
                actions.append(.store(session))
            case .cacheSession(let session):
                actions.append(.cache(session))
            case .refused(let refusal):
                failedMethod = refusal
            case .ready(let command):
                actions += start(command)
            case .close(let refusal?):
                actions += refuse(refusal)
            case .close(nil):
                state = .closed
                actions.append(.close)
            }
        }
        return actions
    }

    /// Runs the command of a resumed session: its first packet has opened under the session's key.
    ///
    /// Only now the session counts as used and the connection as its own. What was revoked since the session was named
    /// is not found any more.
    private mutating func run(_ command: PendingCommand, provenBy message: InboundMessage, now: Int64) -> [Action] {
        guard message.encrypted, let session = security.sessionProven(command.session.id, now: now) else {
            return refuse(SecurityRefusal(.sessionNotFound, command: command.entry.number, "it ended meanwhile"))
        }
        var command = command
        command.session = session
        state = .running(session)
        return [.bind(session), .run(command)]
    }

    private mutating func start(_ command: StartedCommand) -> [Action] {
        if command.session.identity.isAuthenticated { stream.limits = Self.authenticatedLimits }
        peerVersion = command.peerVersion
        let pending = PendingCommand(entry: command.entry, session: command.session, payload: command.firstMessage)
        var actions: [Action] = []
        if let failed = failedMethod.take() {
            actions.append(.methodFailed(reason: failed.reasonText, metadata: failed.details))
        }
        // A resumed session is a name that anybody may have overheard until its first packet has opened (spec 02, 9.5).
        let isProven = !command.isResumed
        if isProven { actions.append(.bind(command.session)) }
        if command.entry.hasPayload && command.firstMessage == nil {
            state = .awaitingPayload(pending, isProven: isProven)
            return actions
        }
        state = .running(command.session)
        return actions + [.run(pending)]
    }

    private mutating func encode(_ messages: [ByteBuffer]) throws(WireError) -> [Action] {
        var actions: [Action] = []
        for message in messages where message.readableBytes > 0 { actions.append(.write(try stream.encode(message))) }
        return actions
    }

    /// Turns the peer away; what is known of a method that failed before comes along.
    private mutating func refuse(_ reason: String, _ metadata: [String: String] = [:]) -> [Action] {
        if case .closed = state { return [] }
        state = .closed
        let failed = failedMethod?.details ?? [:]
        return [.refused(reason: reason, metadata: failed.merging(metadata) { $1 }), .close]
    }

    /// Turns the peer away in the words of the handshake.
    ///
    /// That all methods failed says less than how the last one did.
    private mutating func refuse(_ refusal: SecurityRefusal) -> [Action] {
        guard refusal.kind == .authenticationFailed, let failed = failedMethod else {
            return refuse(refusal.reasonText, refusal.details)
        }
        return refuse(failed.reasonText, failed.details)
    }

    private func metadata(of entry: CommandEntry, _ session: SecuritySession) -> [String: String] {
        var metadata = ["command": "\(entry.number)", "level": entry.level.rawValue, "user": session.identity.user]
        if let capability = session.capabilityID { metadata["capability"] = capability }
        return metadata
    }
}

extension SecurityRefusal {
    /// The fixed words for the log.
    fileprivate var reasonText: String { kind.rawValue }

    /// The facts for the log: public ids and bounded text, never a secret.
    fileprivate var details: [String: String] {
        Dictionary(metadata.filter { $0.key != "reason" }, uniquingKeysWith: { first, _ in first })
    }
}
