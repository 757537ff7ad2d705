import Foundation
import Synchronization

/// A running `flocksim`: its events, to wait for and to count.
final class FlocksimProcess: Sendable {
    let process: ChildProcess
    /// Lines are decoded once, however often somebody looks.
    private let decoded = Mutex<[FlocksimEvent]>([])

    private init(_ arguments: [String], name: String) throws {
        process = try ChildProcess(Programs.simulator, arguments, name: name)
    }

    /// Starts the nodes of an annex from its pilot's directory.
    ///
    /// - Parameter interval: seconds between updates; a large one for a pilot that is to be heard of once.
    static func pilots(
        _ files: PilotFiles, nodes: Int = 1, prefix: String = "node", interval: Int = 1, _ more: [String] = []
    ) throws -> FlocksimProcess {
        try FlocksimProcess(
            [
                "pilots", "--pilot-directory", files.path, "--nodes", "\(nodes)", "--name-prefix", prefix,
                "--interval", "\(interval)",
            ] + more, name: "flocksim pilots \(prefix)")
    }

    /// Starts a schedd with a queue of jobs.
    static func schedd(
        _ broker: RunningBroker, name: String = "ap", jobs: [FlocksimJob], interval: Int = 1
    ) throws -> FlocksimProcess {
        let file = broker.directory.sub("jobs-\(name)-\(UUID().uuidString.prefix(4)).json")
        try JSONEncoder().encode(jobs).write(to: URL(filePath: file))
        return try FlocksimProcess(
            [
                "schedd", "--broker", broker.hostPort, "--jobs", file, "--name", name, "--uid-domain", "demo.example",
                "--interval", "\(interval)",
            ], name: "flocksim schedd \(name)")
    }

    /// All events so far.
    var events: [FlocksimEvent] {
        let lines = process.outputLines
        return decoded.withLock { events in
            for line in lines.dropFirst(events.count) {
                // A line that is no event takes its place, so that counting goes on.
                let event = try? JSONDecoder().decode(FlocksimEvent.self, from: Data(line.utf8))
                events.append(event ?? FlocksimEvent(event: "unreadable", reason: line))
            }
            return events
        }
    }

    /// Waits until the events show what is looked for.
    @discardableResult
    func wait<T>(
        for what: String, within limit: Duration = .seconds(30), _ look: ([FlocksimEvent]) -> T?
    ) async throws -> T {
        let deadline = ContinuousClock.now + limit
        while true {
            let known = events
            if let found = look(known) { return found }
            _ = try await process.line(from: known.count, what, within: ContinuousClock.now.duration(to: deadline)) {
                _ in true
            }
        }
    }

    /// Waits until so many events of a kind have come after the first `from` events.
    func wait(
        for kind: String, times: Int = 1, from: Int = 0, within limit: Duration = .seconds(30)
    ) async throws {
        try await wait(for: "\(times) × \(kind)", within: limit) { events in
            events.dropFirst(from).count { $0.event == kind } >= times ? true : nil
        }
    }

    /// Waits until it serves, and has sent its first ads or could not.
    func ready() async throws { try await wait(for: "ready") }

    /// Stops it as its own administrator would.
    func stop() async throws -> Int32 {
        process.signal(SIGTERM)
        return try await process.waitForExit()
    }
}

/// A line of `flocksim`.
struct FlocksimEvent: Decodable {
    var event: String
    var address: String?
    var job: String?
    var owner: String?
    var tag: String?
    var slot: String?
    var annex: String?
    var claim: String?
    var reason: String?
    var counts: [String: Int]?
}

/// A submission to a simulated schedd.
struct FlocksimJob: Encodable {
    var owner: String
    var count = 1
    var duration = 0.2
    var flockTarget: String?
    /// Claims are used again for jobs of the same submitter only.
    var submitter: String?
}
