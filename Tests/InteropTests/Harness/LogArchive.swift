import Cryptography
import Foundation
import Glibc

/// What the programs of the product said during the tests, and the secrets that were made, in one folder.
///
/// `scripts/lib/check-secrets` looks for the one in the other when all tests have run. Without `FLOCK_TEST_LOGS` nothing
/// is kept.
struct LogArchive: Sendable {
    /// The archive of this run, if one is wanted.
    static let shared = ProcessInfo.processInfo.environment["FLOCK_TEST_LOGS"].map { LogArchive(folder: $0) }

    let folder: String

    /// Adds lines to the log of a program.
    func add(_ lines: some Sequence<String>, of program: String, _ processIdentifier: Int32) {
        append(lines.map { $0 + "\n" }.joined(), to: "\(program)-\(processIdentifier).log")
    }

    /// Adds a secret in the forms in which it could be printed.
    func add(secret: some Collection<UInt8>) {
        let bytes = Array(secret)
        var forms = [Hex.encode(bytes), Base64.encode(bytes), Base64URL.encode(bytes)]
        let text = String(decoding: bytes, as: UTF8.self)
        forms += text.split(whereSeparator: \.isNewline).map(String.init).filter { line in
            line.utf8.allSatisfy { 0x20..<0x7F ~= $0 } && !line.hasPrefix("-----") && !line.hasPrefix("#")
        }
        append(forms.map { $0 + "\n" }.joined(), to: "secrets")
    }

    /// Adds the secret of a file; one that is not there has none.
    func add(secretFile path: String) {
        guard let content = FileManager.default.contents(atPath: path) else { return }
        add(secret: content)
    }

    /// Appended in one piece, so that tests of other processes can do the same.
    private func append(_ text: String, to name: String) {
        let descriptor = open(folder + "/" + name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        precondition(descriptor >= 0, "FLOCK_TEST_LOGS names a folder that can be written to")
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        precondition(write(descriptor, bytes, bytes.count) == bytes.count, "the folder of FLOCK_TEST_LOGS is full")
    }
}

extension RunningBroker {
    /// Files of the state directory that hold secrets.
    static let secretFiles = ["broker.key", "ca.key", "server.key", "token.key"]

    /// Tells the archive what this broker must not log.
    func archiveSecrets() {
        guard let archive = LogArchive.shared else { return }
        for file in Self.secretFiles { archive.add(secretFile: directory.sub("state/\(file)")) }
    }
}

extension PilotFiles {
    /// Tells the archive what nobody must log of this pilot: its capability, and of a token its signature above all.
    func archiveSecrets() {
        guard let archive = LogArchive.shared else { return }
        let files = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        for file in files where !file.hasSuffix(".pem") && !file.hasSuffix(".conf") {
            let name = path + "/" + file
            archive.add(secretFile: name)
            let text = (try? String(contentsOfFile: name, encoding: .utf8)) ?? ""
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                if let last = line.split(separator: ".").last { archive.add(secret: last.utf8) }
            }
        }
    }
}
