import Cryptography
import Testing

@Suite struct SecretBytesTests {
    let secret = SecretBytes("annexcap1".utf8)

    @Test func neitherDescriptionNorDumpShowsTheBytes() {
        var dumped = ""
        dump(secret, to: &dumped)
        #expect("\(secret)" == "<9 secret bytes>")
        #expect(!dumped.contains("97") && !dumped.contains("annexcap"))
    }

    @Test func equalBytesAreEqual() { #expect(secret == SecretBytes("annexcap1".utf8)) }

    @Test(arguments: ["annexcap2", "Annexcap1", "annexcap", "annexcap11", ""])
    func otherBytesAreNotEqual(other: String) { #expect(secret != SecretBytes(other.utf8)) }

    @Test func bytesAreACopy() { #expect(secret.bytes == Array("annexcap1".utf8)) }

    @Test(arguments: [([], []), ([1, 2], [1, 2])] as [([UInt8], [UInt8])])
    func constantTimeEqualityOfEqualBytes(a: [UInt8], b: [UInt8]) { #expect(constantTimeEqual(a, b)) }

    @Test(arguments: [([1], []), ([1, 2], [1, 3]), ([1, 2], [2, 2])] as [([UInt8], [UInt8])])
    func constantTimeEqualityOfOtherBytes(a: [UInt8], b: [UInt8]) { #expect(!constantTimeEqual(a, b)) }

    @Test func erasedBytesAreZero() {
        var bytes = Array("annexcap1".utf8)
        erase(&bytes)
        #expect(bytes == [UInt8](repeating: 0, count: 9))
    }

    @Test func randomSecretsComeFromTheirSource() {
        struct Counting: RandomSource {
            func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0) } }
        }
        #expect(SecretBytes.random(5, from: Counting()) == SecretBytes([0, 1, 2, 3, 4]))
        #expect(SecretBytes.random(32) != SecretBytes.random(32))
    }

    @Test func systemRandomDoesNotRepeat() {
        #expect(SystemRandom().bytes(32) != SystemRandom().bytes(32))
        #expect(SystemRandom().bytes(0) == [])
    }
}
