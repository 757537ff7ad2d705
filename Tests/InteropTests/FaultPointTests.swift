import Foundation
import TestSupport
import Testing

/// The broker dies at each durable step of registration and negotiation, before and after the commit.
///
/// What it acknowledged is there when it is started again; what it did not is wholly there or wholly absent, and can be
/// asked for again (decision 15).
@Suite(.serialized) struct FaultPointTests {
    // MARK: Annexes and capabilities

    @Test(arguments: Fault.around("annexStored", "requestStored", "capabilityStored", occurrence: 2))
    func annexIsWhollyThereOrAbsent(_ fault: Fault) async throws {
        let broker = try await RunningBroker.restartable(environment: fault.environment)
        _ = try await broker.createAnnex("earlier", owner: "alice")
        let earlier = try await broker.annexes()
        let directory = broker.directory.sub("new")
        let create = ["annex", "create", "new", "--owner", "alice", "--directory", directory]
        let unanswered = try await broker.tool(create)
        #expect(unanswered.status != 0)
        #expect(!FileManager.default.fileExists(atPath: directory))
        try await broker.waitForFault()

        let again = try await broker.restarted()
        let annexes = try await again.annexes()
        let capabilities = try await again.capabilities()
        #expect(annexes.filter { $0.AnnexName == "earlier" } == earlier)
        #expect(annexes.map(\.AnnexName) == (fault.isCommitted ? ["earlier", "new"] : ["earlier"]))
        #expect(capabilities.map(\.AnnexName) == annexes.map(\.AnnexName))
        #expect(capabilities.allSatisfy { $0.State == "valid" })

        if fault.isCommitted {
            let refused = try await again.tool(create)
            #expect(refused.status != 0)
            #expect(refused.errors.contains("there is an active annex of this name"), "\(refused)")
            // Nobody has its secret; its owner closes it and begins anew.
            let closed = try await again.tool(["annex", "shutdown", "new", "--owner", "alice"])
            #expect(closed.status == 0, "\(closed)")
        }
        let created = try await again.tool(create)
        #expect(created.status == 0, "\(created)")
        let pilots = try await Simulator.pilots(PilotFiles(path: directory, capability: ""))
        try await pilots.wait(for: .registered, times: 2)
    }

    @Test(arguments: Fault.around("capabilityRevoked", "sessionRemoved", "adInvalidated"))
    func revocationIsWholeOrAbsent(_ fault: Fault) async throws {
        let broker = try await RunningBroker.restartable(environment: fault.environment)
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let pilots = try await Simulator.pilots(pilot, interval: 600)
        try await broker.eventually("the slot") { try await $0.annex("demo").Slots == 1 }
        let before = try await broker.annex("demo")
        let unanswered = try await broker.tool(["capability", "revoke", pilot.capability])
        #expect(unanswered.status != 0)
        try await broker.waitForFault()

        let again = try await broker.restarted()
        let client = try RealClient()
        let annex = try await again.annex("demo")
        let state = try await again.capabilities().map(\.State)
        let attempt = try await client.advertise(pilot, ads: ["startd_pslot_gpu.ad"])
        if fault.isCommitted {
            #expect(state == ["revoked"])
            #expect(annex.Masters == 0 && annex.Slots == 0)
            #expect(attempt.last?.event == "refused")
        } else {
            #expect(state == ["valid"])
            #expect(annex == before)
            #expect(attempt.last?.event == "advertised")
        }

        let repeated = try await again.tool(["capability", "revoke", pilot.capability])
        #expect(repeated.status == 0, "\(repeated)")
        #expect(try await again.capabilities().map(\.State) == ["revoked"])
        #expect(try await again.annex("demo").Slots == 0)
        #expect(try await client.advertise(pilot, ads: ["startd_pslot_gpu.ad"]).last?.event == "refused")
        #expect(pilots.process.isRunning)
    }

    // MARK: Registration

