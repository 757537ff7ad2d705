import ArgumentParser

/// Simulated peers of the broker that speak HTCondor's real wire.
@main
struct Flocksim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flocksim",
        abstract: "Simulated masters, startds and a schedd, for demonstrations, tests and load.",
        discussion: """
            Events are printed on standard output, one JSON object a line. The first one of a program that serves is \
            {"event":"ready","address":"<...>"}; the last one is its summary. `load` prints its figures instead.
            """,
        subcommands: [PilotsCommand.self, ScheddCommand.self, LoadCommand.self])
}
