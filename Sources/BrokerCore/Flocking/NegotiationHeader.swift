package import ClassAds
import CEDAR

/// What opens a round (spec 05, 2.2).
package struct NegotiationHeader: Hashable, Sendable {
    /// `Name` of the submitter ad.
    package var submitter: String
    /// `SubmitterTag` of the submitter ad.
    package var tag: String
    /// Job attributes our slots refer to.
    package var significantAttributes: String
    /// The broker's name, which the schedd shows in its log and as `LastRejMatchNegotiator`.
    package var negotiatorName: String

    package init(submitter: String, tag: String, significantAttributes: String, negotiatorName: String) {
        self.submitter = submitter
        self.tag = tag
        self.significantAttributes = significantAttributes
        self.negotiatorName = negotiatorName
    }

    /// Jobs for which this is not true are not offered (spec 05, 2.2).
    ///
    /// Only significant attributes occur in it, so that it is exact for every job of an autocluster.
    package static let constraintText =
        "(\(AttributeName.flockTarget) ?: \(AttributeName.targetAnnexName)) =!= undefined"

    /// The ad, with the constraint unless that lock is open.
    package func ad(locks: FlockLocks) -> ClassAd {
        var ad = ClassAd()
        ad.set(AttributeName.owner, submitter)
        ad.set(AttributeName.matchCaps, "MatchDiag3")
        ad.set(AttributeName.submitterTag, tag)
        ad.set(AttributeName.negotiatorName, negotiatorName)
        ad.set(AttributeName.autoClusterAttrs, significantAttributes)
        ad.set(AttributeName.matchClaimedPslots, false)
        if locks.contains(.constraint) { ad[AttributeName.negotiatorJobConstraint] = Self.constraint }
        return ad
    }

    private static let constraint: Expression = {
        guard let expression = try? Expression(parsing: constraintText, syntax: .old) else {
            preconditionFailure("the constraint is a constant of this file and parses")
        }
        return expression
    }()
}
