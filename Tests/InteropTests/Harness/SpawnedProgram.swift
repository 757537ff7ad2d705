import Foundation
import Glibc
import Synchronization

/// A program started with `posix_spawn`, its standard output and standard error behind pipes.
struct SpawnedProgram {
    let processIdentifier: pid_t
    /// The reading ends; whoever reads them closes them.
    let output: Int32
    let error: Int32

    /// One start at a time, so that no child gets descriptors that another one is just being given.
    private static let starting = Mutex(())

    /// Starts a program with nothing to read and no other descriptor of this process; `PATH` is searched when `path`
    /// has no slash.
    init(_ path: String, _ arguments: [String], environment: [String: String]) throws {
        self = try Self.starting.withLock { _ in
            try Self(starting: path, arguments, environment: environment)
        }
    }

    private init(starting path: String, _ arguments: [String], environment: [String: String]) throws {
        let output = try Self.makePipe()
        let error = try Self.makePipe()
        defer {
            close(output.write)
            close(error.write)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        posix_spawn_file_actions_adddup2(&actions, error.write, 2)
        // Closing one that is not open does no harm; others may open some at this moment.
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
        for descriptor in 3..<(open.max() ?? 3) + 64 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        // Signals as in a fresh process: threads of a test run block some of them.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var identifier = pid_t()
        let status = Self.withStrings([path] + arguments) { arguments in
            Self.withStrings(environment.map { "\($0)=\($1)" }) { environment in
                posix_spawnp(&identifier, path, &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else {
            close(output.read)
            close(error.read)
            throw SpawnFailure(program: path, errorNumber: status)
        }
        processIdentifier = identifier
        self.output = output.read
        self.error = error.read
    }

    /// Waits for the end of a child, which keeps its number until it is reaped.
    static func waitForEnd(of identifier: pid_t) {
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    }

    /// The exit status of a child, or the number of the signal that ended it.
    static func reap(_ identifier: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : status & 0x7F
    }

    /// The next bytes of a pipe; none at its end.
    static func read(_ descriptor: Int32, into buffer: inout [UInt8]) -> Int {
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { return 0 }
        }
    }

    private static func makePipe() throws(SpawnFailure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SpawnFailure(program: "pipe", errorNumber: errno) }
        return (ends[0], ends[1])
    }

    /// Calls `body` with a null-terminated array of C strings.
    private static func withStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { buffer in
            body(buffer.baseAddress!)  // the null at the end is always there
        }
    }
}

/// A program could not be started.
struct SpawnFailure: Error, CustomStringConvertible {
    var program: String
    var errorNumber: Int32

    var description: String { "\(program): \(String(cString: strerror(errorNumber)))" }
}
