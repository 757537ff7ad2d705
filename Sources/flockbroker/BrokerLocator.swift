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
        if let host = Self.environment("FLOCK_BROKER_HOST") { return try parse(host) }
        let path = "\(Self.directory(stateDirectory))/address"
        guard let text = try PublicFile.firstLine(of: path) else {
            throw Failure(
                message: "no broker found: \(path) is not there; name one with --pool or FLOCK_BROKER_HOST",
                code: ExitStatus.unreachable)
        }
        return try parse(text)
    }

    /// The state directory: the one that is named, that of the environment, or the usual one.
    static func directory(_ named: String?) -> String {
        named ?? environment("FLOCK_BROKER_STATE_DIR") ?? "/var/lib/flockbroker"
    }

    private func parse(_ text: String) throws -> Sinful {
        guard let address = Sinful(text), address.target() != nil else {
            throw Failure(message: "not an address: \(text)", code: ExitStatus.failure)
        }
        return address
    }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return String(cString: value)
    }
}
