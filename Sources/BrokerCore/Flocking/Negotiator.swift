package import AnnexModel
package import ClassAds
import CEDAR

/// Decides which requests get which slots.
///
/// Pure: the same requests, offers, ledger and time always give the same decisions.
package struct Negotiator: Sendable {
    /// What happens to jobs with concurrency limits, which only the home negotiator counts (spec 05, 5.1).
    package enum ConcurrencyLimitsRule: Sendable {
        case refuse, ignore
    }

    /// The rules of the site.
    package struct Policy: Sendable {
        /// The locks that are closed.
        package var locks: FlockLocks
        /// What happens to jobs with concurrency limits.
        package var concurrencyLimits: ConcurrencyLimitsRule
        /// The largest number of pairs of request and slot that one call evaluates; expressions are user input.
        package var maximumEvaluations: Int

        package init(
            locks: FlockLocks = .all, concurrencyLimits: ConcurrencyLimitsRule = .refuse,
            maximumEvaluations: Int = 50_000
        ) {
            self.locks = locks
            self.concurrencyLimits = concurrencyLimits
            self.maximumEvaluations = maximumEvaluations
        }
    }

    /// For whom a round is held.
    package struct Party: Hashable, Sendable {
        /// `ScheddName`.
        package var schedd: String
        /// `Name` of the submitter ad.
        package var submitter: String
        /// How the schedd can reach slots.
        package var families: AddressFamilies

        package init(schedd: String, submitter: String, families: AddressFamilies = [.ipv4, .ipv6]) {
            self.schedd = schedd
            self.submitter = submitter
            self.families = families
        }
    }

    /// One pairing.
    package struct Matching: Sendable {
        package var request: ResourceRequest
        package var offer: SlotOffer
        /// The ad that is handed out, on which both `Requirements` were evaluated.
        package var ad: ClassAd
        /// What is remembered of it.
        package var record: Match
    }

    /// What is done about a request; a request with several matches has several decisions.
    package enum Decision: Sendable {
        case match(Matching)
        case reject(ResourceRequest, RejectReason)
        case skip(ResourceRequest, SkipReason)
    }

    /// All decisions, in the order of the requests.
    package struct Plan: Sendable {
        package var decisions: [Decision]
        /// Whether asking for more requests makes sense.
        package var hasFreeSlots: Bool

        package init(decisions: [Decision], hasFreeSlots: Bool) {
            self.decisions = decisions
            self.hasFreeSlots = hasFreeSlots
        }
    }

    package let policy: Policy

    package init(policy: Policy = Policy()) {
        self.policy = policy
    }

    /// Goes through the requests in their order and gives each the best slots left (spec 05, 2.13 and 5.1).
    ///
    /// Hand-outs are entered into `ledger` at once, so that two rounds cannot promise one claim. Those of a plan that
    /// was never sent are taken back with ``HandOutLedger/withdraw(claim:)``.
    ///
    /// - Parameters:
    ///   - annexes: all annexes that have records, also those without offers, for the reasons of rejections.
    package func plan(
        _ requests: [ResourceRequest], for party: Party, offers: [SlotOffer], annexes: [OfferingAnnex],
        ledger: inout HandOutLedger, now: Int64
    ) -> Plan {
        var market = SlotMarket(offers: offers, ledger: ledger, policy: policy, party: party, now: now)
        var decisions: [Decision] = []
        for (index, request) in requests.enumerated() {
            if let skip = skipReason(request) {
                decisions.append(.skip(request, skip))
                continue
            }
            if let refusal = refusal(of: request, annexes: annexes) {
                decisions.append(.reject(request, refusal))
                continue
            }
            switch market.take(for: request, requestsLeft: requests.count - index, ledger: ledger) {
            case .taken(let pairs):
                for (offer, base) in pairs {
                    let record = Self.record(request, offer, party: party, now: now)
                    ledger.handedOut(record, of: offer)
                    let ad = MatchAd.complete(base, for: request, now: now)
                    decisions.append(.match(Matching(request: request, offer: offer, ad: ad, record: record)))
                }
            case .nothing(let reason): decisions.append(.reject(request, reason))
            case .outOfBudget: decisions.append(.skip(request, .outOfBudget))
            }
        }
        return Plan(decisions: decisions, hasFreeSlots: market.hasFreeSlots)
    }

    private func skipReason(_ request: ResourceRequest) -> SkipReason? {
        if !request.isJob { return .notAJob }
        if policy.locks.contains(.tagCheck), request.tag == nil { return .untagged }
        return nil
    }

    /// Rules that no slot can change (spec 05, 5.5).
    private func refusal(of request: ResourceRequest, annexes: [OfferingAnnex]) -> RejectReason? {
        guard let user = request.user else { return .unknownUser }
        if let universe = request.universe, ResourceRequest.refusedUniverses.contains(universe) {
            return .universe(universe)
        }
        if request.hasConcurrencyLimits, policy.concurrencyLimits == .refuse { return .concurrencyLimits }
        guard policy.locks.contains(.tagCheck), let tag = request.tag else { return nil }
        let named = annexes.filter { $0.key.name == tag }
        if named.isEmpty { return .noSuchAnnex(tag) }
        guard policy.locks.contains(.ownerCheck) else { return nil }
        let admitting = named.filter { $0.admits(user) }
        if admitting.isEmpty { return .annexOfAnother(tag) }
        return admitting.contains(where: \.isOpen) ? nil : .annexIsClosed(tag)
    }

    private static func record(_ request: ResourceRequest, _ offer: SlotOffer, party: Party, now: Int64) -> Match {
        Match(
            claimPublicID: offer.claim.publicForm, annexID: offer.annex.id, slotKey: offer.key, schedd: party.schedd,
            submitter: party.submitter, user: request.user ?? "", cluster: request.cluster, proc: request.proc,
            autocluster: request.autocluster, handedOutAt: now)
    }
}
