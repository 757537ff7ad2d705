package import CEDAR
package import CondorSecurity
import Cryptography
import NIOCore

/// One connection that we opened: runs ``ClientHandshake``, then hands messages over as they are asked for.
///
/// All fields belong to the channel's event loop.
final class ClientConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var stream: CEDARStream
    private let makeHandshake: @Sendable (PeerAddress) -> ClientHandshake
    private var handshake: ClientHandshake?
    private let files: FilesystemProof
    private let clock: @Sendable () -> Int64
    private let established: EventLoopPromise<EstablishedSession>
    private var isEstablished = false
    private var waiting: [EventLoopPromise<InboundMessage?>] = []
    private var failure: (any Error)?
    private var isClosed = false
    private var context: ChannelHandlerContext?
    private let sharedPort: SharedPortRequest?

    init(
        makeHandshake: @escaping @Sendable (PeerAddress) -> ClientHandshake, sharedPort: SharedPortRequest?,
        limits: StreamLimits, random: any RandomSource, files: FilesystemProof,
        clock: @escaping @Sendable () -> Int64, established: EventLoopPromise<EstablishedSession>
    ) {
        self.sharedPort = sharedPort
        stream = CEDARStream(limits: limits, random: random)
        self.makeHandshake = makeHandshake
        self.files = files
        self.clock = clock
        self.established = established
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        do {
            if let sharedPort {
                context.write(wrapOutboundOut(try stream.encode(sharedPort.payload)), promise: nil)
                // The daemon behind never sees this message (spec 01, 6.6).
                if !sharedPort.isForPortItself { stream.resetTranscript() }
            }
        } catch {
            return fail(error)
        }
        handshake = makeHandshake(PeerAddress(context.remoteAddress))
        withHandshake { $0.start(now: clock()) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        stream.append(unwrapInboundIn(data))
        advance()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        withHandshake { $0.peerClosed() }
        if !isEstablished { fail(CondorNetError.closedDuringHandshake) }
        settleAfterClose()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error) }

    // MARK: Called by CondorConnection, on the loop

    /// The next message, or `nil` when the peer has closed at a message boundary.
    ///
    /// What arrived before the close is handed out first.
    func next(_ promise: EventLoopPromise<InboundMessage?>) {
        if let failure { return promise.fail(failure) }
        waiting.append(promise)
        advance()
        if isClosed { settleAfterClose() }
    }

    /// Gives up: the connection is of no use any more.
    func giveUp(_ error: any Error) { fail(error) }

    /// An empty message in the coding of the moment.
    func makeWriter() -> MessageWriter { stream.makeWriter() }

    /// Sends one message.
    func send(_ payload: ByteBuffer, _ promise: EventLoopPromise<Void>) {
        guard let context, !isClosed else { return promise.fail(failure ?? CondorNetError.closedWithoutAnswer) }
        do {
            context.writeAndFlush(wrapOutboundOut(try stream.encode(payload)), promise: promise)
        } catch {
            promise.fail(error)
        }
    }

    // MARK: Steps

    private func advance() {
        do {
            while handshake != nil || !waiting.isEmpty {
                guard failure == nil, let message = try stream.nextMessage() else { return }
                if handshake != nil {
                    withHandshake { $0.received(message, now: clock()) }
                } else {
                    waiting.removeFirst().succeed(message)
                }
            }
        } catch {
            fail(error)
        }
    }

    private func settleAfterClose() {
        let open = waiting
        waiting = []
        for promise in open {
            if let failure {
                promise.fail(failure)
            } else if stream.hasPartialInput {
                promise.fail(CondorNetError.closedInsideMessage)
            } else {
                promise.succeed(nil)
            }
        }
    }

    private func withHandshake(_ step: (inout ClientHandshake) -> [ClientHandshake.Action]) {
        guard var machine = handshake.take() else { return }
        let actions = step(&machine)
        handshake = machine
        for action in actions { perform(action) }
    }

    private func perform(_ action: ClientHandshake.Action) {
        do {
            switch action {
            case .send(let payload):
                context?.writeAndFlush(wrapOutboundOut(try stream.encode(payload)), promise: nil)
            case .enableEncryption(let key):
                try stream.enableEncryption(key: key)
            case .makeDirectory(let path):
                guard let context else { return }
                let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
                files.make(path) { made in
                    bound.eventLoop.execute {
                        bound.value.withHandshake { $0.directoryMade(made, now: bound.value.clock()) }
                        bound.value.advance()
                    }
                }
            case .removeDirectory(let path):
                files.remove(path)
            case .refused:
                // One method failed; the handshake goes on with the next, and its end says how it went.
                return
            case .established(let session, let commands):
                handshake = nil
                isEstablished = true
                established.succeed(EstablishedSession(session: session, validCommands: commands))
            case .failed(let error):
                fail(error)
            }
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: any Error) {
        guard failure == nil else { return }
        failure = error
        handshake = nil
        if !isEstablished { established.fail(error) }
        isEstablished = true
        settleAfterClose()
        context?.close(promise: nil)
    }
}

/// A session as the client end got it.
package struct EstablishedSession: Sendable {
    /// The session, to be resumed later.
    package var session: SecuritySession
    /// The commands that the server says it may be used for.
    package var validCommands: [CommandNumber]
}
