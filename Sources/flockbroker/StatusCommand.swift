import ArgumentParser
import CEDAR
import ClassAds

/// What the broker says of itself.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows the broker: its version, what it serves, and its health.")

    @OptionGroup var broker: BrokerOptions
    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() async throws {
        let reply = try await BrokerClient(address: broker.address()).request(.flockBrokerStatus)
        if json { return Output.json(reply) }
        for name in reply.names.sorted() where name != "Result" {
            Output.line("\(name): \(reply[name]?.text(.old) ?? "")")
        }
    }
}
