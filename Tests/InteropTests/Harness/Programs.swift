import Foundation
import Testing

/// Where the programs of this build and the tools of this machine are.
enum Programs {
    /// The folder of the running test bundle, which is also that of the built programs.
    static let folder: String = {
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
        let beside = URL(filePath: executable).deletingLastPathComponent().path()
        if FileManager.default.fileExists(atPath: beside + "flockbrokerd") { return beside }
        // `swift test` may run the bundle through a helper: take the bundle from the arguments then.
        for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
            return URL(filePath: argument).deletingLastPathComponent().path()
        }
        return beside
    }()

    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path()

    static var broker: String { folder + "flockbrokerd" }
    static var tool: String { folder + "flockbroker" }
    static var simulator: String { folder + "flocksim" }

    /// The interpreter that has the real client library; the test script says where.
    static var python: String? { ProcessInfo.processInfo.environment["FLOCK_PYTHON"] }

    /// `condor_status`, if this machine has it.
    static var condorStatus: String? { inPath("condor_status") }

    /// A program in a folder of `PATH`.
    static func inPath(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// The environment of a program whose clock is off, by what libfaketime understands: `-1h`.
    ///
    /// Timers go as they should.
    static func environment(ofClock clock: String) throws -> [String: String] {
        let library = try #require(faketime, "libfaketime is not installed; scripts/test installs it")
        return ["LD_PRELOAD": library, "FAKETIME": clock, "FAKETIME_DONT_FAKE_MONOTONIC": "1"]
    }

    /// The library that gives a process another clock; Debian's package `faketime` has it.
    private static var faketime: String? {
        // No folder, no library.
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        return folders.map { "/usr/lib/\($0)/faketime/libfaketime.so.1" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }

    static func python(_ script: String) -> String { repository + "Tests/InteropTests/python/" + script }

    static func ads(_ name: String) -> String { repository + "Tests/Support/Vectors/ads/" + name }
}

/// A folder of a test's own, removed with it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "flock-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    }

    deinit {
        // Nothing depends on it: the next test has a folder of its own.
        try? FileManager.default.removeItem(atPath: path)
    }

    func sub(_ name: String) -> String { "\(path)/\(name)" }
}
