import Cryptography
import TestSupport
import Testing

@Suite struct HashTests {
    /// FIPS 180-4 examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func sha256OfKnownText(text: String, digest: String) { #expect(Hex.encode(sha256(text.utf8)) == digest) }

    @Test func piecesHashLikeTheWhole() {
        var hasher = SHA256Hasher()
        for byte in "annex broker".utf8 { hasher.update([byte]) }
        #expect(hasher.digest() == sha256("annex broker".utf8))
    }

    @Test func moreMayBeAddedAfterADigest() {
        var hasher = SHA256Hasher()
        hasher.update("ab".utf8)
        #expect(hasher.digest() == sha256("ab".utf8))
        hasher.update("c".utf8)
        #expect(hasher.digest() == sha256("abc".utf8))
    }

    @Test func aCopyGoesOnByItself() {
        var hasher = SHA256Hasher()
        hasher.update("ab".utf8)
        var copy = hasher
        copy.update("x".utf8)
        hasher.update("c".utf8)
        #expect(hasher.digest() == sha256("abc".utf8))
        #expect(copy.digest() == sha256("abx".utf8))
    }

    /// RFC 4231 case 2 and RFC 2202 case 2.
    @Test func macsOfKnownText() {
        let key = SecretBytes("Jefe".utf8)
        let text = "what do ya want for nothing?".utf8
        #expect(
            Hex.encode(hmacSHA256(text, key: key))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(Hex.encode(hmacSHA1(text, key: key)) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    }

    /// RFC 5869 case 1: more than one block of output.
    @Test func hkdfOfTheRFC() throws {
        let output = hkdfSHA256(
            SecretBytes([UInt8](repeating: 0x0b, count: 22)), salt: try bytes("000102030405060708090a0b0c"),
            info: try bytes("f0f1f2f3f4f5f6f7f8f9"), count: 42)
        #expect(
            Hex.encode(output.bytes)
                == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
    }

    /// RFC 5869 case 3: no salt, no info.
    @Test func hkdfWithoutSaltAndInfo() throws {
        let output = hkdfSHA256(SecretBytes([UInt8](repeating: 0x0b, count: 22)), salt: [], info: [], count: 42)
        #expect(
            Hex.encode(output.bytes)
                == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
    }

    @Test func hkdfOfSessionKeys() throws {
        struct File: Decodable {
            struct Case: Decodable {
                let ikm: String
                let length: Int
                let okm: String
            }
            let hkdf: [Case]
        }
        for vector in try vectors("primitives", as: File.self).hkdf {
            let key = hkdfSHA256(
                SecretBytes(try bytes(vector.ikm)), salt: "htcondor".utf8, info: "keygen".utf8, count: vector.length)
            #expect(Hex.encode(key.bytes) == vector.okm)
        }
    }
}
