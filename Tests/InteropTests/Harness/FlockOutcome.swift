import Foundation

/// What became of a queue, as the schedd, the pilots and the broker tell it.
struct FlockOutcome: Sendable {
    /// A job on a slot.
    struct Run: Hashable {
        var job: String
        /// The group of pilots, `owner/annex`.
        var place: String
    }

    var queue: JobQueue
    var schedd: [SimulatorEvent]
    /// By `owner/annex`.
    var pilots: [String: [SimulatorEvent]]
    var brokerLog: [String]

    /// Every job that a startd started, and where.
    var runs: [Run] {
        pilots.flatMap { place, events in
            events.filter { $0.event == .jobStarted }.map { Run(job: $0.job ?? "?", place: place) }
        }
    }

    /// Jobs that ran where they must not.
    var misplaced: [Run] {
        let places = queue.places
        return runs.filter { (places[$0.job] ?? nil) != $0.place }
    }

    /// Jobs that ran to their end, by the schedd.
    var finished: Set<String> { Set(schedd.filter { $0.event == .jobFinished }.compactMap(\.job)) }

    /// How jobs came to a claim: `matched` for the pairing that the broker named, otherwise the schedd's reason.
    func ways(of jobs: Set<String>) -> Set<String> {
        Set(
            schedd.filter { ($0.event == .matched || $0.event == .rematched) && jobs.contains($0.job ?? "") }
                .map { event in
                    guard let reason = event.reason else { return "matched" }
                    return reason.hasPrefix("instead of") ? "instead of the named job" : reason
                })
    }

    /// The reasons of the broker's rejections of the jobs of a cluster.
    func rejections(ofCluster cluster: Int) -> Set<String> {
        let jobs = Set(queue.jobs(ofCluster: cluster))
        return Set(schedd.filter { $0.event == .rejected && jobs.contains($0.job ?? "") }.compactMap(\.reason))
    }

    /// How many kinds of jobs of a user the schedd offered in his first round.
    func requestsInFirstRound(of submitter: String) -> Int? {
        schedd.first { $0.event == .negotiationStarted && $0.owner == submitter }?.counts?["requests"]
    }

    /// Whether the schedd gave claims back because none of the waiting jobs may use them.
    var gaveClaimsBack: Bool { schedd.contains { $0.event == .released && $0.reason == "out of jobs" } }

    /// Claims that the broker handed out, by their public form, in order.
    var handedOut: [String] {
        brokerLog.filter { $0.contains(" claim handed out ") }.compactMap { line in
            guard let start = line.range(of: " claim=")?.upperBound else { return nil }
            let value = line[start...]
            return value.hasPrefix("\"")
                ? value.dropFirst().split(separator: "\"").first.map(String.init)
                : value.split(separator: " ").first.map(String.init)
        }
    }

    /// Claims that occur more than once in a list.
    static func repeated(_ claims: [String]) -> [String] {
        var seen: Set<String> = []
        return claims.filter { !seen.insert($0).inserted }
    }

    /// Claims that were claimed, as a startd tells it or as the schedd does.
    static func claimed(_ events: [SimulatorEvent]) -> [String] {
        events.filter { $0.event == .claimed }.compactMap(\.claim)
    }

    /// Jobs that were started on a slot where another one ran.
    var overlaps: [Run] {
        pilots.flatMap { place, events in
            var busy: Set<String> = []
            var found: [Run] = []
            for event in events {
                let slot = event.slot ?? "?"
                if event.event == .jobStarted, !busy.insert(slot).inserted {
                    found.append(Run(job: event.job ?? "?", place: place))
                }
                if event.event == .jobFinished || event.event == .jobEvicted { busy.remove(slot) }
            }
            return found
        }
    }
}
