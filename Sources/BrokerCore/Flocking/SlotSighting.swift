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
    /// When it was claimed or became free, or a dynamic slot came or went, last; by the node's clock, in seconds
    /// since 1970.
    package var changedAt: Int64

    package init(
        annexID: String, slotKey: String, claimInUse: String? = nil, claimOnOffer: String? = nil, isUnclaimed: Bool,
        dynamicSlots: Int64 = 0, changedAt: Int64 = 0
    ) {
        self.annexID = annexID
        self.slotKey = slotKey
        self.claimInUse = claimInUse
        self.claimOnOffer = claimOnOffer
        self.isUnclaimed = isUnclaimed
        self.dynamicSlots = dynamicSlots
        self.changedAt = changedAt
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
            dynamicSlots: publicAd.integer(AttributeName.numDynamicSlots, in: environment) ?? 0,
            changedAt: Self.timeOfChange(of: publicAd, in: environment))
    }

    /// When a slot was last claimed or freed, as a whole or in part, by what its ad says; 0 if it says nothing.
    static func timeOfChange(of ad: ClassAd, in environment: EvaluationEnvironment) -> Int64 {
        [AttributeName.enteredCurrentState, AttributeName.numDynamicSlotsTime]
            .compactMap { ad.integer($0, in: environment) }.max() ?? 0
    }
}
