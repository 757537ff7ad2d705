import Foundation
import Glibc

/// Reads from `/proc` what a server has spent.
struct ServerMeter: Sendable {
    /// A process that cannot be observed.
    struct NoSuchProcess: Error {}

    /// The values of one moment.
    struct Reading: Sendable {
        /// Processor seconds, of reaped children too.
        var server: Double
        /// Our own processor seconds.
        var client: Double
        /// Resident memory in KiB.
        var residentKiB: Int
        /// The moment.
        var at: ContinuousClock.Instant
    }

    /// The server.
    let pid: Int32

    /// What has been spent until now.
    func read() throws -> Reading {
        let stat = try text("stat")
        // The command in parentheses may hold anything; behind it the fields begin with the third.
        guard let end = stat.lastIndex(of: ")") else { throw NoSuchProcess() }
        let fields = stat[end...].split(separator: " ").dropFirst().map { Double($0) ?? 0 }
        guard fields.count > 15 else { throw NoSuchProcess() }
        let resident = try text("status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return Reading(
            server: try ownSecondsOfServer() + (fields[13] + fields[14]) / Double(sysconf(Int32(_SC_CLK_TCK))),
            client: Self.ownSeconds(),
            residentKiB: resident?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0,
            at: .now)
    }

    /// Waits until the server has had nothing to do for a while: longer than it puts any work off.
    func settle() async throws {
        var last = try read().server
        var quiet = 0
        for _ in 0..<240 where quiet < 6 {
            try await Task.sleep(for: .milliseconds(250))
            let now = try read().server
            quiet = now - last < 0.005 ? quiet + 1 : 0
            last = now
        }
    }

    /// What the server's own threads have spent, those that have ended included; exact, unlike what `stat` says of it.
    private func ownSecondsOfServer() throws -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { throw NoSuchProcess() }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func text(_ name: String) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/\(name)") else { throw NoSuchProcess() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func ownSeconds() -> Double {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return 0 }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
