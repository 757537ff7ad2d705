import CEDAR
import CondorNet
import CondorSecurity
import FlockSimCore
import Glibc
import NIOCore
import Synchronization

/// Seconds since 1970.
@Sendable func currentTime() -> Int64 { Int64(time(nil)) }

/// The listening port of a simulated daemon; hands every command to the daemon behind it.
final class DaemonPort: CommandService {
    /// What the daemon does with a command.
    typealias Handler = @Sendable (CommandRequest) async -> CommandOutcome

    private let daemonSecurity: DaemonSecurity
    private let handler = Mutex<Handler?>(nil)
    private let server = Mutex<CondorServer?>(nil)

    var security: any ServerSecurityEnvironment { daemonSecurity }

    init(_ commands: [CommandEntry]) {
        daemonSecurity = DaemonSecurity(commands)
    }

    /// Binds a free port of `host` and returns its number.
    func listen(host: String, group: any EventLoopGroup) async throws -> Int {
        let server = try await CondorServer.listen(
            host: host, port: 0, service: self, group: group, clock: currentTime)
        self.server.withLock { $0 = server }
        return server.localAddress?.port ?? 0
    }

    /// From now on commands go to `handler`; before, they are refused.
    func serve(with handler: @escaping Handler) { self.handler.withLock { $0 = handler } }

    /// Closes the port and all its connections.
    func close() async {
        guard let server = server.withLock({ $0.take() }) else { return }
        await server.stopAccepting()
        server.connections.closeAll()
        handler.withLock { $0 = nil }
    }

    func apply(_ change: SessionChange) { daemonSecurity.apply(change, now: currentTime()) }

    func run(_ request: CommandRequest, respond: @escaping @Sendable (CommandOutcome) -> Void) {
        guard let handler = handler.withLock({ $0 }) else { return respond(.refuse(reason: "not serving")) }
        Task { respond(await handler(request)) }
    }

    func store(_ session: SecuritySession, stored: @escaping @Sendable (Bool) -> Void) { stored(false) }

    func cache(_ session: SecuritySession) {}

    func refused(_ refusal: ConnectionRefusal) {
        EventPrinter.shared.print(
            SimulationEvent(.connectionRefused, address: refusal.peer.description, reason: refusal.reason))
    }

    func methodFailed(_ refusal: ConnectionRefusal) {}

    func objection(to session: SecuritySession, open: Int) -> String? { nil }
}
