package import CEDAR
package import ClassAds

/// A request to take ads away, as it arrived (spec 04, 6).
package struct AdInvalidation: Sendable {
    /// Which kind of invalidation a command is (spec 04, 3.2).
    package enum Kind: Hashable, Sendable {
        /// A startd's: `TargetType` tells daemon ads from slots.
        case startd
        /// Of one table.
        case table(AdTable)
        /// Of the table that `TargetType` names.
        case generic

        /// The kind of `command`, or `nil` if it is no invalidation.
        package init?(_ command: CommandNumber) {
            switch command {
            case .invalidateStartdAds: self = .startd
            case .invalidateGenericAds: self = .generic
            default:
                guard let table = Self.tables[command] else { return nil }
                self = .table(table)
            }
        }

        private static let tables: [CommandNumber: AdTable] = [
            .invalidateScheddAds: .schedd, .invalidateSubmitterAds: .submitter, .invalidateMasterAds: .master,
            .invalidateNegotiatorAds: .negotiator, .invalidateAccountingAds: .accounting,
            .invalidateCollectorAds: .collector, .invalidateCkptServerAds: .checkpointServer,
            .invalidateLicenseAds: .license, .invalidateStorageAds: .storage, .invalidateHADAds: .highAvailability,
            .invalidateGridAds: .grid,
        ]
    }

    /// What kind it is.
    package var kind: Kind
    /// The ad of the message.
    package var ad: ClassAd

    /// Describes an invalidation.
    package init(kind: Kind, ad: ClassAd) {
        self.kind = kind
        self.ad = ad
    }

    /// The condition that counts when the ad names no ad.
    var condition: Expression? { ad[AttributeName.requirements] }

    /// The table.
    func table(in environment: EvaluationEnvironment) throws(RegistryRefusal) -> AdTable {
        let type = ad.string(AttributeName.targetType, in: environment)
        switch kind {
        case .table(let table): return table
        case .startd: return type?.lowercased() == "startd" ? .startd : .slot
        case .generic:
            guard let type, !type.isEmpty else { throw .noType }
            return AdTable(genericType: type)
        }
    }
}

extension Registry {
    /// Whether an invalidation by name hits an ad of one of these scopes: only to tell a mistake from an attack.
    package func holds(_ invalidation: AdInvalidation, inAnyOf scopes: [AdScope], now: Int64) -> Bool {
        let environment = EvaluationEnvironment(now: now, maximumSteps: limits.stepsPerEvaluation)
        guard let table = try? invalidation.table(in: environment),  // refused for its own reason before
            let name = table.keyName(of: invalidation.ad, in: environment)
        else { return false }
        return scopes.contains { record(at: AdKey(table: table, scope: $0, name: name), now: now) != nil }
    }
}
