import Foundation
import TestSupport
import Testing

/// The broker is killed again and again while pilots, schedds, administrators and a client of the real library go on.
///
/// Source: decision 15.
@Suite(.serialized) struct RandomKillTests {
    private static let moments = 50
    /// Every so many moments another schedd brings its queue.
    private static let momentsPerSchedd = 10

    @Test func nothingAcknowledgedIsLostAtFiftyRandomMoments() async throws {
        var random = SeededRandom(for: "\(Self.moments) random kills")
        var flock = try await Flock()
        for moment in 1...Self.moments {
            if moment % Self.momentsPerSchedd == 1 { try await flock.addSchedd() }
            try await flock.live(for: random.pause(upTo: 300), order: flock.anOrder(&random))
            // Now and then also while it is still starting.
            if random.once(in: 4) { try await flock.killWhileStarting(after: random.pause(upTo: 100)) }
            try await flock.restart()
            try await flock.check(moment)
        }
        try await flock.finish()
        print("FLOCK_SEED=\(random.seed): \(flock.summary)")
    }
}

/// What goes on around the broker, and what of it must be there after every restart.
private struct Flock {
    private static let owners = ["alpha": "alice", "beta": "bob"]

    private var broker: RunningBroker
    private var lives: [RunningBroker] = []
    private var pilots: [Simulator] = []
    private var schedds: [(process: Simulator, queue: JobQueue)] = []
    private var files: [String: PilotFiles] = [:]
    /// Two processes of the real library, which keep their sessions over all kills.
    private let observer: LibraryProcess
    private let registrar: LibraryProcess
    private var known = Acknowledged()

