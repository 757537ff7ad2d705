import Foundation

extension Simulator {
    /// Starts the nodes of an annex from its pilot's directory.
    ///
    /// - Parameter interval: seconds between updates; a large one for pilots that are to be heard of once.
    static func pilots(
        _ files: PilotFiles, nodes: Int = 1, prefix: String = "node", interval: Int = 1, _ more: [String] = []
    ) async throws -> Simulator {
        try await Simulator(
            [
                "pilots", "--pilot-directory", files.path, "--nodes", "\(nodes)", "--name-prefix", prefix,
                "--interval", "\(interval)",
            ] + more)
    }

    /// Starts a schedd with a queue of jobs.
    static func schedd(
        _ broker: RunningBroker, name: String = "ap", jobs: [Submission], interval: Int = 1
    ) async throws -> Simulator {
        let file = broker.directory.sub("jobs-\(name)-\(UUID().uuidString.prefix(4)).json")
        try JobQueue(jobs).write(to: file)
        return try await Simulator([
            "schedd", "--broker", broker.hostPort, "--jobs", file, "--name", name, "--uid-domain", "demo.example",
            "--interval", "\(interval)",
        ])
    }

    /// Waits until so many events of a kind have come after the first `from` events.
    func wait(for kind: SimulatorEvent.Kind, times: Int = 1, from: Int = 0) async throws {
        try await wait(for: "\(times) × \(kind)") { events in
            events.dropFirst(from).count { $0.event == kind } >= times ? () : nil
        }
    }
}
