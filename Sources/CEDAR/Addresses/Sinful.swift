/// The address of a daemon, `<host:port?parameters>` (spec 06, 1.1 to 1.4).
///
/// ``description`` is the canonical text, which is what peers compare.
public struct Sinful: Hashable, Sendable, CustomStringConvertible {
    /// One address and port of the `addrs` parameter.
    public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
        /// An IPv4 or IPv6 literal, without brackets.
        public let host: String
        /// The port, 0 to 65535.
        public let port: Int

        let literal: IPLiteral

        /// An endpoint; `nil` unless `host` is a literal and `port` possible.
        public init?(host: String, port: Int) {
            guard let literal = IPLiteral(host), 0...65_535 ~= port else { return nil }
            self.literal = literal
            self.host = literal.text
            self.port = port
        }

        /// The endpoint with a colon between, `[::1]:9618`.
        public var description: String { "\(Sinful.bracketed(host)):\(port)" }
    }

    /// Longest address that is looked at, in bytes; real ones have a few hundred.
    public static let maximumLength = 16 << 10

    /// IP literal without brackets or host name; `nil` if there is none.
    public var host: String?
    /// The port, 0 to 65535; `nil` if there is none.
    public var port: Int?
    /// All parameters, decoded, by their case-sensitive names; unknown ones are kept.
    public private(set) var parameters: [String: String]
    /// What the `addrs` parameter lists; when present, ``host`` and ``port`` are not for connecting (spec 06, 1.3).
    public private(set) var addresses: [Endpoint]

    /// An address without parameters.
    public init(host: String?, port: Int?) {
        self.host = host
        self.port = port
        parameters = [:]
        addresses = []
    }

    /// The address a text stands for, in any of the accepted forms; `nil` if it is not one.
    public init?(_ text: String) {
        do throws(WireError) {
            try self.init(parsing: text)
        } catch {
            return nil
        }
    }

    /// A parameter by its exact name; setting `nil` removes it.
    public subscript(parameter name: String) -> String? { parameters[name] }

    /// Sets or, with `nil`, removes a parameter.
    ///
    /// - Throws: ``WireError/Kind/badString`` for `addrs` that do not parse.
    public mutating func set(_ name: String, to value: String?) throws(WireError) {
        if name == ParameterName.addresses { addresses = try Self.endpoints(value ?? "") }
        parameters[name] = value
    }

    /// Replaces `addrs`; without endpoints, removes it.
    public mutating func setAddresses(_ endpoints: [Endpoint]) {
        addresses = endpoints
        parameters[ParameterName.addresses] =
            endpoints.isEmpty
            ? nil
            : endpoints.map { endpoint in
                // Every colon of an IPv6 literal becomes a hyphen (spec 06, 1.3).
                let host = Self.bracketed(endpoint.host).split(separator: ":", omittingEmptySubsequences: false)
                return "\(host.joined(separator: "-"))-\(endpoint.port)"
            }.joined(separator: "+")
    }

    /// The name to find in the server's certificate.
    public var alias: String? { parameters[ParameterName.alias] }
    /// The name of the daemon behind its shared port.
    public var sharedPortID: String? { parameters[ParameterName.sharedPort] }
    /// The CCB contacts, as text; ``ccbContacts`` takes them apart.
    public var ccb: String? { parameters[ParameterName.ccb] }
    /// The name of the private network the daemon is in.
    public var privateNetwork: String? { parameters[ParameterName.privateNetwork] }
    /// The address for clients in the same private network, as text.
    public var privateAddress: String? { parameters[ParameterName.privateAddress] }
    /// Whether the daemon says it has no UDP port.
    public var noUDP: Bool { parameters[ParameterName.noUDP] != nil }

    /// The canonical text: parameters in the byte order of their names, `=` left out for empty values.
    public var description: String { "<\(contactAddress)>" }

    /// The canonical text without angle brackets, as it stands in front of the `#` of a CCB contact.
    public var contactAddress: String {
        var text = host.map(Self.bracketed) ?? ""
        if let port { text += ":\(port)" }
        guard !parameters.isEmpty else { return text }
        let sorted = parameters.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let items = sorted.map { name, value in
            PercentCoding.encode(name) + (value.isEmpty ? "" : "=" + PercentCoding.encode(value))
        }
        return text + "?" + items.joined(separator: "&")
    }

    /// Names of the parameters that have a meaning (spec 06, 1.2).
    enum ParameterName {
        static let addresses = "addrs"
        static let alias = "alias"
        static let ccb = "CCBID"
        static let noUDP = "noUDP"
        static let privateAddress = "PrivAddr"
        static let privateNetwork = "PrivNet"
        static let sharedPort = "sock"
    }

    /// A host as it is written in front of a port.
    static func bracketed(_ host: String) -> String {
        host.utf8.contains(UInt8(ascii: ":")) && !host.utf8.contains(UInt8(ascii: "[")) ? "[\(host)]" : host
    }

    /// Takes an `addrs` list apart; one bad element makes all of it bad.
    static func endpoints(_ list: String) throws(WireError) -> [Endpoint] {
        var endpoints: [Endpoint] = []
        for element in list.split(separator: "+") {
            guard let cut = element.lastIndex(of: "-"), let port = decimal(element[element.index(after: cut)...]),
                let endpoint = Endpoint(host: unhyphened(element[..<cut]), port: port)
            else { throw WireError(.badString, "addrs of an address") }
            endpoints.append(endpoint)
        }
        return endpoints
    }

    private static func unhyphened(_ host: Substring) -> String {
        var text = host.split(separator: "-", omittingEmptySubsequences: false).joined(separator: ":")
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        return text
    }
}
