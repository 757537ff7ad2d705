package import ClassAds
import CEDAR

/// What one update of a slot tells about claims, for ``HandOutLedger/observe(_:now:)``.
package struct SlotSighting: Hashable, Sendable {
    /// The incarnation of the annex the slot belongs to.
    package var annexID: String
    /// The slot's key in the registry.
    package var slotKey: String
    /// Public form of the claim that is in use on the slot (`PublicClaimId`), if one is.
    package var claimInUse: String?
    /// Public form of the claim that a new claimant must present, if the update told it.
    package var claimOnOffer: String?
    /// Whether the slot is unclaimed.
    package var isUnclaimed: Bool
    /// How many dynamic slots were cut from it.
    package var dynamicSlots: Int64

    package init(
        annexID: String, slotKey: String, claimInUse: String? = nil, claimOnOffer: String? = nil, isUnclaimed: Bool,
        dynamicSlots: Int64 = 0
    ) {
        self.annexID = annexID
        self.slotKey = slotKey
        self.claimInUse = claimInUse
        self.claimOnOffer = claimOnOffer
        self.isUnclaimed = isUnclaimed
        self.dynamicSlots = dynamicSlots
    }

    /// Reads the ads of an update.
    package init(publicAd: ClassAd, privateAd: ClassAd?, annexID: String, slotKey: String, now: Int64) {
        let environment = EvaluationEnvironment.at(now)
        let claim = [AttributeName.claimID, AttributeName.capability].lazy
            .compactMap { privateAd?.string($0, in: environment).flatMap(ClaimID.init) }.first
        self.init(
            annexID: annexID, slotKey: slotKey,
            claimInUse: publicAd.string(AttributeName.publicClaimID, in: environment),
            claimOnOffer: claim?.publicForm,
            isUnclaimed: publicAd.string(AttributeName.state, in: environment) == "Unclaimed",
            dynamicSlots: publicAd.integer(AttributeName.numDynamicSlots, in: environment) ?? 0)
    }
}
