import CEDAR
import ClassAds

/// One slot of a simulated startd.
struct Slot: Sendable {
    enum Kind: Sendable, Equatable {
        case partitionable
        /// Cut from the partitionable slot with the same `SlotID`.
        case dynamic(Int)
        case fixed
    }

    /// A job that runs on a claim.
    struct Run: Sendable {
        /// The ad the shadow sent.
        var job: ClassAd
        var startedAt: Int64
    }

    /// A schedd's right to the slot (spec 05, section 3).
    struct Claim: Sendable {
        let id: ClaimID
        /// The ad sent with `REQUEST_CLAIM`.
        let job: ClassAd
        let scheddAddress: String
        let clientMachine: String
        let aliveInterval: Int64
        let grantedAt: Int64
        /// When the schedd was last known to be alive.
        var renewedAt: Int64
        /// When it was last asked.
        var askedAt: Int64
        var run: Run?
    }

    /// `SlotID`; of a dynamic slot that of its parent.
    let number: Int
    let kind: Kind
    /// What it was made with.
    let total: SlotResources
    /// What a partitionable slot has left; otherwise the same as `total`.
    var free: SlotResources
    /// What a new claimant must present: of a claimed slot the id of a preempting claim (spec 05, 3.2).
    var offered: ClaimID
    var claim: Claim?
    var enteredState: Int64
    var enteredActivity: Int64
    /// Number of the dynamic slot cut last, and when.
    var lastDynamic = 0
    var dynamicChangedAt: Int64
    var claimRequests = 0
    var activations = 0

    init(number: Int, kind: Kind, resources: SlotResources, offered: ClaimID, now: Int64) {
        self.number = number
        self.kind = kind
        total = resources
        free = resources
        self.offered = offered
        enteredState = now
        enteredActivity = now
        dynamicChangedAt = now
    }

    func name(at daemon: String) -> String {
        switch kind {
        case .partitionable, .fixed: "slot\(number)@\(daemon)"
        case .dynamic(let child): "slot\(number)_\(child)@\(daemon)"
        }
    }

    var state: String { claim == nil ? "Unclaimed" : "Claimed" }
    var activity: String { claim?.run == nil ? "Idle" : "Busy" }
}
