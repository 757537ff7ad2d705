package import CEDAR
package import ClassAds

/// Why a query is not answered; the connection is closed without a word (spec 04, 8.2).
package enum QueryRefusal: Error, Hashable, Sendable {
    /// It must name a type of ads and does not.
    case noType
    /// The first type it names is none that such a query can begin with.
    case unknownType
    /// It asks for private ads, which the broker gives to nobody.
    case privateAds

    /// Fixed words for the log.
    package var reason: String {
        switch self {
        case .noType: "query without type"
        case .unknownType: "query for an unknown type"
        case .privateAds: "query for private ads"
        }
    }
}

/// Who asks, as far as it matters for what he gets.
package enum QueryReader: Hashable, Sendable {
    /// Anybody: public attributes only.
    case anybody
    /// A user on an encrypted connection: also the administration capabilities of his own annexes' daemons.
    case user(String)
    /// An administrator on an encrypted connection: also the administration capabilities of all daemons.
    case administrator

    /// Whether he may administer the daemon that brought `record` (spec 04, 11.5).
    func mayAdminister(_ record: AdRecord) -> Bool {
        switch self {
        case .anybody: false
        case .user(let user): record.key.scope != .accessPoint && record.identity == user
        case .administrator: true
        }
    }
}

/// A query as it arrived (spec 04, 8).
package struct AdQuery: Sendable {
    /// What a query command asks for (spec 04, 3.3).
    package enum Kind: Hashable, Sendable {
        /// Slots or startds, as `TargetType` says.
        case startd
        /// One table.
        case table(AdTable)
        /// The generic table that `TargetType` names.
        case generic
        /// Everything.
        case any
        /// The types listed in `TargetType`.
        case multiple

        /// The kind of `command`, or `nil` if the registry does not answer it: queries for private ads belong to
        /// negotiators, and the broker is its own.
        package init?(_ command: CommandNumber) {
            switch command {
            case .queryStartdAds: self = .startd
            case .queryGenericAds: self = .generic
            case .queryAnyAds: self = .any
            case .queryMultipleAds: self = .multiple
            default:
                guard let table = Self.tables[command] else { return nil }
                self = .table(table)
            }
        }

        private static let tables: [CommandNumber: AdTable] = [
            .queryScheddAds: .schedd, .querySubmitterAds: .submitter, .queryMasterAds: .master,
            .queryNegotiatorAds: .negotiator, .queryAccountingAds: .accounting, .queryCollectorAds: .collector,
            .queryCkptServerAds: .checkpointServer, .queryLicenseAds: .license, .queryStorageAds: .storage,
            .queryHADAds: .highAvailability, .queryGridAds: .grid,
        ]
    }

    /// What it asks for.
    package var kind: Kind
    /// The ad of the message.
    package var ad: ClassAd

    /// Describes a query.
    package init(kind: Kind, ad: ClassAd) {
        self.kind = kind
        self.ad = ad
    }

    /// One table of the answer and what is wanted of it.
    struct Part {
        var table: AdTable
        /// Absent: everything.
        var condition: Expression?
        var projection: Projection
        /// Absent: no limit.
        var limit: Int?
    }

    /// The type name in a multi-query that means the private halves of slots.
    private static let privateType = "machineprivate"

    /// Most types of one multi-query; further ones are left out.
    private static let maximumTypes = 64

    /// The tables of the answer, in order.
    func parts(genericTables: [AdTable], in environment: EvaluationEnvironment) throws(QueryRefusal) -> [Part] {
        let type = ad.string(AttributeName.targetType, in: environment)
        switch kind {
        case .table(let table): return [part(of: table, in: environment)]
        case .startd where ad.contains(AttributeName.locationQuery):
            return [AdTable.startd, .slot].map { part(of: $0, prefix: $0.name, in: environment) }
        case .startd: return [part(of: type?.lowercased() == "startd" ? .startd : .slot, in: environment)]
        case .generic:
            guard let type, !type.isEmpty else { throw .noType }
            return [part(of: AdTable(genericType: type), in: environment)]
        case .any: return (AdTable.builtIn + genericTables).map { part(of: $0, in: environment) }
        case .multiple:
            guard let type else { throw .noType }
            return try multiple(type, genericTables: genericTables, in: environment)
        }
    }

    /// The limit over all tables; `nil` for none.
    func limit(in environment: EvaluationEnvironment) -> Int? {
        limit(AttributeName.limitResults, in: environment)
    }

    private func multiple(
        _ list: String, genericTables: [AdTable], in environment: EvaluationEnvironment
    ) throws(QueryRefusal) -> [Part] {
        let types = list.split { $0 == "," || $0.isWhitespace }.prefix(Self.maximumTypes).map(String.init)
        guard let first = types.first else { throw .noType }
        guard !types.contains(where: { $0.lowercased() == Self.privateType }) else { throw .privateAds }
        guard AdTable(type: first) != nil else { throw .unknownType }
        return types.compactMap { type in
            let table = AdTable(type: type) ?? AdTable(genericType: type)
            if case .generic = table, !genericTables.contains(table) { return nil }
            return part(of: table, prefix: type, in: environment)
        }
    }

    /// What is wanted of `table`; attributes with the type in front go before those without (spec 04, 8.6).
    private func part(of table: AdTable, prefix: String = "", in environment: EvaluationEnvironment) -> Part {
        func name(_ name: String) -> String { ad.contains(prefix + name) ? prefix + name : name }
        return Part(
            table: table, condition: ad[name(AttributeName.requirements)],
            projection: Projection(name(AttributeName.projection), of: ad),
            limit: prefix.isEmpty ? nil : limit(prefix + AttributeName.limitResults, in: environment))
    }

    /// A limit is an integer above zero; everything else is none.
    private func limit(_ name: String, in environment: EvaluationEnvironment) -> Int? {
        guard let limit = ad.integer(name, in: environment), limit > 0 else { return nil }
        return Int(clamping: limit)
    }
}
