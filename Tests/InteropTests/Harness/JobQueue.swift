import Foundation

/// Equal jobs of one user, in the form that `flocksim schedd --jobs` reads, and where they must run.
struct Submission: Encodable, Sendable {
    private enum CodingKeys: String, CodingKey {
        case owner, count, duration, flockTarget, targetAnnexName, submitter, requirements, attributes
    }

    var owner: String
    var count = 1
    /// Seconds.
    var duration = 0.2
    var flockTarget: String?
    var targetAnnexName: String?
    /// The submitter's name if it is not the owner's (`accounting_group_user`).
    var submitter: String?
    var requirements: String?
    /// Further attributes; the values are expressions.
    var attributes: [String: String]?
    /// The one group of pilots that may run them (``FlockScene/pilots``); `nil` for jobs that must not run.
    var place: String?
}

/// The queue of a simulated schedd.
struct JobQueue: Sendable {
    let submissions: [Submission]

    init(_ submissions: [Submission]) { self.submissions = submissions }

    /// The jobs of a submission; clusters count from 1 in the order of the submissions.
    func jobs(ofCluster cluster: Int) -> [String] {
        (0..<submissions[cluster - 1].count).map { "\(cluster).\($0)" }
    }

    /// Where each job may run.
    var places: [String: String?] {
        submissions.indices.reduce(into: [:]) { places, index in
            for job in jobs(ofCluster: index + 1) { places.updateValue(submissions[index].place, forKey: job) }
        }
    }

    /// The jobs that must run.
    var rightJobs: Set<String> { Set(places.compactMap { $1 == nil ? nil : $0 }) }

    /// The jobs that must never run.
    var wrongJobs: Set<String> { Set(places.compactMap { $1 == nil ? $0 : nil }) }

    /// The submitter of a job, as the schedd advertises it.
    func submitter(of job: String) -> String? {
        guard let cluster = job.split(separator: ".").first.flatMap({ Int($0) }) else { return nil }
        let submission = submissions[cluster - 1]
        return "\(submission.submitter ?? submission.owner)@demo.example"
    }

    func write(to path: String) throws {
        try JSONEncoder().encode(submissions).write(to: URL(filePath: path))
    }

    /// Whether all these jobs have finished, nothing is matched, and after that every submitter with waiting jobs had
    /// a whole round: whatever would still run has had its chance.
    func isSettled(_ finished: Set<String>, in events: [SimulatorEvent]) -> Bool {
        guard events.lazy.filter({ $0.event == .jobFinished }).count >= finished.count else { return false }
        var waiting = Set(places.keys)
        var missing = finished
        var claims: Set<String> = []
        var roundsSince: Set<String> = []
        var openRounds: Set<String> = []
        for event in events {
            switch event.event {
            case .matched, .rematched:
                claims.insert(event.claim ?? "")
            case .released, .jobEvicted:
                claims.remove(event.claim ?? "")
                roundsSince = []
                openRounds = []
            case .refused:
                // The gate's refusal is followed by another job or a release.
                if event.reason != "gate" { claims.remove(event.claim ?? "") }
                roundsSince = []
                openRounds = []
            case .jobFinished:
                waiting.remove(event.job ?? "")
                missing.remove(event.job ?? "")
            case .negotiationStarted:
                openRounds.insert(event.owner ?? "")
            case .negotiationEnded:
                if openRounds.remove(event.owner ?? "") != nil { roundsSince.insert(event.owner ?? "") }
            case .ready, .registered, .connectionRefused, .claimed, .jobStarted, .negotiatorRefused, .matchDropped,
                .rejected, .shutdown, .failed, .summary:
                break
            }
        }
        guard missing.isEmpty, claims.isEmpty else { return false }
        return Set(waiting.compactMap(submitter)).isSubset(of: roundsSince)
    }
}
