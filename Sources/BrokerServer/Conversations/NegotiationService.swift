import AnnexModel
import AnnexStore
import BrokerCore
import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Logging

/// Negotiates with the schedds that have jobs for our annexes.
///
/// Started by events; rounds with different schedds run side by side, one at a time with each.
/// Source: `decisions.md` 17 to 20; spec 05, 2.13.
actor NegotiationService {
    /// What the rounds need to know of this installation.
    struct Settings: Sendable {
        var name: String
        var uidDomain: String
        var policy: Negotiator.Policy
        var round: NegotiationRound.Settings
    }

    /// A connection kept for the next round with the same schedd.
    private struct Kept {
        var connection: CondorConnection
        var capability: ClaimID
    }

    private struct SlotKey: Hashable {
        var annexID: String
        var key: String
    }

    private let settings: Settings
    private let negotiator: Negotiator
    private let annexes: @Sendable () -> [OfferingAnnex]
    private let store: AnnexStore
    private let caller: DaemonCaller
    private let events: BrokerEvents
    private let log: Logger
    private let clock: @Sendable () -> Int64

    private var book = ScheddBook()
    private var ledger: HandOutLedger
    private var significant = SignificantAttributes()
    private var slots: [SlotKey: AdRecord] = [:]
    private var kept: [String: Kept] = [:]
    private var deadline: Task<Void, Never>?
    /// When it was last looked whether a wait for a slot is over, in seconds since 1970.
    private var lastLook: Int64 = .min
    /// Figures for the status.
    private(set) var rounds = 0
    private(set) var matches = 0

    init(
        settings: Settings, matches: [Match], annexes: @escaping @Sendable () -> [OfferingAnnex], store: AnnexStore,
        caller: DaemonCaller, events: BrokerEvents, log: Logger, clock: @escaping @Sendable () -> Int64
    ) {
        self.settings = settings
        negotiator = Negotiator(policy: settings.policy)
        self.annexes = annexes
        self.store = store
        self.caller = caller
        self.events = events
        self.log = log
        self.clock = clock
        ledger = HandOutLedger(matches)
    }

    /// Works until the events end.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await _ in events.signals {
                let (news, _) = events.take()
                for event in news { take(event) }
                endWaits()
                book.expire(now: clock())
                while let task = book.next(now: clock()) {
                    group.addTask { await self.negotiate(task) }
                }
                scheduleDeadline()
            }
        }
        deadline?.cancel()
        for entry in kept.values { entry.connection.close() }
    }

    // MARK: Events

    private func take(_ event: BrokerEvents.Event) {
        let now = clock()
        switch event {
        case .slot(let record):
            guard let annexID = record.key.scope.annexID, let sighting = SlotSighting(record) else { return }
            settle(ledger.observe(sighting, now: now))
            let key = SlotKey(annexID: annexID, key: record.key.name)
            let before = slots.updateValue(record, forKey: key)
            if isNewlyFree(sighting, record, before: before) { book.slotsBecameFree() }
        case .slotGone(let annexID, let key, let claim):
            slots[SlotKey(annexID: annexID, key: key)] = nil
            if let claim, ledger.match(of: claim) != nil {
                ledger.ended(claim: claim)
                store.write([.removeMatch(claimPublicID: claim)], durability: .soft)
            }
        case .submitter(let ad):
            if let record = SubmitterRecord(ad, now: now) { book.update(record, now: now) }
        case .submitterGone(let name, let schedd):
            book.remove(submitter: name, schedd: schedd)
        case .scheddGone(let name):
            book.remove(schedd: name)
            kept.removeValue(forKey: name)?.connection.close()
        case .reschedule(let name):
            book.reschedule(name)
        case .annexChanged:
            book.slotsBecameFree()
        }
    }

    /// Whether there is something to claim that was not there before: a heartbeat alone starts no round.
    private func isNewlyFree(_ sighting: SlotSighting, _ record: AdRecord, before: AdRecord?) -> Bool {
        guard sighting.isUnclaimed else { return false }
        guard let before, !before.isRestored, let earlier = SlotSighting(before) else { return true }
        return !earlier.isUnclaimed || earlier.claimOnOffer != sighting.claimOnOffer
            || Self.resources.contains { before.publicAd[$0] != record.publicAd[$0] }
    }

    /// A partitionable slot that grew is as good as a new one.
    private static let resources = [AttributeName.cpus, AttributeName.memory, AttributeName.disk, AttributeName.start]

    private func settle(_ changes: [HandOutLedger.Change]) {
        for change in changes {
            switch change {
            case .confirmed(let match):
                store.write([.putMatch(match)], durability: .soft)
                log.info("claim confirmed", metadata: metadata(match))
            case .refused(let match):
                log.notice("startd refused a claim", metadata: metadata(match))
                store.write([.removeMatch(claimPublicID: match.claimPublicID)], durability: .soft)
            case .lost(let match):
                log.notice("claim was never used", metadata: metadata(match))
            case .forgotten(let match):
                store.write([.removeMatch(claimPublicID: match.claimPublicID)], durability: .soft)
            }
        }
    }

    /// Asks again for slots that wait no more: after a refusal, or for a claim that was never used.
    ///
    /// The schedd knows nothing of these waits, so its ads do not change when they are over.
    private func endWaits() {
        let now = clock()
        let changes = ledger.expire(now: now)
        settle(changes)
        let hasLost = changes.contains { if case .lost = $0 { true } else { false } }
        if hasLost || ledger.hasWaitEnded(after: lastLook, by: now) { book.slotsBecameFree() }
        lastLook = now
    }

    /// Wakes the service when a back-off or a wait for a claim is over.
    private func scheduleDeadline() {
        let now = clock()
        deadline?.cancel()
        deadline = nil
        let due = [book.nextDeadline(after: now), ledger.nextDeadline(after: now)].compactMap { $0 }.min()
        guard let due else { return }
        deadline = Task { [events] in
            // Cancelled when an event comes first; then there is nothing to wake.
            guard (try? await Task.sleep(for: .seconds(max(1, due - now)))) != nil else { return }
            events.poke()
        }
    }

    // MARK: Rounds

    private func negotiate(_ task: ScheddBook.Task) async {
        do {
            let outcome = try await holdRound(task)
            rounds += 1
            if outcome.requests > 0 || !outcome.matches.isEmpty {
                log.log(
                    level: outcome.matches.isEmpty ? .debug : .info, "negotiated",
                    metadata: [
                        "schedd": "\(task.schedd)", "submitter": "\(task.submitter)",
                        "requests": "\(outcome.requests)", "matches": "\(outcome.matches.count)",
                        "rejections": "\(outcome.rejections)",
                    ])
            }
            book.finished(task, now: clock())
        } catch {
            kept.removeValue(forKey: task.schedd)?.connection.close()
            let isSessionUnknown = (error as? SecurityRefusal)?.kind == .sessionNotFound
            log.notice(
                "negotiation failed",
                metadata: ["schedd": "\(task.schedd)", "submitter": "\(task.submitter)", "error": "\(error)"])
            book.failed(task, isSessionUnknown ? .sessionUnknown : .other, now: clock())
        }
        events.poke()
    }

    private func holdRound(_ task: ScheddBook.Task) async throws -> NegotiationRound.Outcome {
        guard let capability = task.capability else { throw NegotiationError.noCapability }
        for offer in offers() { significant.include(offer) }
        let (connection, isNew) = try await connection(for: task, capability)
        var round = NegotiationRound(
            header: NegotiationHeader(
                submitter: task.submitter, tag: task.tag, significantAttributes: significant.text,
                negotiatorName: settings.name),
            locks: settings.policy.locks, uidDomain: settings.uidDomain, settings: settings.round)
        var actions = round.start(isFirstOnConnection: isNew)
        while true {
            var next: [NegotiationRound.Action] = []
            for action in actions {
                switch action {
                case .send(let message):
                    try await connection.send { try message.write(to: &$0) }
                case .plan(let requests):
                    next += round.decided(try await plan(requests, for: task.party))
                case .finished(let outcome):
                    matches += outcome.matches.count
                    if outcome.mustClose {
                        kept.removeValue(forKey: task.schedd)?.connection.close()
                    }
                    return outcome
                case .fail(let failure, _):
                    throw failure
                }
            }
            if next.isEmpty {
                guard let message = try await connection.receiveIfOpen() else {
                    throw CondorNetError.closedWithoutAnswer
                }
                next = round.received(try NegotiationReply(message), now: clock())
            }
            actions = next
        }
    }

    /// Decides, and makes the hand-outs durable before anybody is told: no claim is given twice, whatever is killed when.
    private func plan(
        _ requests: [ResourceRequest], for party: Negotiator.Party
    ) async throws -> Negotiator.Plan {
        let plan = negotiator.plan(
            requests, for: party, offers: offers(), annexes: annexes(), ledger: &ledger, now: clock())
        let records = plan.decisions.compactMap { decision in
            if case .match(let matching) = decision { matching.record } else { nil }
        }
        guard !records.isEmpty else { return plan }
        do {
            try await store.commit(records.map { .putMatch($0) })
        } catch {
            for record in records { ledger.withdraw(claim: record.claimPublicID) }
            throw error
        }
        for record in records { log.info("claim handed out", metadata: metadata(record)) }
        return plan
    }

    private func connection(
        for task: ScheddBook.Task, _ capability: ClaimID
    ) async throws -> (connection: CondorConnection, isNew: Bool) {
        if let entry = kept[task.schedd] {
            if entry.connection.isOpen { return (entry.connection, false) }
            kept[task.schedd] = nil
        }
        let connection = try await caller.open(.negotiate, at: task.address, with: capability)
        kept[task.schedd] = Kept(connection: connection, capability: capability)
        return (connection, true)
    }

    /// The slots of open annexes as they can be offered now.
    private func offers() -> [SlotOffer] {
        let open = Dictionary(annexes().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return slots.compactMap { key, slot in
            guard let annex = open[key.annexID] else { return nil }
            // A slot that makes no offer (no claim, another annex's name) is simply not offered.
            return try? SlotOffer(slot, annex: annex)
        }
    }

    private func metadata(_ match: Match) -> Logger.Metadata {
        [
            "claim": "\(match.claimPublicID)", "slot": "\(match.slotKey)", "user": "\(match.user)",
            "job": "\(match.cluster).\(match.proc)", "schedd": "\(match.schedd)",
        ]
    }
}

/// Why a round could not be held.
enum NegotiationError: Error {
    /// The schedd gave no session to negotiate in.
    case noCapability
}
