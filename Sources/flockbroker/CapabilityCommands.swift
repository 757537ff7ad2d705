import ArgumentParser
import CEDAR
import ClassAds

/// The verbs of `flockbroker capability`.
struct CapabilityCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capability", abstract: "Capabilities: list, revoke.", subcommands: [List.self, Revoke.self])

    /// All capabilities the caller may see, by public id.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists capabilities by public id.")

        @OptionGroup var broker: BrokerOptions
        @Flag(help: "Print the result as JSON.")
        var json = false

        func run() async throws {
            let reply = try await BrokerClient(address: broker.address()).request(.flockCapabilityList)
            let rows = reply.nestedAds("Capabilities")
            if json { return Output.json(rows) }
            Output.table(
                ["ID", "ANNEX", "OWNER", "METHOD", "STATE", "UNTIL"],
                rows.map { row in
                    [
                        row.string("CapabilityId") ?? "?", row.string("AnnexName") ?? "?",
                        row.string("Owner") ?? "?", row.string("Method") ?? "?", row.string("State") ?? "?",
                        Output.time(row.integer("ExpiresAt")),
                    ]
                })
        }
    }

    /// Ends a capability at once and for good.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revokes a capability: its sessions, connections and ads end at once.")

        @OptionGroup var broker: BrokerOptions
        @Argument(help: "The capability's public id.")
        var id: String

        func run() async throws {
            _ = try await BrokerClient(address: broker.address())
                .request(.flockCapabilityRevoke, ["CapabilityId": Expression(id)])
            Output.line("capability \(id) is revoked")
        }
    }
}
