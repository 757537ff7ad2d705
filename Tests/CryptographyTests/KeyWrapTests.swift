import TestSupport
import Testing

@testable import Cryptography

@Suite struct KeyWrapTests {
    struct Wrap: Decodable {
        let key: String
        let fold24: String
        let plain: String
        let wrapped: String
    }
    struct Primitives: Decodable { let wrap: [Wrap] }
    struct Exchange: Decodable {
        struct Derived: Decodable {
            let wrapKey: String
            let fold24: String
            let sessionKey: String
            let wrapped: String
        }
        let derived: Derived
    }

    @Test func secretsOfAllLengthsFoldAndWrap() throws {
        for vector in try vectors("auth-primitives", as: Primitives.self).wrap {
            let secret = SecretBytes(try bytes(vector.key))
            #expect(Hex.encode(foldedTo24(secret).bytes) == vector.fold24)
            #expect(
                Hex.encode(try wrapSessionKey(SecretBytes(try bytes(vector.plain)), with: secret)) == vector.wrapped)
            #expect(Hex.encode(try unwrapSessionKey(try bytes(vector.wrapped), with: secret).bytes) == vector.plain)
        }
    }

    @Test(arguments: ["auth-handover-client", "auth-handover-collector"])
    func recordedHandOversUnwrap(file: String) throws {
        let derived = try vectors(file, as: Exchange.self).derived
        let secret = SecretBytes(try bytes(derived.wrapKey))
        #expect(Hex.encode(foldedTo24(secret).bytes) == derived.fold24)
        #expect(Hex.encode(try unwrapSessionKey(try bytes(derived.wrapped), with: secret).bytes) == derived.sessionKey)
        #expect(
            Hex.encode(try wrapSessionKey(SecretBytes(try bytes(derived.sessionKey)), with: secret)) == derived.wrapped)
    }

    @Test func anEmptySecretWrapsNothing() {
        #expect(throws: CryptographyFailure.self) { try wrapSessionKey(SecretBytes([1]), with: SecretBytes([])) }
        #expect(throws: CryptographyFailure.self) { try unwrapSessionKey([1], with: SecretBytes([])) }
    }
}
