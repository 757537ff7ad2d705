import ClassAds

extension SlotOffer {
    /// The offer that a stored slot ad makes.
    ///
    /// An ad from before a restart is reserved until the pilot renews it, because its claim may have been used since.
    package init(_ record: AdRecord, annex: OfferingAnnex) throws(Unusable) {
        if record.isMismatched { throw .otherAnnex }
        try self.init(
            publicAd: record.publicAd, privateAd: record.secrets?.ad ?? ClassAd(), annex: annex, key: record.key.name,
            receivedAt: record.lastHeardFrom)
        isReserved = record.isRestored
    }
}

extension SlotSighting {
    /// What a stored slot ad tells of claims; `nil` for an ad that belongs to no annex.
    package init?(_ record: AdRecord) {
        guard let annexID = record.key.scope.annexID else { return nil }
        self.init(
            publicAd: record.publicAd, privateAd: record.secrets?.ad, annexID: annexID, slotKey: record.key.name,
            now: record.lastHeardFrom)
    }
}

extension StoppableDaemon {
    /// The daemon behind a stored master or startd ad; `nil` for other ads and without an address.
    package init?(_ record: AdRecord) {
        let kind: Kind
        switch record.key.table {
        case .master: kind = .master
        case .startd: kind = .startd
        default: return nil
        }
        var ad = record.publicAd
        if let secrets = record.secrets?.ad { ad.merge(secrets) }
        self.init(ad: ad, kind: kind, key: record.key.name, receivedAt: record.lastHeardFrom)
    }
}
