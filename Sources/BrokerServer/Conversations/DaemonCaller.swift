import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Cryptography
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
    /// - Throws: ``CondorNetError``, or ``ClientHandshakeError`` when the daemon does not know the session.
    func open(_ command: CommandNumber, at address: Sinful, with capability: ClaimID) async throws -> CondorConnection {
        let now = clock()
        let handshake = ClientHandshake(
            command: command, credentials: ClientCredentials(),
            policy: SecurityPolicy(methods: [], sessionLease: 0),
            resume: SecuritySession(importing: capability, user: "matchsession", now: now),
            connectSinful: address.description, random: SystemRandom())
        return try await CondorConnection.open(
            to: address, handshake: handshake, group: group, timeout: timeout, clock: clock)
    }
}
