import ArgumentParser
import Configuration
import Foundation

/// Which configuration a command looks at: the same sources as the daemon's.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: .long, help: "A file with the broker's settings; may be repeated.")
    var config: [String] = []

    @Option(name: .customLong("set"), help: "One setting, NAME=value; may be repeated.")
    var assignments: [String] = []

    /// The configuration of these sources.
    ///
    /// - Throws: ``Failure`` naming everything that is wrong with it.
    func read() throws -> BrokerConfiguration {
        let sources: [ConfigurationSource] =
            config.map { .file(path: $0) } + [
                .environment(ProcessInfo.processInfo.environment), .arguments(assignments),
            ]
        let configuration: BrokerConfiguration
        do {
            configuration = BrokerConfiguration(try ConfigurationReader.read(sources))
        } catch {
            throw Failure(message: error.description, code: ExitStatus.failure)
        }
        for remark in configuration.remarks { Output.error("\(remark)") }
        guard configuration.isValid else {
            throw Failure(message: "the configuration cannot be used", code: ExitStatus.failure)
        }
        return configuration
    }

    /// The full name of this host, which stands for the domain of users where none is configured.
    static var hostName: String { ProcessInfo.processInfo.hostName.lowercased() }
}
