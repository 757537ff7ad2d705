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
        let handle = table.add(context.channel, peer: peer)
        self.handle = handle
        guard service.admits(peer: peer, open: table.unboundCount(from: peer)) else {
            service.refused(ConnectionRefusal(peer: peer, reason: "too many connections from this address"))
            context.close(promise: nil)
            return
        }
        connection = ServerConnection(
            security: service.security, random: random, peer: peer, local: PeerAddress(context.localAddress))
        watchDeadline(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        step(context) { $0.received(bytes, now: $1) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            step(context) { $0.peerClosed(now: $1) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Lets the channel read on when the machine wants more.
    func read(context: ChannelHandlerContext) {
        if connection?.wantsInput ?? true {
            context.read()
        } else {
            isReadWaiting = true
        }
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
        watchDeadline(context)
        if isReadWaiting, connection?.wantsInput ?? true {
            isReadWaiting = false
            context.read()
        }
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
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
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
            let open = session.capabilityID.map { table.count(ofCapability: $0) } ?? 0
            if let objection = service.objection(to: session, open: open) {
                service.refused(
                    ConnectionRefusal(
                        peer: peer, reason: objection, metadata: ["capability": session.capabilityID ?? "-"]))
                isClosing = true
                isTurnedAway = true
                context.close(promise: nil)
                return
            }
        case .refused(let reason, let metadata):
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
    /// For the whole handshake (spec 01, 9.3).
    package var handshake: TimeAmount = .seconds(120)
    /// For the rest of a message that has begun, and for a payload.
    package var message: TimeAmount = .seconds(20)
    /// For taking the last bytes we wrote.
    package var closing: TimeAmount = .seconds(60)

    /// The times of spec 01, 9.3.
    package init() {}
}
