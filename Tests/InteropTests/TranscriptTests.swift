import CEDAR
import ClassAds
import CondorSecurity
import Testing

/// Our client's conversations with an unmodified collector, packet by packet.
///
/// With `FLOCK_RECORD` each is written into that folder; so the vectors `auth-ours-*` were made.
@Suite(.serialized, .enabled(if: RealCollector.program != nil, "no condor_collector in the PATH"))
struct TranscriptTests {
    @Test(arguments: [("fs", AuthenticationMethod.fs), ("idtokens", .idTokens), ("ssl", .ssl)])
    func aConversationAndItsResumptionAreWrittenDown(word: String, method: AuthenticationMethod) async throws {
        let collector = try await RealCollector()
        let name = "auth-ours-\(word)-collector"
        var client = try RecordingClient(collector, .queryAnyAds, [method])
        try client.shakeHands()
        let session = try #require(client.session, "\(String(describing: client.failure))")
        #expect(try client.ask("MyType == \"Collector\"").count == 1)
        try client.save(
            name, "FlockBroker's client asks a real collector.",
            token: method == .idTokens ? collector.credentials.idTokens.first : nil)

        var again = try RecordingClient(collector, .queryAnyAds, [method], resume: session)
        try again.shakeHands()
        #expect(again.session?.id == session.id, "\(String(describing: again.failure))")
        #expect(try again.ask("true").count == 1)
        try again.save(name + "-resumed", "The same on the session resumed.")
    }
}
