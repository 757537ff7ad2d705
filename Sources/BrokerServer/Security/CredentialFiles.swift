import CondorSecurity
import Cryptography
import Glibc
import Logging
import Synchronization

/// The keys that an administrator keeps in files: HTCondor's signing keys, and public keys of SciTokens issuers.
///
/// Read at start and again now and then, so that a key that is added, renewed or taken away counts without a restart.
final class CredentialFiles: Sendable {
    /// How often the files are read again, in seconds.
    static let interval: Int64 = 60
    /// Most signing keys that are read.
    static let maximumSigningKeys = 64

    /// What is in the files.
    struct Keys: Sendable {
        /// Key material by name, as ``SigningKey/material(file:name:)`` makes it.
        var signing: [String: SecretBytes] = [:]
        /// Issuers by name.
        var issuers: [String: IssuerKeySet] = [:]
        /// Judges SciTokens; `nil` without issuers.
        var sciTokens: SciTokenVerifier?
    }

    private struct State {
        var keys = Keys()
        /// What was complained about last, so that it is told once.
        var problems: Set<String> = []
    }

    private let settings: CredentialSettings
    private let reserved: String
    private let log: Logger
    private let state = Mutex(State())

    /// The files of these settings, read for the first time.
    ///
    /// - Parameter reserved: the name of our own signing key, which no file may claim.
    init(_ settings: CredentialSettings, reserved: String, log: Logger) {
        self.settings = settings
        self.reserved = reserved
        self.log = log
        if settings.revocation?.isValid == false {
            log.error("the rule for revoked tokens is no expression: no token of the pool is accepted")
        }
        refresh()
    }

    /// What was read last.
    var keys: Keys { state.withLock { $0.keys } }

    /// Whether the pool's rule refuses a token that one of its keys has signed.
    func revokes(_ claims: IDTokenClaims) -> Bool { settings.revocation?.revokes(claims) ?? false }

    /// Reads everything again.
    ///
    /// A file that is gone takes its keys away; one that cannot be understood, because somebody is writing it perhaps,
    /// leaves those of an issuer as they were.
    func refresh() {
        var problems: Set<String> = []
        let before = keys
        var now = Keys()
        now.signing = signingKeys(&problems)
        for (issuer, path) in settings.sciTokensIssuers {
            do throws(CredentialFile.Problem) {
                let file = try CredentialFile.read(path, limit: IssuerKeySet.maximumFileSize, isSecret: false)
                do throws(IssuerKeySet.Failure) {
                    now.issuers[issuer] = try IssuerKeySet(file: file)
                } catch {
                    problems.insert("\(path): \(error.rawValue)")
                    now.issuers[issuer] = before.issuers[issuer]
                }
            } catch {
                problems.insert("\(path): \(error.rawValue)")
            }
        }
        if !now.issuers.isEmpty {
            now.sciTokens = SciTokenVerifier(issuers: now.issuers, audiences: settings.sciTokensAudience)
        }
        let told = state.withLock { state in
            let told = state.problems
            state.keys = now
            state.problems = problems
            return told
        }
        for problem in problems.subtracting(told).sorted() {
            log.error("a file with keys is not used", metadata: ["reason": "\(problem)"])
        }
        let (old, new) = (before.signing.keys.sorted(), now.signing.keys.sorted())
        if old != new {
            log.notice("signing keys of the pool", metadata: ["names": "\(new.joined(separator: ", "))"])
        }
    }

    /// The keys in HTCondor's directory, by the names of their files, and `POOL` (spec 03, 2.2).
    private func signingKeys(_ problems: inout Set<String>) -> [String: SecretBytes] {
        let directory = settings.signingKeyDirectory
        var paths: [String: String] = [:]
        if !directory.isEmpty {
            guard let names = CredentialFile.names(in: directory) else {
                problems.insert("\(directory): it cannot be listed")
                return [:]
            }
            for name in names where SigningKey.isUsableName(name) { paths[name] = "\(directory)/\(name)" }
        }
        if !settings.poolSigningKey.isEmpty { paths[SigningKey.poolName] = settings.poolSigningKey }
        if paths.removeValue(forKey: reserved) != nil {
            problems.insert("\(directory)/\(reserved): the name of the broker's own key")
        }
        var keys: [String: SecretBytes] = [:]
        for (name, path) in paths.sorted(by: { $0.key < $1.key }) {
            guard keys.count < Self.maximumSigningKeys else {
                problems.insert("\(directory): more than \(Self.maximumSigningKeys) keys")
                break
            }
            do throws(CredentialFile.Problem) {
                let file = try CredentialFile.read(path, limit: SigningKey.maximumFileSize, isSecret: true)
                keys[name] = SigningKey.material(file: file, name: name)
                if keys[name] == nil { problems.insert("\(path): \(CredentialFile.Problem.size.rawValue)") }
            } catch {
                problems.insert("\(path): \(error.rawValue)")
            }
        }
        return keys
    }
}

/// Reads files that credentials depend on, and looks at who could have written or read them.
enum CredentialFile {
    /// Why a file is not used.
    enum Problem: String, Error {
        case unreadable = "it cannot be read"
        case notAFile = "not a regular file"
        case owner = "owned by neither root nor the broker's account"
        case permissions = "others may read or write it"
        case size = "it is empty or too long"
    }

    /// The content of a file of root's or our own account, to which others cannot write; nor read, if it is a secret.
    static func read(_ path: String, limit: Int, isSecret: Bool) throws(Problem) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        guard status.st_uid == 0 || status.st_uid == geteuid() else { throw .owner }
        guard status.st_mode & (isSecret ? 0o077 : 0o022) == 0 else { throw .permissions }
        guard 1...limit ~= Int(status.st_size) else { throw .size }
        var content = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = Glibc.read(descriptor, &content, content.count)
        guard count == content.count else { throw .unreadable }
        return content
    }

    /// The names of the entries of a directory; `nil` if it cannot be listed.
    static func names(in directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
