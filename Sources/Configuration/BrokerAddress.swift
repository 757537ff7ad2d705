/// An address as the administrator writes it: `host:port`, optionally with parameters.
///
/// Angle brackets are refused: an address in `FLOCK_COLLECTOR_HOSTS` that has them makes a
/// condor_schedd 25.14 abort at start (spec 05, 1.1).
package struct BrokerAddress: Hashable, Sendable, CustomStringConvertible {
    /// Name or number of the host; an IPv6 number has no brackets here.
    package var host: String
    /// TCP port; 0 lets the system choose one.
    package var port: Int
    /// What follows the question mark, for instance `sock=ap_collector`, or `nil`.
    package var parameters: String?

    package init(host: String, port: Int, parameters: String? = nil) {
        self.host = host
        self.port = port
        self.parameters = parameters
    }

    /// Reads `host:port`, `[ipv6]:port` or either of them with `?parameters`.
    package init(parsing text: String) throws(InvalidValue) {
        let wanted = InvalidValue("host:port without angle brackets, for instance ap.example.org:9620")
        let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let body = halves.first, let colon = body.lastIndex(of: ":") else { throw wanted }
        let portText = body[body.index(after: colon)...]
        guard let port = Int(portText), (0...65_535).contains(port), portText.allSatisfy(\.isNumber) else {
            throw wanted
        }
        var host = body[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw wanted
        }
        let allowed = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: ":"):
                true
            default: false
            }
        }
        let parameters = halves.count == 2 ? String(halves[1]) : nil
        guard allowed, !host.isEmpty, host.utf8.count <= 255, parameters?.contains(where: \.isUnsafe) != true else {
            throw wanted
        }
        self.init(host: String(host), port: port, parameters: parameters)
    }

    /// The text as it stands in a list of pools.
    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(name):\(port)" + (parameters.map { "?\($0)" } ?? "")
    }
}

extension Character {
    /// Characters that would end an item of a list of pools, or an address in brackets.
    fileprivate var isUnsafe: Bool { isWhitespace || self == "<" || self == ">" || self == "," }
}

extension SettingType where Value == BrokerAddress {
    /// A required address.
    package static let address = SettingType(name: "address", unit: nil, range: "host:port, no angle brackets") {
        text throws(InvalidValue) in
        try BrokerAddress(parsing: text)
    }
}

extension SettingType where Value == BrokerAddress? {
    /// An address, or nothing.
    package static let optionalAddress = SettingType(
        name: "address", unit: nil, range: "host:port, no angle brackets, or empty"
    ) { text throws(InvalidValue) in
        text.isEmpty ? nil : try BrokerAddress(parsing: text)
    }
}
