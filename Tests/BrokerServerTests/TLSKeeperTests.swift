import AnnexStore
import Cryptography
import Foundation
import Logging
import Testing

@testable import BrokerServer

@Suite final class TLSKeeperTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "flockbroker-\(UUID().uuidString)")
    private let directory: StateDirectory
    private let start = Int64(Date().timeIntervalSince1970)
    private static let day: Int64 = 86_400

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        directory = try StateDirectory(preparing: folder.appending(path: "state").path)
    }

    deinit {
        // A folder of the temporary directory that stays harms nobody.
        try? FileManager.default.removeItem(at: folder)
    }

    private func keeper(
        alias: String = "b.x", files: BrokerSettings.CertificateFiles? = nil, clients: String? = nil, after: Int64 = 0
    ) throws -> TLSKeeper {
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try TLSKeeper(
            in: directory, alias: alias, files: files, clientAuthorities: clients, log: log, now: start + after)
    }

    private func knownHosts() throws -> String {
        String(decoding: try #require(try directory.read(.knownHosts)), as: UTF8.self)
    }

    /// Whether a client that trusts `roots` alone gets through the handshake, and what it is shown.
    private func shown(by keeper: TLSKeeper, to roots: String) throws -> TLSPeerCertificate? {
        let client = try TLSContext.client(trustPEM: roots).makeEngine(.client)
        let server = try keeper.identity.context.makeEngine(.server)
        for _ in 0..<6 {
            _ = try client.handshake()
            server.receive(client.drainOutput())
            _ = try server.handshake()
            client.receive(server.drainOutput())
        }
        return client.peerCertificate
    }

    @Test func theFirstStartMakesAnAuthorityAndACertificateForTheAlias() throws {
        let keeper = try keeper()
        #expect(keeper.identity.chain.map(\.subject) == ["/CN=b.x", "/CN=FlockBroker CA of b.x"])
        #expect(keeper.identity.chain[0].dnsNames == ["b.x"])
        #expect(try shown(by: keeper, to: keeper.identity.authorityPEM)?.covers(host: "b.x") == true)
    }

    @Test func aRestartKeepsTheCertificate() throws {
        let first = try keeper().identity.chain
        #expect(try keeper(after: 300 * Self.day).identity.chain == first)
    }

    @Test func aRunningBrokerRenewsItsCertificateUnderTheSameRoot() throws {
        let keeper = try keeper()
        let (before, pinned, line) = (keeper.identity.chain, keeper.identity.authorityPEM, try knownHosts())
        keeper.refresh(now: start + 330 * Self.day)
        #expect(keeper.identity.chain == before)
        keeper.refresh(now: start + 336 * Self.day)
        #expect(keeper.identity.chain[0] != before[0])
        #expect(keeper.identity.chain[1] == before[1])
        #expect(keeper.identity.authorityPEM == pinned)
        #expect(try knownHosts() == line)
        #expect(try shown(by: keeper, to: pinned)?.der == keeper.identity.chain[0].der)
    }

    @Test func aRestartNearTheEndRenewsToo() throws {
        let first = try keeper().identity.chain
        let second = try keeper(after: 340 * Self.day).identity.chain
        #expect(second[0] != first[0])
        #expect(second[1] == first[1])
    }

    @Test func anotherAliasGetsAnotherCertificateOfTheSameRoot() throws {
        let first = try keeper().identity.chain
        let second = try keeper(alias: "c.x").identity.chain
        #expect(second[0].dnsNames == ["c.x"])
        #expect(second[1] == first[1])
        #expect(try knownHosts().hasPrefix("c.x SSL "))
    }

    @Test func aDamagedCertificateIsReplacedAndADamagedAuthorityIsNot() throws {
        let first = try keeper().identity.chain
        try directory.write(.serverCertificate, "damage".utf8)
        let second = try keeper().identity.chain
        #expect(second[0] != first[0])
        #expect(second[1] == first[1])
        try directory.write(.authorityKey, "damage".utf8)
        #expect(throws: (any Error).self) { try self.keeper() }
    }

    @Test func aRunningBrokerNeverMakesASecondAuthority() throws {
        let keeper = try keeper()
        let root = keeper.identity.chain[1]
        directory.remove(.authorityCertificate)
        directory.remove(.serverCertificate)
        keeper.refresh(now: start)
        #expect(keeper.identity.chain[1] == root)
    }

    @Test func nearTheEndOfTheAuthorityNoCertificateOutlivesItNorIsMadeAgainAndAgain() throws {
        let keeper = try keeper()
        let end = keeper.identity.chain[1].expiresAt
        keeper.refresh(now: end - 100 * Self.day)
        let last = keeper.identity.chain[0]
        #expect(last.expiresAt <= end)
        keeper.refresh(now: end - 10 * Self.day)
        #expect(keeper.identity.chain[0].expiresAt <= end)
    }

    // MARK: The administrator's certificate

    /// Files as an administrator brings them, of an authority of his own.
    private func files(
        _ name: String = "b.x", authority: CertificateAuthority? = nil, mode: Int = 0o600
    ) throws -> (BrokerSettings.CertificateFiles, CertificateAuthority) {
        let authority = try authority ?? CertificateAuthority.create(commonName: "Site CA", days: 400)
        let (certificate, key) = try authority.issueServerCertificate(dnsName: name, days: 90)
        func write(_ text: String, _ file: String, _ mode: Int) throws -> String {
            let path = folder.appending(path: file).path
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            return path
        }
        return (
            BrokerSettings.CertificateFiles(
                certificate: try write(certificate, "host.pem", 0o644), key: try write(key, "host.key", mode),
                authority: try write("comment\n" + authority.certificatePEM + key, "roots.pem", 0o644)), authority
        )
    }

    @Test func theAdministratorsCertificateIsShownAndItsRootsAreGivenToPilots() throws {
        let (files, authority) = try files()
        let keeper = try keeper(files: files)
        #expect(keeper.identity.authorityPEM == authority.certificate.pem)
        #expect(try shown(by: keeper, to: keeper.identity.authorityPEM)?.dnsNames == ["b.x"])
        #expect(
            try KnownHostsLine(parsing: knownHosts().trimmingCharacters(in: .newlines)).certificate.subject == "/CN=b.x"
        )
    }

    @Test func nothingButCertificatesLeavesTheFileOfRoots() throws {
        #expect(!(try keeper(files: files().0).identity.authorityPEM.contains("PRIVATE")))
    }

    @Test func aNewCertificateInTheFilesIsTakenUpWhileRunning() throws {
        let (paths, authority) = try files()
        let keeper = try keeper(files: paths)
        let before = keeper.identity.chain
        keeper.refresh(now: start + 60)
        #expect(keeper.identity.chain == before)
        _ = try files(authority: authority)
        keeper.refresh(now: start + 120)
        #expect(keeper.identity.chain != before)
    }

    @Test func aBadCertificateInTheFilesLeavesTheGoodOneInUse() throws {
        let (paths, authority) = try files()
        let keeper = try keeper(files: paths)
        let before = keeper.identity.chain
        _ = try files("other.x", authority: authority)
        keeper.refresh(now: start + 60)
        #expect(keeper.identity.chain == before)
    }

    @Test func aCertificateThatPilotsWouldRefuseKeepsTheBrokerFromStarting() throws {
        let (files, _) = try files("other.x")
        let failure = #expect(throws: TLSIdentityFailure.self) { try self.keeper(files: files) }
        #expect(failure?.description.hasSuffix("is for other.x, and clients demand b.x") == true)
    }

    @Test func aKeyThatOthersMayReadIsRefused() throws {
        let (files, _) = try files(mode: 0o644)
        let failure = #expect(throws: TLSIdentityFailure.self) { try self.keeper(files: files) }
        #expect(failure?.description.hasSuffix("has mode 644, not 600") == true)
    }

    @Test func aFileThatIsNotThereIsNamed() throws {
        var (files, _) = try files()
        files.authority = folder.appending(path: "nowhere.pem").path
        let failure = #expect(throws: TLSIdentityFailure.self) { try self.keeper(files: files) }
        #expect(failure?.description == "the authority file \(files.authority) is not there")
    }
}
