import CEDAR
import ClassAds
import Cryptography
import TestSupport
import Testing

@testable import FlockSimCore

/// A small schedd, a negotiator and startds that say yes.
struct ScheddBench {
    var schedd: ScheddModel
    var now: Int64 = 1_800_000_000
    let pool: String
    private var nextPort = 7000

    init(
        pool: String = "broker:9620", flockByDefault: Bool = true, gate: String? = nil, jobs: [JobDescription]
    ) throws {
        self.pool = pool
        schedd = ScheddModel(
            ScheddConfiguration(
                identity: DaemonIdentity(
                    name: "ap@host", machine: "host", host: "127.0.0.1", port: 5000, startTime: now),
                uidDomain: "ap.test", pool: pool, flockByDefault: flockByDefault,
                gate: try gate.map { try Gate($0) }),
            random: CountingRandom())
        for job in jobs { schedd.submit(job, now: now) }
        _ = schedd.advertise(now: now)
    }

    static func job(_ tag: String?, owner: String = "alice", count: Int = 1, submitter: String? = nil) -> JobDescription
    {
        JobDescription(owner: owner, count: count, flockTarget: tag, submitter: submitter, requirements: true)
    }

    static func header(
        _ submitter: String = "alice@ap.test", tag: String = "broker:9620",
        attributes: String = "User,Owner,FlockTarget,FlockTo,RequestCpus", constraint: Expression? = nil
    ) -> ClassAd {
        var ad: ClassAd = ["NegotiatorName": "broker", "MatchCaps": "MatchDiag3"]
        ad.set("Owner", submitter)
        ad.set("SubmitterTag", tag)
        ad.set("AutoClusterAttrs", attributes)
        ad["NegotiatorJobConstraint"] = constraint
        return ad
    }

    /// A message of the negotiator; `nil` if it made the schedd close.
    mutating func say(_ message: NegotiatorMessage, on connection: UInt64 = 1) -> [ScheddMessage]? {
        let (outcome, _) = schedd.negotiator(says: message, on: connection, sessionPool: pool, now: now)
        guard case .keepOpen(let messages) = outcome else { return nil }
        return messages
    }

    /// Begins a round and asks for requests: `cluster.proc xN` for each, `-` for the end of the list.
    mutating func requests(
        _ header: ClassAd = Self.header(), limit: Int64 = 200
    ) -> [String]? {
        guard say(.header(header)) != nil else { return nil }
        return say(.sendRequests(limit: limit)).map(Self.describe)
    }

    static func describe(_ messages: [ScheddMessage]) -> [String] {
        messages.map {
            switch $0 {
            case .noMoreJobs: "-"
            case .jobInfo(let ad): "\(ad.jobID) x\(ad.integer("_condor_RESOURCE_COUNT") ?? 1)"
            }
        }
    }

    /// The claim id of another startd.
    mutating func newClaim() -> ClaimID {
        nextPort += 1
        return ClaimID.make(sessionID: "<127.0.0.1:\(nextPort)>#1#1", random: CountingRandom())
    }

    /// A slot as a broker hands it out.
    static func slot(
        _ name: String = "slot1@n1", for job: JobID = JobID(cluster: 1, proc: 0), annex: String? = nil,
        identity: String? = nil, requirements: String = "true"
    ) -> ClassAd {
        var ad: ClassAd = ["State": "Unclaimed", "Cpus": 1, "Memory": 1000, "Disk": 100_000]
        ad.set("Name", name)
        ad.set("MyAddress", "<127.0.0.1:7001>")
        ad.set("_condor_RESOURCE_CLUSTER", job.cluster)
        ad.set("_condor_RESOURCE_PROC", job.proc)
        ad.setExpression("Requirements", requirements)
        if let annex { ad.set("NegotiatorMatchExprFlockTarget", annex) }
        if let identity {
            ad.set("AuthenticatedIdentity", identity)
            ad.set("RestrictToAuthenticatedIdentity", true)
        }
        return ad
    }

    /// Gives the schedd a slot and returns what it wants to claim it for.
    mutating func match(_ slot: ClassAd, claim: ClaimID? = nil) -> (claim: ClaimID, job: String?) {
        let claim = claim ?? newClaim()
        let (_, actions) = schedd.negotiator(
            says: .match(claim: claim.text, slot: slot), on: 1, sessionPool: pool, now: now)
        return (claim, actions.claimRequests.first?.job.jobID)
    }

    /// The startd grants the claim; its own ad, and what is left of it.
    mutating func grant(
        _ claim: ClaimID, ad: ClassAd = Self.slot(), leftovers: ClassAd? = nil
    ) -> [ScheddAction] {
        let rest = leftovers.map { ClaimReply.Slot(claim: newClaim().text, ad: $0) }
        return schedd.claimAnswered(
            claim.sessionID,
            reply: ClaimReply(isAccepted: true, claimed: [.init(claim: claim.text, ad: ad)], leftovers: rest), now: now)
    }

    /// Runs the job of a claim to its end and returns what the schedd does then.
    mutating func finish(_ claim: ClaimID) -> [ScheddAction] {
        _ = schedd.activationAnswered(claim.sessionID, reply: .accepted, now: now)
        _ = schedd.jobDurationPassed(claim.sessionID, now: now)
        return schedd.deactivated(claim.sessionID, willStartAnother: true, now: now)
    }
}

extension [ScheddAction] {
    var claimRequests: [ClaimRequest] {
        compactMap {
            guard case .requestClaim(_, _, let request) = $0 else { return nil }
            return request
        }
    }

    /// The jobs that are to be activated.
    var activated: [String] {
        compactMap {
            guard case .activate(_, _, let request) = $0 else { return nil }
            return request.job.jobID
        }
    }

    var releases: Int {
        count {
            guard case .release = $0 else { return false }
            return true
        }
    }

    var events: [SimulationEvent] {
        compactMap {
            guard case .event(let event) = $0 else { return nil }
            return event
        }
    }
}
