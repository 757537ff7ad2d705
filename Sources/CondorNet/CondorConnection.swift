package import CEDAR
package import CondorSecurity
package import Cryptography
package import NIOCore
import NIOPosix
import Synchronization

/// A failure of a conversation that we started.
package enum CondorNetError: Error, Equatable, CustomStringConvertible {
    /// The address has no host or port to connect to.
    case unusableAddress(String)
    /// The peer can only be reached through a connection broker (CCB), which we are no client of yet.
    case unsupportedRoute(String)
    /// The peer closed before the session stood.
    case closedDuringHandshake
    /// The peer closed in the middle of a message.
    case closedInsideMessage
    /// The peer closed instead of answering.
    case closedWithoutAnswer
    /// Nothing came in time.
    case timedOut(String)

    package var description: String {
        switch self {
        case .unusableAddress(let address): "cannot connect to \(address)"
        case .unsupportedRoute(let route): "no route to the peer: \(route)"
        case .closedDuringHandshake: "the peer closed the connection during the handshake"
        case .closedInsideMessage: "the peer closed the connection in the middle of a message"
        case .closedWithoutAnswer: "the peer closed the connection without an answer"
        case .timedOut(let what): "timed out: \(what)"
        }
    }
}

/// A conversation with another daemon, as its client.
///
/// Open it for one command; send and receive messages; close it. Not for concurrent use: one task holds it.
package final class CondorConnection: Sendable {
    /// The session it runs in.
    package let session: SecuritySession
    /// Commands the server accepts under that session.
    package let validCommands: [CommandNumber]
    private let channel: any Channel
    private let handler: NIOLoopBound<ClientConnectionHandler>
    private let timeout: TimeAmount

    private init(
        channel: any Channel, handler: NIOLoopBound<ClientConnectionHandler>, established: EstablishedSession,
        timeout: TimeAmount
    ) {
        self.channel = channel
        self.handler = handler
        self.timeout = timeout
        session = established.session
        validCommands = established.validCommands
    }

    /// Connects, and runs the handshake to its end.
    ///
    /// - Parameters:
    ///   - address: where to; its `addrs` decide (spec 06, 1.4).
    ///   - handshake: makes the handshake for the command that is wanted, once the far end is known.
    ///   - limits: what is accepted of the far end.
    ///   - timeout: for connecting, for the handshake, and for each message awaited later.
    /// - Throws: ``CondorNetError``, or what the handshake says.
    package static func open(
        to address: Sinful, handshake: @escaping @Sendable (_ server: PeerAddress) -> ClientHandshake,
        group: any EventLoopGroup, limits: StreamLimits = .authenticated,
        timeout: TimeAmount = .seconds(20), random: any RandomSource = SystemRandom(),
        files: FilesystemProof = FilesystemProof(), clock: @escaping @Sendable () -> Int64
    ) async throws -> CondorConnection {
        guard address.ccb == nil else { throw CondorNetError.unsupportedRoute("CCB") }
        guard let endpoint = address.target(), endpoint.port > 0 else {
            throw CondorNetError.unusableAddress(address.description)
        }
        let sharedPort = try address.sharedPortID.map { id in
            guard let request = SharedPortRequest(id: id, deadline: Int(timeout.nanoseconds / 1_000_000_000)) else {
                throw CondorNetError.unusableAddress(address.description)
            }
            return request
        }
        let loop = group.any()
        let established = loop.makePromise(of: EstablishedSession.self)
        // One for each address that is tried. Asking the pipeline would be too late where a server closes at once.
        let handlers = Mutex<[ObjectIdentifier: NIOLoopBound<ClientConnectionHandler>]>([:])
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop)
                .connectTimeout(timeout)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try SocketOptions.apply(to: channel)
                        let handler = ClientConnectionHandler(
                            makeHandshake: handshake, sharedPort: sharedPort, limits: limits, random: random,
                            files: files, clock: clock, established: established)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
                        handlers.withLock { $0[ObjectIdentifier(channel)] = bound }
                    }
                }
                .connect(host: endpoint.host, port: endpoint.port).get()
        } catch {
            established.fail(error)
            throw error
        }
        guard let handler = handlers.withLock({ $0[ObjectIdentifier(channel)] }) else {
            preconditionFailure("every channel is initialized before it connects")
        }
        let deadline = channel.eventLoop.scheduleTask(in: timeout) {
            handler.value.giveUp(CondorNetError.timedOut("handshake"))
        }
        defer { deadline.cancel() }
        let session = try await established.futureResult.get()
        return CondorConnection(channel: channel, handler: handler, established: session, timeout: timeout)
    }

    /// Sends one message, which `build` fills.
    package func send(_ build: @escaping @Sendable (inout MessageWriter) throws -> Void) async throws {
        let handler = handler
        let sent = channel.eventLoop.makePromise(of: Void.self)
        channel.eventLoop.execute {
            var writer = handler.value.makeWriter()
            do {
                try build(&writer)
                handler.value.send(writer.payload, sent)
            } catch {
                sent.fail(error)
            }
        }
        try await sent.futureResult.get()
    }

    /// The next message, or `nil` when the peer closed between two messages.
    package func receiveIfOpen(within limit: TimeAmount? = nil) async throws -> InboundMessage? {
        let handler = handler
        let answer = channel.eventLoop.makePromise(of: InboundMessage?.self)
        channel.eventLoop.execute { handler.value.next(answer) }
        let deadline = channel.eventLoop.scheduleTask(in: limit ?? timeout) {
            handler.value.giveUp(CondorNetError.timedOut("answer"))
        }
        defer { deadline.cancel() }
        return try await answer.futureResult.get()
    }

    /// The next message.
    ///
    /// - Throws: ``CondorNetError/closedWithoutAnswer`` if the peer closes instead.
    package func receive(within limit: TimeAmount? = nil) async throws -> MessageReader {
        guard let message = try await receiveIfOpen(within: limit) else { throw CondorNetError.closedWithoutAnswer }
        return message.reader()
    }

    /// Whether the connection still stands, as far as is known.
    package var isOpen: Bool { channel.isActive }

    /// Closes the connection; harmless when it is closed already.
    package func close() { channel.close(promise: nil) }
}
