import Cryptography
import Testing

/// Signatures of others: the examples of RFC 7515 with their keys.
@Suite struct VerificationKeyTests {
    static let input =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    struct Example {
        var key: VerificationKey
        var message: [UInt8]
        var signature: [UInt8]
    }

    /// RFC 7515, appendix A.2.
    static func rsa() throws -> Example {
        let modulus = try #require(
            Base64URL.decode(
                "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SF"
                    + "d2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS"
                    + "-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8"
                    + "q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"))
        let signature = try #require(
            Base64URL.decode(
                "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb"
                    + "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN"
                    + "9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5A"
                    + "XLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"))
        return Example(
            key: try VerificationKey(rsaModulus: modulus, exponent: [1, 0, 1]),
            message: Array(("eyJhbGciOiJSUzI1NiJ9." + input).utf8), signature: signature)
    }

    /// RFC 7515, appendix A.3.
    static func ecdsa() throws -> Example {
        let x = try #require(Base64URL.decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"))
        let y = try #require(Base64URL.decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"))
        let signature = try #require(
            Base64URL.decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"))
        return Example(
            key: try VerificationKey(p256X: x, y: y), message: Array(("eyJhbGciOiJFUzI1NiJ9." + input).utf8),
            signature: signature)
    }

    @Test func theExamplesOfTheStandardAreVerified() throws {
        let (rsa, ecdsa) = (try Self.rsa(), try Self.ecdsa())
        #expect(rsa.key.kind == .rs256 && rsa.key.verifies(rsa.signature, of: rsa.message))
        #expect(ecdsa.key.kind == .es256 && ecdsa.key.verifies(ecdsa.signature, of: ecdsa.message))
    }

    @Test func everyChangeIsNoticed() throws {
        for example in [try Self.rsa(), try Self.ecdsa()] {
            for index in stride(from: 0, to: example.signature.count, by: 7) {
                var signature = example.signature
                signature[index] ^= 1
                #expect(!example.key.verifies(signature, of: example.message))
            }
            #expect(!example.key.verifies(example.signature, of: example.message + [0]))
            #expect(!example.key.verifies([], of: example.message))
            #expect(!example.key.verifies(Array(example.signature.dropLast()), of: example.message))
            #expect(!example.key.verifies(example.signature + [0], of: example.message))
        }
    }

    @Test func keysVerifyTheirOwnAlgorithmAlone() throws {
        let (rsa, ecdsa) = (try Self.rsa(), try Self.ecdsa())
        #expect(!rsa.key.verifies(ecdsa.signature, of: ecdsa.message))
        #expect(!ecdsa.key.verifies(rsa.signature, of: rsa.message))
    }

    @Test func numbersThatAreNoKeyAreRefused() throws {
        let large = [UInt8](repeating: 0xff, count: 2000)
        #expect(throws: CryptographyFailure.self) { try VerificationKey(rsaModulus: large, exponent: [1, 0, 1]) }
        #expect(throws: CryptographyFailure.self) { try VerificationKey(rsaModulus: [5], exponent: [3]) }
        #expect(throws: CryptographyFailure.self) { try VerificationKey(rsaModulus: [], exponent: []) }
        let zero = [UInt8](repeating: 0, count: 32)
        #expect(throws: CryptographyFailure.self) { try VerificationKey(p256X: zero, y: zero) }
        #expect(throws: CryptographyFailure.self) { try VerificationKey(p256X: zero + [1], y: zero) }
    }

    @Test(arguments: ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
    func textsWithoutKeysAreRefused(text: String) {
        #expect(throws: CryptographyFailure.self) { try VerificationKey.keys(pem: text) }
    }
}
