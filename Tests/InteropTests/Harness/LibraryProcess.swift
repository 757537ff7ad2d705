import Foundation

/// One process of the real client library that acts when it is told, and keeps its security sessions in between.
final class LibraryProcess: Sendable {
    /// A line of `on_signal.py`.
    struct Outcome: Decodable {
        var event: String
        var message: String?
        var ads: [[String: JSONValue]]?
    }

    private let process: ChildProcess

    private init(_ client: RealClient, _ arguments: [String]) throws {
        process = try ChildProcess(
            client.python, [Programs.python("on_signal.py")] + arguments, name: "on_signal.py \(arguments[0])")
    }

    /// Advertises an ad from a pilot's directory.
    ///
    /// - Parameter numbersNames: whether it is another ad each time, because its name is another.
    static func advertising(
        _ ad: String, _ pilot: PilotFiles, _ client: RealClient, numbersNames: Bool = false
    ) throws -> LibraryProcess {
        try LibraryProcess(
            client,
            ["advertise", pilot.path, "--ad", Programs.ads(ad)] + (numbersNames ? ["--number-names"] : []))
    }

    /// Asks for all ads.
    static func querying(_ broker: RunningBroker, _ client: RealClient) throws -> LibraryProcess {
        try LibraryProcess(client, ["query", broker.sinful])
    }

    /// Waits until it can be told.
    func ready() async throws { _ = try await process.line("the library") { $0.contains("\"ready\"") } }

    /// Lets it act once.
    func act() async throws -> Outcome {
        let known = process.outputLines.count
        process.signal(SIGUSR1)
        let line = try await process.line(from: known, "an outcome") { _ in true }
        return try JSONDecoder().decode(Outcome.self, from: Data(line.utf8))
    }
}