    init() async throws {
        broker = try await RunningBroker.restartable()
        for (name, owner) in Self.owners.sorted(by: { $0.key < $1.key }) {
            let pilot = try await broker.createAnnex(name, owner: owner)
            files[name] = pilot
            known.annexCreated(name, capability: pilot.capability)
        }
        // Several processes, whose updates come at different moments of each second: stored slots are offered again only
        // when their pilots have been heard of.
        for part in 1...2 {
            for name in Self.owners.keys.sorted() {
                let slots = name == "alpha" ? ["--cpus", "2"] : ["--fixed-slots", "1"]
                pilots.append(try await .pilots(try #require(files[name]), nodes: 2, prefix: "\(name)\(part)-", slots))
            }
        }
        let client = try RealClient()
        observer = try .querying(broker, client)
        registrar = try .advertising(
            "startd_pslot_cpu.ad", try #require(files["alpha"]), client, numbersNames: true)
        try await observer.ready()
        try await registrar.ready()
    }

    // MARK: Life

    /// What somebody orders while the broker lives.
    enum Order {
        case nothing
        case create(String)
        case revoke(annex: String, capability: String)
        case shutdown(String)
    }

    /// Something to order, or nothing.
    func anOrder(_ random: inout SeededRandom) -> Order {
        let mine = known.annexes.filter { Self.owners[$0.key] == nil && $0.value.isCertain }.sorted { $0.key < $1.key }
        let open = mine.filter { $0.value.state == "active" && !$0.value.isClosing }
        let valid = mine.filter { $0.value.capability != nil && $0.value.isRevoked == false }
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1, 2: return .create("made\(known.annexes.count)")
        case 3:
            guard let chosen = valid.randomElement(using: &random), let capability = chosen.value.capability else {
                return .nothing
            }
            return .revoke(annex: chosen.key, capability: capability)
        case 4:
            return open.randomElement(using: &random).map { .shutdown($0.key) } ?? .nothing
        default: return .nothing
        }
    }

    /// Lets the broker live for a while with an order, a registration and a query under way, and kills it.
    mutating func live(for time: Duration, order: Order) async throws {
        let broker = broker
        async let outcome = Self.give(order, to: broker)
        async let seen = Self.registerAndLook(registrar, observer)
        try await Task.sleep(for: time)
        try await broker.crash()
        known.note(order, try await outcome)
        known.sawAds(try await seen)
        lives.append(broker)
    }

    /// Brings an ad that nobody has seen yet, and asks for all; nothing if there was no answer.
    private static func registerAndLook(
        _ registrar: LibraryProcess, _ observer: LibraryProcess
    ) async throws -> [[String: JSONValue]] {
        guard try await registrar.act().event == "advertised" else { return [] }
        return try await observer.act().ads ?? []
    }

    /// Gives an order; `nil` if it was not answered.
    private static func give(_ order: Order, to broker: RunningBroker) async throws -> PilotFiles?? {
        switch order {
        case .nothing: return nil
        case .create(let name):
            // Whatever goes wrong, there was no answer.
            return (try? await broker.createAnnex(name, owner: "carol")).map { .some($0) }
        case .revoke(_, let capability):
            return try await broker.tool(["capability", "revoke", capability]).status == 0 ? .some(nil) : nil
        case .shutdown(let name):
            return try await broker.tool(["annex", "shutdown", name, "--owner", "carol"]).status == 0 ? .some(nil) : nil
        }
    }

    /// Starts a broker on the same files and kills it soon, whatever it is doing.
    func killWhileStarting(after time: Duration) async throws {
        let starting = try ChildProcess(
            Programs.broker,
            [
                "--state-directory", broker.directory.sub("state"), "--listen", broker.hostPort, "--uid-domain",
                "demo.example",
            ])
        try await Task.sleep(for: time)
        starting.signal(SIGKILL)
        try await starting.waitForExit()
    }

    mutating func restart() async throws { broker = try await broker.restarted() }

    /// Another queue of short jobs: tagged ones of both owners, ones without a tag, ones for somebody else's annex.
    ///
    /// Claims are used again for jobs of the same submitter only, so most jobs need a claim of their own. Where a slot is
    /// cut into pieces, a schedd would give the rest to its submitter's second job, and the claim that was handed out for
    /// that job would lie unused for a while.
    mutating func addSchedd() async throws {
        let alpha = (1...14).map { number in
            Submission(
                owner: "alice", duration: 0.5, flockTarget: "alpha", submitter: "alice\(number)", place: "alpha")
        }
        let beta = (1...7).map { number in
            Submission(
                owner: "bob", count: 2, duration: 0.5, flockTarget: "beta", submitter: "bob\(number)", place: "beta")
        }
        let wrong = [
            Submission(owner: "alice", count: 2), Submission(owner: "alice", count: 2, flockTarget: "beta"),
            Submission(owner: "carol", count: 2, flockTarget: "alpha"),
        ]
        let jobs = wrong + alpha + beta
        schedds.append(
            (try await .schedd(broker, name: "ap\(schedds.count + 1)", jobs: jobs), JobQueue(jobs)))
    }

    // MARK: Judgement

    /// Compares what is there with what was acknowledged.
    mutating func check(_ moment: Int) async throws {
        let broker = broker
        let observer = observer
        async let annexes = broker.annexes()
        async let capabilities = broker.capabilities()
        async let ads = observer.act()
        known.compare(try await annexes, try await capabilities, at: moment)
        let answer = try await ads
        #expect(answer.event == "answered", "after kill \(moment): \(answer.message ?? "")")
        known.compare(ads: answer.ads ?? [], at: moment)
    }

    /// Waits until every job that must run has run, and looks at the whole.
    mutating func finish() async throws {
        // Claims that were stored and never told are not handed out again for a while: there must be others.
        for (name, pilot) in files.sorted(by: { $0.key < $1.key }) {
            pilots.append(try await .pilots(pilot, nodes: 2, prefix: "late-\(name)"))
        }
        for (process, queue) in schedds {
            try await process.wait(for: "the end of the queue") { events in
                let finished = events.filter { $0.event == .jobFinished }.compactMap(\.job)
                return Set(finished) == queue.rightJobs ? () : nil
            }
        }
        lives.append(broker)
        for (process, queue) in schedds {
            let started = try process.events.filter { $0.event == .jobStarted }
            for event in started {
                let place = event.job.flatMap { queue.places[$0] } ?? nil
                #expect(place != nil && event.annex == place, "job \(event.job ?? "?") ran in \(event.annex ?? "?")")
            }
            #expect(started.count == queue.rightJobs.count, "a job was started twice")
        }
        for process in pilots + schedds.map(\.process) {
            let lost = try process.events.filter { $0.reason?.contains("sessionNotFound") == true }
            #expect(lost.isEmpty, "an authorized session was lost: \(lost)")
        }
        try FaultPointTests.expectEachClaimOnce(lives, pilots)
        // Otherwise the kills were no danger to anything.
        let busy = lives.count { !$0.logged("claim", in: "claim handed out").isEmpty }
        #expect(busy > lives.count / 10, "claims were handed out in \(busy) of \(lives.count) lives only")
    }

    /// What has happened, in numbers.
    var summary: String {
        let handedOut = lives.reduce(0) { $0 + $1.logged("claim", in: "claim handed out").count }
        let jobs = schedds.reduce(0) { $0 + $1.queue.rightJobs.count }
        let busy = lives.count { !$0.logged("claim", in: "claim handed out").isEmpty }
        return
            "\(lives.count) lives, \(busy) of them with matches, \(handedOut) claims handed out, \(jobs) jobs, \(known.annexes.count) annexes, "
            + "\(known.ads.count) lasting ads"
    }
}

/// A model of what was acknowledged, and of what may or may not have happened.
private struct Acknowledged {
    struct AnnexState {
        /// Known only if its making was answered, or it was seen.
        var capability: String?
        /// Whether its being there, or not, is settled.
        var isCertain: Bool
        var state: String? = "active"
        /// Whether an end was ordered, answered or not.
        var isClosing = false
        /// `nil` if a revocation was ordered and not answered.
        var isRevoked: Bool? = false
    }

    private(set) var annexes: [String: AnnexState] = [:]
    /// The ads that were in an answer and do not go by themselves.
    private(set) var ads: Set<String> = []

    mutating func annexCreated(_ name: String, capability: String) {
        annexes[name] = AnnexState(capability: capability, isCertain: true)
    }

    /// Notes an order; `nil` if it was not answered.
    mutating func note(_ order: Flock.Order, _ answer: PilotFiles??) {
        switch (order, answer) {
        case (.nothing, _): break
        case (.create(let name), .some(.some(let files))): annexCreated(name, capability: files.capability)
        case (.create(let name), _): annexes[name] = AnnexState(isCertain: false, state: nil)
        case (.revoke(let name, _), let answer): annexes[name]?.isRevoked = answer == nil ? nil : true
        case (.shutdown(let name), let answer):
            annexes[name]?.isClosing = true
            if answer != nil { annexes[name]?.state = "closed" }
        }
    }

    mutating func compare(_ rows: [AnnexRow], _ capabilities: [CapabilityRow], at moment: Int) {
        let found = Dictionary(grouping: rows, by: \.AnnexName)
        #expect(Set(found.keys).subtracting(annexes.keys).isEmpty, "after kill \(moment): annexes that nobody made")
        for (name, before) in annexes {
            var annex = before
            let row = found[name]?.first
            #expect(found[name]?.count ?? 0 <= 1, "after kill \(moment): \(name) is there twice")
            let rowsOfIt = capabilities.filter { $0.AnnexName == name }
            // Wholly there or wholly absent.
            #expect(rowsOfIt.count == (row == nil ? 0 : 1), "after kill \(moment): capabilities of \(name)")
            if annex.isCertain {
                #expect(
                    (row == nil) == (annex.state == nil), "after kill \(moment): \(name) is \(row?.State ?? "gone")")
            }
            if let row, let capability = rowsOfIt.first {
                if annex.isCertain, !annex.isClosing || annex.state == "closed" {
                    #expect(row.State == annex.state, "after kill \(moment): state of \(name)")
                }
                if let id = annex.capability { #expect(capability.CapabilityId == id) }
                if let isRevoked = annex.isRevoked {
                    #expect((capability.State == "revoked") == isRevoked, "after kill \(moment): capability of \(name)")
                }
                annex.state = row.State
                annex.isClosing = row.State == "closed"
                annex.capability = capability.CapabilityId
                annex.isRevoked = capability.State == "revoked"
            } else {
                annex.state = nil
            }
            // What has been seen is certain from now on.
            annex.isCertain = true
            annexes[name] = annex
        }
    }

    /// Notes the ads of an answer.
    mutating func sawAds(_ answer: [[String: JSONValue]]) { ads.formUnion(Self.lasting(answer)) }

    /// Once seen, an ad that does not go by itself is there again.
    mutating func compare(ads answer: [[String: JSONValue]], at moment: Int) {
        let lost = ads.subtracting(Self.lasting(answer))
        #expect(lost.isEmpty, "after kill \(moment): ads are lost")
        ads.subtract(lost)  // told once
        sawAds(answer)
    }

    /// The ads of masters, startds, schedds and lasting slots.
    private static func lasting(_ answer: [[String: JSONValue]]) -> Set<String> {
        let kinds: Set<String> = ["DaemonMaster", "StartD", "Machine", "Scheduler"]
        return Set(
            answer.compactMap { ad in
                guard let kind = ad["MyType"]?.string, kinds.contains(kind), ad["DynamicSlot"] != .boolean(true) else {
                    return nil
                }
                return "\(kind) \(ad["Name"]?.string ?? "") \(ad["AnnexName"]?.string ?? "")"
            })
    }
}
