extension Sinful {
    /// The address as a client in `network` sees it (spec 06, 1.4, step 1).
    ///
    /// In the same private network its private address takes its place, or else the detour over CCB is dropped.
    public func seen(from network: String?) throws(WireError) -> Sinful {
        guard let network, network == privateNetwork else { return self }
        var seen = self
        if let privateAddress {
            seen = try Sinful(parsing: privateAddress)
            if seen.alias == nil, let alias { try seen.set(ParameterName.alias, to: alias) }
        } else {
            try seen.set(ParameterName.ccb, to: nil)
        }
        return seen
    }

    /// The address with ``host`` and ``port`` of the most desirable of its ``addresses`` (spec 06, 1.4, step 2).
    ///
    /// `nil` if none is usable: host and port are then used as they stand.
    public func choosingAddress(ipv4: Bool = true, ipv6: Bool = false) -> Sinful? {
        var best: Endpoint?
        for endpoint in addresses where endpoint.literal.family == .v4 ? ipv4 : ipv6 {
            if let chosen = best, chosen.literal.desirability >= endpoint.literal.desirability { continue }
            best = endpoint
        }
        guard let best else { return nil }
        var chosen = self
        chosen.host = best.host
        chosen.port = best.port
        return chosen
    }

    /// Where to open a TCP connection, for an address that is reached directly or through a shared port.
    ///
    /// `nil` without a usable host and port.
    public func target(ipv4: Bool = true, ipv6: Bool = false) -> (host: String, port: Int)? {
        let chosen = choosingAddress(ipv4: ipv4, ipv6: ipv6) ?? self
        guard let host = chosen.host, let port = chosen.port, port > 0 else { return nil }
        return (host, port)
    }

    /// The CCB servers that reach the daemon, in any order to be tried (spec 06, 1.6).
    public var ccbContacts: [CCBContact] {
        get throws(WireError) {
            var contacts: [CCBContact] = []
            for text in (ccb ?? "").split(whereSeparator: { $0 == " " || $0 == "," }) {
                contacts.append(try CCBContact(String(text)))
            }
            return contacts
        }
    }
}

/// One way to a daemon through a CCB server: `<address without brackets>#<id>` (spec 06, 1.6).
public struct CCBContact: Hashable, Sendable, CustomStringConvertible {
    /// The CCB server.
    public let broker: Sinful
    /// The registrant's id there; further ones after `#` are tunnels through other servers.
    public let id: String

    /// A contact by its parts.
    public init(broker: Sinful, id: String) {
        self.broker = broker
        self.id = id
    }

    /// A contact of a `CCBID` parameter, decoded.
    ///
    /// - Throws: ``WireError/Kind/badString``.
    public init(_ text: String) throws(WireError) {
        guard let cut = text.firstIndex(of: "#"), cut > text.startIndex else {
            throw WireError(.badString, "CCB contact without id")
        }
        id = String(text[text.index(after: cut)...])
        guard !id.isEmpty else { throw WireError(.badString, "CCB contact without id") }
        broker = try Sinful(parsing: String(text[..<cut]))
    }

    /// The contact as it stands, before encoding, in a `CCBID` parameter.
    public var description: String { "\(broker.contactAddress)#\(id)" }
}
