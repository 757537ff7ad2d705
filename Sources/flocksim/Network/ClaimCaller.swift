import CEDAR
import CondorNet
import CondorSecurity
import FlockSimCore
import NIOCore

/// Calls another daemon in the session of a claim (spec 02, 10.4).
struct ClaimCaller: Sendable {
    /// Why a call was not even tried.
    enum Failure: Error {
        case badAddress
        case noSession
    }

    let group: any EventLoopGroup
    let daemon: ClientHandshake.Description
    /// The name under which the peers of this role appear.
    let peerUser: String

    /// Opens a connection for one command.
    func open(_ command: CommandNumber, at address: String, claim: ClaimID) async throws -> CondorConnection {
        guard let sinful = Sinful(address) else { throw Failure.badAddress }
        guard let session = SecuritySession(importing: claim, peer: peerUser, now: currentTime()) else {
            throw Failure.noSession
        }
        let daemon = daemon
        return try await CondorConnection.open(
            to: sinful,
            handshake: { server in
                ClientHandshake(
                    command: command, policy: SecurityPolicy(methods: []), resume: session, connectSinful: address,
                    server: server, description: daemon)
            },
            group: group, clock: currentTime)
    }

    /// Sends the claim id alone, for commands that have no more payload and no answer.
    func notify(_ command: CommandNumber, at address: String, claim: ClaimID) async throws {
        let connection = try await open(command, at: address, claim: claim)
        defer { connection.close() }
        try await connection.send { try $0.writeSecret(claim.text) }
    }
}
