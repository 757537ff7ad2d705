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

    @Test func systemRandomDoesNotRepeat() {
        #expect(SystemRandom().bytes(32) != SystemRandom().bytes(32))
        #expect(SystemRandom().bytes(0) == [])
    }
}
