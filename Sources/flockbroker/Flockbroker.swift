import ArgumentParser
import Glibc

/// The command-line tool of administrators and of researchers.
@main
struct Flockbroker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flockbroker",
        abstract: "Creates, shows and ends annexes, and looks after the broker that serves them.",
        discussion: """
            Exit status: 0 success; 1 failure; 2 usage; 3 not found, or nothing to do; 4 refused; 5 broker \
            unreachable; 6 done for some nodes only.
            """,
        subcommands: [
            AnnexCommands.self, CapabilityCommands.self, StatusCommand.self, ConfigCommands.self, CACommands.self,
            MapCommands.self, AuthorizationCommands.self,
        ])

    /// Runs the command and turns its failures into messages and exit codes.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            Output.error("flockbroker: \(failure.message)")
            _exit(failure.code.rawValue)
        } catch {
            let status = exitCode(for: error)
            let text = fullMessage(for: error)
            if status.isSuccess { Output.line(text) } else { Output.error(text) }
            // ArgumentParser says 64 for a wrong command line; ours is 2, as documented.
            _exit(status == .validationFailure ? 2 : status.rawValue)
        }
    }
}
