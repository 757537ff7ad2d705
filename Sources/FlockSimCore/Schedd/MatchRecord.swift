import CEDAR
import ClassAds

/// A slot that a negotiator gave, or a startd left over, to a submitter (spec 05, 2.7).
struct MatchRecord: Sendable {
    enum State: Sendable, Equatable {
        /// `REQUEST_CLAIM` is under way.
        case requesting
        /// `ACTIVATE_CLAIM` is under way.
        case activating
        case running
        /// `DEACTIVATE_CLAIM` is under way.
        case ending
    }

    let claim: ClaimID
    /// Where the startd is.
    let address: String
    /// Only this submitter's jobs run on it.
    let submitter: String
    /// The pool of the negotiator; empty for the home pool.
    let pool: String
    /// What the negotiator added; outlives the exchange of the slot ad.
    let added: ClassAd
    /// The negotiator's ad before the claim, the startd's with `added` after it.
    var slot: ClassAd
    var job: JobID
    var state = State.requesting

    /// Attributes of the negotiator's ad that are kept when the startd's replaces it (spec 05, 2.7).
    static func addedAttributes(of slot: ClassAd) -> ClassAd {
        var added = ClassAd()
        for name in slot.names where isKept(name) { added.copy(name, from: slot) }
        return added
    }

    private static func isKept(_ name: String) -> Bool {
        let lower = name.lowercased()
        return lower.hasPrefix("negotiatormatchexpr")
            || [AttributeName.matchedConcurrencyLimits, "authenticatedidentity", "restricttoauthenticatedidentity"]
                .contains(lower)
    }

    var slotName: String? { slot.string(AttributeName.name) }
    var annexName: String? { slot.string(AttributeName.annexName) }
}
