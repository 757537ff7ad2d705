import Foundation
import Testing

/// A moment at which a broker under test kills itself.
struct Fault: Sendable, CustomTestStringConvertible {
    /// On which side of the commit.
    enum Stage: String, CaseIterable {
        case beforeCommit, afterCommit
    }

    var stage: Stage
    /// The kind of change, as the store names it.
    var kind: String
    /// The how manieth of its kind.
    var occurrence = 1

    /// Both sides of each kind of change.
    static func around(_ kinds: String..., occurrence: Int = 1) -> [Fault] {
        kinds.flatMap { kind in Stage.allCases.map { Fault(stage: $0, kind: kind, occurrence: occurrence) } }
    }

    var environment: [String: String] { ["FLOCKBROKER_FAULT": "\(stage.rawValue).\(kind):\(occurrence)"] }

    /// Whether the change is on disk when the process dies.
    var isCommitted: Bool { stage == .afterCommit }

    var testDescription: String { "\(stage.rawValue).\(kind)" }
}

/// A row of `flockbroker annex list`.
struct AnnexRow: Decodable, Equatable {
    var AnnexName: String
    var Owner: String
    var AnnexId: String
    var State: String
    var CreatedAt: Int
    var ExpiresAt: Int
    var Masters: Int
    var Slots: Int
}

/// A row of `flockbroker capability list`.
struct CapabilityRow: Decodable, Equatable {
    var CapabilityId: String
    var AnnexName: String
    var Owner: String
    var State: String
    var ExpiresAt: Int
}

/// A row of `flockbroker annex shutdown`.
struct MasterRow: Decodable, Equatable {
    var Name: String
    var State: String
    var Detail: String
}

extension RunningBroker {
    /// A broker that can be restarted at its port: one that the system gives to nobody by itself, so that no other process
    /// takes it, and no client gets it as its own end, while the broker is away.
    static func restartable(
        _ directory: TemporaryDirectory? = nil, environment: [String: String] = [:]
    ) async throws -> RunningBroker {
        try await RunningBroker(directory, port: FreePort.find(), environment: environment)
    }

    /// Waits until the broker has killed itself at its fault point.
    func waitForFault() async throws {
        let status = try await process.waitForExit()
        guard status == SIGKILL else {
            throw ToolResult(status: status, output: "", errors: process.errorLines.joined(separator: "\n"))
        }
    }

    /// All annexes, as an administrator sees them, by name and owner.
    func annexes() async throws -> [AnnexRow] {
        try await rows(["annex", "list"]).sorted {
            ($0.AnnexName, $0.Owner, $0.State) < ($1.AnnexName, $1.Owner, $1.State)
        }
    }

    /// The one annex of this name.
    func annex(_ name: String) async throws -> AnnexRow {
        let found = try await annexes().filter { $0.AnnexName == name }
        return try #require(found.count == 1 ? found.first : nil, "\(found.count) annexes are called \(name)")
    }

    /// All capabilities, by annex and owner.
    func capabilities() async throws -> [CapabilityRow] {
        try await rows(["capability", "list"]).sorted { ($0.AnnexName, $0.Owner) < ($1.AnnexName, $1.Owner) }
    }

    private func rows<Row: Decodable>(_ arguments: [String]) async throws -> [Row] {
        let result = try await tool(arguments + ["--json"])
        guard result.status == 0 else { throw result }
        return try JSONDecoder().decode([Row].self, from: Data(result.output.utf8))
    }

    /// Asks again and again until the answer is as it should be: for what comes by updates that have no reply.
    func eventually(
        _ what: String, _ isSo: (RunningBroker) async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .patience
        while try await !isSo(self) {
            try #require(ContinuousClock.now < deadline, "waited for \(what) in vain")
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// The values of `key=` in the log lines that contain `message`.
    func logged(_ key: String, in message: String) -> [String] {
        process.errorLines.filter { $0.contains(message) }.compactMap { Self.value(key, of: $0) }
    }

    /// The values of `key=` in the log lines that contain `message`, and when they were written.
    func datesLogged(_ key: String, in message: String) throws -> [(value: String, date: Date)] {
        let format = Date.VerbatimFormatStyle(
            format:
                "\(month: .twoDigits)/\(day: .twoDigits)/\(year: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)",
            timeZone: .current, calendar: Calendar(identifier: .gregorian))
        return try process.errorLines.filter { $0.contains(message) }.compactMap { line in
            guard let value = Self.value(key, of: line) else { return nil }
            return (value, try Date(String(line.prefix(17)), strategy: format.parseStrategy))
        }
    }

    private static func value(_ key: String, of line: String) -> String? {
        line.firstRange(of: " \(key)=").map { range in
            let rest = line[range.upperBound...]
            return rest.first == "\""
                ? String(rest.dropFirst().prefix { $0 != "\"" }) : String(rest.prefix { $0 != " " })
        }
    }
}

/// Ports that are free and below the range from which the system chooses.
enum FreePort {
    static func find() throws -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: 20_000..<32_000)
            if isFree(port) { return port }
        }
        throw POSIXError(.EADDRINUSE)
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
