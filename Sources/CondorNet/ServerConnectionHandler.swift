import CEDAR
import CondorSecurity
import Cryptography
package import NIOCore

/// Carries bytes and events between a socket and ``ServerConnection``; every decision is the machine's.
///
/// All fields belong to the channel's event loop.
final class ServerConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let service: any CommandService
    private let table: ConnectionTable
    private let random: any RandomSource
    private let files: FilesystemProof
    private let clock: @Sendable () -> Int64
    private let timeouts: ConnectionTimeouts

    private var connection: ServerConnection?
    private var handle: ConnectionHandle?
    private var peer = PeerAddress(host: "", port: 0)
    private var deadline: Scheduled<Void>?
    private var deadlineFor: ServerConnection.Waiting = .nothing
    private var isClosing = false
    /// One connection too many: nothing of what it asked for is done.
    private var isTurnedAway = false
    /// Its turn has not come: nothing is read.
    private var isDelayed = false
    /// Whether the peer has proven who it is.
    private var isProven = false
    /// Bytes written that the peer has not taken.
    private var untakenBytes = 0
    /// What the table knows of the bytes we hold.
    private var reportedBytes = 0
    /// Whether the channel has asked for bytes that the machine does not want yet.
    private var isReadWaiting = false

    init(
        service: any CommandService, table: ConnectionTable, random: any RandomSource, files: FilesystemProof,
        clock: @escaping @Sendable () -> Int64, timeouts: ConnectionTimeouts
    ) {
        self.service = service
        self.table = table
        self.random = random
        self.files = files
        self.clock = clock
        self.timeouts = timeouts
    }

    func channelActive(context: ChannelHandlerContext) {
        peer = PeerAddress(context.remoteAddress)
        let opening = table.open(context.channel, peer: peer, now: Self.time(context))
        handle = opening.handle
        if let eviction = opening.eviction { evict(eviction) }
        connection = ServerConnection(
            security: service.security, random: random, peer: peer, local: PeerAddress(context.localAddress))
        switch opening.verdict {
        case .refused:
            turnAway(context, "too many new connections from this address")
        case .served(let delay) where delay > 0:
            isDelayed = true
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            deadline = context.eventLoop.scheduleTask(in: .nanoseconds(delay)) { bound.value.0.begin(bound.value.1) }
        case .served:
            watchDeadline(context)
        }
        context.fireChannelActive()
    }

    /// The turn of a delayed connection has come.
    private func begin(_ context: ChannelHandlerContext) {
        isDelayed = false
        watchDeadline(context)
        readOn(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        step(context) { $0.received(bytes, now: $1) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            step(context) { $0.peerClosed(now: $1) }
        }
        if let event = event as? TurnedAway { turnAway(context, event.reason) }
        context.fireUserInboundEventTriggered(event)
    }

    /// Lets the channel read on when the machine wants more.
    func read(context: ChannelHandlerContext) {
        isReadWaiting = true
        readOn(context)
    }

    private func readOn(_ context: ChannelHandlerContext) {
        guard isReadWaiting, !isDelayed, connection?.wantsInput ?? true else { return }
        isReadWaiting = false
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosing = true
        step(context) { connection, _ in connection.connectionLost() }
        finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Machine

    /// Takes the machine out, so that its storage is not copied, lets it take one step, and performs what it says.
    private func step(
        _ context: ChannelHandlerContext, _ event: (inout ServerConnection, Int64) -> [ServerConnection.Action]
    ) {
        guard var machine = connection.take() else { return }
        let actions = event(&machine, clock())
        let encrypted = machine.isEncrypted
        let version = machine.peerVersion
        connection = machine
        for action in actions where !isTurnedAway {
            perform(action, context, isEncrypted: encrypted, peerVersion: version)
        }
        reportBytes()
        watchDeadline(context)
        readOn(context)
    }

    // MARK: Limits of those who have proven nothing

    /// Turns the peer away for want of room, with one line in the log.
    private func turnAway(_ context: ChannelHandlerContext, _ reason: String, _ metadata: [String: String] = [:]) {
        guard !isTurnedAway, !isClosing else { return }
        service.refused(ConnectionRefusal(peer: peer, reason: reason, metadata: metadata))
        isClosing = true
        isTurnedAway = true
        connection = nil
        deadline?.cancel()
        context.close(promise: nil)
    }

    private func evict(_ eviction: ConnectionTable.Eviction) { eviction.handle.turnAway(eviction.reason) }

    /// Tells the table what this connection holds, as long as that counts.
    private func reportBytes() {
        guard !isProven, let handle else { return }
        let bytes = (connection?.bufferedBytes ?? 0) + untakenBytes
        guard bytes != reportedBytes else { return }
        reportedBytes = bytes
        if let eviction = table.hold(handle, bytes: bytes) { evict(eviction) }
    }

    private func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard !isProven else { return context.writeAndFlush(wrapOutboundOut(bytes), promise: nil) }
        let count = bytes.readableBytes
        untakenBytes += count
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(bytes)).whenComplete { _ in
            bound.value.untakenBytes -= count
            bound.value.reportBytes()
        }
    }

    /// Whether a refusal says that the peer had no right to our work, so that more of it comes more slowly.
    private static func isFailure(_ reason: String) -> Bool {
        switch SecurityRefusal.Kind(rawValue: reason) {
        case .credentialRefused, .proofWrong, .authenticationFailed, .tlsFailed, .methodFailed, .malformedMessage: true
        default: reason.hasPrefix("malformed message")
        }
    }

    /// Nanoseconds of the event loop's clock, which never goes back.
    private static func time(_ context: ChannelHandlerContext) -> Int64 {
        Int64(context.eventLoop.now.uptimeNanoseconds)
    }

    private func perform(
        _ action: ServerConnection.Action, _ context: ChannelHandlerContext, isEncrypted: Bool,
        peerVersion: CondorVersion?
    ) {
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        /// Comes back to the loop, and to a connection that may be gone by then.
        @Sendable func resume(
            _ event: @escaping @Sendable (inout ServerConnection, Int64) -> [ServerConnection.Action]
        ) {
            loop.execute {
                let (handler, context) = bound.value
                guard context.channel.isActive, !handler.isClosing else { return }
                handler.step(context, event)
            }
        }
        switch action {
        case .write(let bytes):
            write(bytes, context)
        case .run(let command):
            guard let handle else { return }
            let request = CommandRequest(
                entry: command.entry, session: command.session, peer: peer, payload: command.payload,
                isEncrypted: isEncrypted, connection: handle, peerVersion: peerVersion)
            service.run(request) { outcome in resume { $0.commandFinished(outcome, now: $1) } }
        case .store(let session):
            service.store(session) { stored in resume { $0.sessionStored(stored, now: $1) } }
        case .cache(let session):
            service.cache(session)
        case .inspectDirectory(let path):
            files.inspect(path) { owner in resume { $0.directoryInspected(owner, now: $1) } }
        case .removeDirectory(let path):
            files.remove(path)
        case .bind(let session):
            guard let handle else { return }
            table.bind(handle, to: session)
            isProven = session.identity.isAuthenticated
            let open = session.capabilityID.map { table.count(ofCapability: $0) } ?? 0
            if let objection = service.objection(to: session, open: open) {
                return turnAway(context, objection, ["capability": session.capabilityID ?? "-"])
            }
        case .refused(let reason, let metadata):
            if !isProven, Self.isFailure(reason) { table.countFailure(of: peer, now: Self.time(context)) }
            service.refused(ConnectionRefusal(peer: peer, reason: reason, metadata: metadata))
        case .methodFailed(let reason, let metadata):
            service.methodFailed(ConnectionRefusal(peer: peer, reason: reason, metadata: metadata))
        case .close:
            isClosing = true
            // An empty write behind everything already written: its completion is the moment to close.
            context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in bound.value.1.close(promise: nil) }
        }
    }

    // MARK: Deadlines

    private func watchDeadline(_ context: ChannelHandlerContext) {
        let waiting = connection?.waiting ?? .closed
        guard waiting != deadlineFor else { return }
        deadlineFor = waiting
        deadline?.cancel()
        deadline = nil
        let limit: TimeAmount? =
            switch waiting {
            case .beginning: timeouts.firstMessage
            case .handshake: timeouts.handshake
            case .message: timeouts.message
            case .ourselves, .nothing: nil
            case .closed: timeouts.closing
            }
        guard let limit else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: limit) {
            let (handler, context) = bound.value
            if waiting == .closed { return context.close(promise: nil) }
            handler.step(context) { connection, _ in connection.deadlinePassed() }
        }
    }

    private func finish() {
        isClosing = true
        deadline?.cancel()
        deadline = nil
        connection = nil
        if let handle { table.remove(handle) }
        handle = nil
    }
}

/// How long a peer may keep us waiting.
package struct ConnectionTimeouts: Sendable {
    /// For the first message: every client speaks at once.
    package var firstMessage: TimeAmount = .seconds(20)
    /// For the whole handshake (spec 01, 9.3).
    package var handshake: TimeAmount = .seconds(120)
    /// For the rest of a message that has begun, and for a payload.
    package var message: TimeAmount = .seconds(20)
    /// For taking the last bytes we wrote.
    package var closing: TimeAmount = .seconds(60)

    /// The times of spec 01, 9.3.
    package init() {}
}
