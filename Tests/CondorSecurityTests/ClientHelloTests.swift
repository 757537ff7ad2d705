import CEDAR
import Cryptography
import TestSupport
import Testing

@testable import CondorSecurity

/// The first TLS flights of real clients.
@Suite struct ClientHelloTests {
    private struct Hellos: Decodable {
        var hellos: [String: String]
    }

    @Test func ourServerAnswersTheHelloOfEveryClient() throws {
        let authority = try CertificateAuthority.create(commonName: "Test CA", days: 1)
        let ours = try authority.issueServerCertificate(dnsName: "broker.example.org", days: 1)
        let context = try TLSContext.server(
            certificateChainPEM: ours.certificatePEM, privateKeyPEM: ours.privateKeyPEM,
            clientCAPEM: authority.certificatePEM)
        let hellos: Hellos = try vectors("auth-client-hellos")
        #expect(hellos.hellos.count == 4)
        for (client, packet) in hellos.hellos {
            var stream = CEDARStream()
            stream.append(try buffer(packet))
            var reader = try #require(try stream.nextMessage()).reader()
            #expect(try reader.readInteger() == TLSTunnel.Status.receiving.rawValue, "\(client)")
            let records = try reader.readBytes(try reader.readInteger(in: 0...TLSTunnel.maximumRecords))
            try reader.finish()
            let engine = try context.makeEngine(.server)
            engine.receive(records)
            #expect(try engine.handshake() == .needsInput, "\(client)")
            // A handshake record that begins with a ServerHello.
            let output = engine.drainOutput()
            #expect(output.first == 22 && output.dropFirst(5).first == 2, "\(client)")
        }
    }
}
