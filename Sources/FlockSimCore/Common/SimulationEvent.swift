/// One line of a simulated daemon's log: something that happened or was decided.
package struct SimulationEvent: Sendable, Equatable, Encodable {
    /// What happened; the raw value is the `event` of the JSON line.
    package enum Kind: String, Sendable, Encodable {
        /// The daemon serves at `address`.
        case ready
        /// An ad was sent for the first time, or again after the connection was lost.
        case registered
        /// A peer was turned away at the port.
        case connectionRefused = "connection_refused"
        /// A slot was claimed for a job.
        case claimed
        /// A claim or an activation was refused.
        case refused
        /// A claim ended.
        case released
        /// A job began to run.
        case jobStarted = "job_started"
        /// A job ran to its end.
        case jobFinished = "job_finished"
        /// A job was stopped before its end.
        case jobEvicted = "job_evicted"
        /// A negotiation began.
        case negotiationStarted = "negotiation_started"
        /// A negotiation ended.
        case negotiationEnded = "negotiation_ended"
        /// A negotiator was turned away.
        case negotiatorRefused = "negotiator_refused"
        /// The negotiator gave a slot to a job.
        case matched
        /// The schedd took another job than the negotiator had named, or one by itself.
        case rematched
        /// A match was dropped.
        case matchDropped = "match_dropped"
        /// The negotiator rejected a request.
        case rejected
        /// An administrator stops the daemon.
        case shutdown
        /// Talking to another daemon failed.
        case failed
        /// All is done; the counts are final.
        case summary
    }

    /// What happened.
    package var event: Kind
    /// Address of the daemon.
    package var address: String?
    /// `cluster.proc`.
    package var job: String?
    /// Account name.
    package var owner: String?
    /// `FlockTarget` of the job.
    package var tag: String?
    /// Name of the slot.
    package var slot: String?
    /// `AnnexName` of the slot.
    package var annex: String?
    /// Public form of the claim id.
    package var claim: String?
    /// Why.
    package var reason: String?
    /// Numbers of a summary or of a negotiation.
    package var counts: [String: Int]?

    /// An event with the fields that apply to it.
    package init(
        _ event: Kind, address: String? = nil, job: String? = nil, owner: String? = nil, tag: String? = nil,
        slot: String? = nil, annex: String? = nil, claim: String? = nil, reason: String? = nil,
        counts: [String: Int]? = nil
    ) {
        self.event = event
        self.address = address
        self.job = job
        self.owner = owner
        self.tag = tag
        self.slot = slot
        self.annex = annex
        self.claim = claim
        self.reason = reason
        self.counts = counts
    }
}
