import CondorSecurity
import Glibc

/// The addresses that are counted as one: an IPv4 address, or the 64 bits of an IPv6 address that a network is given.
struct AddressGroup: Hashable, CustomStringConvertible {
    let description: String
    /// Whether it is this machine.
    let isLoopback: Bool

    /// The group of a numeric address; text that is none stands for itself.
    init(_ peer: PeerAddress) {
        var bytes = in6_addr()
        guard peer.host.contains(":"), inet_pton(AF_INET6, peer.host, &bytes) == 1 else {
            description = peer.host
            isLoopback = peer.host.hasPrefix("127.")
            return
        }
        let octets = withUnsafeBytes(of: bytes) { Array($0) }
        if octets[..<12].elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) {
            description = octets[12...].map(String.init).joined(separator: ".")
            isLoopback = octets[12] == 127
        } else {
            isLoopback = octets.dropLast().allSatisfy { $0 == 0 } && octets[15] == 1
            let words = stride(from: 0, to: 8, by: 2).map { Int(octets[$0]) << 8 | Int(octets[$0 + 1]) }
            description = isLoopback ? "::1" : words.map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
        }
    }
}
