/// The text a pilot carries: `annexcap1.<id>.<secret>`, one line without blanks (spec 03, 10.4).
///
/// The text is a password. It is made once, handed to its owner, and never stored: the broker keeps a hash of the
/// secret. Nothing prints it but ``text``.
package struct CapabilityText: Sendable {
    /// The public half: 32 hexadecimal digits, safe to log.
    package let id: String
    /// The secret half as it is written: 43 characters of base64url, over which hashes are taken.
    package let secret: [UInt8]

    /// What every capability begins with; the digit is the version of the form.
    package static let prefix = "annexcap1"

    /// Length of ``id`` in characters.
    package static let idLength = 32

    /// Length of ``secret`` in characters: 32 bytes in base64url.
    package static let secretLength = 43

    /// Length of the whole text in bytes.
    package static let textLength = prefix.utf8.count + 1 + idLength + 1 + secretLength

    /// Makes a capability from 48 bytes out of `random`, which must be a cryptographic source.
    package static func mint(random: (_ count: Int) -> [UInt8]) -> CapabilityText {
        CapabilityText(id: hexadecimal(random(idLength / 2)), secret: base64URL(random(32)))
    }

    /// Whether a text means to be a capability, of whatever version, and not a token of somebody else.
    package static func isMeant(by bytes: some Sequence<UInt8>) -> Bool { bytes.starts(with: "annexcap".utf8) }

    /// Reads a capability from what a peer sent, or returns `nil` if it has another form.
    ///
    /// The length is compared first, so a peer cannot make this look at more than ``textLength`` bytes.
    package init?(parsing bytes: some Collection<UInt8>) {
        guard bytes.count == Self.textLength else { return nil }
        let parts = Array(bytes).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual(Self.prefix.utf8),
            parts[1].count == Self.idLength, parts[1].allSatisfy(Self.isLowerCaseHexadecimal),
            parts[2].count == Self.secretLength, parts[2].allSatisfy(Self.isBase64URL)
        else { return nil }
        self.init(id: String(decoding: parts[1], as: UTF8.self), secret: Array(parts[2]))
    }

    private init(id: String, secret: [UInt8]) {
        self.id = id
        self.secret = secret
    }

    /// The whole text: a password, to be shown to its owner and to nobody else.
    package var text: String { "\(Self.prefix).\(id).\(String(decoding: secret, as: UTF8.self))" }

    /// `bytes` in lower-case hexadecimal digits, the form of every public id.
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// `bytes` in base64url without padding (RFC 4648, section 5).
    private static func base64URL(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var pending: UInt32 = 0
        var bits = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                output.append(alphabet[Int(pending >> UInt32(bits)) & 63])
            }
        }
        if bits > 0 { output.append(alphabet[Int(pending << UInt32(6 - bits)) & 63]) }
        return output
    }

    private static func isLowerCaseHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func isBase64URL(_ byte: UInt8) -> Bool {
        alphabet.contains(byte)
    }
}

extension CapabilityText: CustomStringConvertible, CustomReflectable {
    /// The public half only.
    package var description: String { "\(Self.prefix).\(id).<secret>" }

    /// Keeps `dump` and debuggers away from the secret.
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
