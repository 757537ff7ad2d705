import AnnexStore
import Cryptography
import Glibc
import Logging
import Synchronization

/// Keeps the broker's certificate good while it runs: renews its own, reads the administrator's again.
///
/// Connections under way keep what they began with; the next handshake gets the new one.
final class TLSKeeper: Sendable {
    /// How often certificates are looked at, in seconds.
    static let interval: Int64 = 600

    private struct State {
        var identity: TLSIdentity
        /// What was last complained about, so that the log says it once.
        var complaint = ""
    }

    /// Where certificates come from.
    private enum Source {
        /// The authority is read at start and held: a running broker never makes a second one.
        case own(OwnAuthority)
        case files(BrokerSettings.CertificateFiles)
    }

    private let directory: StateDirectory
    private let alias: String
    private let source: Source
    private let clientAuthorities: String?
    private let log: Logger
    private let state: Mutex<State>

    /// The identity of this start.
    ///
    /// - Parameter clientAuthorities: a file with the roots of client certificates besides our own.
    /// - Throws: what keeps the certificate from being used.
    init(
        in directory: StateDirectory, alias: String, files: BrokerSettings.CertificateFiles?,
        clientAuthorities: String?, log: Logger, now: Int64
    ) throws {
        self.directory = directory
        self.alias = alias
        self.clientAuthorities = clientAuthorities
        self.log = log
        source = try files.map(Source.files) ?? .own(OwnAuthority(in: directory, alias: alias))
        let loaded = try Self.load(source, directory, alias, clientAuthorities, now: now)
        state = Mutex(State(identity: loaded.identity))
        try publish(loaded.identity)
        for warning in loaded.warnings { log.warning("certificate", metadata: ["problem": "\(warning)"]) }
    }

    /// What is in use now.
    var identity: TLSIdentity { state.withLock { $0.identity } }

    /// Looks whether a better certificate is to be had; one that cannot be used changes nothing but the log.
    func refresh(now: Int64) {
        do {
            let (identity, warnings) = try Self.load(source, directory, alias, clientAuthorities, now: now)
            if identity.source != self.identity.source {
                try publish(identity)
                state.withLock { $0.identity = identity }
                log.notice(
                    "certificate replaced",
                    metadata: [
                        "subject": "\(identity.chain.first?.subject ?? "")",
                        "until": "\(identity.chain.first?.expiresAt ?? 0)",
                    ])
            }
            complain(warnings.joined(separator: "; "), .warning)
        } catch {
            complain("\(error)", .error)
        }
    }

    private func complain(_ text: String, _ level: Logger.Level) {
        let isNew = state.withLock { state in
            defer { state.complaint = text }
            return state.complaint != text
        }
        if isNew, !text.isEmpty { log.log(level: level, "certificate", metadata: ["problem": "\(text)"]) }
    }

    /// Writes the line that others may read and trust.
    private func publish(_ identity: TLSIdentity) throws {
        guard let line = identity.knownHosts else { return }
        try directory.write(.knownHosts, "\(line)\n".utf8)
    }

    private static func load(
        _ source: Source, _ directory: StateDirectory, _ alias: String, _ clientAuthorities: String?, now: Int64
    ) throws -> (identity: TLSIdentity, warnings: [String]) {
        let clients = try clientAuthorities.map { try read($0, directory, "the file of client authorities") }
        switch source {
        case .files(let files):
            return try administrators(files, directory, alias, clients, now: now)
        case .own(let own):
            let identity = try own.identity(alias: alias, clientAuthorityPEM: clients, now: now)
            let left = (own.authority.certificate.expiresAt - now) / 86_400
            guard left < Int64(OwnAuthority.serverDays) else { return (identity, []) }
            return (identity, ["the broker's authority ends in \(left) days; docs/security.md says how to replace it"])
        }
    }

    private static func administrators(
        _ files: BrokerSettings.CertificateFiles, _ directory: StateDirectory, _ alias: String, _ clients: String?,
        now: Int64
    ) throws -> (identity: TLSIdentity, warnings: [String]) {
        let chain = try read(files.certificate, directory, "the certificate file")
        try checkSecrecy(of: files.key)
        let key = try read(files.key, directory, "the key file")
        let authority = try read(files.authority, directory, "the authority file")
        let check = CertificateCheck(chainPEM: chain, keyPEM: key, authorityPEM: authority, name: alias, now: now)
        if let problem = check.problems.first(where: { $0.isFatal }) {
            throw TLSIdentityFailure(description: "\(files.certificate): \(problem)")
        }
        // Written anew: whatever else stands in the file is not for pilots.
        let roots = try Certificate.list(pem: authority).map(\.pem).joined()
        let identity = TLSIdentity(
            alias: alias, chain: check.chain, authorityPEM: roots,
            context: try TLSContext.server(
                certificateChainPEM: chain, privateKeyPEM: key, clientCAPEM: clients),
            source: sha256(Array((chain + authority + (clients ?? "")).utf8)))
        return (identity, check.problems.map { "\(files.certificate): \($0)" })
    }

    private static func read(_ path: String, _ directory: StateDirectory, _ what: String) throws -> String {
        guard let bytes = try directory.read(path) else {
            throw TLSIdentityFailure(description: "\(what) \(path) is not there")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A private key is nobody's but its owner's.
    private static func checkSecrecy(of path: String) throws {
        var status = stat()
        // A file that is not there is told by whoever reads it.
        guard stat(path, &status) == 0 else { return }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw TLSIdentityFailure(
                description: "the key file \(path) belongs to user \(status.st_uid), not to \(geteuid()) or root")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw TLSIdentityFailure(
                description: "the key file \(path) has mode \(String(status.st_mode & 0o777, radix: 8)), not 600")
        }
    }
}
