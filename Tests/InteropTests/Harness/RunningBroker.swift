import Foundation
import Synchronization

/// A `flockbrokerd` of a test's own: its state directory, its address, and the tool that talks to it.
final class RunningBroker: Sendable {
    let directory: TemporaryDirectory
    let process: ChildProcess
    /// The address in angle brackets, with its parameters.
    let sinful: String
    /// How often the tool was run; each time it makes a security session.
    private let toolRuns = Atomic<Int>(0)

    /// Starts a broker and waits until it serves.
    ///
    /// - Parameter directory: of an earlier broker, to go on where that one stopped.
    /// - Parameter clock: how far the broker's clock is off, if it is.
    init(
        _ directory: TemporaryDirectory? = nil, port: Int = 0, settings: [String: String] = [:],
        environment: [String: String] = [:], clock: String? = nil
    ) async throws {
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        var arguments = [
            "--state-directory", directory.sub("state"), "--listen", "127.0.0.1:\(port)", "--uid-domain",
            "demo.example",
        ]
        // Everything that could be told is told, and must hold no secret.
        let settings = ["FLOCK_BROKER_LOG_LEVEL": "trace"].merging(settings) { $1 }
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) { arguments += ["--set", "\(name)=\(value)"] }
        if let clock {
            // Through another program: libfaketime moves the environment of the first one that it is loaded into, and
            // Swift looks for the arguments beside it.
            let environment = environment.merging(try Programs.environment(ofClock: clock)) { $1 }
            process = try ChildProcess(
                "/usr/bin/env", [Programs.broker] + arguments, environment: environment, name: "flockbrokerd")
        } else {
            process = try ChildProcess(Programs.broker, arguments, environment: environment)
        }
        let ready = try await process.line("the broker to be ready") { $0.contains("\"ready\"") }
        struct Ready: Decodable { var address: String }
        sinful = try JSONDecoder().decode(Ready.self, from: Data(ready.utf8)).address
        archiveSecrets()
    }

    /// The address as host and port.
    var hostPort: String {
        let body = sinful.dropFirst()
        return String(body[..<(body.firstIndex { $0 == "?" || $0 == ">" } ?? body.endIndex)])
    }

    var port: Int { Int(hostPort.split(separator: ":").last ?? "") ?? 0 }

    /// Kills the broker as a power cut would.
    func crash() async throws {
        process.signal(SIGKILL)
        try await process.waitForExit()
    }

    /// Stops it as an administrator would.
    func stop() async throws -> Int32 {
        process.signal(SIGTERM)
        return try await process.waitForExit()
    }

    /// A broker that goes on with this one's state, at the same port.
    func restarted(
        settings: [String: String] = [:], environment: [String: String] = [:], clock: String? = nil
    ) async throws -> RunningBroker {
        try await RunningBroker(directory, port: port, settings: settings, environment: environment, clock: clock)
    }

    /// Runs `flockbroker` and gives its exit status and output.
    func tool(_ arguments: [String], as user: String? = nil) async throws -> ToolResult {
        toolRuns.add(1, ordering: .relaxed)
        var command = [Programs.tool] + arguments + ["--pool", sinful]
        if let user { command = ["setpriv", "--reuid", user, "--clear-groups", "--"] + command }
        let child = try ChildProcess(
            user == nil ? command[0] : "/usr/bin/setpriv", Array(command.dropFirst()), name: "flockbroker")
        let status = try await child.waitForExit()
        var errors = child.errorLines
        if !process.isRunning { errors += ["the broker has ended:"] + process.errorLines.suffix(10) }
        return ToolResult(
            status: status, output: child.outputLines.joined(separator: "\n"),
            errors: errors.joined(separator: "\n"))
    }

    /// How many security sessions the tool has made with this process.
    var sessionsOfTools: Int { toolRuns.load(ordering: .relaxed) }

    /// Creates an annex for an owner, and gives the pilot's directory and the capability's public id.
    func createAnnex(
        _ name: String, owner: String, lifetime: String = "1h", method: String = "scitokens", directory: String? = nil
    ) async throws -> PilotFiles {
        let target = directory ?? self.directory.sub("\(owner)-\(name)-\(UUID().uuidString.prefix(4))")
        let result = try await tool([
            "annex", "create", name, "--owner", owner, "--lifetime", lifetime, "--method", method, "--directory",
            target,
            "--json",
        ])
        guard result.status == 0 else { throw result }
        struct Created: Decodable { var CapabilityId: String }
        let created = try JSONDecoder().decode(Created.self, from: Data(result.output.utf8))
        let pilot = PilotFiles(path: target, capability: created.CapabilityId)
        pilot.archiveSecrets()
        return pilot
    }
}

/// What the tool left behind; thrown when it should have succeeded.
struct ToolResult: Error, CustomStringConvertible {
    var status: Int32
    var output: String
    var errors: String

    var description: String { "status \(status)\n\(output)\n\(errors)" }
}

/// A pilot's directory as the tool wrote it.
struct PilotFiles {
    var path: String
    var capability: String
}

extension RunningBroker {
    /// The figures of `flockbroker status`.
    func status() async throws -> [String: Int] {
        let result = try await tool(["status", "--json"])
        guard result.status == 0 else { throw result }
        return try JSONDecoder().decode([String: JSONValue].self, from: Data(result.output.utf8))
            .compactMapValues { $0.number.map(Int.init) }
    }
}
