import CEDAR
import ClassAds
import Foundation
import TestSupport
import Testing

@testable import FlockSimCore

/// What a real negotiator sent to a real schedd, sent to the simulated one.
@Suite struct ScheddReplayTests {
    /// A schedd with the jobs of the recording: three small ones and two that nobody can run.
    private static func schedd(port: Int, submittedAt: Int64) -> ScheddModel {
        var schedd = ScheddModel(
            ScheddConfiguration(
                identity: DaemonIdentity(
                    name: "ap@localhost", machine: "127-0-0-1.test", host: "127.0.0.1", port: port,
                    startTime: submittedAt - 4),
                uidDomain: "ap.test", pool: "127.0.0.1:21658"),
            random: CountingRandom())
        schedd.submit(JobDescription(owner: "alice", count: 3), now: submittedAt)
        schedd.submit(
            JobDescription(
                owner: "alice", count: 2, request: SlotResources(cpus: 1, memory: 999_999, disk: 10240)),
            now: submittedAt)
        _ = schedd.advertise(now: submittedAt)
        return schedd
    }

    /// Plays the negotiator and compares what the schedd says; the caller answers claim requests.
    private static func replay(
        _ name: String, schedd: inout ScheddModel, now: Int64,
        answer: (ClaimRequest, ClaimID) throws -> ClaimReply?
    ) throws {
        var pending: [ScheddMessage] = []
        // Autoclusters are numbered in an order that does not matter.
        var autoClusters: [Int64: Int64] = [:]
        for (index, message) in try vectors(name, as: RecordedNegotiation.self).conversation.enumerated() {
            var reader = try message.reader
            guard message.from == "negotiator" else {
                let said = try #require(pending.isEmpty ? nil : pending.removeFirst(), "message \(index)")
                try compare(said, with: &reader, autoClusters: &autoClusters)
                continue
            }
            #expect(pending.isEmpty)
            let number = index == 0 ? CommandNumber.negotiate : try reader.readCommand()
            var said = try #require(try NegotiatorMessage(number, reading: reader))
            if case .rejected(let reason?) = said {
                said = .rejected(reason: renumbered(reason, autoClusters))
            }
            let (outcome, actions) = schedd.negotiator(says: said, on: 1, sessionPool: nil, now: now)
            guard case .keepOpen(let replies) = outcome else {
                Issue.record("message \(index) closed the connection")
                return
            }
            pending = replies
            try answerClaims(actions, schedd: &schedd, now: now, answer: answer)
        }
        #expect(pending.isEmpty)
    }

    private static func answerClaims(
        _ actions: [ScheddAction], schedd: inout ScheddModel, now: Int64,
        answer: (ClaimRequest, ClaimID) throws -> ClaimReply?
    ) throws {
        for action in actions {
            guard case .requestClaim(_, let claim, let request) = action, let reply = try answer(request, claim)
            else { continue }
            let next = schedd.claimAnswered(claim.sessionID, reply: reply, now: now)
            try answerClaims(next, schedd: &schedd, now: now, answer: answer)
        }
    }

    private static func compare(
        _ said: ScheddMessage, with reader: inout MessageReader, autoClusters: inout [Int64: Int64]
    ) throws {
        switch (said, try reader.readCommand()) {
        case (.noMoreJobs, .noMoreJobs):
            break
        case (.jobInfo(var ad), .jobInfo):
            let recorded = try reader.readClassAd()
            let theirs = try #require(recorded.integer("AutoClusterId"))
            let ours = try #require(ad.integer("AutoClusterId"))
            #expect(autoClusters[theirs] ?? ours == ours)
            autoClusters[theirs] = ours
            ad.set("AutoClusterId", theirs)
            #expect(ad == recorded)
        case (_, let command):
            Issue.record("\(said) instead of \(command)")
        }
    }

    /// Ends a replay early.
    private struct Enough: Error {}

