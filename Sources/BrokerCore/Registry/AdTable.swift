/// A table of the registry (spec 04, 4.1).
///
/// The command chooses the table, not the ad's `MyType`; only updates of startds and of generic ads look at it.
package enum AdTable: Hashable, Sendable {
    case slot, startd, schedd, submitter, master, negotiator, accounting, collector
    case checkpointServer, license, storage, highAvailability, grid
    /// Ads of one other type, in lower case: types are compared without case.
    case generic(String)

    /// The built-in tables in the order in which a query for everything answers (spec 04, 8.6).
    package static let builtIn: [AdTable] = [
        .accounting, .storage, .checkpointServer, .license, .collector, .startd, .slot, .schedd, .master, .submitter,
        .negotiator, .highAvailability, .grid,
    ]

    /// `MyType` of its ads, and its name in the database; generic ones stand behind `generic/`.
    package var name: String {
        switch self {
        case .slot: "Machine"
        case .startd: "StartD"
        case .schedd: "Scheduler"
        case .submitter: "Submitter"
        case .master: "DaemonMaster"
        case .negotiator: "Negotiator"
        case .accounting: "Accounting"
        case .collector: "Collector"
        case .checkpointServer: "CkptServer"
        case .license: "License"
        case .storage: "Storage"
        case .highAvailability: "HAD"
        case .grid: "Grid"
        case .generic(let type): Self.genericPrefix + type
        }
    }

    private static let genericPrefix = "generic/"

    /// The table of a ``name``.
    package init?(name: String) {
        if name.hasPrefix(Self.genericPrefix) {
            self = .generic(String(name.dropFirst(Self.genericPrefix.count)))
        } else if let table = Self.builtIn.first(where: { $0.name == name }) {
            self = table
        } else {
            return nil
        }
    }

    /// The built-in table of an ad type, compared without case; `Slot` is another word for `Machine`.
    init?(type: String) {
        let type = type.lowercased()
        guard let table = Self.builtIn.first(where: { $0.name.lowercased() == type }) ?? (type == "slot" ? .slot : nil)
        else { return nil }
        self = table
    }

    /// The generic table of an ad type.
    init(genericType type: String) {
        self = .generic(type.lowercased())
    }
}
