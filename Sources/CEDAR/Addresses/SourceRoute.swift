/// One element of an address in list form, which daemons publish as `AddressV1` (spec 06, 1.5).
struct SourceRoute: Equatable {
    /// The name of the network that everybody is in.
    static let publicNetwork = "Internet"
    /// The protocol of a route that repeats host and port as they stand.
    static let primary = "primary"

    /// `primary`, `IPv4` or `IPv6`.
    var proto: String
    /// Literal or host name.
    var address: String
    /// The port; -1 for none.
    var port: Int
    /// The network it is valid in.
    var network: String
    var alias: String?
    /// The daemon's name behind its shared port.
    var sharedPort: String?
    var ccbID: String?
    /// The CCB server's own name behind a shared port.
    var ccbSharedPort: String?
    var noUDP = false
    var brokerIndex: Int?

    init(proto: String, address: String, port: Int, network: String) {
        self.proto = proto
        self.address = address
        self.port = port
        self.network = network
    }

    init(_ endpoint: Sinful.Endpoint, network: String) {
        let proto =
            switch endpoint.literal.family {
            case .v4: "IPv4"
            case .v6: "IPv6"
            }
        self.init(proto: proto, address: endpoint.host, port: endpoint.port, network: network)
    }

    /// The text in exactly the form that HTCondor's fixed-format scanner reads.
    var text: String {
        var text = "[ p=\"\(proto)\"; a=\"\(address)\"; port=\(port); n=\"\(network)\";"
        let optional = [("alias", alias), ("spid", sharedPort), ("ccbid", ccbID), ("ccbspid", ccbSharedPort)]
        for case (let name, let value?) in optional where !value.isEmpty { text += " \(name)=\"\(value)\";" }
        if noUDP { text += " noUDP=true;" }
        if let brokerIndex { text += " brokerIndex=\(brokerIndex);" }
        return text + " ]"
    }

    /// The routes of a whole address in list form.
    ///
    /// - Throws: ``WireError/Kind/badString``.
    static func parse(_ text: String) throws(WireError) -> [SourceRoute] {
        guard text.hasPrefix("{"), text.hasSuffix("}") else { throw WireError(.badString, "address list without end") }
        var rest = text.dropFirst().dropLast()
        var routes: [SourceRoute] = []
        while !rest.isEmpty {
            if !routes.isEmpty {
                guard rest.hasPrefix(", ") else { throw WireError(.badString, "address list") }
                rest = rest.dropFirst(2)
            }
            routes.append(try SourceRoute(consuming: &rest))
        }
        guard !routes.isEmpty else { throw WireError(.badString, "empty address list") }
        return routes
    }

    /// One route at the start of `rest`: `[ name=value; ... ]`, quotes without escapes.
    private init(consuming rest: inout Substring) throws(WireError) {
        var fields: [Substring: String] = [:]
        guard rest.hasPrefix("[ ") else { throw WireError(.badString, "route of an address list") }
        rest = rest.dropFirst(2)
        while !rest.hasPrefix("]") {
            guard let equals = rest.firstIndex(of: "=") else { throw WireError(.badString, "route of an address list") }
            let name = rest[..<equals]
            rest = rest[rest.index(after: equals)...]
            let isQuoted = rest.hasPrefix("\"")
            if isQuoted { rest = rest.dropFirst() }
            guard let end = rest.firstIndex(of: isQuoted ? "\"" : ";") else {
                throw WireError(.badString, "value of an address list")
            }
            fields[name] = String(rest[..<end])
            rest = rest[(isQuoted ? rest.index(after: end) : end)...]
            guard rest.hasPrefix("; ") else { throw WireError(.badString, "value of an address list") }
            rest = rest.dropFirst(2)
        }
        rest = rest.dropFirst()
        guard let proto = fields["p"], let address = fields["a"], let network = fields["n"],
            let port = fields["port"], let number = port == "-1" ? -1 : decimal(port[...]), number <= 65_535
        else { throw WireError(.badString, "route lacks p, a, port or n") }
        self.init(proto: proto, address: address, port: number, network: network)
        alias = fields["alias"]
        sharedPort = fields["spid"]
        ccbID = fields["ccbid"]
        ccbSharedPort = fields["ccbspid"]
        noUDP = fields["noUDP"] == "true"
        brokerIndex = fields["brokerIndex"].flatMap { decimal($0[...]) }
    }
}
