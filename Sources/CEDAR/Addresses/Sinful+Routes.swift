extension Sinful {
    /// The address in list form, as daemons publish it as `AddressV1` (spec 06, 1.5).
    ///
    /// - Throws: ``WireError/Kind/badString`` if its private address or a CCB contact is none.
    public func routeList() throws(WireError) -> String {
        "{" + (try routes()).map(\.text).joined(separator: ", ") + "}"
    }

    private func routes() throws(WireError) -> [SourceRoute] {
        var routes = [
            SourceRoute(
                proto: SourceRoute.primary, address: host ?? "", port: port ?? -1, network: SourceRoute.publicNetwork)
        ]
        let publicEndpoints = parameters.isEmpty ? ownEndpoint.map { [$0] } ?? [] : addresses
        if let privateNetwork {
            if let privateAddress {
                guard let endpoint = try Sinful(parsing: privateAddress).ownEndpoint else {
                    throw WireError(.badString, "private address without literal")
                }
                routes.append(SourceRoute(endpoint, network: privateNetwork))
            } else {
                routes += publicEndpoints.map { SourceRoute($0, network: privateNetwork) }
            }
        }
        for (index, contact) in try ccbContacts.enumerated() {
            for var route in try contact.broker.routes() {
                route.sharedPort = nil
                route.ccbID = contact.id
                route.ccbSharedPort = contact.broker.sharedPortID ?? route.ccbSharedPort
                route.brokerIndex = index
                routes.append(route)
            }
        }
        routes += publicEndpoints.map { SourceRoute($0, network: SourceRoute.publicNetwork) }
        for index in routes.indices {
            routes[index].alias = alias ?? routes[index].alias
            routes[index].sharedPort = sharedPortID ?? routes[index].sharedPort
            if noUDP { routes[index].noUDP = true }
        }
        return routes
    }

    /// Host and port, if the host is a literal.
    private var ownEndpoint: Endpoint? {
        guard let host, let port else { return nil }
        return Endpoint(host: host, port: port)
    }

    /// The address that a list of routes describes.
    init(routes text: String) throws(WireError) {
        let routes = try SourceRoute.parse(text)
        let primary = routes.first { $0.proto == SourceRoute.primary && $0.ccbID == nil }
        try self.init(checkedHost: primary?.address ?? "", port: primary.flatMap { $0.port < 0 ? nil : $0.port })
        let sharedPort = try Self.common(routes, \.sharedPort)
        try set(ParameterName.sharedPort, to: sharedPort)
        try set(ParameterName.alias, to: Self.common(routes, \.alias))
        try set(
            ParameterName.privateNetwork,
            to: Self.common(routes) { $0.network == SourceRoute.publicNetwork ? nil : $0.network })
        let brokers = Dictionary(grouping: routes.filter { $0.ccbID != nil }) { $0.brokerIndex ?? 0 }
        let contacts = try brokers.sorted { $0.key < $1.key }.map { (_, routes) throws(WireError) in
            try Self.contact(routes).description
        }
        try set(ParameterName.ccb, to: contacts.isEmpty ? nil : contacts.joined(separator: " "))

        let direct = routes.filter { $0.proto != SourceRoute.primary && $0.ccbID == nil }
        setAddresses(try direct.filter { $0.network == SourceRoute.publicNetwork }.map(Self.endpoint))
        for route in direct where route.network != SourceRoute.publicNetwork {
            let endpoint = try Self.endpoint(route)
            guard !addresses.contains(endpoint) else { continue }
            var address = Sinful(host: endpoint.host, port: endpoint.port)
            try address.set(ParameterName.sharedPort, to: sharedPort)
            try set(ParameterName.privateAddress, to: address.description)
        }
        if routes.contains(where: \.noUDP) { try set(ParameterName.noUDP, to: "") }
    }

    /// The CCB contact that the routes through one CCB server describe.
    private static func contact(_ routes: [SourceRoute]) throws(WireError) -> CCBContact {
        let primary = routes.first { $0.proto == SourceRoute.primary }
        var broker = try Sinful(
            checkedHost: primary?.address ?? "", port: primary.flatMap { $0.port < 0 ? nil : $0.port })
        try broker.set(ParameterName.sharedPort, to: routes.first?.ccbSharedPort)
        try broker.set(ParameterName.alias, to: routes.first?.alias)
        if routes.first?.noUDP == true { try broker.set(ParameterName.noUDP, to: "") }
        broker.setAddresses(try routes.filter { $0.proto != SourceRoute.primary }.map(endpoint))
        return CCBContact(broker: broker, id: routes.first?.ccbID ?? "")
    }

    private static func endpoint(_ route: SourceRoute) throws(WireError) -> Endpoint {
        guard let endpoint = Endpoint(host: route.address, port: route.port) else {
            throw WireError(.badString, "route without literal")
        }
        return endpoint
    }

    /// The one value that all routes which have any agree on.
    private static func common(
        _ routes: [SourceRoute], _ value: (SourceRoute) -> String?
    ) throws(WireError) -> String? {
        let values = Set(routes.compactMap(value))
        guard values.count <= 1 else { throw WireError(.badString, "routes that disagree") }
        return values.first
    }
}
