import CEDAR
import ClassAds
import FlockSimCore
import NIOCore
import TestSupport
import Testing

/// What a real schedd and shadow sent to a real startd, sent to the simulated one.
@Suite struct StartdReplayTests {
    private static func startd(
        port: Int, startTime: Int64, resources: SlotResources, layout: StartdConfiguration.Layout
    ) -> StartdModel {
        StartdModel(
            StartdConfiguration(
                identity: DaemonIdentity(
                    name: "annex1@localhost", machine: "127-0-0-1.test", host: "127.0.0.1", port: port,
                    startTime: startTime),
                resources: resources, layout: layout, uidDomain: "ap.test", collectorHost: "127.0.0.1:21658"),
            random: CountingRandom(), now: startTime)
    }

    private static func partitionable() -> StartdModel {
        startd(
            port: 35331, startTime: 1_795_387_019, resources: SlotResources(cpus: 4, memory: 4096, disk: 72_516_616),
            layout: .partitionable)
    }

    /// The claim ids that a startd has opened sessions for, in order.
    private static func openedClaims(_ actions: [StartdAction]) -> [ClaimID] {
        actions.compactMap {
            guard case .session(.open(let grant)) = $0, grant.role == .claimHolder else { return nil }
            return grant.secret
        }
    }

    private static func request(_ recording: RecordedNegotiation, for claim: ClaimID) throws -> ClaimRequest {
        var reader = try recording.conversation[0].reader
        var request = try ClaimRequest(reading: &reader)
        #expect(ClaimID(request.claim)?.publicForm == claim.publicForm)
        request.claim = claim.text
        return request
    }

    private static func reply(_ recording: RecordedNegotiation) throws -> ClaimReply {
        var reader = try recording.conversation[1].reader
        return try ClaimReply(reading: &reader)
    }

    @Test(arguments: ["nego-request-claim-pslot", "nego-request-claim-static"])
    func claimMessagesAreWrittenAsTheyWereRead(name: String) throws {
        let recording: RecordedNegotiation = try vectors(name)
        var reader = try recording.conversation[0].reader
        var writer = MessageWriter(encrypted: true)
        try ClaimRequest(reading: &reader).write(to: &writer)
        #expect(writer.payload == (try recording.conversation[0].reader.remainder))
    }

    @Test(arguments: ["nego-request-claim-pslot", "nego-request-claim-static"])
    func claimRepliesAreReadAsTheyAreWritten(name: String) throws {
        let recorded = try Self.reply(try vectors(name))
        var writer = MessageWriter(encrypted: true)
        try recorded.write(to: &writer)
        var reader = MessageReader(writer.payload, encrypted: true)
        let again = try ClaimReply(reading: &reader)
        #expect(again.codes == recorded.codes)
        #expect(again.claimed.map(\.claim) == recorded.claimed.map(\.claim))
        #expect(again.claimed.map(\.ad) == recorded.claimed.map(\.ad))
        #expect(again.leftovers?.ad == recorded.leftovers?.ad)
    }

    @Test func partitionableSlotAnswersAsTheRecordedOne() throws {
        let recording: RecordedNegotiation = try vectors("nego-request-claim-pslot")
        let recorded = try Self.reply(recording)
        var startd = Self.partitionable()
        let offered = try #require(Self.openedClaims(startd.start(now: 1_795_387_019)).first)
        let request = try Self.request(recording, for: offered)
        let (reply, _) = startd.requestClaim(request, clientMachine: "127-0-0-1.test", now: 1_795_387_036)

        #expect(reply.codes == recorded.codes)
        let claimed = try #require(reply.claimed.first?.ad)
        let recordedClaimed = try #require(recorded.claimed.first?.ad)
        #expect(claimed.namesUnlike(recordedClaimed) == [])
        let leftovers = try #require(reply.leftovers)
        let recordedLeftovers = try #require(recorded.leftovers)
        #expect(leftovers.ad.namesUnlike(recordedLeftovers.ad) == [])
        #expect(ClaimID(leftovers.claim)?.publicForm == ClaimID(recordedLeftovers.claim)?.publicForm)
        let telling = [
            "Name", "Cpus", "Memory", "Disk", "State", "Activity", "SlotType", "TotalSlots", "TotalSlotCpus",
            "TotalSlotMemory", "RemoteOwner", "RemoteUser", "RemoteScheddName", "ClientMachine", "Requirements",
            "WithinResourceLimits", "DSlotId", "ParentSlotId", "MyAddress", "AddressV1", "NumDynamicSlots",
            "ChildName", "ChildCpus", "ChildMemory", "ChildDisk", "ChildState", "ChildRemoteOwner", "LastSlotName",
        ]
        for name in telling {
            #expect(claimed[name] == recordedClaimed[name], "\(name) of the claimed slot")
            #expect(leftovers.ad[name] == recordedLeftovers.ad[name], "\(name) of the leftovers")
        }
    }