    @Test(arguments: Fault.around("sessionStored", "capabilityUsed", "adRegistered"))
    func pilotGoesOnWithItsRegistration(_ fault: Fault) async throws {
        let prepared = try await RunningBroker.restartable()
        let pilot = try await prepared.createAnnex("demo", owner: "alice")
        try await prepared.crash()
        let broker = try await prepared.restarted(environment: fault.environment)
        let pilots = try await Simulator.pilots(pilot)
        try await broker.waitForFault()

        // Nothing of what is there after the restart is to come from another attempt.
        pilots.process.signal(SIGSTOP)
        let authorized = try pilots.events.count { $0.event == .registered }
        let known = try pilots.events.count
        let again = try await broker.restarted()
        #expect(try await again.capabilities().map(\.State) == ["valid"])
        let found = try await again.annex("demo")
        var sessionsOfQueries = 0
        if fault.kind == "adRegistered", fault.isCommitted {
            sessionsOfQueries = 1
            // Whichever of its ads was the first.
            let ads = try await RealClient().query(again, "Any", constraint: "AnnexName == \"demo\"")
            #expect(!ads.isEmpty)
        } else {
            #expect(found.Masters + found.Slots == 0)
        }

        pilots.process.signal(SIGCONT)
        try await again.eventually("the registration") {
            let annex = try await $0.annex("demo")
            return annex.Masters == 1 && annex.Slots == 1
        }
        try await pilots.wait(for: .registered, times: 2, from: known)
        // An authorized session is as good as before.
        let created =
            try #require(try await again.status()["SessionsCreated"]) - again.sessionsOfTools - sessionsOfQueries
        #expect(created <= 2 - authorized)
        let schedd = try await Simulator.schedd(again, jobs: [Submission(owner: "alice", flockTarget: "demo")])
        try await schedd.wait(for: .jobFinished)
    }

