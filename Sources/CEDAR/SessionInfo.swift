/// What a claim id or capability says of the session behind it, `[Name=value;...]` (spec 02, 10.2).
public struct SessionInfo: Hashable, Sendable {
    /// Whether the creator wants encryption; without meaning for AES, which is always on.
    public var encryption: Bool?
    /// Whether the creator wants integrity; without meaning for AES.
    public var integrity: Bool?
    /// The ciphers the creator knows, in its order; empty if it does not say.
    public var cryptoMethods: [String]
    /// The commands the holder may send; `nil` if it does not say.
    public var validCommands: [CommandNumber]?
    /// End of the session, seconds since 1970; `nil` for none.
    public var expiresAt: Int64?
    /// The creator's version.
    public var version: CondorVersion?

    /// Most commands that are read from a list; real lists have about 50.
    private static let maximumCommands = 1000

    /// A session by its parts, by default as we create them (spec 02, 10.6).
    public init(
        encryption: Bool? = true, integrity: Bool? = true, cryptoMethods: [String] = ["AES"],
        validCommands: [CommandNumber]? = nil, expiresAt: Int64? = nil, version: CondorVersion? = .ours
    ) {
        self.encryption = encryption
        self.integrity = integrity
        self.cryptoMethods = cryptoMethods
        self.validCommands = validCommands
        self.expiresAt = expiresAt
        self.version = version
    }

    /// The session that a bracketed text describes; `nil` if it is malformed.
    ///
    /// Unknown names are skipped.
    public init?(_ text: String) {
        guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
        self.init(encryption: nil, integrity: nil, cryptoMethods: [], version: nil)
        var methodList: [String]?
        for item in text.dropFirst().dropLast().split(separator: ";") {
            guard let equals = item.firstIndex(of: "=") else { return nil }
            var value = item[item.index(after: equals)...]
            if value.hasPrefix("\"") {
                guard value.count >= 2, value.hasSuffix("\"") else { return nil }
                value = value.dropFirst().dropLast()
            }
            switch item[..<equals].lowercased() {
            case "encryption": encryption = value.uppercased() == "YES"
            case "integrity": integrity = value.uppercased() == "YES"
            case "cryptomethods": cryptoMethods = value.split(separator: ",").map(String.init)
            case "cryptomethodslist": methodList = value.split(separator: ".").map(String.init)
            case "validcommands":
                let numbers = value.split(separator: ",").map(decimal)
                guard numbers.count <= Self.maximumCommands, !numbers.contains(nil) else { return nil }
                validCommands = numbers.compactMap { $0.map(CommandNumber.init) }
            case "sessionexpires":
                guard let seconds = Int64(value) else { return nil }
                expiresAt = seconds
            case "shortversion": version = CondorVersion(short: String(value))
            default: continue
            }
        }
        cryptoMethods = methodList ?? cryptoMethods
    }

    /// The bracketed text, in the order and with the double naming of ciphers that old readers need.
    public var text: String {
        var items: [String] = []
        if let integrity { items.append("Integrity=\"\(integrity ? "YES" : "NO")\"") }
        if let encryption { items.append("Encryption=\"\(encryption ? "YES" : "NO")\"") }
        if let version { items.append("ShortVersion=\"\(version.short)\"") }
        if let first = cryptoMethods.first(where: { $0 == "BLOWFISH" || $0 == "3DES" }) ?? cryptoMethods.first {
            items.append("CryptoMethods=\"\(first)\"")
        }
        if let validCommands {
            items.append("ValidCommands=\"\(validCommands.map { "\($0.rawValue)" }.joined(separator: ","))\"")
        }
        if let expiresAt { items.append("SessionExpires=\(expiresAt)") }
        if cryptoMethods.count > 1 { items.append("CryptoMethodsList=\"\(cryptoMethods.joined(separator: "."))\"") }
        return "[" + items.map { $0 + ";" }.joined() + "]"
    }
}