    @Test func staticSlotReturnsItselfAsLeftovers() throws {
        let recording: RecordedNegotiation = try vectors("nego-request-claim-static")
        let recorded = try Self.reply(recording)
        var startd = Self.startd(
            port: 37747, startTime: 1_795_387_063, resources: SlotResources(cpus: 4, memory: 4096, disk: 72_514_752),
            layout: .fixed(2))
        let offered = try #require(Self.openedClaims(startd.start(now: 1_795_387_063)).first)
        let request = try Self.request(recording, for: offered)
        let (reply, _) = startd.requestClaim(request, clientMachine: "127-0-0-1.test", now: 1_795_387_080)

        #expect(reply.codes == recorded.codes)
        #expect(reply.leftovers?.claim == request.claim)
        let claimed = try #require(reply.claimed.first?.ad)
        #expect(claimed.namesUnlike(recorded.claimed[0].ad) == [])
        let leftovers = try #require(reply.leftovers?.ad)
        #expect(leftovers.namesUnlike(try #require(recorded.leftovers?.ad)) == [])
    }

    @Test func endOfAJobIsAnsweredAsRecorded() throws {
        let recording: RecordedNegotiation = try vectors("nego-deactivate-claim")
        var (startd, claim) = try Self.claimedAndActive()
        var reader = try recording.conversation[0].reader
        let presented = try #require(try reader.readString())
        #expect(ClaimID(presented)?.publicForm == claim.publicForm)
        var answer = try recording.conversation[1].reader
        let recorded = try answer.readClassAd()

        let (willing, _) = startd.deactivate(claim.text, now: 1_795_387_040)
        #expect(willing == recorded.boolean("Start"))
    }

    @Test func releaseEndsTheClaimAndGivesTheResourcesBack() throws {
        let recording: RecordedNegotiation = try vectors("nego-release-claim")
        var (startd, claim) = try Self.claimedAndActive()
        var reader = try recording.conversation[0].reader
        let presented = try #require(try reader.readString())
        #expect(ClaimID(presented)?.publicForm == claim.publicForm)

        let invalidated = startd.release(claim.text, now: 1_795_387_041).compactMap { action -> String? in
            guard case .update(let update) = action, update.command == .invalidateStartdAds else { return nil }
            return update.ads[0].string("Name")
        }
        #expect(invalidated == ["slot1_1@annex1@localhost"])
        let slots = startd.updates(now: 1_795_387_041).slotAds
        #expect(slots.map { $0.integer("Cpus") } == [4])
    }

    /// A startd that runs the recorded job on the first claim.
    private static func claimedAndActive() throws -> (StartdModel, ClaimID) {
        let recording: RecordedNegotiation = try vectors("nego-request-claim-pslot")
        var startd = partitionable()
        let offered = try #require(openedClaims(startd.start(now: 1_795_387_019)).first)
        let request = try request(recording, for: offered)
        _ = startd.requestClaim(request, clientMachine: "127-0-0-1.test", now: 1_795_387_036)
        let (reply, _) = startd.activate(
            ActivationRequest(claim: offered.text, job: request.job), now: 1_795_387_036)
        #expect(reply == .accepted)
        return (startd, offered)
    }
}

extension MessageReader {
    /// What is left to read.
    fileprivate var remainder: ByteBuffer {
        var copy = self
        return ByteBuffer(bytes: copy.readRemainingBytes())
    }
}

extension [StartdAction] {
    /// The public ads of slots among the updates.
    var slotAds: [ClassAd] {
        compactMap {
            guard case .update(let update) = $0, update.ads.count == 2 else { return nil }
            return update.ads[0]
        }
    }
}
