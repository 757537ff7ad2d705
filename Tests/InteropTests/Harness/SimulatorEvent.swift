/// One line of a simulator's output: something that happened to a simulated daemon.
struct SimulatorEvent: Decodable, Equatable, Sendable {
    /// What happened.
    enum Kind: String, Decodable {
        case ready, registered, claimed, refused, released, matched, rematched, rejected, shutdown, failed, summary
        case connectionRefused = "connection_refused"
        case jobStarted = "job_started"
        case jobFinished = "job_finished"
        case jobEvicted = "job_evicted"
        case negotiationStarted = "negotiation_started"
        case negotiationEnded = "negotiation_ended"
        case negotiatorRefused = "negotiator_refused"
        case matchDropped = "match_dropped"
    }

    var event: Kind
    /// `cluster.proc`.
    var job: String?
    /// Account of the job's owner; of a negotiation the submitter's full name.
    var owner: String?
    var tag: String?
    var slot: String?
    var annex: String?
    /// The public form of a claim id.
    var claim: String?
    var reason: String?
    var counts: [String: Int]?
}
