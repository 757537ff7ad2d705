import ArgumentParser
import BrokerServer
import CondorSecurity
import Configuration
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// The daemon: reads its settings, and runs the broker until it is told to stop.
@main
struct FlockBrokerDaemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flockbrokerd",
        abstract: "Serves annexes beside an HTCondor access point.",
        discussion: """
            Settings come from the files named with --config, from the environment (_CONDOR_NAME=value) and from the \
            options below, later ones over earlier ones. When it serves, the daemon prints one line of JSON with its \
            address to standard output; its log goes to standard error. SIGTERM and SIGINT stop it.
            """)

    @Option(name: .long, help: "A file with settings, NAME = value; may be repeated.")
    var config: [String] = []

    @Option(name: .long, help: "The directory of everything that survives a restart.")
    var stateDirectory: String?

    @Option(name: .long, help: "The local address to listen on, host:port; port 0 lets the system choose one.")
    var listen: String?

    @Option(name: .long, help: "The domain of local accounts.")
    var uidDomain: String?

    @Option(name: .customLong("set"), help: "One setting, NAME=value; may be repeated.")
    var assignments: [String] = []

    func run() async throws {
        let configuration = try readConfiguration()
        OpenFiles.raiseLimit()
        let logFile = configuration[Settings.logFile]
        guard let descriptor = logFile.isEmpty ? 2 : LineLogHandler.open(logFile) else {
            throw ValidationError("cannot write the log file \(logFile)")
        }
        var log = Logger(label: "flockbrokerd") { _ in LineLogHandler(level: .info, descriptor: descriptor) }
        log.logLevel = Logger.Level(rawValue: configuration[Settings.logLevel].rawValue) ?? .info
        for remark in configuration.remarks + configuration.testRemarks {
            log.log(level: remark.severity == .warning ? .warning : .critical, "\(remark)")
        }
        let (map, problems) = configuration.identityMap()
        for problem in problems { log.log(level: problem.severity == .error ? .critical : .warning, "\(problem)") }
        guard configuration.isValid, !problems.contains(where: { $0.severity == .error }) else { throw ExitCode(1) }
        var settings = BrokerSettings(configuration, map: map)
        settings.inheritSessions(configuration)
        let broker = Broker(settings: settings, log: log, ready: announce)
        do {
            try await ServiceGroup(
                configuration: .init(
                    services: [.init(service: broker, successTerminationBehavior: .gracefullyShutdownGroup)],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
            ).run()
        } catch {
            log.critical("the broker cannot run", metadata: ["error": "\(error)"])
            throw ExitCode(1)
        }
    }

    private func readConfiguration() throws -> BrokerConfiguration {
        var arguments = assignments
        if let stateDirectory { arguments.append("\(Settings.stateDirectory.name)=\(absolute(stateDirectory))") }
        if let listen { arguments.append("\(Settings.host.name)=\(listen)") }
        if let uidDomain { arguments.append("\(Settings.uidDomain.name)=\(uidDomain)") }
        let sources: [ConfigurationSource] =
            config.map { .file(path: $0) } + [.environment(ProcessInfo.processInfo.environment), .arguments(arguments)]
        do {
            return BrokerConfiguration(try ConfigurationReader.read(sources))
        } catch {
            throw ValidationError(error.description)
        }
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// The one line of standard output: for scripts that wait until the broker serves.
    @Sendable private func announce(_ address: String) {
        FileHandle.standardOutput.write(Data("{\"event\":\"ready\",\"address\":\"\(address)\"}\n".utf8))
    }
}
