import AnnexModel
import AnnexStore
import BrokerCore
import CEDAR
import ClassAds
import CondorNet
import Synchronization

/// What `flockbroker status` shows.
enum BrokerStatus {
    /// Figures of this moment.
    static func ad(
        context: BrokerContext, negotiations: NegotiationService, server: ServerHolder, selfAd: SelfAd
    ) async -> ClassAd {
        let now = context.clock()
        let census = context.registry.census(now: now)
        let annexes = context.ledger.annexes()
        let figures = context.figures
        let isHealthy = context.store.health == .healthy
        return [
            "Name": Expression(selfAd.name), "CondorVersion": Expression(CondorVersion.ours.text),
            "DaemonStartTime": Expression(selfAd.startedAt), "Ready": Expression(isHealthy),
            "Annexes": Expression(annexes.count { $0.state == .active }),
            "Slots": Expression(census.ads[.slot] ?? 0), "ClaimedSlots": Expression(census.slots["Claimed"] ?? 0),
            "Masters": Expression(census.ads[.master] ?? 0), "Submitters": Expression(census.ads[.submitter] ?? 0),
            "Sessions": Expression(context.sessions.count),
            "SessionsCreated": Expression(figures.sessionsCreated.load(ordering: .relaxed)),
            "SessionsResumed": Expression(figures.sessionsResumed.load(ordering: .relaxed)),
            "Connections": Expression(server.withLock { $0?.connections.count ?? 0 }),
            "Updates": Expression(figures.updates.load(ordering: .relaxed)),
            "Queries": Expression(figures.queries.load(ordering: .relaxed)),
            "Refusals": Expression(figures.refusals.load(ordering: .relaxed)),
            "Rounds": Expression(await negotiations.rounds), "Matches": Expression(await negotiations.matches),
        ]
    }
}
