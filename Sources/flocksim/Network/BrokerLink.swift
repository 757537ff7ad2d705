import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import FlockSimCore
import NIOCore

/// The update connection of one simulated daemon to the broker.
///
/// Updates go out in the order in which they were given. As in a real daemon the connection is kept,
/// a session is resumed when a connection is gone, and an update that could not be delivered is
/// dropped: the next round brings the ad again (spec 04, 5.9).
final class BrokerLink: Sendable {
    /// With whom, and as who.
    struct Settings: Sendable {
        var broker: Sinful
        var credentials: ClientCredentials
        var policy: SecurityPolicy
        var group: any EventLoopGroup
    }

    private enum Item: Sendable {
        case update(CollectorUpdate)
        case barrier(CheckedContinuation<Void, Never>)
    }

    private let queue: AsyncStream<Item>.Continuation

    /// A link that connects when there is something to send.
    ///
    /// - Parameter name: who it is, for events.
    init(_ settings: Settings, daemon: ClientHandshake.Description, name: String) {
        let (items, queue) = AsyncStream<Item>.makeStream()
        self.queue = queue
        Task {
            var conversation = Conversation(settings: settings, daemon: daemon, name: name)
            for await item in items {
                switch item {
                case .update(let update): await conversation.deliver(update)
                case .barrier(let reached): reached.resume()
                }
            }
            conversation.hangUp()
        }
    }

    /// Queues updates.
    func send(_ updates: [CollectorUpdate]) {
        for update in updates { queue.yield(.update(update)) }
    }

    /// Waits until all that was queued is delivered or dropped.
    func drained() async {
        await withCheckedContinuation { reached in
            guard case .terminated = queue.yield(.barrier(reached)) else { return }
            reached.resume()
        }
    }

    /// Delivers what is queued, then hangs up.
    func close() async {
        await drained()
        queue.finish()
    }
}

/// The state of a ``BrokerLink``: owned by the one task that empties its queue.
private struct Conversation {
    let settings: BrokerLink.Settings
    let daemon: ClientHandshake.Description
    let name: String
    private var connection: CondorConnection?
    private var session: (session: SecuritySession, commands: Set<CommandNumber>)?

    init(settings: BrokerLink.Settings, daemon: ClientHandshake.Description, name: String) {
        self.settings = settings
        self.daemon = daemon
        self.name = name
    }

    mutating func hangUp() {
        connection?.close()
        connection = nil
    }

    mutating func deliver(_ update: CollectorUpdate) async {
        do {
            try await send(update)
        } catch {
            hangUp()
            if let refusal = error as? SecurityRefusal, refusal.kind == .sessionNotFound { session = nil }
            EventPrinter.shared.print(
                SimulationEvent(.failed, address: name, reason: "\(update.command.name): \(error)"))
        }
    }

    private mutating func send(_ update: CollectorUpdate) async throws {
        if let connection, connection.isOpen {
            try await connection.send { writer in
                writer.write(update.command)
                for ad in update.ads { writer.write(ad, options: .includePrivate) }
            }
            return
        }
        let opened = try await open(update.command)
        connection = opened
        // The command itself travelled in the handshake (spec 04, 2.1).
        try await opened.send { writer in
            for ad in update.ads { writer.write(ad, options: .includePrivate) }
        }
        EventPrinter.shared.print(SimulationEvent(.registered, address: name))
    }

    private mutating func open(_ command: CommandNumber) async throws -> CondorConnection {
        let resumed = session.flatMap {
            $0.commands.contains(command) && $0.session.isAlive(at: currentTime()) ? $0.session : nil
        }
        let settings = settings
        let daemon = daemon
        let opened = try await CondorConnection.open(
            to: settings.broker,
            handshake: { server in
                ClientHandshake(
                    command: command, credentials: settings.credentials, policy: settings.policy, resume: resumed,
                    connectSinful: settings.broker.description, server: server, description: daemon)
            },
            group: settings.group, clock: currentTime)
        if resumed == nil { session = (opened.session, Set(opened.validCommands)) }
        return opened
    }
}