    @Test(arguments: Fault.around("sessionUsed", "adRefreshed", "purged"))
    func heartbeatsLoseNothing(_ fault: Fault) async throws {
        let first = try await RunningBroker.restartable()
        let client = try RealClient()
        let pilot = try await first.createAnnex("demo", owner: "alice")
        let pilots = try await Simulator.pilots(pilot, nodes: 2)
        try await pilots.wait(for: .registered, times: 4)
        try await first.eventually("the slots") { try await $0.annex("demo").Slots == 2 }
        let seen = try await Self.ages(client.query(first, "Any", projection: Self.projection))
        try await first.crash()
        let broker = try await first.restarted(environment: fault.environment)
        try await broker.waitForFault()

        pilots.process.signal(SIGSTOP)
        let again = try await broker.restarted()
        let found = try await Self.ages(client.query(again, "Any", projection: Self.projection))
        #expect(Set(found.keys) == Set(seen.keys))
        for (name, age) in seen { #expect(found[name] ?? 0 >= age - 2, "\(name)") }

        let known = try pilots.events.count
        pilots.process.signal(SIGCONT)
        try await pilots.wait(for: .registered, times: 4, from: known)
        let figures = try await again.status()
        #expect(figures["SessionsCreated"] == again.sessionsOfTools + 1)  // and one of the query
    }

    @Test(arguments: Fault.around("adInvalidated"))
    func goodbyeIsHeardOrCanBeSaidAgain(_ fault: Fault) async throws {
        let broker = try await RunningBroker.restartable(environment: fault.environment)
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let pilots = try await Simulator.pilots(pilot)
        try await broker.eventually("the slot") { try await $0.annex("demo").Slots == 1 }
        #expect(try await pilots.stop().last?.event == .summary)
        try await broker.waitForFault()

        let again = try await broker.restarted()
        // Slot and master say goodbye at the same time, each for itself.
        let left = try await again.annex("demo")
        if fault.isCommitted { #expect(left.Masters + left.Slots < 2) }
        if !fault.isCommitted { #expect(left.Masters == 1 && left.Slots == 1) }
        let successors = try await Simulator.pilots(pilot)
        try await successors.wait(for: .registered, times: 2)
        #expect(try await successors.stop().last?.event == .summary)
        try await again.eventually("the goodbye") {
            let annex = try await $0.annex("demo")
            return annex.Masters == 0 && annex.Slots == 0
        }
    }

    // MARK: Negotiation

    @Test(arguments: Fault.around("matchHandedOut"))
    func noClaimIsHandedOutTwice(_ fault: Fault) async throws {
        let broker = try await RunningBroker.restartable(environment: fault.environment)
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let pilots = try await Simulator.pilots(pilot, nodes: 2, ["--fixed-slots", "1"])
        try await broker.eventually("the slots") { try await $0.annex("demo").Slots == 2 }
        // Claims are used again for jobs of one submitter only: a claim is asked for each of these jobs.
        let jobs = (1...4).map { Submission(owner: "alice", duration: 0.5, flockTarget: "demo", submitter: "s\($0)") }
        let schedd = try await Simulator.schedd(broker, jobs: jobs)
        try await broker.waitForFault()
        #expect(try !schedd.events.contains { $0.event == .matched }, "told before it was durable")

        let again = try await broker.restarted()
        try await schedd.wait(for: .jobFinished, times: 4)
        // The first slot's claim went out before the crash or did not; what is on disk counts as gone out, and is not
        // handed out again before its time is over.
        let slots = again.logged("slot", in: "claim handed out")
        #expect(slots.contains { $0.contains("node1") } == !fault.isCommitted, "\(slots)")
        try Self.expectEachClaimOnce([broker, again], [pilots])
    }

    @Test(arguments: Fault.around("matchEnded"))
    func endOfAClaimIsNoDanger(_ fault: Fault) async throws {
        let broker = try await RunningBroker.restartable(environment: fault.environment)
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        // The commit may hold a claim that then nobody is told of, and that rests for a while: there must be another slot.
        let pilots = try await Simulator.pilots(pilot, nodes: 2)
        let jobs = (1...6).map { Submission(owner: "alice", duration: 0.5, flockTarget: "demo", submitter: "s\($0)") }
        let schedd = try await Simulator.schedd(broker, jobs: jobs)
        try await broker.waitForFault()
        let again = try await broker.restarted()
        try await schedd.wait(for: .jobFinished, times: 6)
        try Self.expectEachClaimOnce([broker, again], [pilots])
    }

    // MARK: The first start

    @Test(arguments: Fault.around("metaStored"))
    func firstStartCanBeRepeated(_ fault: Fault) async throws {
        let directory = try TemporaryDirectory()
        await #expect(throws: ChildFailure.self) {
            try await RunningBroker(directory, environment: fault.environment)
        }
        let broker = try await RunningBroker(directory)
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let pilots = try await Simulator.pilots(pilot)
        try await pilots.wait(for: .registered, times: 2)
    }

    @Test func firstStartCanBeRepeatedAfterAnyMoment() async throws {
        var random = SeededRandom(for: "kills during the first start")
        for _ in 1...8 {
            let directory = try TemporaryDirectory()
            let killed = try ChildProcess(
                Programs.broker, ["--state-directory", directory.sub("state"), "--listen", "127.0.0.1:0"])
            try await Task.sleep(for: random.pause(upTo: 80))
            killed.signal(SIGKILL)
            try await killed.waitForExit()
            let broker = try await RunningBroker(directory)
            _ = try await broker.createAnnex("demo", owner: "alice")
        }
    }

    // MARK: Help

    private static let projection = ["MyType", "Name", "AnnexName", "LastHeardFrom"]

    /// `LastHeardFrom` of the annex's ads.
    private static func ages(_ ads: [[String: JSONValue]]) -> [String: Double] {
        var ages: [String: Double] = [:]
        for ad in ads where ad["AnnexName"] != nil {
            ages["\(ad["MyType"]?.string ?? "") \(ad["Name"]?.string ?? "")"] = ad["LastHeardFrom"]?.number
        }
        return ages
    }

    /// How long a claim rests that was handed out and is not seen in use, in seconds (spec 05, 2.13).
    private static let rest: TimeInterval = 150

    /// Over all lives of the broker each claim was handed out once, unless nobody had used it for a long time, and
    /// claimed once.
    static func expectEachClaimOnce(_ lives: [RunningBroker], _ pilots: [Simulator]) throws {
        var last: [String: Date] = [:]
        for (claim, date) in try lives.flatMap({ try $0.datesLogged("claim", in: "claim handed out") }) {
            if let before = last.updateValue(date, forKey: claim), date.timeIntervalSince(before) < rest {
                Issue.record("claim \(claim) was handed out more than once")
            }
        }
        let claimed = try pilots.flatMap { try $0.events }.filter { $0.event == .claimed }.compactMap(\.claim)
        #expect(!claimed.isEmpty)
        for claim in repeated(claimed) { Issue.record("claim \(claim) was claimed more than once") }
    }

    private static func repeated(_ claims: [String]) -> [String] {
        Dictionary(grouping: claims, by: \.self).filter { $1.count > 1 }.keys.sorted()
    }
}
