import CEDAR
import CondorSecurity
import Cryptography
import NIOCore
import NIOEmbedded
import Synchronization
import TestSupport
import Testing

@testable import CondorNet

/// What the handler grants those who have proven nothing: time, room, and a line in the log.
@Suite struct ServerConnectionHandlerTests {
    /// Keeps what was refused.
    final class Service: CommandService {
        let security: any ServerSecurityEnvironment = Pilot.server
        private let reasons = Mutex<[String]>([])

        var refusals: [String] { reasons.withLock { $0 } }

        func run(_ request: CommandRequest, respond: @escaping @Sendable (CommandOutcome) -> Void) {}
        func store(_ session: SecuritySession, stored: @escaping @Sendable (Bool) -> Void) {}
        func cache(_ session: SecuritySession) {}
        func refused(_ refusal: ConnectionRefusal) { reasons.withLock { $0.append(refusal.reason) } }
        func methodFailed(_ refusal: ConnectionRefusal) {}
        func objection(to session: SecuritySession, open: Int) -> String? { nil }
    }

    /// A listener in memory.
    struct Listener {
        let service = Service()
        let table: ConnectionTable
        let loop = EmbeddedEventLoop()

        init(_ change: (inout ConnectionLimits) -> Void = { _ in }) {
            var limits = ConnectionLimits()
            change(&limits)
            table = ConnectionTable(limits: limits)
        }

        func connect(from host: String = "192.0.2.1") throws -> EmbeddedChannel {
            let handler = ServerConnectionHandler(
                service: service, table: table, random: FixedRandom(), files: FilesystemProof(),
                clock: { ReplayEnvironment.now }, timeouts: ConnectionTimeouts())
            let channel = EmbeddedChannel(handler: handler, loop: loop)
            let address = try SocketAddress(ipAddress: host, port: 40_000)
            channel.localAddress = try SocketAddress(ipAddress: "192.0.2.100", port: 9620)
            channel.remoteAddress = address
            try channel.connect(to: address).wait()
            loop.run()
            return channel
        }
    }

    /// The beginning of a message of so many bytes, without its end.
    static func beginning(_ count: Int) -> ByteBuffer {
        ByteBuffer(bytes: [1, 0, 16, 0, 0] + [UInt8](repeating: 0, count: count))
    }

    @Test func whoeverSaysNothingIsClosedAfterTwentySeconds() throws {
        let listener = Listener()
        let channel = try listener.connect()
        listener.loop.advanceTime(by: .milliseconds(19_900))
        #expect(channel.isActive)
        listener.loop.advanceTime(by: .milliseconds(200))
        #expect(!channel.isActive && listener.table.count == 0)
        #expect(listener.service.refusals == ["handshake took too long"])
    }

    @Test func whoeverSendsAByteNowAndThenIsClosedAsWell() throws {
        let listener = Listener()
        let channel = try listener.connect()
        try channel.writeInbound(Self.beginning(0))
        for _ in 0..<22 {
            listener.loop.advanceTime(by: .seconds(1))
            if channel.isActive { try channel.writeInbound(ByteBuffer(bytes: [0])) }
        }
        #expect(!channel.isActive && listener.service.refusals.count == 1)
    }

    @Test func whoeverComesTooFastIsServedLaterAndHasHisTimeFromThen() throws {
        let listener = Listener {
            $0.burst = 1
            $0.connectionsPerSecond = 1
        }
        let first = try listener.connect()
        let second = try listener.connect()
        let other = try listener.connect(from: "192.0.2.2")
        listener.loop.advanceTime(by: .milliseconds(20_100))
        #expect(!first.isActive && second.isActive && !other.isActive)
        listener.loop.advanceTime(by: .seconds(1))
        #expect(!second.isActive)
    }

    @Test func whoeverWouldWaitTooLongIsClosedAtOnceWithALine() throws {
        let listener = Listener {
            $0.burst = 1
            $0.longestDelay = .zero
        }
        let first = try listener.connect()
        let second = try listener.connect()
        #expect(first.isActive && !second.isActive && listener.table.count == 1)
        #expect(listener.service.refusals == ["too many new connections from this address"])
    }

    @Test func theOldestMakesRoomWithOneLine() throws {
        let listener = Listener { $0.unprovenPerAddress = 1 }
        let first = try listener.connect()
        try first.writeInbound(Self.beginning(10))
        let second = try listener.connect()
        listener.loop.run()
        #expect(!first.isActive && second.isActive)
        #expect(listener.service.refusals == ["too many connections that have proven nothing"])
        #expect(listener.table.count == 1 && listener.table.unprovenCount == 1)
    }

    @Test func whoeverHoldsMostMemoryMakesRoom() throws {
        let listener = Listener { $0.unprovenBytes = 100_000 }
        let small = try listener.connect()
        let large = try listener.connect()
        let last = try listener.connect()
        try small.writeInbound(Self.beginning(10_000))
        try large.writeInbound(Self.beginning(60_000))
        #expect(listener.service.refusals == [])
        try last.writeInbound(Self.beginning(50_000))
        listener.loop.run()
        #expect(small.isActive && !large.isActive && last.isActive)
        #expect(listener.service.refusals == ["too much memory held by those who have proven nothing"])
    }
}
