import Foundation
import Testing

/// What a broker that was killed knows when it is started again on the same state directory and port.
///
/// Source: decisions 13 to 16.
@Suite(.serialized) struct RestartTests {
    @Test func annexesCapabilitiesAndAdsAreThereAgain() async throws {
        let broker = try await RunningBroker.restartable()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let closed = try await broker.createAnnex("closed", owner: "bob")
        let revoked = try await broker.tool(["capability", "revoke", closed.capability])
        #expect(revoked.status == 0, "\(revoked)")
        _ = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad", "startd_pslot_gpu.ad"])
        _ = try await client.advertise(pilot, ads: ["master.ad"], names: ["m1@ep"], command: "UPDATE_MASTER_AD")
        let ads = try await client.query(broker, "Any", constraint: Self.notOurOwn, projection: Self.projection)
        #expect(ads.filter { $0["MyType"]?.string != "StartD" }.count == 3)
        let annexes = try await broker.annexes()
        let capabilities = try await broker.capabilities()
        #expect(Set(capabilities.map(\.State)) == ["valid", "revoked"])

        try await broker.crash()
        // An age that begins anew at the start would show from the next second on.
        try await Self.clockToPass(ads.compactMap { $0["LastHeardFrom"]?.number }.max() ?? 0)
        let again = try await broker.restarted()

        #expect(try await again.annexes() == annexes)
        #expect(try await again.capabilities() == capabilities)
        let adsAgain = try await client.query(again, "Any", constraint: Self.notOurOwn, projection: Self.projection)
        #expect(Self.sorted(adsAgain) == Self.sorted(ads))
    }

    @Test func capabilitiesAreGoodAsBefore() async throws {
        let broker = try await RunningBroker.restartable()
        let client = try RealClient()
        let scitokens = try await broker.createAnnex("opaque", owner: "alice")
        let idtokens = try await broker.createAnnex("token", owner: "alice", method: "idtokens")
        let revoked = try await broker.createAnnex("revoked", owner: "bob")
        _ = try await broker.tool(["capability", "revoke", revoked.capability])

        try await broker.crash()
        let again = try await broker.restarted()

        for pilot in [scitokens, idtokens] {
            let events = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"])
            #expect(events.last?.event == "advertised", "\(events)")
        }
        let events = try await client.advertise(revoked, ads: ["startd_pslot_cpu.ad"])
        #expect(events.last?.event == "refused")
        _ = try await again.process.errorLine("the refusal in the log") {
            $0.contains(revoked.capability) && $0.contains("refused")
        }
        #expect(try await again.annexes().map(\.Slots).sorted() == [0, 1, 1])
    }

    @Test func theRealLibraryResumesItsSession() async throws {
        let broker = try await RunningBroker.restartable()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let library = try LibraryProcess.advertising("startd_pslot_cpu.ad", pilot, try RealClient())
        try await library.ready()
        #expect(try await library.act().event == "advertised")
        try await broker.eventually("the first update") { try await $0.status()["Slots"] == 1 }

        try await broker.crash()
        let again = try await broker.restarted()
        #expect(try await library.act().event == "advertised")
        try await again.eventually("the second update") { try await $0.status()["Updates"] == 1 }

        // The figures are those of the new process; each look at them made a session of its own.
        let figures = try await again.status()
        let looks = again.sessionsOfTools
        #expect(figures["SessionsResumed"] == 1)
        #expect(figures["SessionsCreated"] == looks)
    }

    @Test func pilotsResumeTheirSessions() async throws {
        let broker = try await RunningBroker.restartable()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let pilots = try await Simulator.pilots(pilot, nodes: 3)
        try await pilots.wait(for: .registered, times: 6)

        try await broker.crash()
        let known = try pilots.events.count
        let again = try await broker.restarted()
        // Three masters and three startds, each with a connection and a session of its own.
        try await pilots.wait(for: .registered, times: 6, from: known)

        let figures = try await again.status()
        #expect(figures["SessionsResumed"] == 6)
        #expect(figures["SessionsCreated"] == again.sessionsOfTools)
        #expect(figures["Refusals"] == 0)
        let annex = try await again.annex("demo")
        #expect(annex.Masters == 3 && annex.Slots == 3)
    }

    @Test func slotsFromBeforeAreOfferedWhenTheyAreHeardOf() async throws {
        let broker = try await RunningBroker.restartable()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        let pilots = try await Simulator.pilots(pilot, nodes: 2)
        try await broker.eventually("the slots") { try await $0.annex("demo").Slots == 2 }
        pilots.process.signal(SIGSTOP)

        try await broker.crash()
        let again = try await broker.restarted()
        #expect(try await again.annex("demo").Slots == 2)
        // Whether the claims of stored ads are still to be had is not known.
        let schedd = try await Simulator.schedd(
            again, jobs: [Submission(owner: "alice", count: 4, flockTarget: "demo")])
        _ = try await schedd.first(.rejected)
        #expect(try !schedd.events.contains { $0.event == .matched })

        pilots.process.signal(SIGCONT)
        try await schedd.wait(for: .jobFinished, times: 4)
        #expect(try await again.status()["SessionsCreated"] == again.sessionsOfTools + 1)  // and the schedd's
    }

    @Test func submittersFromBeforeAreNegotiatedWith() async throws {
        let broker = try await RunningBroker.restartable()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        // It will not be heard of again before it is negotiated with: its session comes from the disk.
        let schedd = try await Simulator.schedd(
            broker, jobs: [Submission(owner: "alice", flockTarget: "demo")], interval: 600)
        try await broker.eventually("the submitter") { try await $0.status()["Submitters"] == 1 }

        try await broker.crash()
        let again = try await broker.restarted()
        let pilots = try await Simulator.pilots(pilot)
        try await schedd.wait(for: .jobFinished)
        #expect(again.logged("claim", in: "claim handed out").count == 1)
        #expect(try pilots.events.count { $0.event == .claimed } == 1)
    }

    @Test func anAdPastItsLifetimeIsNotShown() async throws {
        let broker = try await RunningBroker.restartable()
        let client = try RealClient()
        let pilot = try await broker.createAnnex("demo", owner: "alice")
        _ = try await client.advertise(
            pilot, ads: ["startd_pslot_cpu.ad"], names: ["short@ep"], attributes: ["ClassAdLifetime=1"])
        _ = try await client.advertise(pilot, ads: ["startd_pslot_cpu.ad"], names: ["long@ep"])
        try await broker.crash()
        try await Self.clockToPass(Double(Int(Date().timeIntervalSince1970) + 1))
        let again = try await broker.restarted()
        #expect(try await client.query(again, "Startd").map { $0["Name"] } == [.string("long@ep")])
    }

    // MARK: Help

    /// The broker's own ad is of the running process.
    private static let notOurOwn = #"MyType != "Collector""#
    private static let projection = [
        "MyType", "Name", "AnnexName", "AuthenticatedIdentity", "AuthenticationMethod", "LastHeardFrom", "UpdatesTotal",
    ]

    /// Waits for the second after `second`, in seconds since 1970.
    private static func clockToPass(_ second: Double) async throws {
        let wait = second + 1 - Date().timeIntervalSince1970
        if wait > 0 { try await Task.sleep(for: .seconds(wait)) }
    }

    private static func sorted(_ ads: [[String: JSONValue]]) -> [[String: JSONValue]] {
        ads.sorted { left, right in
            func key(_ ad: [String: JSONValue]) -> String {
                "\(ad["MyType"]?.string ?? "") \(ad["Name"]?.string ?? "")"
            }
            return key(left) < key(right)
        }
    }
}
