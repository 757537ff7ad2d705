import CEDAR
import CondorNet
import CondorSecurity
import NIOCore

/// Calls other daemons in sessions that they gave us: capabilities of schedds, administration capabilities of masters.
///
/// Source: spec 02, 10.4.
struct DaemonCaller: Sendable {
    let group: any EventLoopGroup
    let clock: @Sendable () -> Int64
    /// Our own address, for the peer's log.
    let ownAddress: @Sendable () -> String
    /// For connecting, the handshake, and each answer.
    var timeout: TimeAmount = .seconds(30)

    /// Opens a connection for one command in the session behind a claim id or capability.
    ///
    /// - Throws: ``CondorNetError``, or ``SecurityRefusal`` when the daemon does not know the session.
    func open(_ command: CommandNumber, at address: Sinful, with capability: ClaimID) async throws -> CondorConnection {
        guard let session = SecuritySession(importing: capability, peer: Self.peerName, now: clock()) else {
            throw SecurityRefusal(.sessionNotFound, command: command.rawValue, "no AES session behind the capability")
        }
        return try await CondorConnection.open(
            to: address,
            handshake: { server in
                ClientHandshake(
                    command: command, policy: SecurityPolicy(methods: []), resume: session,
                    connectSinful: address.description, server: server,
                    description: ClientHandshake.Description(subsystem: "NEGOTIATOR", commandSinful: ownAddress()))
            },
            group: group, limits: Self.limits, timeout: timeout, clock: clock)
    }

    /// Daemons answer with lists of jobs and short replies; none of them comes near this size.
    private static let limits = StreamLimits(maximumMessageBytes: 4 << 20)

    /// What the other party is to us; nobody is asked for a name in such a session (spec 02, 10.5).
    private static let peerName = "daemon-side@matchsession"
}
