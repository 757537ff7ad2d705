import ArgumentParser
import CEDAR
import Glibc

/// Where the broker is, and whether the way we learnt it can be trusted.
///
/// FS proves the caller to the broker and nothing to the caller. A local address file is therefore believed only
/// if root, the account the caller runs under, or the owner of the state directory wrote it. Source: `decisions.md` 12.
struct BrokerOptions: ParsableArguments {
    @Option(name: .long, help: "The broker's address, host:port or <host:port?...>.")
    var pool: String?

    @Option(name: .long, help: "The broker's state directory, where its address file is.")
    var stateDirectory: String?

    /// The address to talk to.
    func address() throws -> Sinful {
        if let pool { return try parse(pool) }
        if let host = environment("FLOCK_BROKER_HOST") { return try parse(host) }
        let directory = stateDirectory ?? environment("FLOCK_BROKER_STATE_DIR") ?? "/var/lib/flockbroker"
        return try parse(try readAddressFile("\(directory)/address"))
    }

    private func parse(_ text: String) throws -> Sinful {
        guard let address = Sinful(text), address.target() != nil else {
            throw Failure(message: "not an address: \(text)", code: ExitStatus.failure)
        }
        return address
    }

    private func environment(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return String(cString: value)
    }

    private func readAddressFile(_ path: String) throws -> String {
        guard let file = fopen(path, "re") else {
            throw Failure(
                message: "no broker found: \(path) is not there; name one with --pool or FLOCK_BROKER_HOST",
                code: ExitStatus.unreachable)
        }
        defer { fclose(file) }
        var status = stat()
        guard fstat(fileno(file), &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o022 == 0,
            isTrusted(owner: status.st_uid)
        else {
            throw Failure(message: "\(path) was not written by an account to be trusted", code: ExitStatus.refused)
        }
        var line = [CChar](repeating: 0, count: 4096)
        guard fgets(&line, Int32(line.count), file) != nil else {
            throw Failure(message: "\(path) is empty", code: ExitStatus.failure)
        }
        let text = line.prefix { $0 != 0 && $0 != 10 && $0 != 13 }
        return String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func isTrusted(owner: uid_t) -> Bool {
        if owner == 0 || owner == geteuid() { return true }
        for account in ["condor", "flockbroker"] where getpwnam(account)?.pointee.pw_uid == owner { return true }
        return false
    }
}
