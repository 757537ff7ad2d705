import Foundation
import Testing

/// `flockbroker annex shutdown`: who may order it, whom the broker tells, and what becomes of the order.
///
/// Source: decisions 13 and 14.
@Suite(.serialized) struct ShutdownTests {
    /// Exit statuses of the tool.
    private enum Status {
        static let done: Int32 = 0
        static let notFound: Int32 = 3
        static let refused: Int32 = 4
        static let partial: Int32 = 6
    }

    // MARK: Who

    @Test func ownerStopsEveryMasterOfHisAnnex() async throws {
        guard getuid() == 0 else { return }  // only root can become somebody else to try it
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("mine", as: "nobody")
        let pilots = try await Simulator.pilots(pilot, nodes: 3)
        try await broker.eventually("the masters") { try await $0.annex("mine").Masters == 3 }

        let (status, masters) = try await broker.shutdown("mine", as: "nobody")
        #expect(status == Status.done)
        Self.expect(masters, ["node1", "node2", "node3"], in: ["confirmed", "gone"])
        try await Self.expectStopped(pilots, masters: 3)
        let order = try #require(broker.logged("by", in: "annex shut down").first)
        #expect(order == "nobody@demo.example")
    }

    @Test func nobodyElseMayStopAnAnnex() async throws {
        guard getuid() == 0 else { return }  // only root can become somebody else to try it
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("mine", as: "nobody")
        let pilots = try await Simulator.pilots(pilot)
        try await broker.eventually("the master") { try await $0.annex("mine").Masters == 1 }
        let before = try await broker.annex("mine")

        // By its name alone it is an annex of the caller's own, which there is not.
        #expect(try await broker.shutdown("mine", as: "daemon").status == Status.notFound)
        #expect(try await broker.shutdown("mine", owner: "nobody", as: "daemon").status == Status.refused)
        #expect(try await broker.annex("mine") == before)
        #expect(before.State == "active")
        #expect(broker.logged("by", in: "annex shut down").isEmpty)
        #expect(pilots.process.isRunning)
        #expect(try !pilots.events.contains { $0.event == .shutdown })
    }

    @Test func administratorStopsAnybodysAnnexAndNoOther() async throws {
        let broker = try await RunningBroker()
        let alice = try await broker.createAnnex("demo", owner: "alice")
        let bob = try await broker.createAnnex("demo", owner: "bob")
        let stopped = try await Simulator.pilots(alice, nodes: 2)
        let spared = try await Simulator.pilots(bob, nodes: 2)
        try await broker.eventually("the masters") { try await $0.annexes().map(\.Masters) == [2, 2] }

        // Whose annex it is must be said if two users have one of this name.
        let ambiguous = try await broker.shutdown("demo")
        #expect(ambiguous.status == 1)
        let (status, masters) = try await broker.shutdown("demo", owner: "alice")
        #expect(status == Status.done)
        Self.expect(masters, ["node1", "node2"], in: ["confirmed", "gone"])
        try await Self.expectStopped(stopped, masters: 2)
        try await broker.eventually("the goodbyes") { broker in
            let rows = try await broker.annexes()
            return rows.map(\.State) == ["closed", "active"] && rows.map(\.Masters) == [0, 2]
                && rows.map(\.Slots) == [0, 2]
        }
        #expect(spared.process.isRunning)
        #expect(try await broker.shutdown("demo", owner: "carol").status == Status.notFound)
    }

    // MARK: What becomes of the nodes

    @Test func adsOfStoppedDaemonsVanish() async throws {
        let broker = try await RunningBroker()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let pilots = try await Simulator.pilots(pilot, nodes: 2, interval: 600)
        try await broker.eventually("the slots") { try await $0.annex("demo").Slots == 2 }
        #expect(try await broker.shutdown("demo", owner: "alice").status == Status.done)
        try await Self.expectStopped(pilots, masters: 2)
        try await broker.eventually("the goodbyes") { try await $0.status()["Masters"] == 0 }
        let left = try await client.query(broker, "Any", constraint: "AnnexName isnt undefined", projection: ["Name"])
        #expect(left.isEmpty)
        let (status, masters) = try await broker.shutdown("demo", owner: "alice")
        #expect(status == Status.done)
        Self.expect(masters, ["node1", "node2"], in: ["gone"])
    }

