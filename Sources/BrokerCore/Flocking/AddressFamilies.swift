package import CEDAR

/// The kinds of network a daemon can be reached over (spec 05, 5.1, step 8).
package struct AddressFamilies: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// IPv4.
    package static let ipv4 = AddressFamilies(rawValue: 1)
    /// IPv6.
    package static let ipv6 = AddressFamilies(rawValue: 2)
    /// Through a callback: the daemon calls back, so its own addresses say nothing (spec 06, part 2).
    package static let callback = AddressFamilies(rawValue: 4)

    /// The families of an address: those of `addrs`, else that of its host; names may be either.
    package init(_ address: Sinful) {
        var families: AddressFamilies = address.ccb == nil ? [] : .callback
        let listed = address.addresses
        for host in listed.isEmpty ? [address.host ?? ""] : listed.map(\.host) {
            if host.contains(":") {
                families.insert(.ipv6)
            } else if host.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }) {
                families.insert(.ipv4)
            } else {
                families.formUnion([.ipv4, .ipv6])
            }
        }
        self = families
    }

    /// Whether a schedd with these families can open a connection to `slot`.
    package func canReach(_ slot: AddressFamilies) -> Bool {
        slot.contains(.callback) || !isDisjoint(with: slot)
    }
}
