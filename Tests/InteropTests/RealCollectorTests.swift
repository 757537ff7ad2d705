import CEDAR
import ClassAds
import CondorSecurity
import Testing

/// Our client against an unmodified condor_collector.
///
/// With `FLOCK_RECORD` each conversation is written into that folder; so the vectors `auth-ours-*` were made.
@Suite(.serialized, .enabled(if: RealCollector.program != nil, "condor_collector is not installed"))
struct RealCollectorTests {
    @Test(arguments: [("fs", AuthenticationMethod.fs), ("idtokens", .idTokens), ("ssl", .ssl)])
    func ourClientComesInAndResumes(word: String, method: AuthenticationMethod) async throws {
        let collector = try await RealCollector()
        let token = try collector.token(for: "alice")
        var client = try RecordingClient(collector, .queryAnyAds, [method], idTokens: [token])
        try client.shakeHands()
        let session = try #require(client.session, "\(String(describing: client.failure))")
        // Its own ad is not there yet, or it is.
        #expect(try client.ask("true").count <= 1)
        let name = "auth-ours-\(word)-collector"
        try client.save(
            name, peer: "condor_collector 25.14.0", "FlockBroker's client asks a real collector.",
            token: method == .idTokens ? token : nil)

        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            var again = try RecordingClient(collector, .queryAnyAds, [method], resume: session)
            try again.shakeHands()
            #expect(again.session?.id == session.id, "\(String(describing: again.failure))")
            let types = try again.ask("MyType == \"Collector\"").map { $0.string("MyType") }
            if types.isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
                continue
            }
            #expect(types == ["Collector"])
            try again.save(name + "-resumed", peer: "condor_collector 25.14.0", "The same on the session resumed.")
            return
        }
    }

    @Test func aTokenOfAnotherKeyIsRefused() async throws {
        let collector = try await RealCollector()
        let stranger = try await RealCollector()
        var client = try RecordingClient(
            collector, .queryAnyAds, [.idTokens], idTokens: [try stranger.token(for: "alice")])
        try client.shakeHands()
        #expect(client.session == nil && client.failure != nil)
    }
}
