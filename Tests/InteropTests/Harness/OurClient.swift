import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Foundation
import NIOCore
import NIOPosix

/// Our own client in conversation with a server, whoever's that is.
struct OurClient: Sendable {
    let address: Sinful
    var credentials: ClientCredentials

    /// What one command came to.
    struct Outcome {
        var session: SecuritySession
        var validCommands: [CommandNumber]
        var ads: [ClassAd]
    }

    /// Asks whether we may (`DC_SEC_QUERY`), and gives the session and the reply.
    func ask(
        about command: CommandNumber, _ methods: [AuthenticationMethod], wish: Wish = .required,
        resume: SecuritySession? = nil
    ) async throws -> Outcome {
        let connection = try await open(.securityQuery, about: command, methods, wish, resume)
        defer { connection.close() }
        var reply = try await connection.receive()
        return Outcome(
            session: connection.session, validCommands: connection.validCommands, ads: [try reply.readClassAd()])
    }

    /// The ads of a collector about itself.
    func query(
        _ methods: [AuthenticationMethod], wish: Wish, resume: SecuritySession? = nil
    ) async throws -> Outcome {
        let connection = try await open(.queryCollectorAds, about: nil, methods, wish, resume)
        defer { connection.close() }
        try await connection.send {
            let query: ClassAd = ["MyType": "Query", "TargetType": "Collector", "Requirements": true]
            $0.write(query)
        }
        var ads: [ClassAd] = []
        var reader = try await connection.receive()
        while try reader.readInteger() == 1 {
            ads.append(try reader.readClassAd())
            if reader.isAtEnd { reader = try await connection.receive() }
        }
        return Outcome(session: connection.session, validCommands: connection.validCommands, ads: ads)
    }

    private func open(
        _ command: CommandNumber, about authCommand: CommandNumber?, _ methods: [AuthenticationMethod], _ wish: Wish,
        _ resume: SecuritySession?
    ) async throws -> CondorConnection {
        let (address, credentials) = (address, credentials)
        return try await CondorConnection.open(
            to: address,
            handshake: { server in
                ClientHandshake(
                    command: command, authCommand: authCommand, credentials: credentials,
                    policy: SecurityPolicy(authentication: wish, methods: methods), resume: resume,
                    connectSinful: address.description, server: server)
            },
            group: NIOSingletons.posixEventLoopGroup, clock: { Int64(Date().timeIntervalSince1970) })
    }
}
