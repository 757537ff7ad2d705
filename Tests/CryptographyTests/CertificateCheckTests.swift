import Testing

@testable import Cryptography

@Suite struct CertificateCheckTests {
    private static let authority = Result { try CertificateAuthority.create(commonName: "Test CA", days: 100) }
    private static let server = Result {
        try authority.get().issueServerCertificate(dnsName: "broker.example.org", days: 90)
    }
    private static let day: Int64 = 86_400

    /// The check of a good certificate, with one thing changed.
    private static func check(
        chain: String? = nil, key: String? = nil, authority: String? = nil, name: String = "broker.example.org",
        after: Int64 = 0
    ) throws -> CertificateCheck {
        let (own, server) = (try Self.authority.get(), try server.get())
        let start = try Certificate(pem: server.certificatePEM).startsAt + Self.day
        return CertificateCheck(
            chainPEM: chain ?? server.certificatePEM + own.certificatePEM, keyPEM: key ?? server.privateKeyPEM,
            authorityPEM: authority ?? own.certificatePEM, name: name, now: start + after)
    }

    @Test func aGoodCertificateHasNoProblems() throws {
        let check = try Self.check()
        #expect(check.problems == [])
        #expect(check.chain.map(\.subject) == ["/CN=broker.example.org", "/CN=Test CA"])
        #expect(check.isUsable)
    }

    @Test func theChainMayComeWithoutItsRoot() throws {
        #expect(try Self.check(chain: Self.server.get().certificatePEM).problems == [])
    }

    @Test func anotherKeyIsFound() throws {
        let other = try Self.authority.get().issueServerCertificate(dnsName: "broker.example.org", days: 90)
        #expect(
            try Self.check(key: other.privateKeyPEM).problems.map(\.description)
                == ["the key does not belong to the certificate"])
    }

    @Test func filesThatHoldNothingAreFound() throws {
        #expect(
            try Self.check(chain: "nothing").problems.map(\.description)
                == ["the certificate file holds no readable PEM certificates"])
        #expect(try Self.check(key: "nothing").problems.count == 1)
        #expect(
            try Self.check(authority: "").problems.map(\.description)
                == ["the authority file holds no readable PEM certificates"])
    }

    @Test func anEndThatIsPastOrNearIsFound() throws {
        let past = try Self.check(after: 91 * Self.day)
        #expect(
            past.problems.map(\.description) == [
                "the certificate has expired", "the certificate of /CN=Test CA in the chain expires in 9 days",
            ])
        #expect(!past.isUsable)
        let near = try Self.check(after: 70 * Self.day)
        #expect(near.isUsable)
        #expect(near.problems.first?.description == "the certificate expires in 20 days")
    }

    @Test func aBeginningInTheFutureIsFound() throws {
        let check = try Self.check(after: -10 * Self.day)
        #expect(check.problems.first?.description == "the certificate is not valid yet")
        #expect(!check.isUsable)
    }

    @Test func aNameThatClientsDemandMustBeShown() throws {
        #expect(
            try Self.check(name: "other.example.org").problems.map(\.description)
                == ["the certificate is for broker.example.org, and clients demand other.example.org"])
        #expect(try Self.check(name: "BROKER.example.org").isUsable)
    }

    @Test func aCertificateOfAnotherAuthorityIsFound() throws {
        let other = try CertificateAuthority.create(commonName: "Other CA", days: 100)
        let check = try Self.check(authority: other.certificatePEM)
        #expect(!check.isUsable)
        #expect(
            check.problems.first?.description.hasPrefix("the authority does not vouch for the certificate: ") == true)
    }

    @Test func aClientsCertificateIsNotForServers() throws {
        let client = try Self.authority.get().issueClientCertificate(commonName: "broker.example.org", days: 50)
        let problems = try Self.check(chain: client.certificatePEM, key: client.privateKeyPEM).problems
        #expect(
            problems.first?.description == "the certificate is not for servers: its extended key usage lacks serverAuth"
        )
    }

    @Test func theFactsOfACertificateAreThoseItWasMadeWith() throws {
        let leaf = try Certificate(pem: Self.server.get().certificatePEM)
        #expect(leaf.dnsNames == ["broker.example.org"])
        #expect(leaf.commonName == "broker.example.org")
        #expect(!leaf.isSelfIssued)
        #expect(leaf.expiresAt - leaf.startsAt == 91 * Self.day)
        #expect(try Certificate(pem: Self.authority.get().certificatePEM).isSelfIssued)
        #expect(try Certificate(pem: leaf.pem) == leaf)
        #expect(leaf.fingerprintWithColons.replacing(":", with: "") == leaf.fingerprint)
    }
}

@Suite struct KnownHostsLineTests {
    private static let authority = Result { try CertificateAuthority.create(commonName: "Test CA", days: 100) }

    /// Spec 03, 3.7: for a chain sent with its root the root, for a leaf sent alone the leaf.
    @Test func theCertificateIsTheLastOfTheChain() throws {
        let authority = try Self.authority.get()
        let leaf = try Certificate(
            pem: authority.issueServerCertificate(dnsName: "broker.example.org", days: 9).certificatePEM)
        let line = KnownHostsLine(host: "broker.example.org", sending: [leaf, authority.certificate])
        #expect(line?.description == "broker.example.org SSL \(Base64.encode(authority.certificate.der))")
        #expect(KnownHostsLine(host: "b", sending: [leaf])?.certificate == leaf)
        #expect(KnownHostsLine(host: "b", sending: []) == nil)
    }

    @Test func aLineThatWasWrittenIsRead() throws {
        let line = KnownHostsLine(host: "b.x", certificate: try Self.authority.get().certificate)
        #expect(try KnownHostsLine(parsing: line.description) == line)
    }

    @Test(arguments: ["", "a SSL", "!a SSL AAAA", "a FS AAAA", "a SSL @trusted", "a SSL AAAA", "a SSL AAAA b"])
    func whatTrustsNothingIsNoLine(text: String) {
        #expect(throws: CryptographyFailure.self) { try KnownHostsLine(parsing: text) }
    }
}
