/// A way to prove who one is; the raw value is its bit in the method mask (spec 02, 5.1).
///
/// Only methods that this module can run are listed; names and bits of others are ignored.
public enum AuthenticationMethod: Int, Sendable, Hashable, CaseIterable {
    /// Believes what it is told; for tests.
    case claimToBe = 2
    /// Making a directory proves a local account.
    case fs = 4
    /// Nobody in particular.
    case anonymous = 128
    /// TLS certificates.
    case ssl = 256
    /// A password that all of a pool share; we prove it to others and ask nobody for it.
    case password = 512
    /// Tokens signed by a key of the server.
    case idTokens = 2048
    /// A bearer text inside TLS.
    case sciTokens = 4096

    /// The name in `AuthMethods` lists; tokens travel as `TOKEN` (spec 03, 1.1).
    public var wireName: String {
        switch self {
        case .claimToBe: "CLAIMTOBE"
        case .fs: "FS"
        case .anonymous: "ANONYMOUS"
        case .ssl: "SSL"
        case .password: "PASSWORD"
        case .idTokens: "TOKEN"
        case .sciTokens: "SCITOKENS"
        }
    }

    /// The name in logs and in the attributes of a finished session.
    public var displayName: String { self == .idTokens ? "IDTOKENS" : wireName }

    /// A method by any of its names, in any case.
    public init?(name: some StringProtocol) {
        switch name.uppercased() {
        case "CLAIMTOBE": self = .claimToBe
        case "FS": self = .fs
        case "ANONYMOUS": self = .anonymous
        case "SSL": self = .ssl
        case "PASSWORD": self = .password
        case "TOKEN", "TOKENS", "IDTOKEN", "IDTOKENS": self = .idTokens
        case "SCITOKENS", "SCITOKEN": self = .sciTokens
        default: return nil
        }
    }

    /// Whether we run it as a server; a secret that everybody shares says nothing of who shows it (spec 03, 6.3).
    public var isServed: Bool { self != .password }

    /// Whether the method runs inside TLS, and so yields a secret that only its two ends know.
    public var isInsideTLS: Bool { self == .ssl || self == .sciTokens }

    /// The methods of a list as it travels, in its order and without repetitions.
    public static func list(from text: String) -> [AuthenticationMethod] {
        var methods: [AuthenticationMethod] = []
        for word in splitList(text) {
            guard let method = AuthenticationMethod(name: word), !methods.contains(method) else { continue }
            methods.append(method)
        }
        return methods
    }

    /// A list as it travels.
    static func wireList(_ methods: [AuthenticationMethod]) -> String {
        methods.map(\.wireName).joined(separator: ",")
    }

    /// The mask with the bits of `methods`.
    static func mask(_ methods: [AuthenticationMethod]) -> Int64 {
        methods.reduce(0) { $0 | Int64($1.rawValue) }
    }
}
