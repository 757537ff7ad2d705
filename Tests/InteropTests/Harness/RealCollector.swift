import CEDAR
import CondorSecurity
import Cryptography
import Foundation
import Glibc
import Testing

/// An unmodified `condor_collector` of a test's own, and our client in conversation with it.
///
/// There is one where `condor_collector` is in the `PATH` and the tests run as root, as it does itself.
final class RealCollector: Sendable {
    /// Every method the collector offers, its credentials made for this run.
    static let methods = "FS, IDTOKENS, SSL, PASSWORD, CLAIMTOBE, ANONYMOUS"
    static let alias = "collector.test.example"
    static let domain = "test.example"

    /// The program, if this machine has it.
    static var program: String? { geteuid() == 0 ? Programs.inPath("condor_collector") : nil }

    let directory: TemporaryDirectory
    let process: ChildProcess
    /// Where it listens, with the name its certificate shows.
    let address: Sinful
    /// Everything that our client can prove itself with here.
    let credentials: ClientCredentials

    init() async throws {
        directory = try TemporaryDirectory()
        let authority = try CertificateAuthority.create(commonName: "Test CA", days: 1)
        let theirs = try authority.issueServerCertificate(dnsName: Self.alias, days: 1)
        let ours = try authority.issueClientCertificate(commonName: "annex-42", days: 1)
        let key = SystemRandom().bytes(64)
        for folder in ["log", "spool", "lock", "passwords"] {
            try FileManager.default.createDirectory(
                atPath: directory.sub(folder), withIntermediateDirectories: false,
                attributes: [.posixPermissions: folder == "passwords" ? 0o700 : 0o777])
        }
        try Self.write(SigningKey.scrambled(key), to: directory.sub("passwords/POOL"))
        try Self.write(SigningKey.scrambled(Array("pool secret".utf8)), to: directory.sub("password"))
        try Self.write(Array((theirs.certificatePEM + authority.certificatePEM).utf8), to: directory.sub("host.pem"))
        try Self.write(Array(theirs.privateKeyPEM.utf8), to: directory.sub("host.key"))
        try Self.write(Array(authority.certificatePEM.utf8), to: directory.sub("ca.pem"))
        try Self.write(Array("SSL /CN=annex-42 carol@\(Self.domain)\n".utf8), to: directory.sub("map"))
        try Self.write(Array(Self.configuration(directory.path).utf8), to: directory.sub("condor_config"))
        credentials = ClientCredentials(
            tls: .init { [authority, ours] (showsCertificate) throws(TLSFailure) in
                try TLSContext.client(
                    trustPEM: authority.certificatePEM,
                    certificateChainPEM: showsCertificate ? ours.certificatePEM : nil,
                    privateKeyPEM: showsCertificate ? ours.privateKeyPEM : nil
                ).makeEngine(.client)
            },
            idTokens: [
                IDToken.mint(
                    IDTokenClaims(
                        keyName: SigningKey.poolName, issuer: Self.domain, subject: "dave@\(Self.domain)",
                        id: Hex.encode(SystemRandom().bytes(16)), issuedAt: Int64(time(nil)),
                        expiresAt: Int64(time(nil)) + 600, scopes: ["condor:/READ", "condor:/WRITE"]),
                    key: SigningKey.material(key: key, name: SigningKey.poolName))
            ],
            poolPassword: SecretBytes("pool secret".utf8), claimedUser: "erin@\(Self.domain)")
        process = try ChildProcess(
            try #require(Self.program), ["-f", "-t"], environment: ["CONDOR_CONFIG": directory.sub("condor_config")])
        address = try await Self.address(of: process)
    }

    deinit { process.signal(SIGKILL) }

    /// Our client, with all credentials that are good here.
    var client: OurClient { OurClient(address: address, credentials: credentials) }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(filePath: path))
        try FileManager.default.setAttributes(
            [
                .posixPermissions: path.hasSuffix("config") || path.hasSuffix(".pem") || path.hasSuffix("map")
                    ? 0o644 : 0o600
            ],
            ofItemAtPath: path)
    }

    /// The address in the collector's log, which comes on standard error, once it serves.
    private static func address(of process: ChildProcess) async throws -> Sinful {
        _ = try await process.errorLine("the collector to serve") { $0.contains("CollectorAd  : Inserting") }
        let prefix = "DaemonCore: command socket at "
        let line = try #require(process.errorLines.first { $0.contains(prefix) })
        var sinful = try #require(line.split(separator: prefix).last.flatMap { Sinful(String($0)) })
        try sinful.set("alias", to: alias)
        return sinful
    }

    private static func configuration(_ path: String) -> String {
        """
        LOCAL_DIR = \(path)
        LOG = \(path)/log
        SPOOL = \(path)/spool
        LOCK = \(path)/lock
        CONDOR_HOST = 127.0.0.1
        COLLECTOR_HOST = 127.0.0.1:0
        COLLECTOR_BOOTSTRAP_SSL_CERTIFICATE = false
        NETWORK_INTERFACE = 127.0.0.1
        BIND_ALL_INTERFACES = false
        USE_SHARED_PORT = false
        UID_DOMAIN = \(domain)
        TRUST_DOMAIN = \(domain)
        SEC_PASSWORD_DIRECTORY = \(path)/passwords
        SEC_TOKEN_POOL_SIGNING_KEY_FILE = \(path)/passwords/POOL
        SEC_PASSWORD_FILE = \(path)/password
        SEC_DEFAULT_AUTHENTICATION = OPTIONAL
        SEC_DEFAULT_AUTHENTICATION_METHODS = \(methods)
        SEC_ADMINISTRATOR_AUTHENTICATION = REQUIRED
        AUTH_SSL_SERVER_CERTFILE = \(path)/host.pem
        AUTH_SSL_SERVER_KEYFILE = \(path)/host.key
        AUTH_SSL_SERVER_CAFILE = \(path)/ca.pem
        CERTIFICATE_MAPFILE = \(path)/map
        FS_LOCAL_DIR = /tmp
        ALLOW_READ = *
        ALLOW_WRITE = *@\(domain), condor@password
        ALLOW_ADMINISTRATOR = carol@\(domain)
        COLLECTOR_DEBUG = D_SECURITY

        """
    }
}
