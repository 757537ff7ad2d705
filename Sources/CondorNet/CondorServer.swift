import CondorSecurity
package import Cryptography
package import NIOCore
import NIOPosix

/// A listening socket that speaks CEDAR.
package final class CondorServer: Sendable {
    /// Open connections, for counting and for closing.
    package let connections: ConnectionTable
    private let channel: any Channel

    private init(channel: any Channel, connections: ConnectionTable) {
        self.channel = channel
        self.connections = connections
    }

    /// The address that was bound; tells the port where 0 was asked for.
    package var localAddress: SocketAddress? { channel.localAddress }

    /// Binds and begins to accept.
    ///
    /// - Throws: what the operating system says when the address cannot be bound.
    package static func listen(
        host: String, port: Int, service: any CommandService, group: any EventLoopGroup,
        random: any RandomSource = SystemRandom(), files: FilesystemProof = FilesystemProof(),
        timeouts: ConnectionTimeouts = ConnectionTimeouts(), limits: ConnectionLimits = ConnectionLimits(),
        clock: @escaping @Sendable () -> Int64
    ) async throws -> CondorServer {
        let table = ConnectionTable(limits: limits)
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // A peer that closes after its last message still has that message, and those before it, worked off.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                @Sendable func serve() throws {
                    try SocketOptions.apply(to: channel)
                    try channel.pipeline.syncOperations.addHandler(
                        ServerConnectionHandler(
                            service: service, table: table, random: random, files: files, clock: clock,
                            timeouts: timeouts))
                }
                let peer = PeerAddress(channel.remoteAddress)
                guard let preparation = service.prepare(for: peer, on: channel.eventLoop) else {
                    return channel.eventLoop.makeCompletedFuture { try serve() }
                }
                return preparation.flatMapThrowing { try serve() }
            }
            .bind(host: host, port: port).get()
        return CondorServer(channel: channel, connections: table)
    }

    /// Stops accepting; open connections stay.
    package func stopAccepting() async {
        // A listener that is closed already is what we want.
        try? await channel.close().get()
    }
}

/// The socket options of every HTCondor connection.
///
/// Source: spec 01, 9.1.
enum SocketOptions {
    /// Sets them on a freshly made TCP channel.
    static func apply(to channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.tcpOption(.tcp_nodelay), value: 1)
        try options.setOption(.socketOption(.so_keepalive), value: 1)
        try options.setOption(ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 4)), value: 360)
        try options.setOption(ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 5)), value: 5)
        try options.setOption(ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 6)), value: 5)
        try options.setOption(ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 18)), value: 385_000)
    }
}
