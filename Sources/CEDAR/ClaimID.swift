public import Cryptography

/// A session that one party made up and gave to another as a text: claim id, capability, administration capability.
///
/// `<session id>#[info]secret` (spec 02, 10.1; spec 05, 3.1). Prints as its public form; compares in constant time.
public struct ClaimID: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// Longest text that is looked at, in bytes.
    public static let maximumLength = 32 << 10

    /// Everything before the last `#`: the session's public name.
    public let sessionID: String
    /// What the session is like; `nil` if there is no session behind the text.
    public let info: SessionInfo?
    /// The whole text.
    private let secret: SecretBytes
    /// The number of bytes at the end of ``secret`` that are the secret proper.
    private let keyTextCount: Int

    /// Takes a text apart.
    ///
    /// `nil` without `#`, without id or secret, for the public form, an overlong or unprintable text, or bad info.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength, let cut = text.utf8.lastIndex(of: UInt8(ascii: "#")),
            cut > text.startIndex, !text.utf8.contains(where: PercentCoding.isControl)
        else { return nil }
        var keyText = text.utf8[text.utf8.index(after: cut)...]
        var info: SessionInfo?
        if keyText.first == UInt8(ascii: "["), let end = keyText.lastIndex(of: UInt8(ascii: "]")) {
            guard let parsed = SessionInfo(String(Substring(keyText[...end]))) else { return nil }
            info = parsed
            keyText = keyText[keyText.index(after: end)...]
        }
        guard !keyText.isEmpty, !keyText.elementsEqual("...".utf8) else { return nil }
        self.init(
            sessionID: String(text[..<cut]), info: info, secret: SecretBytes(text.utf8), keyTextCount: keyText.count)
    }

    private init(sessionID: String, info: SessionInfo?, secret: SecretBytes, keyTextCount: Int) {
        self.sessionID = sessionID
        self.info = info
        self.secret = secret
        self.keyTextCount = keyTextCount
    }

    /// A new session of this id with 32 random bytes, in hexadecimal digits, as its secret (spec 02, 10.6).
    public static func make(
        sessionID: String, info: SessionInfo? = SessionInfo(), random: any RandomSource = SystemRandom()
    ) -> ClaimID {
        let keyText = Hex.encode(random.bytes(32))
        let text = "\(sessionID)#\(info?.text ?? "")\(keyText)"
        return ClaimID(
            sessionID: sessionID, info: info, secret: SecretBytes(text.utf8), keyTextCount: keyText.utf8.count)
    }

    /// The form for logs and public attributes.
    public var publicForm: String { "\(sessionID)#..." }

    /// The public form.
    public var description: String { publicForm }

    /// A mirror of the public form alone.
    public var customMirror: Mirror { Mirror(self, children: ["publicForm": publicForm]) }

    /// The whole text, secret included: for private attributes on encrypted streams only.
    public var text: String { secret.withBytes { String(decoding: $0, as: UTF8.self) } }

    /// The secret proper.
    public var secretText: SecretBytes {
        secret.withBytes { SecretBytes(UnsafeRawBufferPointer(rebasing: $0.suffix(keyTextCount))) }
    }

    /// The AES key of the session, made of the secret's text (spec 02, 10.3).
    public var sessionKey: SecretBytes {
        hkdfSHA256(secretText, salt: "htcondor".utf8, info: "keygen".utf8, count: AESGCM.keySize)
    }

    /// The address in the session id, up to the first `>`; administration capabilities have a prefix before it.
    public var sinful: Sinful? {
        guard let start = sessionID.firstIndex(of: "<"), let end = sessionID[start...].firstIndex(of: ">") else {
            return nil
        }
        return Sinful(String(sessionID[start...end]))
    }

    /// Whether both texts are the same, in time that depends on their lengths alone.
    public static func == (left: ClaimID, right: ClaimID) -> Bool { left.secret == right.secret }
}
