import AnnexStore
import BrokerCore
import CEDAR
import CondorNet
import CondorSecurity
import Logging
import NIOCore
import Synchronization

/// The broker as its listener sees it: commands to run, sessions to keep, refusals to log.
final class BrokerService: CommandService {
    let security: any ServerSecurityEnvironment
    private let table: CommandTable
    private let context: BrokerContext
    private let maximumConnectionsPerCapability: Int

    init(security: BrokerSecurity, table: CommandTable, context: BrokerContext, maximumConnectionsPerCapability: Int) {
        self.security = security
        self.table = table
        self.context = context
        self.maximumConnectionsPerCapability = maximumConnectionsPerCapability
    }

    func run(_ request: CommandRequest, respond: @escaping @Sendable (CommandOutcome) -> Void) {
        guard let command = table[request.entry.number] else { return respond(.refuse(reason: "unknown command")) }
        context.log.debug(
            "command",
            metadata: [
                "command": "\(CommandNumber(rawValue: request.entry.number).name)", "peer": "\(request.peer)",
                "user": "\(request.session.identity.user)",
            ])
        command.run(request) { outcome in
            if case .refuse(let reason) = outcome { self.refused(Self.refusal(reason, request)) }
            respond(outcome)
        }
    }

    func store(_ session: SecuritySession, stored: @escaping @Sendable (Bool) -> Void) {
        let context = context
        context.store.write([.putSession(StoredSession(session))], durability: .durable) { result in
            switch result {
            case .success:
                // The capability may have been revoked while the session was written.
                if let id = session.capabilityID, !context.ledger.isValid(capabilityID: id, now: context.clock()) {
                    context.store.write([.removeSession(id: session.id)], durability: .soft)
                    return stored(false)
                }
                context.figures.sessionsCreated.add(1, ordering: .relaxed)
                let dropped = context.sessions.insert(session)
                context.store.write(dropped.map { .removeSession(id: $0) }, durability: .soft)
                stored(true)
            case .failure(let error):
                context.log.error("session could not be stored", metadata: ["error": "\(error)"])
                stored(false)
            }
        }
    }

    func cache(_ session: SecuritySession) { _ = context.sessions.insert(session) }

    func refused(_ refusal: ConnectionRefusal) {
        context.figures.refusals.add(1, ordering: .relaxed)
        context.refusals.log(refusal, now: context.clock())
    }

    func methodFailed(_ refusal: ConnectionRefusal) {
        context.log.info("authentication method failed, another succeeded", metadata: RefusalLog.metadata(of: refusal))
    }

    func prepare(for peer: PeerAddress, on loop: any EventLoop) -> EventLoopFuture<Void>? {
        context.authority.names?.prepare(peer.host, on: loop)
    }

    func objection(to session: SecuritySession, open: Int) -> String? {
        guard let capability = session.capabilityID else { return nil }
        guard context.ledger.isValid(capabilityID: capability, now: context.clock()) else {
            return "the capability has ended"
        }
        return open > maximumConnectionsPerCapability ? "too many connections of this capability" : nil
    }

    /// The machine closes the connection without a word; what only the command knows is told here.
    private static func refusal(_ reason: String, _ request: CommandRequest) -> ConnectionRefusal {
        ConnectionRefusal(
            peer: request.peer, reason: reason,
            metadata: [
                "command": CommandNumber(rawValue: request.entry.number).name, "user": request.session.identity.user,
                "capability": request.session.capabilityID ?? "-",
            ])
    }
}
