import ArgumentParser
import CEDAR
import CondorSecurity
import Cryptography
import NIOCore
import NIOPosix

/// `flocksim load`: measures what a server spends on a given load.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Load for a broker or a condor_collector, with what the server spent on it.",
        discussion: """
            The workloads run in the order given; for each one line of JSON tells how many operations there were, the \
            server's processor seconds (children it has waited for included), ours, the time it took and the server's \
            resident memory. U1 to U6, Q1 to Q7 and M1 to M3 want the ads of U1; the exit status is 1 if a \
            server answered wrongly.

            \(Workload.allCases.map { "\($0.rawValue): \($0.summary)" }.joined(separator: "\n"))
            """)

    @Argument(help: "What to do.")
    var workloads: [Workload]

    @Option(help: "The server, host:port.")
    var server: String

    @Option(help: "The server's process.")
    var pid: Int32

    @Option(help: "A file with ads; the first one is the pattern of all slots.")
    var ad: String?

    @Option(name: .customShort("n"), help: "How many slots.")
    var slots = 10_000

    @Option(help: "How many operations a workload of single connections has.")
    var count = 500

    @Option(help: "How many connections are kept: for U3, T and C.")
    var connections = 1000

    @Option(help: "How many connections are being opened at the same time.")
    var parallel = 8

    @Option(help: "Updates per second of M1 to M3.")
    var rate = 2000

    @Option(help: "Seconds that M1 to M3 last.")
    var seconds = 10

    @OptionGroup var identity: LoadIdentity

    func validate() throws {
        guard Sinful("<\(server)>")?.port != nil else { throw ValidationError("--server is not host:port") }
        guard slots > 0, count > 0, connections > 0, parallel > 0, rate > 0, seconds > 0 else {
            throw ValidationError("numbers must be positive")
        }
        if ad == nil, workloads.contains(where: \.needsAds) { throw ValidationError("--ad is missing") }
    }

    func run() async throws {
        guard var address = Sinful("<\(server)>") else { return }
        if let alias = identity.alias { try address.set("alias", to: alias) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let load = Load(
            target: LoadTarget(address: address, loop: group.next()), meter: ServerMeter(pid: pid),
            credentials: try identity.credentials(),
            ads: try ad.map { try SlotPattern(path: $0) }, slots: slots, count: count, connections: connections,
            parallel: parallel, rate: rate, seconds: seconds)
        var isRight = true
        for workload in workloads {
            for measurement in try await load.run(workload) {
                measurement.print()
                isRight = isRight && measurement.isRight
            }
        }
        try await group.shutdownGracefully()
        if !isRight { throw ExitCode(1) }
    }
}

/// Who the load comes from.
struct LoadIdentity: ParsableArguments {
    @Option(help: "How connections authenticate: fs, idtokens, ssl or scitokens.")
    var method = "fs"

    @Option(help: "Files with tokens, for idtokens and scitokens; connections take turns.")
    var token: [String] = []

    @Option(help: "The certificates that ssl and scitokens trust, PEM.")
    var authority: String?

    @Option(help: "The name that the server's certificate must show.")
    var alias: String?

    func validate() throws {
        let method = try parsedMethod
        if method == .idTokens || method == .sciTokens, token.isEmpty { throw ValidationError("--token is missing") }
        if method == .ssl || method == .sciTokens, authority == nil { throw ValidationError("--authority is missing") }
    }

    private var parsedMethod: AuthenticationMethod {
        get throws {
            guard let method = AuthenticationMethod(name: method.uppercased()) else {
                throw ValidationError("unknown method \(method)")
            }
            return method
        }
    }

    /// What connections prove themselves with, one for each token.
    func credentials() throws -> [LoadCredentials] {
        let method = try parsedMethod
        var credentials = ClientCredentials(answersFS: method == .fs)
        if let authority {
            let context = try TLSContext.client(trustPEM: nil, trustFile: authority)
            credentials.tls = ClientCredentials.TLS { _ throws(TLSFailure) in try context.makeEngine(.client) }
        }
        guard !token.isEmpty else { return [LoadCredentials(credentials: credentials, method: method)] }
        return try token.map { path in
            let text = try firstLine(of: path)
            var own = credentials
            if method == .sciTokens {
                own.bearerToken = SecretBytes(text.utf8)
            } else {
                own.idTokens = [try IDToken(parsing: text)]
            }
            return LoadCredentials(credentials: own, method: method)
        }
    }
}
