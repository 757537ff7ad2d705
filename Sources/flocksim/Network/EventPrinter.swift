import FlockSimCore
import Foundation

/// Prints events as JSON lines on standard output.
final class EventPrinter: Sendable {
    /// The one printer of the process.
    static let shared = EventPrinter()

    private let queue = DispatchQueue(label: "events")

    /// Prints one event as one line.
    func print(_ event: SimulationEvent) {
        queue.sync {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            // An event holds nothing that cannot be encoded, and a reader that has gone is not our concern.
            guard var line = try? encoder.encode(event) else { return }
            line.append(UInt8(ascii: "\n"))
            try? FileHandle.standardOutput.write(contentsOf: line)
        }
    }
}
