import AnnexModel
import AnnexStore
import BrokerCore
import CondorNet
import Logging

/// Ends what time has ended: ads, capabilities, annexes, sessions.
///
/// Looks when something is due, and at everything once a minute: the computer's time may be set.
struct Housekeeping: Sendable {
    /// Sessions have no queue of deadlines: they are gone through this often, in seconds; the longest sleep.
    static let sessionInterval: Int64 = 60

    /// How long ended annexes are remembered, in seconds: 90 days.
    static let history: Int64 = 90 * 86_400
    /// How often it is looked which of them are that old, in seconds.
    static let historyInterval: Int64 = 3600

    let context: BrokerContext
    let office: AnnexOffice
    let files: CredentialFiles

    /// Works until cancelled.
    func run() async {
        var sessionsDue = context.clock()
        var historyDue = context.clock()
        var filesDue = context.clock() + CredentialFiles.interval
        context.alarm.ring()
        for await _ in context.alarm.rings {
            await sweep()
            let now = context.clock()
            context.refusals.summarize(now: now)
            if now >= sessionsDue {
                sessionsDue = now + Self.sessionInterval
                let sessions = context.sessions.removeExpired(now: now)
                if !sessions.isEmpty { context.store.write(sessions.map { .removeSession(id: $0) }, durability: .soft) }
            }
            if now >= filesDue {
                filesDue = now + CredentialFiles.interval
                files.refresh()
            }
            if now >= historyDue {
                historyDue = now + Self.historyInterval
                forgetOldAnnexes(now: now)
            }
            let due = [context.registry.nextDeadline, context.ledger.nextDeadline].compactMap(\.self)
            context.wake(at: due.reduce(min(sessionsDue, filesDue), min))
        }
    }

    /// Drops annexes that ended long ago, and rows that nothing refers to any more.
    private func forgetOldAnnexes(now: Int64) {
        let old = context.ledger.forgettable(now: now, history: Self.history)
        context.store.write(old.map { .removeAnnex(id: $0) } + [.purge(now: now)], durability: .soft)
        for id in old { context.ledger.forget(annexID: id) }
    }

    /// One round.
    func sweep() async {
        let now = context.clock()
        let expired = context.registry.expire(now: now)
        if !expired.isEmpty {
            context.store.write(expired.map { .removeAd(StoredAdKey($0.key)) }, durability: .soft)
            context.announceRemoval(of: expired, .expired)
        }
        let ended = context.ledger.expire(now: now)
        for annex in ended.annexes { await end(annex, now: now) }
        for record in ended.capabilities {
            context.log.notice(
                "capability expired",
                metadata: ["capability": "\(record.id)", "annex": "\(record.owner)/\(record.annexName)"])
            do {
                try await office.end(capability: record, changes: [])
            } catch {
                context.log.error(
                    "what an expired capability brought could not be removed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// An annex whose time is over is closed like one that was shut down: its masters are told to stop.
    private func end(_ annex: Annex, now: Int64) async {
        context.log.notice("annex expired", metadata: ["annex": "\(annex.key)"])
        let order = ShutdownOrder(
            id: annex.id, annexID: annex.id, orderedAt: now, orderedBy: "expiry", speed: .graceful)
        do {
            try await context.store.commit([.putAnnex(annex), .putOrder(order)])
        } catch {
            context.log.error("the end of an annex could not be stored", metadata: ["error": "\(error)"])
        }
        context.events.post(.annexChanged(annex.id))
        let masters = context.registry.masters(ofAnnex: annex.id, now: now)
            .compactMap(StoppableDaemon.init)
        await context.shutdowns.begin(order, daemons: masters)
    }
}
