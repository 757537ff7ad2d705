import ArgumentParser
import CEDAR
import ClassAds
import CondorSecurity
import FlockSimCore
import NIOCore
import NIOPosix

/// `flocksim schedd`: a schedd with a queue of jobs, which flocks to the broker.
struct ScheddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedd",
        abstract: "A schedd that advertises its jobs to the broker, negotiates, claims slots and lets jobs run.")

    @Option(help: "The broker, host:port.")
    var broker: String

    @Option(help: "JSON file with the jobs: an array of objects with owner, count, duration, flockTarget, ...")
    var jobs: String

    @Option(help: "The broker's name in FLOCK_COLLECTOR_HOSTS; empty for a home collector (default: --broker).")
    var poolName: String?

    @Option(help: "Name of the schedd.")
    var name = "ap@\(hostName)"

    @Option(help: "UID_DOMAIN, which makes users of owners.")
    var uidDomain = hostName

    @Flag(help: "Set START_VANILLA_UNIVERSE to the exclusive gate.")
    var gate = false

    @Option(help: "Set START_VANILLA_UNIVERSE to this expression.")
    var gateExpression: String?

    @Flag(help: "Set FLOCK_BY_DEFAULT to false.")
    var noFlockByDefault = false

    @Option(help: "Seconds between updates.")
    var interval: Int64 = 5

    @Option(help: "The address to listen at.")
    var listen = "127.0.0.1"

    @Option(help: "Stop when nothing was matched, claimed or run for so many seconds.")
    var untilIdle: Double?

    @Option(help: "Authenticate with CLAIMTOBE as this user instead of FS; for test servers.")
    var claimToBe: String?

    func validate() throws {
        guard Sinful("<\(broker)>")?.port != nil else { throw ValidationError("--broker is not host:port") }
    }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let gateText = gateExpression ?? (gate ? Gate.exclusive : nil)
        let settings = ScheddDaemon.Settings(
            name: name, machine: hostName, listenHost: listen,
            link: BrokerLink.Settings(
                broker: Sinful("<\(broker)>") ?? Sinful(host: nil, port: nil),
                credentials: ClientCredentials(answersFS: claimToBe == nil, claimedUser: claimToBe),
                policy: SecurityPolicy(methods: [claimToBe == nil ? .fs : .claimToBe]), group: group),
            uidDomain: uidDomain, pool: poolName ?? broker, flockByDefault: !noFlockByDefault,
            gate: try gateText.map { try Gate($0) }, interval: interval)
        let schedd = try await ScheddDaemon(settings, jobs: try JobFile.jobs(in: jobs))
        await schedd.start()
        let idleLimit = untilIdle
        await untilSignalled {
            EventPrinter.shared.print(SimulationEvent(.ready, address: schedd.address))
            await schedd.run(idleLimit: idleLimit)
        }
        await schedd.shutdown()
        try await group.shutdownGracefully()
    }
}
