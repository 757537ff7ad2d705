package import ClassAds
import AnnexModel
import CEDAR

/// The slot ad as it is handed to the schedd with a match (spec 05, 2.6).
package enum MatchAd {
    /// The complete ad for one request.
    ///
    /// - Parameter request: names the job and its user, whose identity the ad carries (decision 18).
    package static func make(slot: SlotOffer, request: ResourceRequest, locks: FlockLocks, now: Int64) -> ClassAd {
        complete(base(slot: slot, user: request.user, locks: locks), for: request, now: now)
    }

    /// Everything of the ad that depends on the slot and the user only, which is what both sides' `Requirements` see.
    static func base(slot: SlotOffer, user: String?, locks: FlockLocks) -> ClassAd {
        var ad = slot.publicAd.publicPart
        ad.removeAll { name in
            ours.contains(name.lowercased()) || name.lowercased().hasPrefix(stickyPrefix)
        }
        if let user {
            ad.set(AttributeName.authenticatedIdentity, user)
            if locks.contains(.restrictIdentity) { ad.set(AttributeName.restrictToAuthenticatedIdentity, true) }
        }
        if locks.contains(.stickyTag) {
            ad.set(AttributeName.negotiatorMatchExprFlockTarget, slot.annex.key.name)
        }
        if locks.contains(.rewrittenRequirements) {
            ad[AttributeName.requirements] = requirements(
                ad[AttributeName.requirements], demanding: slot.annex.key.name)
        }
        return ad
    }

    /// Adds what depends on the request: its ids and its concurrency limits in this match.
    static func complete(_ base: ClassAd, for request: ResourceRequest, now: Int64) -> ClassAd {
        var ad = base
        ad.set(AttributeName.resourceCluster, Int(request.cluster))
        ad.set(AttributeName.resourceProc, Int(request.proc))
        let limits = request.ad.evaluate(AttributeName.concurrencyLimits, target: base, in: .at(now)).stringValue
        if let limits, !limits.isEmpty {
            ad.set(AttributeName.matchedConcurrencyLimits, limits.lowercased())
        }
        return ad
    }

    /// `Requirements` of the slot that also demand the tag.
    ///
    /// The tag is `FlockTarget`, or `TargetAnnexName` of jobs that no transform has seen. A slot
    /// without `Requirements`, or with some that cannot be written again, matches nothing.
    static func requirements(_ original: Expression?, demanding annexName: String) -> Expression {
        let tag = "(TARGET.\(AttributeName.flockTarget) ?: TARGET.\(AttributeName.targetAnnexName))"
        let demand = "(\(tag) =?= \(Expression(annexName).text(.old)))"
        let text = "\(demand) && (\(original?.text(.old) ?? "undefined"))"
        // Not parsing again would mean an expression too long or too deep: then no job matches.
        return (try? Expression(parsing: text, syntax: .old)) ?? Expression(false)
    }

    /// What begins with this survives claiming and is therefore ours to write (spec 05, 2.7).
    private static let stickyPrefix = AttributeName.negotiatorMatchExpr.lowercased()

    /// Attributes that only the broker writes, or that must not reach the schedd from a startd.
    private static let ours = Set(
        [
            AttributeName.authenticatedIdentity, AttributeName.restrictToAuthenticatedIdentity,
            AttributeName.remotePool, AttributeName.submitterTag, AttributeName.preemptDslotClaims,
            AttributeName.matchedConcurrencyLimits, AttributeName.resourceCluster, AttributeName.resourceProc,
            AttributeName.offline,
        ].map { $0.lowercased() })
}
