import AnnexModel

/// Bounds of what users may order.
package struct LedgerLimits: Sendable {
    /// Active annexes of one owner.
    package var annexesPerOwner = 200
    /// Requests of one annex.
    package var requestsPerAnnex = 1000
    /// Lifetimes of requests, in seconds.
    package var lifetimes: ClosedRange<Int64> = 1...(366 * 24 * 3600)
    /// How much longer than its request a capability lives, in seconds.
    package var capabilityGrace = AnnexRequest.capabilityGrace

    /// The usual ones.
    package init() {}
}
