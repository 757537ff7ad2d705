import Cryptography
import Testing

@Suite struct TextCodingTests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64OfTheRFC(plain: String, coded: String) {
        #expect(Base64.encode(plain.utf8) == coded)
        #expect(Base64.decode(coded) == Array(plain.utf8))
    }

    @Test(arguments: ["Zg", "Zg=", "Zg===", "=Zg=", "Zh==", "Zm8 ", "Zm9v\n", "Z", "Zm9-", "Zm9\u{e9}", "===="])
    func malformedBase64IsRefused(text: String) { #expect(Base64.decode(text) == nil) }

    @Test func theURLAlphabetHasNoPadding() {
        #expect(Base64URL.encode([0xFB, 0xFF, 0xFE, 0xFF]) == "-__-_w")
        #expect(Base64URL.decode("-__-_w") == [0xFB, 0xFF, 0xFE, 0xFF])
    }

    @Test(arguments: ["-__-_w==", "+//+", "A", "_x"])
    func malformedURLTextIsRefused(text: String) { #expect(Base64URL.decode(text) == nil) }

    @Test func everyByteSurvivesEveryCoding() {
        for count in 0..<260 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        }
    }

    @Test func hexIsLowerCaseAndReadsBoth() {
        #expect(Hex.encode([0xAB, 0x01]) == "ab01")
        #expect(Hex.decode("aB01") == [0xAB, 0x01])
    }

    @Test(arguments: ["a", "0g", "0x", " 0", "é"])
    func malformedHexIsRefused(text: String) { #expect(Hex.decode(text) == nil) }
}
