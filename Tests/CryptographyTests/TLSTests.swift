import Cryptography
import Testing

/// Credentials of one test: an authority, a server and a client certificate, made on the spot.
struct TLSFixture {
    let authority: CertificateAuthority
    let server: (certificatePEM: String, privateKeyPEM: String)
    let client: (certificatePEM: String, privateKeyPEM: String)

    init() throws {
        authority = try CertificateAuthority.create(commonName: "test authority", days: 2)
        server = try authority.issueServerCertificate(dnsName: "broker.example.net", days: 1)
        client = try authority.issueClientCertificate(commonName: "annex-42", days: 1)
    }

    func serverEngine(clientCA: String? = nil) throws -> any TLSEngine {
        try TLSContext.server(
            certificateChainPEM: server.certificatePEM + authority.certificatePEM, privateKeyPEM: server.privateKeyPEM,
            clientCAPEM: clientCA
        ).makeEngine(.server)
    }

    func clientEngine(
        trust: String?, credentials: (certificatePEM: String, privateKeyPEM: String)? = nil
    ) throws -> any TLSEngine {
        try TLSContext.client(
            trustPEM: trust, certificateChainPEM: credentials?.certificatePEM,
            privateKeyPEM: credentials?.privateKeyPEM
        ).makeEngine(.client)
    }
}

/// Moves bytes, at most `chunk` at once, until both ends are complete.
func connect(_ client: any TLSEngine, _ server: any TLSEngine, chunk: Int = .max) throws {
    var complete = (client: false, server: false)
    for _ in 0..<20 {
        complete.client = try client.handshake() == .complete
        for piece in pieces(of: client.drainOutput(), chunk) {
            server.receive(piece)
            complete.server = try server.handshake() == .complete
        }
        for piece in pieces(of: server.drainOutput(), chunk) {
            client.receive(piece)
            complete.client = try client.handshake() == .complete
        }
        if complete == (true, true) { return }
    }
    Issue.record("the handshake does not end")
}

private func pieces(of bytes: [UInt8], _ size: Int) -> [[UInt8]] {
    guard size < bytes.count else { return bytes.isEmpty ? [] : [bytes] }
    return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
}

@Suite struct TLSTests {
    let fixture: TLSFixture

    init() throws { fixture = try TLSFixture() }

    @Test(arguments: [1, 7, Int.max])
    func handshakeCompletesHoweverTheBytesAreSplit(chunk: Int) throws {
        let server = try fixture.serverEngine()
        let client = try fixture.clientEngine(trust: fixture.authority.certificatePEM)
        try connect(client, server, chunk: chunk)
        #expect(client.peerCertificate?.subject == "/CN=broker.example.net")
        #expect(client.peerCertificate?.dnsNames == ["broker.example.net"])
        #expect(client.peerCertificate?.commonName == "broker.example.net")
        #expect(client.peerCertificate?.covers(host: "BROKER.example.net") == true)
        #expect(server.peerCertificate == nil)
    }

    /// Spec 03, 3.5: a real client takes whatever its first read returns as the whole secret.
    @Test func twoHundredFiftySixBytesBecomeOneRecord() throws {
        let server = try fixture.serverEngine()
        let client = try fixture.clientEngine(trust: fixture.authority.certificatePEM)
        try connect(client, server)
        let secret = SystemRandom().bytes(256)
        try server.write(secret)
        let record = server.drainOutput()
        #expect(record.count == 5 + 256 + 1 + 16)
        client.receive(record)
        #expect(try client.read(upTo: 256) == secret)
    }

    @Test func readingBeforeARecordIsWholeGivesNothing() throws {
        let server = try fixture.serverEngine()
        let client = try fixture.clientEngine(trust: fixture.authority.certificatePEM)
        try connect(client, server)
        try client.write([1, 2, 3])
        let record = client.drainOutput()
        server.receive(Array(record.dropLast()))
        #expect(try server.read(upTo: 16) == [])
        server.receive(Array(record.suffix(1)))
        #expect(try server.read(upTo: 16) == [1, 2, 3])
    }

