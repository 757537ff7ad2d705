import CEDAR
import CondorSecurity
import Glibc
import NIOCore

/// One connection to the server under load.
///
/// Cheaper than ``CondorConnection``, sends many messages in one go, and tells when the first byte of an answer came.
final class LoadLink: Sendable {
    /// The session it runs in.
    let session: SecuritySession
    private let channel: any Channel

    init(channel: any Channel, session: SecuritySession) {
        self.channel = channel
        self.session = session
    }

    /// Sends messages that were made before, and waits until the system has taken them.
    func send(_ payloads: [ByteBuffer]) async throws {
        let channel = channel
        try await channel.eventLoop.flatSubmit {
            channel.writeAndFlush(LoadHandler.Outgoing.messages(payloads))
        }.get()
    }

    /// The next message, and when its first byte came; `nil` if the server has closed.
    func receive() async throws -> LoadAnswer? {
        let channel = channel
        return try await channel.eventLoop.flatSubmit {
            let promise = channel.eventLoop.makePromise(of: LoadAnswer?.self)
            channel.triggerUserOutboundEvent(LoadHandler.Wanted(promise: promise), promise: nil)
            return promise.futureResult
        }.get()
    }

    /// Closes it, whatever the server is doing.
    func close() async {
        // One that the server has closed is as good.
        try? await channel.close().get()
    }
}

/// A message of the server.
struct LoadAnswer: Sendable {
    var message: InboundMessage
    /// When its first byte came.
    var firstByte: ContinuousClock.Instant
}

/// Runs the handshake and then hands messages through.
final class LoadHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Outgoing
    typealias OutboundOut = ByteBuffer

    /// What a link writes.
    enum Outgoing: Sendable {
        case messages([ByteBuffer])
    }

    /// What a link waits for.
    struct Wanted: Sendable {
        let promise: EventLoopPromise<LoadAnswer?>
    }

    private var handshake: ClientHandshake?
    private var stream: CEDARStream
    private let established: EventLoopPromise<SecuritySession>
    private var wanted: EventLoopPromise<LoadAnswer?>?
    private var firstByte: ContinuousClock.Instant?
    private var isOver = false

    init(handshake: ClientHandshake, limits: StreamLimits, established: EventLoopPromise<SecuritySession>) {
        self.handshake = handshake
        stream = CEDARStream(limits: limits)
        self.established = established
    }

    func channelActive(context: ChannelHandlerContext) {
        step(context) { $0.start(now: currentTime()) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if firstByte == nil { firstByte = .now }
        stream.append(unwrapInboundIn(data))
        advance(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        step(context) { $0.peerClosed() }
        fail(context, LoadError("closed by the server"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(context, error) }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .messages(let payloads) = unwrapOutboundIn(data) else { return }
        do {
            for payload in payloads.dropLast() {
                context.write(wrapOutboundOut(try stream.encode(payload)), promise: nil)
            }
            let last = try payloads.last.map { try stream.encode($0) } ?? ByteBuffer()
            context.write(wrapOutboundOut(last), promise: promise)
        } catch {
            promise?.fail(error)
        }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let wanted = event as? Wanted else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        promise?.succeed()
        self.wanted = wanted.promise
        advance(context)
        if isOver { settle(nil) }
    }

    // MARK: Steps

    private func advance(_ context: ChannelHandlerContext) {
        do {
            while handshake != nil || wanted != nil, let message = try stream.nextMessage() {
                let began = firstByte ?? .now
                firstByte = stream.hasPartialInput ? .now : nil
                if handshake != nil {
                    step(context) { $0.received(message, now: currentTime()) }
                } else {
                    settle(LoadAnswer(message: message, firstByte: began))
                }
            }
        } catch {
            fail(context, error)
        }
    }

    private func settle(_ answer: LoadAnswer?) {
        wanted.take()?.succeed(answer)
    }

    private func step(
        _ context: ChannelHandlerContext, _ body: (inout ClientHandshake) -> [ClientHandshake.Action]
    ) {
        guard var machine = handshake.take() else { return }
        var actions = body(&machine)[...]
        handshake = machine
        while let action = actions.popFirst() {
            do {
                switch action {
                case .send(let payload):
                    context.writeAndFlush(wrapOutboundOut(try stream.encode(payload)), promise: nil)
                case .enableEncryption(let key):
                    try stream.enableEncryption(key: key)
                case .makeDirectory(let path):
                    // On the loop: a client that does nothing else may wait for its own directory.
                    let made = mkdir(path, 0o700) == 0
                    step(context) { $0.directoryMade(made, now: currentTime()) }
                case .removeDirectory(let path):
                    rmdir(path)
                case .refused:
                    continue
                case .established(let session, _):
                    handshake = nil
                    established.succeed(session)
                case .failed(let refusal):
                    fail(context, refusal)
                }
            } catch {
                fail(context, error)
            }
        }
    }

    private func fail(_ context: ChannelHandlerContext, _ error: any Error) {
        guard !isOver else { return }
        isOver = true
        if handshake.take() != nil { established.fail(error) }
        settle(nil)
        context.close(promise: nil)
    }
}
