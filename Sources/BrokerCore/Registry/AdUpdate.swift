package import CEDAR
package import ClassAds

/// Which kind of update a command is (spec 04, 3.1).
package enum UpdateKind: Hashable, Sendable {
    /// A startd's: slot, private part and daemon ads (spec 04, 5.2).
    case startd
    /// An ad for one table.
    case table(AdTable)
    /// An ad for the table that its `MyType` names.
    case generic

    /// The kind of `command`, or `nil` if the registry does not take it.
    ///
    /// `UPDATE_OWN_SUBMITTOR_AD` is refused (decision 9), and `MERGE_STARTD_AD` is sent only by negotiators that wake up
    /// sleeping machines (spec 04, 5.8).
    package init?(_ command: CommandNumber) {
        switch command {
        case .updateStartdAd, .updateStartdAdWithAck: self = .startd
        case .updateGenericAd: self = .generic
        default:
            guard let table = Self.tables[command] else { return nil }
            self = .table(table)
        }
    }

    private static let tables: [CommandNumber: AdTable] = [
        .updateScheddAd: .schedd, .updateSubmitterAd: .submitter, .updateMasterAd: .master,
        .updateNegotiatorAd: .negotiator, .updateAccountingAd: .accounting, .updateCollectorAd: .collector,
        .updateCkptServerAd: .checkpointServer, .updateLicenseAd: .license, .updateStorageAd: .storage,
        .updateHADAd: .highAvailability, .updateGridAd: .grid,
    ]
}

/// An update as it arrived.
package struct AdUpdate: Sendable {
    /// What kind it is.
    package var kind: UpdateKind
    /// The first ad of the message.
    package var ad: ClassAd
    /// The second ad of a slot's update; `nil` if the command has none or the message ended.
    package var privateAd: ClassAd?
    /// Bytes that the ads took on the wire.
    package var wireBytes: Int

    /// Describes an update.
    package init(kind: UpdateKind, ad: ClassAd, privateAd: ClassAd? = nil, wireBytes: Int) {
        self.kind = kind
        self.ad = ad
        self.privateAd = privateAd
        self.wireBytes = wireBytes
    }
}

/// Why an update or an invalidation is not accepted.
package enum RegistryRefusal: Error, Hashable, Sendable, CaseIterable {
    /// The ad has not what its table makes keys of.
    case noKey
    /// The ad stands under this key and belongs to somebody else.
    case foreignKey
    /// The ad has too many attributes.
    case tooManyAttributes
    /// The ad has too many bytes.
    case tooLarge
    /// The annex, or the access point, has too many ads.
    case tooManyAds
    /// The ads of the annex have too many bytes together.
    case tooManyBytes
    /// The session may not write to this table.
    case tableNotAllowed
    /// A generic ad does not say its type.
    case noType
    /// An invalidation names no ad and has no condition.
    case noCondition

    /// Fixed words for the log; peers are told nothing.
    package var reason: String {
        switch self {
        case .noKey: "ad has no usable name"
        case .foreignKey: "ad belongs to another identity"
        case .tooManyAttributes: "ad has too many attributes"
        case .tooLarge: "ad is too large"
        case .tooManyAds: "too many ads"
        case .tooManyBytes: "the annex's ads take too much room"
        case .tableNotAllowed: "session may not advertise ads of this type"
        case .noType: "generic ad without type"
        case .noCondition: "invalidation without name and condition"
        }
    }
}
