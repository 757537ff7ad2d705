import ArgumentParser
import Configuration

/// The verbs of `flockbroker config`.
struct ConfigCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The broker's settings.", subcommands: [Reference.self])

    /// Prints the manual page of all settings.
    struct Reference: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints every setting with its default, as Markdown.")

        func run() { Output.text(settingsReference()) }
    }
}
