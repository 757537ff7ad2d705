import Cryptography
import Foundation
import Testing

@Suite struct CertificateAuthorityTests {
    let authority: CertificateAuthority

    init() throws { authority = try CertificateAuthority.create(commonName: "broker CA", days: 3650) }

    @Test func whatWasWrittenLoads() throws {
        let loaded = try CertificateAuthority.load(
            certificatePEM: authority.certificatePEM, privateKeyPEM: authority.privateKeyPEM)
        #expect(loaded.certificate == authority.certificate)
        #expect(loaded.certificate.subject == "/CN=broker CA")
    }

    @Test func aForeignKeyDoesNotLoad() throws {
        let other = try CertificateAuthority.create(commonName: "other", days: 1)
        #expect(throws: CryptographyFailure.self) {
            try CertificateAuthority.load(
                certificatePEM: authority.certificatePEM, privateKeyPEM: other.privateKeyPEM)
        }
    }

    @Test func validityEndsAfterTheDaysAskedFor() throws {
        let issued = try authority.issueServerCertificate(dnsName: "broker.example.net", days: 10)
        let days = Double(try Certificate(pem: issued.certificatePEM).expiresAt) - Date().timeIntervalSince1970
        #expect((9.9...10.1).contains(days / 86_400))
    }

    @Test func everyCertificateHasItsOwnKeyAndFingerprint() throws {
        let one = try authority.issueServerCertificate(dnsName: "a.example.net", days: 1)
        let other = try authority.issueServerCertificate(dnsName: "a.example.net", days: 1)
        #expect(one.privateKeyPEM != other.privateKeyPEM)
        let fingerprint = try Certificate(pem: one.certificatePEM).fingerprint
        #expect(fingerprint.count == 64)
        #expect(fingerprint != (try Certificate(pem: other.certificatePEM).fingerprint))
    }

    @Test(arguments: [
        "", "a,DNS:evil.example.net", "a b", "a\n", "*", "a/b", "email:x", String(repeating: "a", count: 254),
    ])
    func oddNamesAreRefused(name: String) {
        #expect(throws: CryptographyFailure.self) { try authority.issueServerCertificate(dnsName: name, days: 1) }
    }

    @Test(arguments: [0, -1, 100_000])
    func oddLifetimesAreRefused(days: Int) {
        #expect(throws: CryptographyFailure.self) { try authority.issueServerCertificate(dnsName: "a", days: days) }
    }

    @Test func aLongNameFitsBesideItsCommonName() throws {
        let name = String(repeating: "long-label.", count: 10) + "example.net"
        let issued = try authority.issueServerCertificate(dnsName: name, days: 1)
        #expect(try Certificate(pem: issued.certificatePEM).subject == "/CN=\(name.prefix(64))")
    }

    @Test func theCommandLineToolAcceptsWhatWasIssued() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // left-overs in the temporary folder do no harm
        let issued = try authority.issueServerCertificate(dnsName: "broker.example.net", days: 397)
        let (root, leaf) = (folder.appending(path: "ca.pem"), folder.appending(path: "leaf.pem"))
        try authority.certificatePEM.write(to: root, atomically: true, encoding: .utf8)
        try issued.certificatePEM.write(to: leaf, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = [
            "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "broker.example.net", "-CAfile",
            root.path, leaf.path,
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