    private static func renumbered(_ reason: String, _ autoClusters: [Int64: Int64]) -> String {
        var parts = reason.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        if parts.count > 1, let theirs = Int64(parts[1]), let ours = autoClusters[theirs] { parts[1] = "\(ours)" }
        return parts.joined(separator: "|")
    }

    @Test func requestsAndMatchesOfStaticSlotsAreAsRecorded() throws {
        var schedd = Self.schedd(port: 43975, submittedAt: 1_795_387_075)
        var asked: [String] = []
        try Self.replay("nego-negotiate-static", schedd: &schedd, now: 1_795_387_080) { request, _ in
            asked.append(request.job.jobID)
            return nil
        }
        #expect(asked == ["1.0", "1.1"])
        #expect(schedd.jobs[JobID(cluster: 1, proc: 2)]?.ad.string("LastRejMatchReason") == "no match found")
    }

    @Test func leftoversOfAPartitionableSlotRunTheOtherJobsAsRecorded() throws {
        var schedd = Self.schedd(port: 41133, submittedAt: 1_795_387_031)
        var reader = try vectors("nego-request-claim-pslot", as: RecordedNegotiation.self).conversation[1].reader
        let recorded = try ClaimReply(reading: &reader)
        let rest = try #require(recorded.leftovers)
        var asked: [String] = []
        var next = 100
        try Self.replay("nego-negotiate-pslot", schedd: &schedd, now: 1_795_387_036) { request, claim in
            asked.append(request.job.jobID)
            guard asked.count > 1 else { return recorded }
            next += 1
            let further = rest.claim.replacingOccurrences(of: "#2#", with: "#\(next)#")
            return ClaimReply(
                isAccepted: true, claimed: [.init(claim: claim.text, ad: recorded.claimed[0].ad)],
                leftovers: .init(claim: further, ad: rest.ad))
        }
        #expect(asked == ["1.0", "1.1", "1.2"])
    }

    @Test(
        arguments: [
            ("nego-negotiate-pslot", "nego-request-claim-pslot", 41133, 1_795_387_031),
            ("nego-negotiate-static", "nego-request-claim-static", 43975, 1_795_387_075),
        ] as [(String, String, Int, Int64)])
    func claimRequestIsAsRecorded(negotiation: String, claim: String, port: Int, submittedAt: Int64) throws {
        var schedd = Self.schedd(port: port, submittedAt: submittedAt)
        var reader = try vectors(claim, as: RecordedNegotiation.self).conversation[0].reader
        let recorded = try ClaimRequest(reading: &reader)
        var made: ClaimRequest?
        do {
            try Self.replay(negotiation, schedd: &schedd, now: submittedAt + 5) { request, _ in
                made = request
                throw Enough()
            }
        } catch is Enough {
            // The first request is all that is compared.
        }
        let request = try #require(made)
        #expect(request.claim == recorded.claim)
        #expect(request.scheddAddress == recorded.scheddAddress)
        #expect(request.aliveInterval == recorded.aliveInterval)
        #expect(request.job.namesUnlike(recorded.job) == [])
        for name in [
            "Owner", "User", "GlobalJobId", "Requirements", "AutoClusterAttrs", "ScheddName", "CpusProvisioned",
            "MemoryProvisioned", "FirstJobMatchDate", "RemoteNegotiatingGroup", "_condor_SEND_LEFTOVERS",
        ] {
            #expect(request.job[name] == recorded.job[name], "\(name)")
        }
    }

    @Test func submitterAdCarriesWhatTheRecordedOneCarries() throws {
        var schedd = Self.schedd(port: 41133, submittedAt: 1_795_387_031)
        let ads = schedd.advertise(now: 1_795_387_031).compactMap { action -> ClassAd? in
            guard case .update(let update) = action, update.command == .updateSubmitterAd else { return nil }
            return update.ads[0]
        }
        let recorded = try RecordedAds().submitter.without([
            "LastHeardFrom", "AuthenticatedIdentity", "UpdatesTotal", "UpdatesLost", "UpdatesHistory",
            "UpdatesSequenced",
        ])
        #expect(ads.map { $0.namesUnlike(recorded) } == [[]])
    }
}
