import Foundation
import Testing

/// A version of the real client library, and the interpreter that has it.
struct Library: CustomTestStringConvertible {
    /// The oldest and the newest that we speak to, and the long-term release between them.
    static let versions = ["23.0.28", "24.0.24", "25.14.1"]

    let version: String
    let python: String

    var testDescription: String { version }

    /// The newest is where `FLOCK_PYTHON` says, the others are where `scripts/test` puts them.
    init(_ version: String) throws {
        self.version = version
        guard version != Self.versions.last else {
            python = try RealClient().python
            return
        }
        python = Programs.repository + ".build-venv-\(version)/bin/python"
        try #require(
            FileManager.default.isExecutableFile(atPath: python),
            "the client library \(version) is not in \(python); scripts/test puts it there")
    }
}

/// How a peer comes in.
enum Entrance: String, CaseIterable {
    case sciTokens, idTokens, ssl, fs, anonymous

    /// Whether an annex's capability opens it.
    var isOfPilots: Bool { self == .sciTokens || self == .idTokens }

    /// Whether a peer that came in so may send an ad of the kind it has.
    var mayAdvertise: Bool { isOfPilots || self == .fs }

    /// The ad that a peer sends: of a startd, or with FS of the access point's schedd.
    var advertising: (ad: String, command: String) {
        self == .fs ? ("schedd.ad", "UPDATE_SCHEDD_AD") : ("startd_pslot_cpu.ad", "UPDATE_STARTD_AD")
    }

    /// The library's settings where no pilot's file has them; `broker` is who is to be believed.
    func settings(trusting broker: RunningBroker) -> [String: String] {
        let required = [
            "SEC_CLIENT_AUTHENTICATION": "REQUIRED", "SEC_CLIENT_ENCRYPTION": "REQUIRED",
            "SEC_CLIENT_INTEGRITY": "REQUIRED",
        ]
        switch self {
        case .sciTokens, .idTokens:
            return [:]
        case .ssl:
            return required.merging([
                "SEC_CLIENT_AUTHENTICATION_METHODS": "SSL", "AUTH_SSL_CLIENT_CAFILE": broker.authorityFile,
                "AUTH_SSL_CLIENT_USE_DEFAULT_CAS": "False", "BOOTSTRAP_SSL_SERVER_TRUST": "False",
            ]) { $1 }
        case .fs:
            return required.merging(["SEC_CLIENT_AUTHENTICATION_METHODS": "FS"]) { $1 }
        case .anonymous:
            return ["SEC_CLIENT_AUTHENTICATION": "NEVER"]
        }
    }
}

extension RunningBroker {
    /// The certificate that SSL's clients trust.
    var authorityFile: String { directory.sub("state/ca.pem") }
}

/// One process of a real client library that takes steps, and says what came of each.
final class LibrarySteps: Sendable {
    enum Step: String { case query, advertise, wait }

    enum Outcome: Equatable {
        case answered([String]), advertised, failed, waiting
    }

    private struct Line: Decodable {
        var event: String
        var names: [String]?
        var version: String?
    }

    /// What differs from an honest peer with a good clock.
    struct Oddities {
        /// The server whose authority is trusted, if it is another one.
        var trusting: RunningBroker?
        /// How far the clock is off, in the words of libfaketime.
        var clock: String?
        /// The account, if it is another one.
        var account: String?
    }

    let process: ChildProcess

    /// Starts it; `pilot` is for the entrances of pilots.
    init(
        _ library: Library, _ entrance: Entrance, _ broker: RunningBroker, pilot: PilotFiles? = nil,
        _ oddities: Oddities = Oddities(), steps: [Step]
    ) throws {
        let (ad, command) = entrance.advertising
        var arguments = [Programs.python("steps.py")] + steps.map(\.rawValue)
        if let pilot { arguments += ["--directory", pilot.path] } else { arguments += ["--pool", broker.sinful] }
        arguments += ["--ad", Programs.ads(ad), "--command", command, "--name", entrance.rawValue]
        for (name, value) in entrance.settings(trusting: oddities.trusting ?? broker).sorted(by: <) {
            arguments += ["--set", "\(name)=\(value)"]
        }
        var program = [library.python]
        if let account = oddities.account {
            // May read the interpreter wherever that is; what it makes is still its own.
            let capability = "+dac_override"
            program =
                ["/usr/bin/setpriv", "--reuid", account, "--clear-groups", "--inh-caps", capability, "--ambient-caps"]
                + [capability, "--"] + program
        }
        process = try ChildProcess(
            program[0], program.dropFirst() + arguments,
            environment: try oddities.clock.map { try Programs.environment(ofClock: $0) } ?? [:],
            name: "\(library.version) \(entrance)")
    }

    /// Waits for what came of the first so many steps.
    func outcomes(_ count: Int) async throws -> [Outcome] {
        // The first line says that the library is there.
        _ = try await process.line(from: count, "step \(count)") { _ in true }
        return try process.outputLines.dropFirst().prefix(count).map { line in
            let line = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            switch line.event {
            case "answered": return .answered(line.names ?? [])
            case "advertised": return .advertised
            case "waiting": return .waiting
            default: return .failed
            }
        }
    }

    /// Lets it go on after a `wait`.
    func goOn() { process.signal(SIGUSR1) }
}