    @Test func aClientCertificateOfATrustedAuthorityIsSeen() throws {
        let server = try fixture.serverEngine(clientCA: fixture.authority.certificatePEM)
        let client = try fixture.clientEngine(trust: fixture.authority.certificatePEM, credentials: fixture.client)
        try connect(client, server)
        let certificate = try Certificate(pem: fixture.client.certificatePEM)
        #expect(
            server.peerCertificate
                == TLSPeerCertificate(
                    der: certificate.der, subject: "/CN=annex-42", dnsNames: [], commonName: "annex-42"))
    }

    @Test func aClientCertificateOfAStrangerFailsTheHandshake() throws {
        let stranger = try TLSFixture()
        let server = try fixture.serverEngine(clientCA: fixture.authority.certificatePEM)
        let client = try fixture.clientEngine(trust: fixture.authority.certificatePEM, credentials: stranger.client)
        let failure = #expect(throws: TLSFailure.self) { try connect(client, server) }
        #expect(failure?.description.contains("certificate verify failed") == true)
    }

    @Test(arguments: [true, false])
    func aServerOfAnotherAuthorityIsNotTrusted(trustsOther: Bool) throws {
        let other = try CertificateAuthority.create(commonName: "other authority", days: 1)
        let server = try fixture.serverEngine()
        let client = try fixture.clientEngine(trust: trustsOther ? other.certificatePEM : nil)
        let failure = #expect(throws: TLSFailure.self) { try connect(client, server) }
        #expect(failure?.description.contains("certificate verify failed") == true)
    }

    @Test func aClientCertificateDoesNotServe() throws {
        let server = try TLSContext.server(
            certificateChainPEM: fixture.client.certificatePEM, privateKeyPEM: fixture.client.privateKeyPEM
        ).makeEngine(.server)
        let client = try fixture.clientEngine(trust: fixture.authority.certificatePEM)
        #expect(throws: TLSFailure.self) { try connect(client, server) }
    }

    @Test func garbageFailsTheHandshake() throws {
        let server = try fixture.serverEngine()
        server.receive(Array("GET / HTTP/1.0\r\n\r\n".utf8))
        #expect(throws: TLSFailure.self) { try server.handshake() }
    }

    @Test func anyChangedByteFailsTheHandshake() throws {
        let reference = try fixture.clientEngine(trust: fixture.authority.certificatePEM)
        _ = try reference.handshake()
        let hello = reference.drainOutput()
        for position in stride(from: 0, to: hello.count, by: 11) {
            var changed = hello
            changed[position] ^= 0x55
            let server = try fixture.serverEngine()
            let client = try fixture.clientEngine(trust: fixture.authority.certificatePEM)
            _ = try client.handshake()
            _ = client.drainOutput()
            server.receive(changed)
            _ = try? server.handshake()  // may fail now or, where the transcripts differ, at the client
            client.receive(server.drainOutput())
            let outcome = try? client.handshake()
            #expect(outcome != .complete)
        }
    }

    @Test func tooManyUnreadBytesFailTheConnection() throws {
        let server = try fixture.serverEngine()
        server.receive([UInt8](repeating: 22, count: TLSTunnel.maximumPendingInput + 1))
        let failure = #expect(throws: TLSFailure.self) { try server.handshake() }
        #expect(failure?.reasons == ["too many unread bytes"])
    }

    @Test func aForeignPrivateKeyIsRefused() throws {
        #expect(throws: TLSFailure.self) {
            try TLSContext.server(
                certificateChainPEM: fixture.server.certificatePEM, privateKeyPEM: fixture.client.privateKeyPEM)
        }
    }

    @Test(arguments: [
        "", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    ])
    func malformedTextsAreRefused(text: String) throws {
        #expect(throws: TLSFailure.self) { try TLSContext.client(trustPEM: text) }
        #expect(throws: TLSFailure.self) {
            try TLSContext.server(certificateChainPEM: text, privateKeyPEM: fixture.server.privateKeyPEM)
        }
        #expect(throws: TLSFailure.self) {
            try TLSContext.server(certificateChainPEM: fixture.server.certificatePEM, privateKeyPEM: text)
        }
    }

    @Test func aMissingTrustFileIsAFailure() {
        #expect(throws: TLSFailure.self) { try TLSContext.client(trustPEM: nil, trustFile: "/nonexistent/ca.pem") }
    }
}
