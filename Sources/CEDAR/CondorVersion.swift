/// A version of HTCondor as peers announce it: `$CondorVersion: 25.14.0 2026-01-01 BuildID: x $` (spec 01, 8).
public struct CondorVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// First number, at least 6.
    public let major: Int
    /// Second number, at most 99.
    public let minor: Int
    /// Third number, at most 99.
    public let patch: Int
    /// The whole announcement.
    public let text: String

    /// What we announce: the version whose behaviour we follow.
    public static let ours = CondorVersion(major: 25, minor: 14, patch: 0, build: "2026-01-01 BuildID: FlockBroker")

    /// Longest announcement that is looked at, in bytes.
    private static let maximumLength = 512
    private static let prefix = "$CondorVersion: "

    /// An announcement: the exact prefix, three numbers, a blank; anything may follow.
    public init?(_ announcement: String) {
        guard announcement.utf8.count <= Self.maximumLength, announcement.hasPrefix(Self.prefix) else { return nil }
        let rest = announcement.dropFirst(Self.prefix.count)
        guard let blank = rest.firstIndex(of: " "), let numbers = Self.numbers(rest[..<blank]) else { return nil }
        (major, minor, patch) = numbers
        text = announcement
    }

    /// Three numbers alone, `25.14.0`, as in the info part of a claim id (spec 02, 10.2).
    public init?(short: String) {
        guard short.utf8.count <= Self.maximumLength, let (major, minor, patch) = Self.numbers(short[...]) else {
            return nil
        }
        self.init(major: major, minor: minor, patch: patch, build: "2000-01-01")
    }

    private init(major: Int, minor: Int, patch: Int, build: String) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
        text = "\(Self.prefix)\(major).\(minor).\(patch) \(build) $"
    }

    /// The three numbers, `25.14.0`.
    public var short: String { "\(major).\(minor).\(patch)" }

    /// The three numbers.
    public var description: String { short }

    /// Order by the three numbers.
    public static func < (left: CondorVersion, right: CondorVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    /// Equality of the three numbers.
    public static func == (left: CondorVersion, right: CondorVersion) -> Bool {
        (left.major, left.minor, left.patch) == (right.major, right.minor, right.patch)
    }

    /// Hashes the three numbers.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(major)
        hasher.combine(minor)
        hasher.combine(patch)
    }

    private static func numbers(_ text: Substring) -> (Int, Int, Int)? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(decimal)
        guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2],
            6...9999 ~= major, minor <= 99, patch <= 99
        else { return nil }
        return (major, minor, patch)
    }
}

/// The value of one to nine decimal digits and nothing else.
func decimal(_ text: Substring) -> Int? {
    guard 1...9 ~= text.utf8.count else { return nil }
    var value = 0
    for digit in text.utf8 {
        guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
        value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
}
