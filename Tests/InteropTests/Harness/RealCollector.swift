import CondorSecurity
import Cryptography
import Foundation
import Testing

/// An unmodified condor_collector of a test's own, which lets in by FS, IDTOKENS and SSL.
final class RealCollector: Sendable {
    static let alias = "collector.test"
    static let domain = "pool.test"

    /// Where the program is, if this machine has it.
    static let program = Programs.inPath("condor_collector")

    let directory: TemporaryDirectory
    let process: ChildProcess
    let sinful: String
    let port: Int
    /// Has signed the collector's certificate.
    let authorityPEM: String
    /// What the file of the pool's signing key holds.
    let keyFile: [UInt8]

    init() async throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        // The daemon gives up root's rights: what it writes must not depend on whose the directory is.
        for name in ["", "log", "keys"] {
            let mode = name == "keys" ? 0o700 : 0o777
            try FileManager.default.createDirectory(
                atPath: directory.sub(name), withIntermediateDirectories: true, attributes: nil)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: directory.sub(name))
        }
        let authority = try CertificateAuthority.create(commonName: "test CA", days: 2)
        let server = try authority.issueServerCertificate(dnsName: Self.alias, days: 1)
        authorityPEM = authority.certificatePEM
        keyFile = SystemRandom().bytes(64)
        try Self.write(Array((server.certificatePEM + authority.certificatePEM).utf8), to: directory.sub("server.pem"))
        try Self.write(Array(server.privateKeyPEM.utf8), to: directory.sub("server.key"))
        try Self.write(keyFile, to: directory.sub("keys/POOL"))
        port = try FreePort.find()
        try Self.write(Array(Self.configuration(directory.path, port: port).utf8), to: directory.sub("config"))
        process = try ChildProcess(
            try #require(Self.program), ["-f", "-p", "\(port)"], environment: ["CONDOR_CONFIG": directory.sub("config")]
        )
        sinful = try await Self.address(in: directory.sub("address"), of: process)
    }

    /// The daemon writes the file when it begins and again when it listens.
    private static func address(in file: String, of process: ChildProcess) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline, process.isRunning {
            // Not there yet, which is why we wait.
            if let text = try? String(contentsOfFile: file, encoding: .utf8), text.hasPrefix("<"),
                let line = text.split(separator: "\n").first
            {
                return String(line)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ToolResult(status: -1, output: "", errors: process.errorLines.joined(separator: "\n"))
    }

    /// A token for the pool, as condor_token_create makes them.
    func token(for subject: String) throws -> IDToken {
        let now = Int64(Date().timeIntervalSince1970)
        return IDToken.mint(
            IDTokenClaims(
                keyName: SigningKey.poolName, issuer: Self.domain, subject: "\(subject)@\(Self.domain)",
                id: Hex.encode(SystemRandom().bytes(16)), issuedAt: now, expiresAt: now + 3600),
            key: try #require(SigningKey.material(file: keyFile, name: SigningKey.poolName)))
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        #expect(
            FileManager.default.createFile(
                atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600]))
    }

    private static func configuration(_ directory: String, port: Int) -> String {
        """
        LOCAL_DIR = \(directory)
        LOG = $(LOCAL_DIR)/log
        SPOOL = $(LOG)
        LOCK = $(LOG)
        RUN = $(LOG)
        CONDOR_HOST = 127.0.0.1
        COLLECTOR_HOST = 127.0.0.1:\(port)
        COLLECTOR_ADDRESS_FILE = $(LOCAL_DIR)/address
        USE_SHARED_PORT = false
        NETWORK_INTERFACE = 127.0.0.1
        BIND_ALL_INTERFACES = false
        HOST_ALIAS = \(alias)
        UID_DOMAIN = \(domain)
        TRUST_DOMAIN = \(domain)
        SEC_DEFAULT_AUTHENTICATION = REQUIRED
        SEC_DEFAULT_ENCRYPTION = REQUIRED
        SEC_DEFAULT_INTEGRITY = REQUIRED
        SEC_DEFAULT_AUTHENTICATION_METHODS = FS, IDTOKENS, SSL
        SEC_PASSWORD_DIRECTORY = $(LOCAL_DIR)/keys
        SEC_TOKEN_POOL_SIGNING_KEY_FILE = $(LOCAL_DIR)/keys/POOL
        AUTH_SSL_SERVER_CERTFILE = $(LOCAL_DIR)/server.pem
        AUTH_SSL_SERVER_KEYFILE = $(LOCAL_DIR)/server.key
        AUTH_SSL_REQUIRE_CLIENT_CERTIFICATE = false
        ALLOW_READ = *
        ALLOW_WRITE = *

        """
    }
}
