import FlockSimCore
import Foundation
import Synchronization

/// Prints events as JSON lines on standard output; the summary is the last one.
final class EventPrinter: Sendable {
    /// The one printer of the process.
    static let shared = EventPrinter()

    private let hasEnded = Mutex(false)

    /// Prints one event as one line, unless the summary has been printed.
    func print(_ event: SimulationEvent) {
        hasEnded.withLock { hasEnded in
            guard !hasEnded else { return }
            hasEnded = event.event == .summary
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            // An event holds nothing that cannot be encoded, and a reader that has gone is not our concern.
            guard var line = try? encoder.encode(event) else { return }
            line.append(UInt8(ascii: "\n"))
            try? FileHandle.standardOutput.write(contentsOf: line)
        }
    }
}
