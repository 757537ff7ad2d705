import Glibc

/// An IPv4 or IPv6 address as bytes; an IPv4 address in the clothes of IPv6 counts as IPv4.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// Four or sixteen bytes in network order.
    public let bytes: [UInt8]

    /// Longest text of an address with brackets and zone.
    private static let longestText = 80
    /// What sixteen bytes begin with that stand for an IPv4 address.
    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    /// An address by its text, with or without brackets; a zone (`%eth0`) is left out.
    public init?(_ text: some StringProtocol) {
        var literal = String(text)
        guard literal.utf8.count <= Self.longestText else { return nil }
        if literal.hasPrefix("["), literal.hasSuffix("]") { literal = String(literal.dropFirst().dropLast()) }
        if let zone = literal.firstIndex(of: "%") { literal = String(literal[..<zone]) }
        let isLong = literal.utf8.contains(UInt8(ascii: ":"))
        var bytes = [UInt8](repeating: 0, count: isLong ? 16 : 4)
        guard inet_pton(isLong ? AF_INET6 : AF_INET, literal, &bytes) == 1 else { return nil }
        self.init(bytes: bytes)
    }

    /// Four or sixteen bytes, made IPv4 where they stand for it.
    init(bytes: [UInt8]) {
        let isMapped = bytes.count == 16 && bytes.starts(with: Self.mappedPrefix)
        self.bytes = isMapped ? Array(bytes[Self.mappedPrefix.count...]) : bytes
    }

    /// Whether it is an address by which a host reaches itself.
    public var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    /// The usual text.
    public var description: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            let family = bytes.count == 4 ? AF_INET : AF_INET6
            return inet_ntop(family, bytes, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) }
                ?? ""
        }
    }
}

/// A set of addresses with the same leading bits.
public struct IPNetwork: Sendable, Hashable {
    /// An address of the network.
    public let base: IPAddress
    /// How many leading bits count.
    public let bits: Int

    /// A network in one of HTCondor's forms: `10.1.2.3`, `10.1.*`, `10.1.`, `10.1.0.0/16`, `10.1.0.0/255.255.0.0`,
    /// `2001:db8::1`, `2001:db8:*`, `2001:db8::/32`.
    ///
    /// Source: HTCondor manual, "Authorization"; `src/condor_utils/condor_netaddr.cpp`, from_net_string.
    public init?(_ text: some StringProtocol) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = halves.first, !first.isEmpty else { return nil }
        if halves.count == 2 {
            guard let base = IPAddress(first), let bits = Self.bits(of: halves[1], base) else { return nil }
            self.init(base, bits: bits, isLong: first.contains(":"))
        } else if let base = IPAddress(first) {
            self.init(base: base, bits: base.bytes.count * 8)
        } else if first.contains(":") {
            self.init(longPrefix: String(first))
        } else {
            self.init(shortPrefix: first)
        }
    }

    private init(base: IPAddress, bits: Int) {
        self.base = base
        self.bits = bits
    }

    /// A mask written for sixteen bytes counts the twelve that an IPv4 address loses.
    private init?(_ base: IPAddress, bits: Int, isLong: Bool) {
        let lost = isLong && base.bytes.count == 4 ? 96 : 0
        guard bits >= lost, bits - lost <= base.bytes.count * 8 else { return nil }
        self.init(base: base, bits: bits - lost)
    }

    /// `10.1.*`, `10.1.` or `10.1`: whole leading parts of an IPv4 address.
    private init?(shortPrefix text: some StringProtocol) {
        var text = text[...]
        if text.hasSuffix("*") { text = text.dropLast() }
        if text.hasSuffix(".") { text = text.dropLast() }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part in
            1...3 ~= part.utf8.count && part.allSatisfy { $0.isASCII && $0.isNumber } ? UInt8(part) : nil
        }
        guard 1...3 ~= bytes.count, bytes.count == parts.count else { return nil }
        self.init(
            base: IPAddress(bytes: bytes + [UInt8](repeating: 0, count: 4 - bytes.count)), bits: bytes.count * 8)
    }

    /// `2001:db8:*`: whole leading parts of an IPv6 address.
    private init?(longPrefix text: String) {
        guard text.hasSuffix(":*"), let base = IPAddress(text.dropLast() + ":"), base.bytes.count == 16 else {
            return nil
        }
        self.init(base: base, bits: 16 * text.count { $0 == ":" })
    }

    /// A number of bits, or an IPv4 mask whose ones come first.
    private static func bits(of text: some StringProtocol, _ base: IPAddress) -> Int? {
        if !text.isEmpty, text.utf8.count <= 3, text.allSatisfy({ $0.isASCII && $0.isNumber }) { return Int(text) }
        guard base.bytes.count == 4, let mask = IPAddress(text), mask.bytes.count == 4 else { return nil }
        let word = mask.bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let ones = (~word).leadingZeroBitCount
        return word == (ones == 0 ? 0 : ~UInt32(0) << UInt32(32 - ones)) ? ones : nil
    }

    /// Whether an address belongs to it.
    public func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        let whole = bits / 8
        guard address.bytes[..<whole].elementsEqual(base.bytes[..<whole]) else { return false }
        let rest = bits % 8
        return rest == 0 || (address.bytes[whole] ^ base.bytes[whole]) >> UInt8(8 - rest) == 0
    }
}
