import Foundation
import Glibc
import Synchronization

/// A program under test: its standard output as lines to wait for, its standard error kept for failures.
final class ChildProcess: Sendable {
    private struct State {
        var lines: [String] = []
        var errors: [String] = []
        var partial: [Data] = [Data(), Data()]
        var waiters: [(index: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var exitStatus: Int32?
        /// How many of the two pipes have come to their end.
        var closedPipes = 0
        /// Counts what has happened, so that nothing is missed between looking and waiting.
        var generation = 0

        /// Whether it has ended and all it wrote is here.
        var isOver: Bool { exitStatus != nil && closedPipes == 2 }
    }

    let name: String
    let processIdentifier: Int32
    private let state = Mutex(State())

    /// Starts a program; `PATH` is searched when `path` has no slash.
    init(_ path: String, _ arguments: [String], environment: [String: String] = [:], name: String? = nil) throws {
        self.name = name ?? URL(filePath: path).lastPathComponent
        let program = try SpawnedProgram(
            path, arguments, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
        processIdentifier = program.processIdentifier
        read(program.output, stream: 0)
        read(program.error, stream: 1)
        // A thread, because waiting blocks.
        Thread.detachNewThread { [weak self, processIdentifier] in
            SpawnedProgram.waitForEnd(of: processIdentifier)
            if let self { ended() } else { _ = SpawnedProgram.reap(processIdentifier) }
        }
    }

    /// Reads a pipe to its end on a thread of its own.
    private func read(_ descriptor: Int32, stream: Int) {
        Thread.detachNewThread { [weak self] in
            defer { close(descriptor) }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = SpawnedProgram.read(descriptor, into: &buffer)
                self?.received(Data(buffer[..<count]), stream: stream)
                if count == 0 { return }
            }
        }
    }

    deinit { signal(SIGKILL) }

    var isRunning: Bool { state.withLock { $0.exitStatus == nil } }
    var outputLines: [String] { state.withLock { $0.lines } }
    var errorLines: [String] { state.withLock { $0.errors } }

    /// Sends a signal, unless the program has ended: its number may be somebody else's by now.
    func signal(_ number: Int32) {
        state.withLock { state in
            if state.exitStatus == nil { kill(processIdentifier, number) }
        }
    }

    /// Waits until the program has ended and all its output is there.
    @discardableResult
    func waitForExit() async throws -> Int32 {
        try await wait(for: "exit", within: .patience) { $0.isOver ? $0.exitStatus : nil }
    }

    /// Waits for a line of standard output that satisfies the condition; lines before `from` do not count.
    func line(
        from: Int = 0, _ what: String, within limit: Duration = .patience, where condition: (String) -> Bool
    ) async throws -> String {
        try await wait(for: what, within: limit) { $0.lines.dropFirst(from).first(where: condition) }
    }

    /// Waits for a line of standard error that satisfies the condition.
    func errorLine(_ what: String, where condition: (String) -> Bool) async throws -> String {
        try await wait(for: what, within: .patience) { $0.errors.first(where: condition) }
    }

    private func wait<T>(for what: String, within limit: Duration, _ look: (State) -> T?) async throws -> T {
        let deadline = ContinuousClock.now + limit
        while true {
            let (found, ended, generation) = state.withLock {
                (look($0), $0.isOver, $0.generation)
            }
            if let found { return found }
            if ended || ContinuousClock.now >= deadline {
                throw ChildFailure(
                    program: name, awaited: what, exitStatus: state.withLock { $0.exitStatus },
                    lastErrors: Array(errorLines.suffix(12)), lastLines: Array(outputLines.suffix(5)))
            }
            await nextEvent(after: generation, until: deadline)
        }
    }

    /// Returns when anything happened, or at the deadline.
    private func nextEvent(after generation: Int, until deadline: ContinuousClock.Instant) async {
        let id = Int.random(in: 0..<Int.max)
        var timer: Task<Void, Never>?
        await withCheckedContinuation { continuation in
            let hasHappened = state.withLock { state in
                if state.generation == generation { state.waiters.append((id, continuation)) }
                return state.generation != generation
            }
            if hasHappened { return continuation.resume() }
            timer = Task {
                // Cancelled as soon as something happens; otherwise it is the deadline.
                try? await Task.sleep(until: deadline)
                self.wake(only: id)
            }
        }
        timer?.cancel()
    }

    private func wake(only id: Int? = nil) {
        let woken = state.withLock { state in
            if id == nil { state.generation += 1 }
            let woken = state.waiters.filter { id == nil || $0.index == id }
            state.waiters.removeAll { id == nil || $0.index == id }
            return woken
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    private func received(_ data: Data, stream: Int) {
        let new = state.withLock { state in
            if data.isEmpty { state.closedPipes += 1 }
            state.partial[stream] += data
            var new: [String] = []
            while let end = state.partial[stream].firstIndex(of: 10) {
                new.append(String(decoding: state.partial[stream][..<end], as: UTF8.self))
                state.partial[stream] = Data(state.partial[stream][(end + 1)...])
            }
            if stream == 0 { state.lines += new } else { state.errors += new }
            return new
        }
        if !new.isEmpty, ["flockbroker", "flockbrokerd"].contains(name) {
            LogArchive.shared?.add(new, of: name, processIdentifier)
        }
        wake()
    }

    /// Takes the status; only from now on another process may get the number.
    private func ended() {
        state.withLock { $0.exitStatus = SpawnedProgram.reap(processIdentifier) }
        wake()
    }
}

extension Duration {
    /// How long a test waits for what must come.
    ///
    /// It only bounds the wait: nothing takes that long unless it never comes, on a busy machine neither.
    static let patience: Duration = .seconds(60)
}

/// What was waited for and did not come.
struct ChildFailure: Error, CustomStringConvertible {
    var program: String
    var awaited: String
    var exitStatus: Int32?
    var lastErrors: [String]
    var lastLines: [String]

    var description: String {
        """
        \(program): waited for \(awaited) in vain; \(exitStatus.map { "exited with \($0)" } ?? "still running")
        output: \(lastLines.joined(separator: "\n        "))
        errors: \(lastErrors.joined(separator: "\n        "))
        """
    }
}
