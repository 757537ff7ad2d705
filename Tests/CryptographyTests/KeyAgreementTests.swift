import Cryptography
import TestSupport
import Testing

@Suite struct KeyAgreementTests {
    struct Exchange: Decodable {
        let name: String
        let privateScalar: String
        let ownPublic: String?
        let peerPublic: String
        let sharedSecret: String
        let key: String
    }

    @Test func recordedHandshakesGiveTheirKeys() throws {
        for exchange in try vectors("ecdh", as: [Exchange].self) {
            let agreement = try KeyAgreement(privateScalar: try bytes(exchange.privateScalar))
            if let own = exchange.ownPublic { #expect(Base64.encode(agreement.publicKey) == own) }
            let secret = try agreement.sharedSecret(with: try #require(Base64.decode(exchange.peerPublic)))
            #expect(Hex.encode(secret.bytes) == exchange.sharedSecret)
            let key = hkdfSHA256(secret, salt: "htcondor".utf8, info: "keygen".utf8, count: 32)
            #expect(Hex.encode(key.bytes) == exchange.key)
        }
    }

    @Test func bothSidesAgree() throws {
        let (one, other) = (try KeyAgreement(), try KeyAgreement())
        #expect(try one.sharedSecret(with: other.publicKey) == other.sharedSecret(with: one.publicKey))
        #expect(one.publicKey != other.publicKey)
    }

    @Test func aPointOffTheCurveIsRefused() throws {
        let (one, other) = (try KeyAgreement(), try KeyAgreement())
        for position in 0..<65 {
            var point = other.publicKey
            point[position] ^= 1
            #expect(throws: CryptographyFailure.self) { try one.sharedSecret(with: point) }
        }
    }

    @Test(arguments: [0, 1, 33, 64, 66])
    func pointsOfOtherLengthsAreRefused(size: Int) throws {
        let agreement = try KeyAgreement()
        #expect(throws: CryptographyFailure.self) {
            try agreement.sharedSecret(with: [UInt8](repeating: 4, count: size))
        }
    }

    @Test(arguments: [0, 31, 33])
    func scalarsOfOtherLengthsAreRefused(size: Int) {
        #expect(throws: CryptographyFailure.self) {
            try KeyAgreement(privateScalar: [UInt8](repeating: 1, count: size))
        }
    }
}
