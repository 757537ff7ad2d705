import CondorNet
import Logging
import Synchronization

/// The lines about peers that were turned away: each cause once, and from time to time how often it came again.
final class RefusalLog: Sendable {
    private let throttle = Mutex(RefusalThrottle())
    private let log: Logger

    init(_ log: Logger) { self.log = log }

    /// Tells of a refusal, unless its cause has been told.
    func log(_ refusal: ConnectionRefusal, now: Int64) {
        let details = refusal.metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let isTold = throttle.withLock {
            $0.isWorthALine(
                from: refusal.peer, reason: refusal.reason, subject: details.joined(separator: " "), now: now)
        }
        if isTold { log.notice("refused", metadata: Self.metadata(of: refusal)) }
    }

    /// Tells what was left out; at most once a minute.
    func summarize(now: Int64) {
        for summary in throttle.withLock({ $0.summaries(now: now) }) {
            log.notice(
                "refused again",
                metadata: [
                    "address": "\(summary.address.isEmpty ? "further addresses" : summary.address)",
                    "reason": "\(summary.reason)", "count": "\(summary.count)",
                ])
        }
    }

    /// A refusal's facts for a line.
    static func metadata(of refusal: ConnectionRefusal) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["peer": "\(refusal.peer)", "reason": "\(refusal.reason)"]
        for (key, value) in refusal.metadata { metadata[key] = "\(value)" }
        return metadata
    }
}
