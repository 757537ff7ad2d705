import AnnexModel
package import CEDAR
package import ClassAds

/// A slot that may be handed to a schedd: its public ad, its claim and the annex it belongs to.
package struct SlotOffer: Sendable {
    /// Why ads do not make an offer.
    package enum Unusable: Error, Hashable, Sendable {
        /// The public ad has no `Name`.
        case noName
        /// Neither `StartdIpAddr` nor `MyAddress` is an address.
        case noAddress
        /// The private ad has no claim id, or the claim is `null`.
        case noClaim
        /// The slot says that it belongs to another annex (decision 7).
        case otherAnnex
    }

    /// How a slot can be shared out.
    package enum Kind: Sendable {
        case `static`, partitionable, dynamic
    }

    /// The annex, from the broker's records.
    package let annex: OfferingAnnex
    /// The slot's key in the registry.
    package let key: String
    /// `Name` of the slot.
    package let name: String
    /// Where the schedd reaches the startd.
    package let address: Sinful
    /// The claim: a secret.
    package let claim: ClaimID
    /// The ad as it was received, without private attributes.
    package let publicAd: ClassAd
    /// When the broker received it, in seconds since 1970.
    package let receivedAt: Int64
    /// Whether it is static, partitionable or dynamic.
    package let kind: Kind
    /// How many dynamic slots were cut from it.
    package let dynamicSlots: Int64
    /// As ``SlotSighting/changedAt``.
    let changedAt: Int64
    /// Set by broker-side rules, such as a lease that is nearly over: not to be handed out.
    package var isReserved = false
    /// Whether the ad alone says that there is something to claim.
    private let isAvailable: Bool

    /// Reads the ads of one update.
    ///
    /// The claim is `ClaimId`, or `Capability` from older startds (spec 05, 3.2).
    package init(
        publicAd: ClassAd, privateAd: ClassAd, annex: OfferingAnnex, key: String, receivedAt: Int64
    ) throws(Unusable) {
        let now = EvaluationEnvironment.at(receivedAt)
        guard let name = publicAd.string(AttributeName.name, in: now), !name.isEmpty else { throw .noName }
        let addresses = [AttributeName.startdIpAddr, AttributeName.myAddress]
        guard let address = addresses.lazy.compactMap({ publicAd.string($0, in: now).flatMap(Sinful.init) }).first
        else {
            throw .noAddress
        }
        let claims = [AttributeName.claimID, AttributeName.capability]
        guard let claim = claims.lazy.compactMap({ privateAd.string($0, in: now).flatMap(ClaimID.init) }).first else {
            throw .noClaim
        }
        if let said = publicAd.string(AttributeName.annexName, in: now), said != annex.key.name { throw .otherAnnex }
        self.annex = annex
        self.key = key
        self.name = name
        self.address = address
        self.claim = claim
        self.publicAd = publicAd.publicPart
        self.receivedAt = receivedAt
        kind =
            if publicAd.boolean(AttributeName.dynamicSlot, in: now) == true {
                .dynamic
            } else if publicAd.boolean(AttributeName.partitionableSlot, in: now) == true {
                .partitionable
            } else {
                .static
            }
        dynamicSlots = publicAd.integer(AttributeName.numDynamicSlots, in: now) ?? 0
        changedAt = SlotSighting.timeOfChange(of: publicAd, in: now)
        isAvailable = Self.isAvailable(publicAd, kind: kind, in: now)
    }

    /// Whether the slot can be handed out now (spec 05, 2.13, "Free slot").
    ///
    /// A claim is handed out once; again only if an ad that came later still shows it unclaimed
    /// and ``HandOutLedger/confirmationTime`` has passed.
    package func isFree(now: Int64, handedOut: HandOutLedger) -> Bool {
        isAvailable && !isReserved && annex.isOpen
            && handedOut.permits(claim: claim.publicForm, shownAt: receivedAt, now: now)
    }

    /// Whether part of the slot is in use already; such slots are filled first, so that whole nodes become empty.
    package var isPartlyUsed: Bool { kind == .partitionable && dynamicSlots > 0 }

    /// What spec 05, 2.13 asks of the ad: unclaimed, on line, not draining, and with something left.
    ///
    /// `Start` as a string belongs to a startd that attaches to a schedd directly; such an
    /// ad matches nothing (spec 05, 4.1).
    private static func isAvailable(_ ad: ClassAd, kind: Kind, in now: EvaluationEnvironment) -> Bool {
        guard ad.string(AttributeName.state, in: now) == "Unclaimed",
            ad.boolean(AttributeName.offline, in: now) != true,
            ad.boolean(AttributeName.draining, in: now) != true,
            ad.string(AttributeName.start, in: now) == nil
        else { return false }
        switch kind {
        case .static: return true
        case .dynamic: return false
        case .partitionable:
            let cpus = ad.real(AttributeName.cpus, in: now) ?? 0
            let memory = ad.real(AttributeName.memory, in: now) ?? 0
            return cpus > 0 && memory > 0
        }
    }
}
