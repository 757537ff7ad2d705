import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import FlockSimCore
import NIOCore

/// The update connection of one simulated daemon to the broker.
///
/// As in a real daemon the connection is kept, a session is resumed when a connection is gone, and
/// an update that could not be delivered is dropped: the next round brings the ad again (spec 04, 5.9).
actor BrokerLink {
    /// With whom, and as who.
    struct Settings: Sendable {
        var broker: Sinful
        var credentials: ClientCredentials
        var policy: SecurityPolicy
        var group: any EventLoopGroup
    }

    private let settings: Settings
    private let daemon: ClientHandshake.Description
    private let name: String
    private var connection: CondorConnection?
    private var session: (session: SecuritySession, commands: Set<CommandNumber>)?
    private var last: Task<Bool, Never>?

    init(_ settings: Settings, daemon: ClientHandshake.Description, name: String) {
        self.settings = settings
        self.daemon = daemon
        self.name = name
    }

    /// Delivers updates in order, after those of earlier calls; says whether all of them went out.
    @discardableResult
    func send(_ updates: [CollectorUpdate]) async -> Bool {
        let before = last
        let task = Task {
            _ = await before?.value
            return await deliver(updates)
        }
        last = task
        return await task.value
    }

    /// Closes the connection once everything is delivered.
    func close() async {
        _ = await last?.value
        connection?.close()
        connection = nil
    }

    private func deliver(_ updates: [CollectorUpdate]) async -> Bool {
        var allDelivered = true
        for update in updates {
            do {
                try await deliver(update)
            } catch {
                allDelivered = false
                connection?.close()
                connection = nil
                if let refusal = error as? SecurityRefusal, refusal.kind == .sessionNotFound { session = nil }
                EventPrinter.shared.print(
                    SimulationEvent(.failed, address: name, reason: "\(update.command.name): \(error)"))
            }
        }
        return allDelivered
    }

    private func deliver(_ update: CollectorUpdate) async throws {
        if let connection, connection.isOpen {
            try await connection.send { writer in
                writer.write(update.command)
                for ad in update.ads { writer.write(ad, options: .includePrivate) }
            }
            return
        }
        let opened = try await open(update.command)
        try await opened.send { writer in
            for ad in update.ads { writer.write(ad, options: .includePrivate) }
        }
        connection = opened
        EventPrinter.shared.print(SimulationEvent(.registered, address: name))
    }

    private func open(_ command: CommandNumber) async throws -> CondorConnection {
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
