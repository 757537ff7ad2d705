import Cryptography
import TestSupport
import Testing

@Suite struct AESGCMTests {
    struct Vector: Decodable {
        let key: String
        let nonce: String
        let aad: String
        let plain: String
        let cipherAndTag: String
    }
    struct File: Decodable { let aesGcm: [Vector] }

    static let key = SecretBytes((0..<32).map { UInt8($0) })
    static let nonce = [UInt8](repeating: 3, count: 16)

    func seal(_ plaintext: [UInt8], _ cipher: AESGCM, nonce: [UInt8], aad: [UInt8]) throws -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: plaintext.count + AESGCM.tagSize)
        try plaintext.withUnsafeBytes { plaintext in
            try sealed.withUnsafeMutableBytes {
                try cipher.seal(plaintext, nonce: nonce, authenticating: aad, into: $0)
            }
        }
        return sealed
    }

    func open(_ sealed: [UInt8], _ cipher: AESGCM, nonce: [UInt8], aad: [UInt8]) throws -> [UInt8] {
        var plaintext = [UInt8](repeating: 0xEE, count: max(0, sealed.count - AESGCM.tagSize))
        try sealed.withUnsafeBytes { sealed in
            try plaintext.withUnsafeMutableBytes {
                try cipher.open(sealed, nonce: nonce, authenticating: aad, into: $0)
            }
        }
        return plaintext
    }

    @Test func recordedVectorsSealAndOpen() throws {
        for vector in try vectors("primitives", as: File.self).aesGcm {
            let cipher = try AESGCM(key: SecretBytes(try bytes(vector.key)))
            let (nonce, aad, plain) = (try bytes(vector.nonce), try bytes(vector.aad), try bytes(vector.plain))
            let sealed = try seal(plain, cipher, nonce: nonce, aad: aad)
            #expect(Hex.encode(sealed) == vector.cipherAndTag)
            #expect(try open(sealed, cipher, nonce: nonce, aad: aad) == plain)
        }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 4096, 100_000])
    func oneKeyServesBothDirections(size: Int) throws {
        let (one, other) = (try AESGCM(key: Self.key), try AESGCM(key: Self.key))
        let plain = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        for nonce in [Self.nonce, [UInt8](repeating: 4, count: 16)] {
            #expect(
                try open(try seal(plain, one, nonce: nonce, aad: [1]), other, nonce: nonce, aad: [1]) == plain)
            #expect(
                try open(try seal(plain, other, nonce: nonce, aad: [1]), one, nonce: nonce, aad: [1]) == plain)
        }
    }

    @Test(arguments: 0..<24)
    func anyChangedByteIsRejectedAndNothingIsGivenAway(position: Int) throws {
        let cipher = try AESGCM(key: Self.key)
        var sealed = try seal([1, 2, 3, 4, 5, 6, 7, 8], cipher, nonce: Self.nonce, aad: [9])
        sealed[position] ^= 0x10
        var plaintext = [UInt8](repeating: 0xEE, count: 8)
        #expect(throws: AuthenticationFailure()) {
            try sealed.withUnsafeBytes { sealed in
                try plaintext.withUnsafeMutableBytes {
                    try cipher.open(sealed, nonce: Self.nonce, authenticating: [9], into: $0)
                }
            }
        }
        #expect(plaintext == [UInt8](repeating: 0, count: 8))
    }

    @Test func otherAuthenticatedDataIsRejected() throws {
        let cipher = try AESGCM(key: Self.key)
        let sealed = try seal([1], cipher, nonce: Self.nonce, aad: [9])
        #expect(throws: AuthenticationFailure()) { try open(sealed, cipher, nonce: Self.nonce, aad: [8]) }
    }

    @Test(arguments: 0..<16)
    func lessThanATagIsRejected(size: Int) throws {
        let cipher = try AESGCM(key: Self.key)
        let sealed = [UInt8](repeating: 0, count: size)
        #expect(throws: AuthenticationFailure()) { try open(sealed, cipher, nonce: Self.nonce, aad: []) }
    }

    @Test(arguments: [0, 16, 31, 33])
    func keysOfOtherLengthsAreRefused(size: Int) {
        #expect(throws: CryptographyFailure.self) { try AESGCM(key: SecretBytes([UInt8](repeating: 1, count: size))) }
    }
}

@Suite struct SealingKeyTests {
    let key = SealingKey(AESGCMTests.key)

    @Test(arguments: ["", "x", "a claim id"])
    func whatWasSealedOpens(text: String) throws {
        #expect(try key.open(key.seal(text.utf8, purpose: "claim"), purpose: "claim").bytes == Array(text.utf8))
    }

    @Test func sealingTwiceGivesDifferentBytes() {
        #expect(key.seal("same".utf8, purpose: "p") != key.seal("same".utf8, purpose: "p"))
    }

    @Test func theNonceStandsInFront() {
        let key = SealingKey(AESGCMTests.key, random: FixedRandom())
        #expect(key.seal("same".utf8, purpose: "p").prefix(12) == [UInt8](repeating: 7, count: 12)[...])
    }

    @Test func anotherPurposeIsRejected() {
        #expect(throws: AuthenticationFailure()) { try key.open(key.seal("x".utf8, purpose: "a"), purpose: "b") }
    }

    @Test func anotherKeyIsRejected() {
        let other = SealingKey(SecretBytes([UInt8](repeating: 1, count: 32)))
        #expect(throws: AuthenticationFailure()) { try other.open(key.seal("x".utf8, purpose: "a"), purpose: "a") }
    }

    @Test func anyChangedByteIsRejected() {
        let sealed = key.seal("secret".utf8, purpose: "a")
        for position in sealed.indices {
            var changed = sealed
            changed[position] ^= 1
            #expect(throws: AuthenticationFailure()) { try key.open(changed, purpose: "a") }
        }
    }

    @Test func truncatedTextsAreRejected() {
        let sealed = key.seal("secret".utf8, purpose: "a")
        for size in 0..<sealed.count {
            #expect(throws: AuthenticationFailure()) { try key.open(sealed.prefix(size), purpose: "a") }
        }
    }
}
