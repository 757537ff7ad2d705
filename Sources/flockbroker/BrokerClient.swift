import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Cryptography
import Glibc
import NIOCore
import NIOPosix

/// One request to the broker: a request ad goes out, a reply ad comes back.
struct BrokerClient {
    let address: Sinful

    /// Sends a request and waits for its reply.
    ///
    /// - Throws: ``Failure`` with the exit status that fits, also for a reply that reports an error.
    func request(
        _ command: CommandNumber, _ ad: ClassAd = ClassAd(), within limit: TimeAmount = .seconds(60)
    ) async throws -> ClassAd {
        let reply: ClassAd
        do {
            reply = try await exchange(command, ad, within: limit)
        } catch let error as Failure {
            throw error
        } catch let error as SecurityRefusal where error.kind != .connectionClosed {
            throw Failure(message: "the broker refused the connection: \(error)", code: ExitStatus.refused)
        } catch {
            throw Failure(message: "cannot reach the broker at \(address): \(error)", code: ExitStatus.unreachable)
        }
        guard reply.boolean("Result") == true else {
            throw Failure(
                message: reply.string("ErrorString") ?? "the broker gave no reason",
                code: ExitStatus.of(errorCode: reply.integer("ErrorCode") ?? 1))
        }
        return reply
    }

    private func exchange(_ command: CommandNumber, _ ad: ClassAd, within limit: TimeAmount) async throws -> ClassAd {
        let address = address
        let connection = try await CondorConnection.open(
            to: address,
            handshake: { server in
                ClientHandshake(
                    command: command, policy: .localTool, connectSinful: address.description, server: server)
            },
            group: NIOSingletons.posixEventLoopGroup, clock: { Int64(time(nil)) })
        defer { connection.close() }
        try await connection.send { $0.write(ad) }
        var reader = try await connection.receive(within: limit)
        return try reader.readClassAd()
    }
}

extension SecurityPolicy {
    /// What a person's tool on the access point asks for: to be known by the file system, and an encrypted answer.
    static let localTool = SecurityPolicy(
        methods: [.fs], sessionDuration: 60, sessionLease: 0)
}
