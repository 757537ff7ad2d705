import ArgumentParser
import CEDAR
import ClassAds
import CondorSecurity
import Cryptography
import FlockSimCore
import Foundation
import NIOCore
import NIOPosix

/// `flocksim pilots`: the nodes of an annex.
struct PilotsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pilots",
        abstract: "Masters and startds that register with the broker as the nodes of an annex do.",
        discussion: """
            The directory is one that `flockbroker annex create` has written: *.conf files with configuration lines, \
            and the credential that they name.
            """)

    @Option(help: "The broker, host:port, instead of the one in the configuration.")
    var broker: String?

    @Option(help: "Directory with the pilot's configuration and credential.")
    var pilotDirectory: String

    @Option(help: "How many nodes.")
    var nodes = 1

    @Option(help: "Names of nodes begin with this.")
    var namePrefix = "node"

    @Option(help: "Processor cores of a node.")
    var cpus: Int64 = 4

    @Option(help: "Memory of a node, MiB.")
    var memory: Int64 = 4096

    @Option(help: "Disk of a node, KiB.")
    var disk: Int64 = 10_000_000

    @Option(help: "Divide each node into so many equal slots instead of one partitionable slot.")
    var fixedSlots: Int?

    @Flag(help: "Use START = true instead of the configured expression.")
    var startTrue = false

    @Option(help: "Use this START expression.")
    var start: String?

    @Option(help: "Claim to belong to this annex.")
    var claimAnnex: String?

    @Option(help: "NAME=EXPRESSION: advertise this attribute, whatever the configuration says; may be repeated.")
    var attribute: [String] = []

    @Option(help: "Seconds between updates (default: UPDATE_INTERVAL of the configuration).")
    var interval: Int64?

    @Option(help: "The address to listen at.")
    var listen = "127.0.0.1"

    func validate() throws {
        guard 1...100_000 ~= nodes else { throw ValidationError("--nodes must be 1 to 100000") }
        guard 1...1024 ~= fixedSlots ?? 1 else { throw ValidationError("--fixed-slots must be 1 to 1024") }
    }

    func run() async throws {
        let pilot = try PilotFiles(directory: pilotDirectory)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let link = BrokerLink.Settings(
            broker: try pilot.address(overriddenBy: broker), credentials: try pilot.credentials(),
            policy: try pilot.policy(), group: group)
        let lies = try self.lies()
        let nodes = try await withThrowingTaskGroup(of: PilotNode.self) { tasks in
            for number in 1...self.nodes {
                let settings = nodeSettings(number, pilot.settings, lies, link)
                tasks.addTask { try await PilotNode.make(settings) }
            }
            return try await tasks.reduce(into: [PilotNode]()) { $0.append($1) }
        }
        await Self.forEach(nodes, atOnce: Self.maximumHandshakes) { await $0.start() }
        await untilSignalled {
            EventPrinter.shared.print(
                SimulationEvent(.ready, address: nodes.first?.address, counts: ["nodes": nodes.count]))
            await Self.forEach(nodes) { await $0.run() }
        }
        await Self.forEach(nodes) { await $0.shutdown(.graceful) }
        var jobs = 0
        for node in nodes { jobs += await node.jobCount }
        EventPrinter.shared.print(SimulationEvent(.summary, counts: ["nodes": nodes.count, "jobs": jobs]))
        try await group.shutdownGracefully()
    }

    private func nodeSettings(
        _ number: Int, _ settings: PilotSettings, _ lies: ClassAd, _ link: BrokerLink.Settings
    ) -> PilotNode.Settings {
        var startdAttributes = settings.startdAttributes
        var masterAttributes = settings.masterAttributes
        startdAttributes.merge(lies)
        masterAttributes.merge(lies)
        return PilotNode.Settings(
            name: "\(namePrefix)\(number)", listenHost: listen, link: link,
            resources: SlotResources(cpus: cpus, memory: memory, disk: disk),
            layout: fixedSlots.map { .fixed($0) } ?? .partitionable,
            start: start ?? (startTrue ? "true" : settings.start), startdAttributes: startdAttributes,
            masterAttributes: masterAttributes, collectorText: settings.collectorText,
            interval: max(interval ?? settings.updateInterval, 1), stopTime: settings.stopTime)
    }

    /// What is advertised against the configuration.
    private func lies() throws -> ClassAd {
        var ad = ClassAd()
        if let claimAnnex { ad.set(AttributeName.annexName, claimAnnex) }
        for line in attribute {
            do {
                try ad.insert(line: line)
            } catch {
                throw ValidationError("--attribute \(line): \(error)")
            }
        }
        if let start {
            do {
                _ = try ClassAds.Expression(parsing: start, syntax: .old)
            } catch {
                throw ValidationError("--start is not an expression: \(error)")
            }
        }
        return ad
    }

    /// How many nodes register at the same time.
    private static let maximumHandshakes = 64

    private static func forEach(
        _ nodes: [PilotNode], atOnce limit: Int = .max, _ body: @escaping @Sendable (PilotNode) async -> Void
    ) async {
        await withTaskGroup(of: Void.self) { tasks in
            for (index, node) in nodes.enumerated() {
                if index >= limit { await tasks.next() }
                tasks.addTask { await body(node) }
            }
        }
    }
}

/// The files of a pilot directory.
struct PilotFiles {
    /// What the configuration says.
    let settings: PilotSettings

    /// Reads the configuration lines of a directory: its `*.conf` files in the order of their names.
    init(directory: String) throws {
        let root = URL(fileURLWithPath: directory).standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "conf" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        guard !files.isEmpty else { throw ValidationError("no *.conf file in \(directory)") }
        var lines = ConfigurationLines()
        lines.set("LOCAL_DIR", root.path)
        for file in files { lines.read(try String(contentsOf: file, encoding: .utf8)) }
        settings = try PilotSettings(lines)
    }

    /// The broker; another host and port keep the name that its certificate must show.
    func address(overriddenBy broker: String?) throws -> Sinful {
        guard let broker else { return settings.collector }
        guard var address = Sinful("<\(broker)>"), address.port != nil else {
            throw ValidationError("--broker is not host:port")
        }
        if let alias = settings.collector.alias { try address.set("alias", to: alias) }
        return address
    }

    /// What the pilot proves itself with.
    func credentials() throws -> ClientCredentials {
        var credentials = ClientCredentials(answersFS: false)
        if let path = settings.bearerFile { credentials.bearerToken = SecretBytes(try firstLine(of: path).utf8) }
        if let path = settings.authorityFile {
            let context = try TLSContext.client(trustPEM: nil, trustFile: path)
            credentials.tls = ClientCredentials.TLS { _ throws(TLSFailure) in try context.makeEngine(.client) }
        }
        if let directory = settings.tokenDirectory {
            for name in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
                credentials.idTokens.append(try IDToken(parsing: try firstLine(of: "\(directory)/\(name)")))
            }
        }
        return credentials
    }

    /// The configured methods; authentication and encryption are required, as in every pilot.
    func policy() throws -> SecurityPolicy {
        SecurityPolicy(
            methods: try settings.methods.map { name in
                guard let method = AuthenticationMethod(name: name) else {
                    throw ValidationError("unknown authentication method \(name)")
                }
                return method
            })
    }
}

/// The first line of a token file that is neither blank nor a comment (spec 03, 4.2).
func firstLine(of path: String) throws -> String {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let line = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        .first { !$0.isEmpty && !$0.hasPrefix("#") }
    guard let line else { throw ValidationError("\(path) is empty") }
    return line
}
