import Foundation

/// A broker with annexes, simulated pilots for some of them, and a simulated schedd.
struct FlockScene: Sendable {
    /// How the pilots of an annex are started.
    struct Pilots {
        var annex: String
        var owner: String
        var nodes = 1
        var cpus = 2
        /// Static slots for each node instead of a partitionable one.
        var fixedSlots: Int?
        /// `START` accepts every job.
        var acceptsEverything = false
        /// The startd publishes its annex's name.
        var namesAnnex = true

        /// What they are called in ``FlockScene/pilots``: two owners may use one name.
        var label: String { "\(owner)/\(annex)" }
    }

    let broker: RunningBroker
    /// The simulators by `owner/annex`.
    let pilots: [String: Simulator]

    /// Starts a broker and pilots, and waits until the broker has all their slots.
    ///
    /// - Parameters:
    ///   - idleAnnexes: annexes without pilots, as owner and name.
    ///   - disabledLocks: locks of the broker to leave open.
    init(
        _ groups: [Pilots], idleAnnexes: [(owner: String, name: String)] = [], disabledLocks: [String] = []
    ) async throws {
        var settings: [String: String] = [:]
        if !disabledLocks.isEmpty {
            settings = [
                "FLOCK_BROKER_ALLOW_TEST_SETTINGS": "true",
                "FLOCK_BROKER_TEST_DISABLED_LOCKS": disabledLocks.joined(separator: " "),
            ]
        }
        broker = try await RunningBroker(settings: settings)
        for annex in idleAnnexes { _ = try await broker.createAnnex(annex.name, owner: annex.owner) }
        var started: [String: Simulator] = [:]
        for group in groups {
            let files = try await broker.createAnnex(group.annex, owner: group.owner)
            started[group.label] = try await Self.start(group, files)
        }
        pilots = started
        for group in groups {
            try await broker.waitForSlots(
                group.nodes * (group.fixedSlots ?? 1), annex: group.annex, owner: group.owner)
        }
    }

    private static func start(_ group: Pilots, _ files: PilotFiles) async throws -> Simulator {
        if !group.namesAnnex { try files.removeAnnexNameFromAds() }
        var arguments = [
            "pilots", "--pilot-directory", files.path, "--nodes", "\(group.nodes)", "--cpus", "\(group.cpus)",
        ]
        if let slots = group.fixedSlots { arguments += ["--fixed-slots", "\(slots)"] }
        if group.acceptsEverything { arguments += ["--start-true"] }
        return try await Simulator(arguments)
    }

    /// Starts a schedd with a queue.
    func schedd(_ queue: JobQueue, gate: Bool = true, name: String = "ap@demo") async throws -> Simulator {
        let file = broker.directory.sub("\(name).json")
        try queue.write(to: file)
        return try await Simulator(
            [
                "schedd", "--broker", broker.hostPort, "--uid-domain", "demo.example", "--name", name, "--interval",
                "1", "--jobs", file,
            ] + (gate ? ["--gate"] : []))
    }

    /// Runs a queue until nothing can happen to it any more, and tells what did.
    ///
    /// - Parameter finished: the jobs that run to their end; the right ones if not given.
    func run(_ queue: JobQueue, gate: Bool = true, until finished: Set<String>? = nil) async throws -> FlockOutcome {
        let schedd = try await schedd(queue, gate: gate)
        let expected = finished ?? queue.rightJobs
        try await schedd.wait(for: "the end of all jobs that can run") {
            queue.isSettled(expected, in: $0) ? () : nil
        }
        return try await outcome(of: queue, schedd)
    }

    /// Stops the simulators, the schedd first, and collects what they and the broker saw.
    func outcome(of queue: JobQueue, _ schedd: Simulator) async throws -> FlockOutcome {
        let scheddEvents = try await schedd.stop()
        var pilotEvents: [String: [SimulatorEvent]] = [:]
        for (label, group) in pilots { pilotEvents[label] = try await group.stop() }
        _ = try await broker.stop()
        return FlockOutcome(
            queue: queue, schedd: scheddEvents, pilots: pilotEvents, brokerLog: broker.process.errorLines)
    }
}

extension RunningBroker {
    /// Waits until the broker shows this many slots of an annex.
    func waitForSlots(_ count: Int, annex: String, owner: String) async throws {
        let deadline = ContinuousClock.now + .patience
        while true {
            let result = try await tool(["annex", "status", annex, "--owner", owner, "--json"])
            guard result.status == 0 else { throw result }
            // The first ad is the annex, the others are its slots.
            let ads = try JSONDecoder().decode([[String: JSONValue]].self, from: Data(result.output.utf8))
            if ads.count > count { return }
            if ContinuousClock.now >= deadline { throw result }
        }
    }
}

extension PilotFiles {
    /// Lets the startd advertise without `AnnexName`, as one does that was configured by hand.
    func removeAnnexNameFromAds() throws {
        let file = URL(filePath: path + "/pilot.conf")
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        let edited = lines.map { line in
            line.hasPrefix("STARTD_ATTRS") ? line.replacing(" AnnexName", with: "") : line
        }
        try edited.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    }
}
