import Foundation
import Synchronization

/// A running `flocksim`, whose events can be waited for.
final class Simulator: Sendable {
    let process: ChildProcess
    private let decoded = Mutex<[SimulatorEvent]>([])

    /// Starts it and waits until its daemons serve and have sent their first ads.
    init(_ arguments: [String]) async throws {
        process = try ChildProcess(Programs.simulator, arguments, name: "flocksim \(arguments.first ?? "")")
        _ = try await first(.ready)
    }

    /// All events so far.
    var events: [SimulatorEvent] {
        get throws {
            try decoded.withLock { events in
                for line in process.outputLines.dropFirst(events.count) {
                    events.append(try JSONDecoder().decode(SimulatorEvent.self, from: Data(line.utf8)))
                }
                return events
            }
        }
    }

    /// Waits until the events so far have what is looked for.
    func wait<T>(for what: String, _ look: ([SimulatorEvent]) -> T?) async throws -> T {
        let deadline = ContinuousClock.now + .patience
        while true {
            let known = try events
            if let found = look(known) { return found }
            _ = try await process.line(from: known.count, what, within: deadline - .now) { _ in true }
        }
    }

    /// Waits for the first event of a kind.
    func first(
        _ kind: SimulatorEvent.Kind, where condition: (SimulatorEvent) -> Bool = { _ in true }
    ) async throws -> SimulatorEvent {
        try await wait(for: "an event \(kind)") { $0.first { $0.event == kind && condition($0) } }
    }

    /// Stops it as an administrator would; returns all its events, of which the last is the summary.
    func stop() async throws -> [SimulatorEvent] {
        process.signal(SIGTERM)
        try await process.waitForExit()
        return try events
    }
}
