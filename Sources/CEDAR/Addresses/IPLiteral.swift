import Glibc

/// An IPv4 or IPv6 address in text.
struct IPLiteral: Hashable, Sendable {
    /// The address family.
    enum Family: Sendable { case v4, v6 }

    /// The family.
    let family: Family
    /// Four or sixteen bytes in network order.
    let bytes: [UInt8]
    /// The usual text, IPv6 without brackets and compressed.
    let text: String

    /// An address without brackets; `nil` for names and anything else.
    init?(_ literal: String) {
        guard literal.utf8.count <= 45 else { return nil }
        let family: Family = literal.utf8.contains(UInt8(ascii: ":")) ? .v6 : .v4
        let number = family == .v6 ? AF_INET6 : AF_INET
        var bytes = [UInt8](repeating: 0, count: family == .v6 ? 16 : 4)
        guard inet_pton(number, literal, &bytes) == 1 else { return nil }
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            inet_ntop(number, bytes, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) }
        }
        guard let text else { return nil }
        (self.family, self.bytes, self.text) = (family, bytes, text)
    }

    /// How gladly a client connects to it: public 5, private 4, link-local IPv4 3, loopback 2, link-local IPv6 1.
    ///
    /// Spec 06, 1.4.
    var desirability: Int {
        switch family {
        case .v4:
            switch (bytes[0], bytes[1]) {
            case (127, _): 2
            case (169, 254): 3
            case (10, _), (172, 16...31), (192, 168): 4
            case (_, _): 5
            }
        case .v6:
            if bytes[0] == 0xFE, bytes[1] & 0xC0 == 0x80 {
                1
            } else if bytes[..<15].allSatisfy({ $0 == 0 }), bytes[15] == 1 {
                2
            } else if bytes[0] & 0xFE == 0xFC {
                4
            } else {
                5
            }
        }
    }
}
