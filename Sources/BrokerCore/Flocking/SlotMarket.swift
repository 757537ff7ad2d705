import AnnexModel
import CEDAR
import ClassAds

/// The free slots of one planning call, from which requests take the best ones.
struct SlotMarket {
    /// What a request gets.
    enum Outcome {
        case taken([(offer: SlotOffer, ad: ClassAd)])
        case nothing(RejectReason)
        case outOfBudget
    }

    /// A slot that fits, and how much the job likes it.
    private struct Candidate {
        var index: Int
        var ad: ClassAd
        var rank: Double
    }

    /// A slot ad without the parts that depend on the request.
    private struct BaseKey: Hashable {
        var index: Int
        var user: String?
    }

    private let policy: Negotiator.Policy
    private let party: Negotiator.Party
    private let now: Int64
    private let environment: EvaluationEnvironment
    /// Free slots, in the order in which they are filled when jobs have no preference.
    private var offers: [SlotOffer]
    private var isTaken: [Bool]
    private var free: Int
    private var evaluationsLeft: Int
    private var bases: [BaseKey: ClassAd] = [:]

    /// Collects the free slots; a claim that occurs twice counts once.
    init(
        offers: [SlotOffer], ledger: HandOutLedger, policy: Negotiator.Policy, party: Negotiator.Party, now: Int64
    ) {
        var claims: Set<String> = []
        self.offers = offers.sorted(by: Self.isFilledBefore).filter { offer in
            offer.isFree(now: now, handedOut: ledger) && claims.insert(offer.claim.publicForm).inserted
        }
        self.policy = policy
        self.party = party
        self.now = now
        environment = .at(now)
        isTaken = Array(repeating: false, count: self.offers.count)
        free = self.offers.count
        evaluationsLeft = policy.maximumEvaluations
    }

    var hasFreeSlots: Bool { free > 0 && evaluationsLeft > 0 }

    /// Slots in use first, so that whole nodes drain (spec 05, 5.1, step 4); then by name, so that plans repeat.
    private static func isFilledBefore(_ left: SlotOffer, _ right: SlotOffer) -> Bool {
        if left.isPartlyUsed != right.isPartlyUsed { return left.isPartlyUsed }
        return (left.name, left.annex.id, left.key) < (right.name, right.annex.id, right.key)
    }

    /// Takes up to ``ResourceRequest/count`` slots that match both ways, the best ranked first.
    ///
    /// - Parameter requestsLeft: this one and those after it, among whom the evaluations left are shared, so that a
    ///   few jobs that fit nowhere do not starve the others.
    mutating func take(for request: ResourceRequest, requestsLeft: Int, ledger: HandOutLedger) -> Outcome {
        let rank = request.ad[AttributeName.rank]
        let hasPreference = rank != nil && rank?.literal == nil
        var candidates: [Candidate] = []
        var obstacles = Obstacles()
        let eligible = offers.indices.filter { !isTaken[$0] && isEligible(offers[$0], for: request) }
        let (inspected, isPartial) = share(of: eligible, requestsLeft: requestsLeft)
        for index in inspected {
            if !hasPreference, candidates.count == request.count { break }
            evaluationsLeft -= 1
            if let obstacle = obstacle(between: request, and: index, ledger: ledger) {
                obstacles.note(obstacle)
                continue
            }
            let ad = base(index, user: request.user)
            candidates.append(Candidate(index: index, ad: ad, rank: hasPreference ? self.rank(request, ad) : 0))
        }
        if candidates.isEmpty { return isPartial ? .outOfBudget : .nothing(obstacles.reason(for: request.tag ?? "")) }
        candidates.sort { ($1.rank, $0.index) < ($0.rank, $1.index) }
        return .taken(
            candidates.prefix(request.count).map { candidate in
                isTaken[candidate.index] = true
                free -= 1
                return (offers[candidate.index], candidate.ad)
            })
    }

    /// The slots that one request may look at: all, or as many as its share of the work allows.
    ///
    /// Where they begin changes with time, so that every slot has its turn.
    private func share(of eligible: [Int], requestsLeft: Int) -> (slots: [Int], isPartial: Bool) {
        let share = evaluationsLeft / max(1, requestsLeft)
        guard eligible.count > share else { return (eligible, false) }
        let start = Int(truncatingIfNeeded: UInt64(bitPattern: now) % UInt64(eligible.count))
        return (Array((eligible[start...] + eligible[..<start]).prefix(share)), true)
    }

    /// The rules of ownership and tag (spec 05, 5.5), as far as their locks are closed.
    private func isEligible(_ offer: SlotOffer, for request: ResourceRequest) -> Bool {
        if policy.locks.contains(.tagCheck), offer.annex.key.name != request.tag { return false }
        if policy.locks.contains(.ownerCheck), request.user.map(offer.annex.admits) != true { return false }
        return true
    }

    private mutating func obstacle(
        between request: ResourceRequest, and index: Int, ledger: HandOutLedger
    ) -> Obstacles.Obstacle? {
        let offer = offers[index]
        guard ledger.permits(slot: offer, schedd: party.schedd, autocluster: request.autocluster, now: now) else {
            return .waiting
        }
        guard party.families.canReach(AddressFamilies(offer.address)) else { return .unreachable }
        // Without these the schedd drops a match of a partitionable slot (spec 05, 5.1, step 9).
        if offer.kind == .partitionable {
            for name in [AttributeName.requestMemory, AttributeName.requestDisk] where !request.ad.contains(name) {
                return .missing(name)
            }
        }
        let ad = base(index, user: request.user)
        guard request.ad.accepts(ad, in: environment) else { return .requirementsOfJob }
        guard ad.accepts(request.ad, in: environment) else { return .requirementsOfSlot }
        return nil
    }

    /// `Rank` of the job for a slot: a number or truth value, else 0.
    private func rank(_ request: ResourceRequest, _ ad: ClassAd) -> Double {
        let rank = request.ad.rank(of: ad, in: environment)
        return rank.isNaN ? 0 : rank
    }

    private mutating func base(_ index: Int, user: String?) -> ClassAd {
        let key = BaseKey(index: index, user: user)
        if let ad = bases[key] { return ad }
        let ad = MatchAd.base(slot: offers[index], user: user, locks: policy.locks)
        bases[key] = ad
        return ad
    }
}

/// What stood between a request and the slots it could have had; gives the reason of the rejection.
private struct Obstacles {
    enum Obstacle: Hashable {
        case waiting, unreachable, requirementsOfJob, requirementsOfSlot
        case missing(String)
    }

    private var seen: Set<Obstacle> = []

    mutating func note(_ obstacle: Obstacle) { seen.insert(obstacle) }

    /// The obstacle that came nearest to a match.
    func reason(for annex: String) -> RejectReason {
        if seen.contains(.waiting) { return .waitingAfterRefusal(annex) }
        if seen.contains(.requirementsOfSlot) { return .requirementsOfSlot(annex) }
        if seen.contains(.requirementsOfJob) { return .requirementsOfJob(annex) }
        for name in [AttributeName.requestMemory, AttributeName.requestDisk] where seen.contains(.missing(name)) {
            return .noResourcesStated(name)
        }
        return seen.contains(.unreachable) ? .unreachable(annex) : .noFreeSlot(annex)
    }
}
