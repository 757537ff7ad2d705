import Foundation
import Testing

/// The real HTCondor client library, driven through the programs in `python/`.
struct RealClient {
    /// One line that a program printed.
    struct Event: Decodable {
        var event: String
        var error: String?
        var message: String?
        var count: Int?
        var `private`: [String]?
        var ad: [String: JSONValue]?
        var names: [String]?
    }

    let python: String

    init() throws {
        python = try #require(
            Programs.python, "FLOCK_PYTHON must name the interpreter that has the client library; scripts/test sets it")
    }

    /// Advertises ads from a pilot's directory.
    func advertise(
        _ pilot: PilotFiles, ads: [String], names: [String] = [], command: String = "UPDATE_STARTD_AD", times: Int = 1,
        settings: [String: String] = [:], attributes: [String] = [], pool: String? = nil
    ) async throws -> [Event] {
        var arguments = [pilot.path]
        for ad in ads { arguments += ["--ad", Programs.ads(ad)] }
        for name in names { arguments += ["--name", name] }
        for attribute in attributes { arguments += ["--attribute", attribute] }
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) { arguments += ["--set", "\(name)=\(value)"] }
        if let pool { arguments += ["--pool", pool] }
        arguments += ["--command", command, "--times", "\(times)"]
        return try await run("advertise.py", arguments)
    }

    /// Asks a collector, and gives its ads.
    func query(
        _ broker: RunningBroker, _ type: String, constraint: String? = nil, projection: [String]? = nil,
        methods: String? = nil
    ) async throws -> [[String: JSONValue]] {
        var arguments = [broker.sinful, "--type", type]
        if let constraint { arguments += ["--constraint", constraint] }
        if let projection { arguments += ["--projection", projection.joined(separator: ",")] }
        if let methods { arguments += ["--methods", methods] }
        let events = try await run("query.py", arguments)
        let done = try #require(events.last { $0.event == "done" }, "query failed: \(events.last?.message ?? "?")")
        #expect(done.private == [], "private attributes were answered")
        return events.compactMap(\.ad)
    }

    private func run(_ script: String, _ arguments: [String]) async throws -> [Event] {
        let child = try ChildProcess(python, [Programs.python(script)] + arguments, name: script)
        _ = try await child.waitForExit()
        let events = try child.outputLines.map { try JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
        guard !events.isEmpty else {
            throw ToolResult(status: -1, output: "", errors: child.errorLines.joined(separator: "\n"))
        }
        return events
    }
}

/// A value of an ad in JSON.
enum JSONValue: Decodable, Equatable {
    case string(String)
    case number(Double)
    case boolean(Bool)
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else {
            self = .other
        }
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let value) = self { value } else { nil } }
}
