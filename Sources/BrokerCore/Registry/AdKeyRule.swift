import CEDAR
import ClassAds

/// How HTCondor makes the key of an ad (spec 04, 4.2).
extension AdTable {
    /// The longest key, in bytes.
    static let maximumKeyLength = 1024

    /// The key of `ad` in this table, or `nil` if it has not what the table asks for.
    ///
    /// The attributes are evaluated and must give strings. Control characters are not accepted: keys stand in log lines.
    func keyName(of ad: ClassAd, in environment: EvaluationEnvironment) -> String? {
        func text(_ name: String) -> String? {
            guard let bytes = ad.byteString(name, in: environment)?.bytes, !bytes.isEmpty else { return nil }
            return String(validating: bytes, as: UTF8.self)
        }
        func nameOrMachine() -> String? { text(AttributeName.name) ?? text(AttributeName.machine) }

        let key: String?
        switch self {
        case .slot, .startd:
            key =
                text(AttributeName.name)
                ?? text(AttributeName.machine).map { machine in
                    ad.integer(AttributeName.slotID, in: environment).map { "\(machine):\($0)" } ?? machine
                }
        case .schedd, .submitter:
            guard text(AttributeName.myAddress) ?? text(AttributeName.scheddIpAddr) != nil else { return nil }
            key = nameOrMachine().map { $0 + (text(AttributeName.scheddName) ?? "") }
        case .license:
            guard text(AttributeName.myAddress) != nil else { return nil }
            key = nameOrMachine()
        case .master, .collector:
            key = nameOrMachine()
        case .checkpointServer:
            key = text(AttributeName.machine)
        case .storage, .negotiator, .highAvailability, .generic:
            key = text(AttributeName.name)
        case .accounting:
            key = text(AttributeName.name).map { $0 + (text(AttributeName.negotiatorName) ?? "") }
        case .grid:
            guard let hash = text(Self.hashName), let owner = text(AttributeName.owner),
                let schedd = text(AttributeName.scheddName) ?? text(AttributeName.scheddIpAddr).map({ _ in "" })
            else { return nil }
            key = hash + owner + schedd + (text(Self.gridmanagerSelectionValue) ?? "")
        }
        guard let key, key.utf8.count <= Self.maximumKeyLength, key.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            return nil
        }
        return key
    }

    private static let hashName = "HashName"
    private static let gridmanagerSelectionValue = "GridmanagerSelectionValue"
}
