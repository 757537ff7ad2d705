package import AnnexModel

/// Which claims were handed out, what became of them, and which slots to leave alone for a while.
///
/// There is no answer to a match (spec 05, 2.7): the outcome is read from the slots' later ads.
/// The ledger holds public forms only, no claim.
package struct HandOutLedger: Sendable {
    /// What an observation or the passing of time showed.
    package enum Change: Hashable, Sendable {
        /// A slot ad shows the claim in use.
        case confirmed(Match)
        /// The slot shows a new claim although the old one was never used: the startd refused (spec 05, 2.13).
        case refused(Match)
        /// The claim was not seen in time (spec 05, 3.6).
        case lost(Match)
        /// Nothing was heard of the claim for so long that it is remembered no more.
        case forgotten(Match)
    }

    /// How long a match may remain without a sign, in seconds (spec 05, 3.6).
    package static let confirmationTime = Match.confirmationTimeout
    /// The first wait after a refusal, and the longest, in seconds (spec 05, 2.13).
    package static let backOffTimes: (first: Int64, longest: Int64) = (10, 600)
    /// How long a match is remembered after its last sign, in seconds: the schedd's own limit for
    /// a pending claim (spec 05, 3.6), or a claim whose slot was not updated for two lifetimes.
    package static let memory: Int64 = 1800

    private struct Entry: Sendable {
        var match: Match
        /// How the slot was when its claim was handed out; `nil` if that was before a restart.
        var before: Before?
        var lastSign: Int64
        var isSettled: Bool
    }

    /// What a slot showed of its use.
    private struct Before: Sendable {
        var dynamicSlots: Int64
        var changedAt: Int64
    }

    private struct SlotID: Hashable, Sendable {
        var annexID: String
        var key: String
    }

    private struct BackOffKey: Hashable, Sendable {
        var slot: SlotID
        var schedd: String
        var autocluster: Int64
    }

    private var entries: [String: Entry] = [:]
    /// The claim last handed out of each slot.
    private var latest: [SlotID: String] = [:]
    private var backOffs: [BackOffKey: BackOff] = [:]

    /// A ledger that remembers the matches of an earlier run.
    package init(_ matches: [Match] = []) {
        for match in matches { record(match, before: nil, isSettled: match.confirmedAt != nil) }
    }

    /// The matches that are remembered, oldest first.
    package var matches: [Match] {
        entries.values.map(\.match).sorted {
            ($0.handedOutAt, $0.claimPublicID) < ($1.handedOutAt, $1.claimPublicID)
        }
    }

    /// The match of a claim, by its public form.
    package func match(of claimPublicID: String) -> Match? { entries[claimPublicID]?.match }

    /// Whether a claim may be handed out that an ad received at `shownAt` offers.
    package func permits(claim claimPublicID: String, shownAt: Int64, now: Int64) -> Bool {
        guard let entry = entries[claimPublicID] else { return true }
        let handedOutAt = entry.match.handedOutAt
        return entry.match.confirmedAt == nil && shownAt > handedOutAt && now - handedOutAt >= Self.confirmationTime
    }

    /// Whether a slot is not waiting after refusals for this group of jobs.
    package func permits(slot: SlotOffer, schedd: String, autocluster: Int64, now: Int64) -> Bool {
        let key = BackOffKey(
            slot: SlotID(annexID: slot.annex.id, key: slot.key), schedd: schedd, autocluster: autocluster)
        return backOffs[key]?.isOver(at: now) ?? true
    }

    /// Notes that a claim is being handed out.
    package mutating func handedOut(_ match: Match, of slot: SlotOffer) {
        let before = Before(dynamicSlots: slot.dynamicSlots, changedAt: slot.changedAt)
        record(match, before: before, isSettled: false)
    }

    /// Forgets a hand-out that did not reach the schedd.
    package mutating func withdraw(claim claimPublicID: String) {
        guard let entry = entries[claimPublicID], entry.match.confirmedAt == nil else { return }
        forget(claimPublicID, entry.match)
    }

    /// Forgets the claim of a slot that is gone.
    package mutating func ended(claim claimPublicID: String) {
        guard let entry = entries[claimPublicID] else { return }
        forget(claimPublicID, entry.match)
    }

    /// Compares an update of a slot with what was handed out.
    package mutating func observe(_ sighting: SlotSighting, now: Int64) -> [Change] {
        var changes: [Change] = []
        if let claim = sighting.claimInUse, let confirmed = confirm(claim, now: now) {
            changes.append(.confirmed(confirmed))
        }
        if let refused = refusal(in: sighting, now: now) { changes.append(.refused(refused)) }
        return changes
    }

    /// Settles hand-outs that were never seen, and forgets what is old.
    package mutating func expire(now: Int64) -> [Change] {
        var changes: [Change] = []
        for (claim, entry) in entries {
            if !entry.isSettled, entry.match.isLost(now: now) {
                entries[claim]?.isSettled = true
                changes.append(.lost(entry.match))
            } else if entry.isSettled, now - entry.lastSign >= Self.memory {
                forget(claim, entry.match)
                changes.append(.forgotten(entry.match))
            }
        }
        backOffs = backOffs.filter { now < $0.value.until + Self.memory }
        return changes.sorted { $0.match.claimPublicID < $1.match.claimPublicID }
    }

    /// When ``expire(now:)`` or a new attempt is due next, in seconds since 1970.
    package func nextDeadline(after now: Int64) -> Int64? {
        let losses = entries.values.lazy.filter { !$0.isSettled }.map { $0.match.handedOutAt + Self.confirmationTime }
        let waits = backOffs.values.lazy.map(\.until).filter { $0 > now }
        return [losses.min(), waits.min()].compactMap { $0 }.min()
    }

    /// Whether a wait after a refusal was over after `earlier`, and is by `now`: those who were told of it then
    /// are worth asking again.
    package func hasWaitEnded(after earlier: Int64, by now: Int64) -> Bool {
        backOffs.values.contains { earlier < $0.until && $0.isOver(at: now) }
    }

    private mutating func record(_ match: Match, before: Before?, isSettled: Bool) {
        entries[match.claimPublicID] = Entry(
            match: match, before: before, lastSign: match.confirmedAt ?? match.handedOutAt,
            isSettled: isSettled)
        latest[SlotID(annexID: match.annexID, key: match.slotKey)] = match.claimPublicID
    }

    private mutating func forget(_ claimPublicID: String, _ match: Match) {
        entries[claimPublicID] = nil
        let slot = SlotID(annexID: match.annexID, key: match.slotKey)
        if latest[slot] == claimPublicID { latest[slot] = nil }
    }

    /// Notes a sign of a claim; returns the match if it is the first one.
    private mutating func confirm(_ claim: String, now: Int64) -> Match? {
        guard var entry = entries[claim] else { return nil }
        let isFirst = entry.match.confirmedAt == nil
        if isFirst {
            entry.match.confirmedAt = now
            backOffs[backOffKey(of: entry.match)] = nil
        }
        entry.isSettled = true
        entry.lastSign = now
        entries[claim] = entry
        return isFirst ? entry.match : nil
    }

    /// A slot that shows another claim than the one handed out, is still unclaimed, was not used meanwhile, and from
    /// which no dynamic slot was cut: the startd refused the claim and made a new one.
    ///
    /// Jobs may be shorter than the time between two updates, and updates are missed while the broker is away: then the
    /// times in the ad, or nothing at all, tell that the claim was used.
    private mutating func refusal(in sighting: SlotSighting, now: Int64) -> Match? {
        let slot = SlotID(annexID: sighting.annexID, key: sighting.slotKey)
        guard sighting.isUnclaimed, let offered = sighting.claimOnOffer, let handedOut = latest[slot],
            offered != handedOut, var entry = entries[handedOut], entry.match.confirmedAt == nil
        else { return nil }
        latest[slot] = nil
        // A dynamic slot more: its own ad, with the claim in use, is on its way.
        guard let before = entry.before, sighting.dynamicSlots <= before.dynamicSlots,
            sighting.changedAt <= before.changedAt
        else { return nil }
        entry.isSettled = true
        entries[handedOut] = entry
        let key = backOffKey(of: entry.match)
        backOffs[key, default: BackOff(first: Self.backOffTimes.first, longest: Self.backOffTimes.longest)]
            .failed(at: now)
        return entry.match
    }

    private func backOffKey(of match: Match) -> BackOffKey {
        BackOffKey(
            slot: SlotID(annexID: match.annexID, key: match.slotKey), schedd: match.schedd,
            autocluster: match.autocluster)
    }
}

extension HandOutLedger.Change {
    /// The match it is about.
    package var match: Match {
        switch self {
        case .confirmed(let match), .refused(let match), .lost(let match), .forgotten(let match): match
        }
    }
}