    @Test func jobsOfTheAnnexEndAndNoneStart() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let other = try await broker.createAnnex("other", owner: "alice")
        let pilots = try await Simulator.pilots(pilot, nodes: 2)
        // These will not hear of the end of their annex, and their slots stay on the books.
        let deaf = try await Simulator.pilots(pilot, prefix: "deaf")
        let spared = try await Simulator.pilots(other, prefix: "other")
        try await broker.eventually("the slots") { try await $0.annexes().map(\.Slots) == [3, 1] }
        let schedd = try await Simulator.schedd(
            broker, jobs: [Submission(owner: "alice", count: 2, duration: 300, flockTarget: "demo")])
        try await schedd.wait(for: .jobStarted, times: 2)
        deaf.process.signal(SIGKILL)
        try await deaf.process.waitForExit()

        #expect(try await broker.shutdown("demo", owner: "alice").status == Status.partial)
        try await Self.expectStopped(pilots, masters: 2)
        try await schedd.wait(for: .jobEvicted)
        let late = try await Simulator.schedd(
            broker, name: "late",
            jobs: [
                Submission(owner: "alice", count: 2, flockTarget: "demo"),
                Submission(owner: "alice", count: 2, flockTarget: "other"),
            ])
        try await late.wait(for: .jobFinished, times: 2)
        let rejected = try await late.first(.rejected) { $0.tag == "demo" }
        #expect(rejected.reason?.contains("shutting down") == true, "\(rejected)")
        #expect(try late.events.filter { $0.event == .matched }.allSatisfy { $0.annex == "other" })
        // A goodbye has no answer; only what the killed pilot has shown stays.
        let client = try RealClient()
        try await broker.eventually("the goodbyes") {
            let slots = try await client.query(
                $0, "Startd", constraint: "AnnexName == \"demo\"", projection: ["Machine"])
            return !slots.isEmpty && slots.allSatisfy { $0["Machine"]?.string?.hasPrefix("deaf") == true }
        }
        #expect(try spared.events.count { $0.event == .jobFinished } == 2)
    }

    // MARK: Who cannot be told

    @Test func masterThatCannotBeReachedIsToldWhenItRegisters() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let pilots = try await Simulator.pilots(pilot, prefix: "here")
        let killed = try await Simulator.pilots(pilot, prefix: "away")
        try await broker.eventually("the masters") { try await $0.annex("demo").Masters == 2 }
        killed.process.signal(SIGKILL)
        try await killed.process.waitForExit()

        let (status, masters) = try await broker.shutdown("demo", owner: "alice")
        #expect(status == Status.partial)
        Self.expect(masters.filter { $0.Name == "here1" }, ["here1"], in: ["confirmed", "gone"])
        // Not told yet, with the reason, and to be told: pending, or failed once and to be tried again.
        Self.expect(masters.filter { $0.Name == "away1" }, ["away1"], in: ["pending", "failed"])
        #expect(masters.first { $0.Name == "away1" }?.Detail.isEmpty == false)
        try await Self.expectStopped(pilots, masters: 1)

        // The order waits: for the same node, and for one that nobody knew. Both come in with the closed annex's
        // capability and are told to stop, whoever orders or asks nothing more.
        let back = try await Simulator.pilots(pilot, prefix: "away")
        let late = try await Simulator.pilots(pilot, nodes: 2, prefix: "late")
        try await Self.expectStopped(late, masters: 2)
        try await Self.expectStopped(back, masters: 1)
        try await broker.eventually("the goodbyes") { try await $0.annex("demo").Masters == 0 }
        let repeated = try await broker.shutdown("demo", owner: "alice")
        #expect(repeated.status == Status.done)
        Self.expect(repeated.masters, ["away1", "here1", "late1", "late2"], in: ["gone"])
    }

    // MARK: Killed meanwhile

    @Test(arguments: Fault.around("shutdownOrdered"))
    func orderIsCarriedOutAfterAKillOrWasNeverGiven(_ fault: Fault) async throws {
        let broker = try await RunningBroker.restartable(environment: fault.environment)
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        // They will not be heard of again: the order goes out with the capabilities that are on disk.
        let pilots = try await Simulator.pilots(pilot, nodes: 2, interval: 600)
        try await broker.eventually("the masters") { try await $0.annex("demo").Masters == 2 }
        #expect(try await broker.shutdown("demo", owner: "alice").status != Status.done)
        try await broker.waitForFault()
        #expect(try !pilots.events.contains { $0.event == .shutdown }, "told before the order was durable")

        let again = try await broker.restarted()
        if fault.isCommitted {
            try await Self.expectStopped(pilots, masters: 2)
            #expect(try await again.annex("demo").State == "closed")
        } else {
            #expect(try await again.annex("demo").State == "active")
            #expect(try !pilots.events.contains { $0.event == .shutdown })
        }
        let (status, masters) = try await again.shutdown("demo", owner: "alice")
        #expect(status == Status.done)
        Self.expect(masters, ["node1", "node2"], in: ["confirmed", "gone"])
        try await Self.expectStopped(pilots, masters: 2)
        try await again.eventually("the goodbyes") { try await $0.annex("demo").Slots == 0 }
    }

    @Test(arguments: Fault.around("masterStopped"))
    func orderGoesOnAfterAKillBetweenMasters(_ fault: Fault) async throws {
        let broker = try await RunningBroker.restartable(environment: fault.environment)
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let pilots = try await Simulator.pilots(pilot, nodes: 2)
        let away = try await Simulator.pilots(pilot, prefix: "away")
        try await broker.eventually("the masters") { try await $0.annex("demo").Masters == 3 }
        away.process.signal(SIGKILL)
        try await away.process.waitForExit()
        _ = try await broker.shutdown("demo", owner: "alice")
        try await broker.waitForFault()

        // One goodbye may have led to the kill before the other master was told; then the restarted broker tells it.
        let again = try await broker.restarted()
        try await Self.expectStopped(pilots, masters: 2)
        #expect(try await again.annex("demo").State == "closed")
        let (_, masters) = try await again.shutdown("demo", owner: "alice")
        // Of a master that said goodbye before anything of it was stored nothing is known any more.
        let gone = fault.isCommitted ? [] : ["node1", "node2"]
        #expect(masters.contains { $0.Name == "away1" })
        #expect(Set(masters.map(\.Name) + gone) == ["away1", "node1", "node2"])
        let back = try await Simulator.pilots(pilot, prefix: "away")
        try await Self.expectStopped(back, masters: 1)
    }

    @Test func closedAnnexStaysClosed() async throws {
        let broker = try await RunningBroker.restartable()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        #expect(try await broker.shutdown("demo", owner: "alice").status == Status.done)
        try await broker.crash()
        let again = try await broker.restarted()
        #expect(try await again.annex("demo").State == "closed")
        // Shutdown is not revocation: its ads come in, and its masters are told to stop.
        let events = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"])
        #expect(events.last?.event == "advertised")
        let late = try await Simulator.pilots(pilot)
        try await Self.expectStopped(late, masters: 1)
        // A new annex may have the name.
        _ = try await again.createAnnex("demo", owner: "alice")
        #expect(try await again.annexes().map(\.State) == ["active", "closed"])
    }

    // MARK: Help

    /// One row for each of these masters, each in one of these states.
    private static func expect(_ rows: [MasterRow], _ names: [String], in states: Set<String>) {
        #expect(rows.map(\.Name) == names)
        for row in rows { #expect(states.contains(row.State), "\(row)") }
    }

    /// All masters of a process were told, stopped fast, and the process ended by itself.
    private static func expectStopped(_ pilots: Simulator, masters: Int) async throws {
        let status = try await pilots.process.waitForExit()
        #expect(status == 0, "\(pilots.process.errorLines)")
        let told = try pilots.events.filter { $0.event == .shutdown && $0.reason == "master: fast" }
        #expect(told.count == masters)
    }
}

extension RunningBroker {
    /// Lets a user of this host create an annex by himself.
    fileprivate func createAnnex(_ name: String, as user: String) async throws -> PilotFiles {
        let home = directory.sub("home-\(user)")
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: false, attributes: [.ownerAccountName: user])
        let created = try await tool(["annex", "create", name, "--directory", home + "/pilot"], as: user)
        guard created.status == 0 else { throw created }
        return PilotFiles(path: home + "/pilot", capability: "")
    }

    /// Orders the end of an annex; gives the exit status and the rows that were printed.
    fileprivate func shutdown(
        _ name: String, owner: String? = nil, as user: String? = nil
    ) async throws -> (status: Int32, masters: [MasterRow]) {
        let result = try await tool(
            ["annex", "shutdown", name, "--json"] + (owner.map { ["--owner", $0] } ?? []), as: user)
        let rows = result.output.isEmpty ? "[]" : result.output
        return (result.status, try JSONDecoder().decode([MasterRow].self, from: Data(rows.utf8)))
    }
}
