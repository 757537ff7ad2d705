import Foundation
import Testing

/// Broker, pilots and schedd together: tagged jobs of the owner run, and nothing else does.
@Suite(.serialized) struct NegotiationTests {
    @Test func mixedQueueOfThreeUsersRunsExactlyTheRightJobs() async throws {
        let scene = try await FlockScene([
            .init(annex: "one", owner: "alice", nodes: 2, cpus: 4), .init(annex: "two", owner: "alice", cpus: 4),
            .init(annex: "bobs", owner: "bob", nodes: 2, cpus: 4), .init(annex: "one", owner: "carol", fixedSlots: 2),
        ])
        let queue = Self.mixedQueue
        #expect(queue.places.count >= 200)
        let outcome = try await scene.run(queue)

        #expect(outcome.finished == queue.rightJobs)
        #expect(outcome.misplaced == [])
        #expect(Set(outcome.runs.map(\.job)) == queue.rightJobs)
        #expect(outcome.runs.count == queue.rightJobs.count, "a job ran twice")
        #expect(outcome.overlaps == [], "two jobs on one slot")

        let claimed = outcome.pilots.values.flatMap(FlockOutcome.claimed)
        #expect(!claimed.isEmpty)
        #expect(FlockOutcome.repeated(claimed) == [], "a startd gave a claim twice")
        #expect(FlockOutcome.repeated(FlockOutcome.claimed(outcome.schedd)) == [], "the schedd claimed twice")
        #expect(!outcome.handedOut.isEmpty)
        #expect(FlockOutcome.repeated(outcome.handedOut) == [], "the broker handed a claim out twice")

        let summary = try #require(outcome.schedd.last)
        #expect(summary.event == .summary)
        #expect(
            summary.counts == [
                "started": queue.rightJobs.count, "finished": queue.rightJobs.count, "idle": queue.wrongJobs.count,
                "matched": 0, "running": 0,
            ])
        let ran = outcome.pilots.values.compactMap { $0.last?.counts?["jobs"] }.reduce(0, +)
        #expect(ran == queue.rightJobs.count)
    }

    @Test func rejectedJobsAreToldWhy() async throws {
        let scene = try await FlockScene(
            [.init(annex: "one", owner: "alice")], idleAnnexes: [("alice", "empty"), ("bob", "bobs")])
        let queue = JobQueue([
            Submission(owner: "alice", flockTarget: "nowhere"), Submission(owner: "alice", flockTarget: "bobs"),
            Submission(owner: "alice", flockTarget: "empty"),
            Submission(owner: "bob", flockTarget: "one", submitter: "alice"),
            Submission(owner: "alice", flockTarget: "one", requirements: "TARGET.Memory > 1000000"),
            Submission(owner: "alice", flockTarget: "one", attributes: ["RequestCpus": "64"]),
            Submission(owner: "alice", flockTarget: "one", attributes: ["ConcurrencyLimits": "\"licence\""]),
            Submission(owner: "alice", flockTarget: "one", place: "alice/one"),
        ])
        let outcome = try await scene.run(queue)
        #expect(outcome.finished == queue.rightJobs)
        let reasons = [
            "there is no annex nowhere", "annex bobs belongs to another user", "annex empty has no free slot",
            "annex one belongs to another user", "no free slot of annex one meets the job's requirements",
            "the free slots of annex one do not accept the job", "jobs with concurrency limits do not run in annexes",
        ]
        for (index, reason) in reasons.enumerated() {
            let told = outcome.rejections(ofCluster: index + 1)
            #expect(told.contains(reason), "cluster \(index + 1) was told \(told)")
        }
    }

    /// The owner's own jobs may follow a tagged one by such a tag, nobody else's.
    ///
    /// For the broker, which evaluates the tag in the job alone, it is none; a claimed slot satisfies it.
    @Test func tagThatReadsTheSlotNeverLeadsIntoTheAnnexOfAnother() async throws {
        let scene = try await FlockScene([.init(annex: "one", owner: "alice")])
        let chameleon = ["FlockTarget": "TARGET.AnnexName"]
        let queue = JobQueue([
            Submission(owner: "bob", count: 4, submitter: "alice", attributes: chameleon),
            Submission(owner: "bob", count: 2, attributes: chameleon),
            Submission(owner: "alice", count: 2, attributes: chameleon, place: "alice/one"),
            Submission(owner: "alice", count: 8, flockTarget: "one", place: "alice/one"),
        ])
        let outcome = try await scene.run(queue, until: Set(queue.jobs(ofCluster: 4)))
        #expect(outcome.finished.isSuperset(of: queue.jobs(ofCluster: 4)))
        #expect(outcome.misplaced == [])
        #expect(!outcome.ways(of: Set(queue.jobs(ofCluster: 3))).contains("matched"))
    }

    // MARK: Refused claims

    /// Neither side has news for the broker while the slot waits.
    @Test func aSlotThatRefusedIsOfferedAgainWhenItsWaitIsOver() async throws {
        let broker = try await RunningBroker()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        // Not in what the broker is told of a job, but in what comes with a claim.
        let start = ["--start", "TARGET.ScheddName is undefined"]
        let pilots = try await Simulator.pilots(pilot, interval: 600, start)
        try await broker.waitForSlots(1, annex: "demo", owner: "alice")
        let job = Submission(owner: "alice", flockTarget: "demo")
        let schedd = try await Simulator.schedd(broker, jobs: [job], interval: 600)
        try await pilots.wait(for: .refused, times: 2)
        let rejections = try schedd.events.filter { $0.event == .rejected }.compactMap(\.reason)
        #expect(Set(rejections) == ["the free slots of annex demo refused the job a moment ago"])
        #expect(FlockOutcome.repeated(broker.logged("claim", in: "claim handed out")) == [])
    }

    // MARK: Closed annexes

    @Test func slotsOfAClosedAnnexAreNotMatchedEvenIfTheirPilotsStay() async throws {
        let scene = try await FlockScene([.init(annex: "one", owner: "alice")])
        let pilots = try #require(scene.pilots["alice/one"])
        let before = try await scene.schedd(
            JobQueue([Submission(owner: "alice", flockTarget: "one", place: "alice/one")]), name: "before@demo")
        _ = try await before.first(.jobFinished)
        _ = try await before.stop()
        try await scene.broker.waitForSlots(1, annex: "one", owner: "alice")
        let handedOutBefore = scene.broker.process.errorLines.filter { $0.contains("claim handed out") }.count

        // A pilot that cannot hear that it should stop keeps its free slot in the broker's table.
        pilots.process.signal(SIGSTOP)
        let broker = scene.broker
        async let shutdown = broker.tool(["annex", "shutdown", "one", "--owner", "alice"])
        _ = try await broker.process.errorLine("the shutdown in the log") { $0.contains("annex shut down") }

        let queue = JobQueue([Submission(owner: "alice", count: 3, flockTarget: "one")])
        let after = try await scene.schedd(queue, name: "after@demo")
        let rejection = try await after.first(.rejected)
        #expect(rejection.reason == "annex one is shutting down")
        let status = try await broker.tool(["annex", "status", "one", "--owner", "alice", "--json"])
        #expect(status.output.contains("Unclaimed"), "the slot should still be there: \(status)")

        pilots.process.signal(SIGCONT)
        let told = try await shutdown
        #expect(told.status == 0, "\(told)")
        _ = try await pilots.first(.summary)
        let events = try await after.stop()
        #expect(!events.contains { [.matched, .rematched, .jobStarted].contains($0.event) })
        let handedOut = broker.process.errorLines.filter { $0.contains("claim handed out") }
        #expect(handedOut.count == handedOutBefore, "\(handedOut)")
    }

    @Test func closingAnAnnexEndsItsClaimsAndItsWaitingJobsAreRejected() async throws {
        let scene = try await FlockScene([
            .init(annex: "one", owner: "alice"), .init(annex: "two", owner: "alice"),
        ])
        let queue = JobQueue([
            Submission(owner: "alice", count: 200, duration: 0.3, flockTarget: "one"),
            Submission(owner: "alice", count: 30, duration: 0.3, flockTarget: "two", place: "alice/two"),
        ])
        let schedd = try await scene.schedd(queue)
        // Claims have been used again by now.
        try await schedd.wait(for: "some jobs to end") { events in
            events.filter { $0.event == .jobFinished && $0.tag == "one" }.count >= 4 ? () : nil
        }
        let told = try await scene.broker.tool(["annex", "shutdown", "one", "--owner", "alice"])
        #expect(told.status == 0, "\(told)")
        let closed = try #require(scene.pilots["alice/one"])
        _ = try await closed.first(.summary)
        _ = try await schedd.first(.rejected) { $0.reason == "annex one is shutting down" }
        try await schedd.wait(for: "the jobs of the other annex") { events in
            events.filter { $0.event == .jobFinished && $0.tag == "two" }.count == 30 ? () : nil
        }

        let outcome = try await scene.outcome(of: queue, schedd)
        let events = try #require(outcome.pilots["alice/one"])
        let end = try #require(events.firstIndex { $0.event == .shutdown })
        #expect(!events[end...].contains { [.claimed, .jobStarted].contains($0.event) })
        #expect(outcome.runs.filter { $0.place == "alice/two" && !queue.rightJobs.contains($0.job) } == [])
        // What was stopped waits again, and nothing is lost.
        let counts = try #require(outcome.schedd.last?.counts)
        #expect(counts["running"] == 0 && counts["matched"] == 0)
        #expect((counts["idle"] ?? 0) + (counts["finished"] ?? 0) == 230)
        #expect((counts["idle"] ?? 0) > 0)
    }

    // MARK: The reference

    /// An implementation of its own, checked against real daemons, negotiates with the same simulators: they behave as
    /// real ones do, weaknesses included, or what the other tests here show would be worth little.
    @Test func referenceNegotiatorFindsTheSimulatorsAsRealOnesAre() async throws {
        let python = try #require(
            Programs.python, "FLOCK_PYTHON must name the interpreter that has the client library; scripts/test sets it")
        // At the same time: they mostly wait for nothing more to happen. The others need a minute more.
        let runs = try ["gate", "nothing", "static", "stopped"].map { scenario in
            try ChildProcess(
                python, [Programs.python("reference_negotiates_with_flocksim.py"), Programs.simulator, scenario],
                name: "reference: \(scenario)")
        }
        for run in runs {
            let status = try await run.waitForExit()
            #expect(status == 0, "\(run.name): \(run.outputLines) \(run.errorLines.suffix(10))")
            #expect(run.outputLines.count == 1, "\(run.name)")
        }
    }

    /// Right jobs among wrong ones of every kind; the wrong ones first, where a careless schedd would take them.
    private static let mixedQueue = JobQueue([
        // Untagged, and for annexes that are not theirs or do not exist.
        Submission(owner: "alice", count: 20),
        Submission(owner: "alice", count: 10, flockTarget: "bobs"),
        Submission(owner: "alice", count: 6, flockTarget: "nowhere"),
        Submission(owner: "alice", count: 4, flockTarget: "ONE"),
        Submission(owner: "bob", count: 8, flockTarget: "one"),
        Submission(owner: "carol", count: 6, flockTarget: "two"),
        Submission(owner: "carol", count: 6),
        // The submitter's name is not proof of anything.
        Submission(owner: "bob", count: 8, flockTarget: "one", submitter: "alice"),
        Submission(owner: "bob", count: 4, submitter: "alice"),
        Submission(owner: "carol", count: 6, flockTarget: "bobs", submitter: "bob"),
        Submission(
            owner: "bob", count: 4, flockTarget: "two", submitter: "group.alice",
            attributes: ["AccountingGroup": "\"group.alice\"", "AcctGroup": "\"group\""]),
        // The schedd's transform makes a FlockTarget of it; without that it is no tag that the gate knows.
        Submission(owner: "alice", count: 5, targetAnnexName: "one"),
        // Requirements and attributes that lie.
        Submission(owner: "alice", count: 5, flockTarget: "bobs", requirements: "true"),
        Submission(
            owner: "bob", count: 5, flockTarget: "one", requirements: "TARGET.AnnexName == \"one\" || true",
            attributes: ["AuthenticatedIdentity": "\"alice@demo.example\"", "RemoteOwner": "\"alice\""]),
        Submission(
            owner: "alice", count: 5, requirements: "TARGET.AnnexName == \"one\"",
            attributes: ["AnnexName": "\"one\"", "NegotiatorMatchExprFlockTarget": "\"one\""]),
        Submission(owner: "carol", count: 5, flockTarget: "two", attributes: ["Rank": "1000000.0"]),
        Submission(owner: "bob", count: 3, attributes: ["FlockTarget": "{\"bobs\"}"]),
        // Right ones.
        Submission(owner: "alice", count: 50, flockTarget: "one", place: "alice/one"),
        Submission(owner: "alice", count: 30, duration: 0.3, flockTarget: "two", place: "alice/two"),
        Submission(owner: "bob", count: 40, duration: 0.1, flockTarget: "bobs", place: "bob/bobs"),
        Submission(owner: "carol", count: 12, flockTarget: "one", place: "carol/one"),
        Submission(owner: "alice", count: 5, flockTarget: "one", targetAnnexName: "one", place: "alice/one"),
        Submission(owner: "bob", count: 5, flockTarget: "bobs", submitter: "alice", place: "bob/bobs"),
        Submission(
            owner: "alice", count: 5, flockTarget: "two", requirements: "TARGET.AnnexName == \"two\"",
            place: "alice/two"),
    ])
}
