/// One entry of an `ALLOW_*` or `DENY_*` list: a pattern of users at a pattern of hosts.
///
/// Source: HTCondor manual, "Authorization"; spec 02, 12.3.
public struct AuthorizationEntry: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no entry, in words for an administrator.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        /// The entry and what is wrong with it.
        public let description: String
    }

    /// Which hosts an entry is about.
    enum Host: Sendable, Hashable {
        /// All.
        case any
        /// This host, by any of its addresses.
        case local
        /// Those with an address of the network.
        case network(IPNetwork)
        /// Those with a name that fits.
        case name(WildcardPattern)
    }

    /// Longest entry, in bytes.
    public static let maximumLength = 512
    /// The word for the addresses of this host.
    private static let localWord = "{:local_ips:}"

    /// The entry as it was written.
    public let description: String
    let host: Host
    /// Users that fit; two patterns where HTCondor takes two names for the same.
    private let users: [WildcardPattern]

    /// Reads `user@domain/host`, `user@domain`, `host`, or `*/host`; the host may be a network with a mask.
    ///
    /// With two slashes the first ends the user. With one it ends the user if that has an `@` or begins with `*`, and
    /// otherwise parts a network from its mask. Source: `src/condor_io/condor_ipverify.cpp`, split_entry.
    public init(_ text: String) throws(Failure) {
        guard text.utf8.count <= Self.maximumLength else {
            throw Failure(description: "\(text.prefix(40))... is too long")
        }
        description = text
        guard !text.hasPrefix("+") else { throw Self.failure(text, "netgroups are not supported") }
        guard !text.contains(where: { $0 == "<" || $0 == ">" || $0 == "?" }) else {
            throw Self.failure(text, "an address in brackets says how to reach a daemon, not who it is")
        }
        let (user, host) = try Self.split(text)
        guard !user.isEmpty, !user.hasSuffix("@"), !user.hasPrefix("@") else {
            throw Self.failure(text, "a user is name@domain")
        }
        users = Self.equivalents(of: user)
        self.host = try Self.host(host, in: text)
    }

    private static func failure(_ text: String, _ reason: String) -> Failure {
        Failure(description: "\(text): \(reason)")
    }

    private static func split(_ text: String) throws(Failure) -> (user: Substring, host: Substring) {
        let everything: Substring = "*"
        guard let slash = text.firstIndex(of: "/") else {
            return text.contains("@") ? (text[...], everything) : (everything, text[...])
        }
        let (before, after) = (text[..<slash], text[text.index(after: slash)...])
        if after.contains("/") || before.contains("@") || before.hasPrefix("*") { return (before, after) }
        guard IPNetwork(text) != nil else { throw failure(text, "neither user@domain/host nor network/mask") }
        return (everything, text[...])
    }

    private static func host(_ host: Substring, in text: String) throws(Failure) -> Host {
        if host == "*" { return .any }
        if host.lowercased() == localWord { return .local }
        if let network = IPNetwork(host) { return .network(network) }
        guard !host.contains("/"), !host.contains(":") else { throw failure(text, "not a network: \(host)") }
        let isName = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "*"):
                true
            default: false
            }
        }
        guard isName, !host.isEmpty else { throw failure(text, "not a host: \(host)") }
        // Digits and dots alone would be an address that has gone wrong, and never a name.
        guard host.contains(where: { $0.isLetter || $0 == "*" }) else { throw failure(text, "not a host: \(host)") }
        return .name(WildcardPattern(host))
    }

    /// `condor@` and `condor_pool@` are one user under two names, as `USE_POOL_USERNAME_EQUIVALENT` has it.
    private static func equivalents(of user: Substring) -> [WildcardPattern] {
        let (new, old) = ("condor@", "condor_pool@")
        let lower = user.lowercased()
        let pattern = WildcardPattern(user)
        if lower.hasPrefix(new) { return [pattern, WildcardPattern(old + lower.dropFirst(new.count))] }
        if lower.hasPrefix(old) { return [pattern, WildcardPattern(new + lower.dropFirst(old.count))] }
        return [pattern]
    }

    /// Whether it is about this user, wherever he is.
    func fits(user: String) -> Bool { users.contains { $0.matches(user) } }
}
