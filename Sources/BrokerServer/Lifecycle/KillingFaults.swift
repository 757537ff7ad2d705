import AnnexStore
import Glibc
import Synchronization

/// Ends the process at a chosen moment, as a power cut would: for tests of what a restart finds.
///
/// Debug builds only; `FLOCKBROKER_FAULT=beforeCommit.adRegistered` names the moment, `...:3` its third time.
final class KillingFaults: FaultInjecting {
    private let point: FaultPoint
    private let left: Atomic<Int>

    private init(point: FaultPoint, times: Int) {
        self.point = point
        left = Atomic(times)
    }

    /// What the environment asks for; nothing in release builds.
    static func fromEnvironment() -> any FaultInjecting {
        #if DEBUG
            guard let text = getenv("FLOCKBROKER_FAULT").map({ String(cString: $0) }) else { return NoFaults() }
            let parts = text.split(separator: ":")
            guard let point = parts.first.flatMap({ FaultPoint(rawValue: String($0)) }) else { return NoFaults() }
            return KillingFaults(point: point, times: parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
        #else
            return NoFaults()
        #endif
    }

    func reached(_ point: FaultPoint) {
        guard point == self.point, left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
        kill(getpid(), SIGKILL)
        // The signal is on its way; nothing may happen after this moment.
        while true { pause() }
    }
}
