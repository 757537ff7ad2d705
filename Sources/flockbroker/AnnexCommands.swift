import ArgumentParser
import CEDAR
import ClassAds
import NIOCore

/// The verbs of `flockbroker annex`.
struct AnnexCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "annex", abstract: "Annexes: create, list, show, shut down.",
        subcommands: [Create.self, List.self, Status.self, Shutdown.self])

    /// Makes an annex, its first request and its capability, and the directory a pilot needs.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Creates an annex and a directory with everything its pilots need.")

        @OptionGroup var broker: BrokerOptions
        @Argument(help: "The annex's name; jobs ask for it with FlockTarget.")
        var name: String
        @Option(help: "How long pilots may use it, for example 90m, 8h, 3d. Default: the broker's, 24h.")
        var lifetime: String?
        @Option(help: "How pilots prove themselves: scitokens or idtokens.")
        var method = "scitokens"
        @Option(help: "Create it for this user; for administrators.")
        var owner: String?
        @Option(help: "Where to write the pilot's files. Default: ./NAME.annex")
        var directory: String?
        @Flag(help: "Print the result as JSON.")
        var json = false

        func run() async throws {
            var request: ClassAd = ["AnnexName": Expression(name), "Method": Expression(method.uppercased())]
            if let lifetime {
                guard let seconds = TimeSpan.seconds(lifetime) else {
                    throw ValidationError("not a time: \(lifetime); write 90m, 8h or 3d")
                }
                request.set("Lifetime", seconds)
            }
            if let owner { request.set("Owner", owner) }
            let target = directory ?? "\(name).annex"
            let client = BrokerClient(address: try broker.address())
            let files = PilotDirectory(path: target)
            try files.prepare()
            var reply: ClassAd
            do {
                reply = try await client.request(.flockAnnexCreate, request)
            } catch {
                files.discard()
                throw error
            }
            try files.write(reply)
            if json {
                for hidden in ["_condor_privCapability", "PilotConfiguration", "CaCertificate"] { reply[hidden] = nil }
                reply.set("Directory", target)
                return Output.json(reply)
            }
            Output.line(
                "annex \(name) of \(reply.string("Owner") ?? "?"), until \(Output.time(reply.integer("ExpiresAt")))")
            Output.line("capability \(reply.string("CapabilityId") ?? "?")")
            Output.line("pilot files in \(target); copy them to the cluster and keep them private")
        }
    }

    /// All annexes the caller may see.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists annexes.")

        @OptionGroup var broker: BrokerOptions
        @Flag(help: "Print the result as JSON.")
        var json = false

        func run() async throws {
            let reply = try await BrokerClient(address: broker.address()).request(.flockAnnexList)
            let rows = reply.nestedAds("Annexes")
            if json { return Output.json(rows) }
            Output.table(
                ["NAME", "OWNER", "STATE", "MASTERS", "SLOTS", "CLAIMED", "UNTIL"],
                rows.map { row in
                    [
                        row.string("AnnexName") ?? "?", row.string("Owner") ?? "?", row.string("State") ?? "?",
                        row.number("Masters"), row.number("Slots"), row.number("ClaimedSlots"),
                        Output.time(row.integer("ExpiresAt")),
                    ]
                })
        }
    }

    /// One annex in detail.
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one annex with its slots.")

        @OptionGroup var annex: NamedAnnex

        func run() async throws {
            let reply = try await annex.client().request(.flockAnnexStatus, annex.request)
            let slots = reply.nestedAds("SlotAds")
            if annex.json {
                var whole = reply
                whole["SlotAds"] = nil
                return Output.json([whole] + slots)
            }
            Output.line(
                "annex \(annex.name) of \(reply.string("Owner") ?? "?"): \(reply.string("State") ?? "?"), "
                    + "until \(Output.time(reply.integer("ExpiresAt")))")
            Output.table(
                ["SLOT", "STATE", "ACTIVITY", "CPUS", "MEMORY", "USER", "JOB"],
                slots.map { slot in
                    [
                        slot.string("Name") ?? "?", slot.string("State") ?? "?", slot.string("Activity") ?? "?",
                        slot.number("Cpus"), slot.number("Memory"), slot.string("RemoteUser") ?? "-",
                        slot.string("JobId") ?? "-",
                    ]
                })
        }
    }

    /// Stops every master of an annex.
    struct Shutdown: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Closes an annex and stops its masters.",
            discussion: "Exit status 6 when some masters could not be told yet; they are told when they report again.")

        @OptionGroup var annex: NamedAnnex

        func run() async throws {
            let reply = try await annex.client().request(.flockAnnexShutdown, annex.request, within: .seconds(90))
            let masters = reply.nestedAds("Masters")
            if annex.json {
                Output.json(masters)
            } else {
                Output.line("annex \(annex.name) of \(reply.string("Owner") ?? "?") is closed")
                Output.table(
                    ["MASTER", "STATE", "DETAIL"],
                    masters.map { [$0.string("Name") ?? "?", $0.string("State") ?? "?", $0.string("Detail") ?? ""] })
            }
            if reply.boolean("Complete") != true { throw ExitStatus.partial }
        }
    }
}

/// What every verb about one annex takes.
struct NamedAnnex: ParsableArguments {
    @OptionGroup var broker: BrokerOptions
    @Argument(help: "The annex's name.")
    var name: String
    @Option(help: "The annex's owner; for administrators.")
    var owner: String?
    @Flag(help: "Print the result as JSON.")
    var json = false

    /// The request that names it.
    var request: ClassAd {
        var request: ClassAd = ["AnnexName": Expression(name)]
        if let owner { request.set("Owner", owner) }
        return request
    }

    func client() throws -> BrokerClient { BrokerClient(address: try broker.address()) }
}

extension ClassAd {
    /// The ads of a list-valued attribute.
    func nestedAds(_ name: String) -> [ClassAd] {
        guard case .list(let list) = evaluate(name) else { return [] }
        return list.values().compactMap { if case .classAd(let value) = $0 { value.ad } else { nil } }
    }

    /// An integer as text, or `-`.
    func number(_ name: String) -> String { integer(name).map(String.init) ?? "-" }
}
