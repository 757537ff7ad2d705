import Cryptography
import TestSupport
import Testing

@Suite struct HostNameTests {
    struct Case: Decodable {
        let cn: String
        let dns: [String]
        let alias: String
        let accepted: Bool
    }
    struct File: Decodable { let cases: [Case] }

    @Test func theVerdictsOfTheRealClient() throws {
        for item in try vectors("auth-hostnames", as: File.self).cases {
            let certificate = TLSPeerCertificate(der: [], subject: "", dnsNames: item.dns, commonName: item.cn)
            #expect(certificate.covers(host: item.alias) == item.accepted, "\(item)")
        }
    }

    @Test(arguments: [("", ""), (".", "."), ("*", ""), ("", "a")])
    func anEmptyNameMatchesNothing(pattern: String, host: String) {
        #expect(!hostNameMatches(pattern: pattern, host: host))
    }

    @Test func aCertificateWithoutNamesCoversNothing() {
        let certificate = TLSPeerCertificate(der: [], subject: "", dnsNames: [], commonName: nil)
        #expect(!certificate.covers(host: "broker.example.org"))
        #expect(!certificate.covers(host: ""))
    }

    @Test func anEmptyCommonNameDoesNotCoverAnEmptyHost() {
        let certificate = TLSPeerCertificate(der: [], subject: "", dnsNames: [], commonName: "")
        #expect(!certificate.covers(host: ""))
    }
}
