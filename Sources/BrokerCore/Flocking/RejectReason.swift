import CEDAR

/// Why a request got no slot, as the job's owner reads it in `condor_q -analyze` (spec 05, 2.8).
package enum RejectReason: Hashable, Sendable {
    case noSuchAnnex(String)
    case annexOfAnother(String)
    case annexIsClosed(String)
    case noFreeSlot(String)
    case requirementsOfJob(String)
    case requirementsOfSlot(String)
    case waitingAfterRefusal(String)
    case unreachable(String)
    case universe(Int64)
    case concurrencyLimits
    case unknownUser
    case noResourcesStated(String)

    /// The longest text, in characters.
    package static let maximumLength = 200

    /// One line without `|`, which separates the parts on the wire.
    package var text: String {
        let text =
            switch self {
            case .noSuchAnnex(let name): "there is no annex \(name)"
            case .annexOfAnother(let name): "annex \(name) belongs to another user"
            case .annexIsClosed(let name): "annex \(name) is shutting down"
            case .noFreeSlot(let name): "annex \(name) has no free slot"
            case .requirementsOfJob(let name): "no free slot of annex \(name) meets the job's requirements"
            case .requirementsOfSlot(let name): "the free slots of annex \(name) do not accept the job"
            case .waitingAfterRefusal(let name): "the free slots of annex \(name) refused the job a moment ago"
            case .unreachable(let name): "the access point cannot reach the free slots of annex \(name)"
            case .universe(let universe): "jobs of universe \(universe) do not run in annexes"
            case .concurrencyLimits: "jobs with concurrency limits do not run in annexes"
            case .unknownUser: "the request does not say whose job it is"
            case .noResourcesStated(let name): "the job must state \(name) to run in an annex"
            }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(Self.maximumLength).map {
                    $0.value < 0x20 || $0 == "|" || $0.value == 0x7F ? " " : $0
                }))
    }

    /// The text of `REJECTED_WITH_REASON`; with bit 2 of `WantMatchDiagnostics` it names the request.
    package func wireText(for request: ResourceRequest) -> String {
        request.diagnostics & 2 == 0 ? text : "\(text) |\(request.autocluster)|\(request.jobID)|"
    }
}

/// Why a request is left alone: neither matched nor rejected.
package enum SkipReason: Hashable, Sendable {
    /// Not a job (spec 05, 2.5).
    case notAJob
    /// The job names no annex; to reject it would put our words into the analysis of other people's jobs.
    case untagged
    /// Evaluating more for this round was not allowed; the jobs are asked for again.
    case outOfBudget
}
