import CEDAR
import CondorSecurity
import NIOCore
import NIOPosix

/// Credentials for one method.
struct LoadCredentials: Sendable {
    var credentials: ClientCredentials
    var method: AuthenticationMethod
}

/// The server under load, and how to get a connection to it.
struct LoadTarget: Sendable {
    /// Where it is; the alias is the name that its certificate must show.
    let address: Sinful
    /// The one thread of the client.
    let loop: any EventLoop

    /// What HTCondor puts into a packet (spec 01, 3.3), and answers of any size.
    private static let limits = StreamLimits(maximumMessageBytes: 1 << 31, maximumPacketPayload: 4091)

    /// Connects and runs the handshake for `command`, in a new session or in `session`.
    func open(
        _ command: CommandNumber, for authCommand: CommandNumber? = nil, as identity: LoadCredentials,
        resuming session: SecuritySession? = nil
    ) async throws -> LoadLink {
        let text = address.description
        let established = loop.makePromise(of: SecuritySession.self)
        let channel: any Channel
        guard let host = address.host, let port = address.port else { throw LoadError("no address") }
        do {
            channel = try await ClientBootstrap(group: loop)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(
                        minimum: 4096, initial: 65_536, maximum: 1 << 20)
                )
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            LoadHandler(
                                handshake: ClientHandshake(
                                    command: command, authCommand: authCommand, credentials: identity.credentials,
                                    policy: SecurityPolicy(methods: [identity.method]), resume: session,
                                    connectSinful: text, server: PeerAddress(host: host, port: port),
                                    description: .init(subsystem: "STARTD")),
                                limits: Self.limits, established: established))
                    }
                }
                .connect(host: host, port: port).get()
        } catch {
            established.fail(error)
            throw error
        }
        let made = try await established.futureResult.get()
        return LoadLink(channel: channel, session: made)
    }
}

/// A load that went wrong.
struct LoadError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
