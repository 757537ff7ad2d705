import AnnexModel
import AnnexStore
import BrokerCore
import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Logging
import Synchronization

/// What the commands work on: the broker's state and its services.
final class BrokerContext: Sendable {
    let principals: Principals
    let authority: Authority
    let registry: Registry
    let ledger: CapabilityLedger
    let sessions: SessionVault
    let store: AnnexStore
    let events: BrokerEvents
    let shutdowns: ShutdownService
    let figures: ServerFigures
    /// Wakes housekeeping.
    let alarm = Alarm()
    let log: Logger
    let refusals: RefusalLog
    let clock: @Sendable () -> Int64

    init(
        principals: Principals, authority: Authority, registry: Registry, ledger: CapabilityLedger,
        sessions: SessionVault, store: AnnexStore, events: BrokerEvents, shutdowns: ShutdownService,
        figures: ServerFigures, log: Logger, clock: @escaping @Sendable () -> Int64
    ) {
        self.principals = principals
        self.authority = authority
        self.registry = registry
        self.ledger = ledger
        self.sessions = sessions
        self.store = store
        self.events = events
        self.shutdowns = shutdowns
        self.figures = figures
        self.log = log
        refusals = RefusalLog(log)
        self.clock = clock
    }

    /// Has housekeeping look when `deadline` has come, if it would look later; in seconds since 1970.
    func wake(at deadline: Int64?) {
        guard let deadline else { return }
        alarm.ring(after: .seconds(max(1, deadline - clock())))
    }

    /// Whose ads a session brings, or why it may bring none now.
    ///
    /// The record decides, not what the session was once opened with: a revoked or expired capability is refused on
    /// open connections and resumed sessions too.
    func source(of request: CommandRequest) throws(UpdateRefusal) -> (source: AdSource, annex: Annex?) {
        let identity = request.session.identity
        guard let capability = request.session.capabilityID else {
            return (.accessPoint(user: identity.user, method: identity.method?.displayName), nil)
        }
        switch ledger.capability(id: capability)?.standing(now: clock()) {
        case .valid: break
        case .expired: throw UpdateRefusal(CapabilityRefusal.expired.reason)
        case .revoked: throw UpdateRefusal(CapabilityRefusal.revoked.reason)
        case nil: throw UpdateRefusal(CapabilityRefusal.unknown.reason)
        }
        guard let annex = ledger.annex(ofCapability: capability) else {
            throw UpdateRefusal(CapabilityRefusal.unknown.reason)
        }
        return (.annex(annex, capabilityID: capability, method: identity.method?.displayName ?? ""), annex)
    }
}

/// Why an update or invalidation was not taken: fixed words for the log.
struct UpdateRefusal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// Counters of the running process.
final class ServerFigures: Sendable {
    let sessionsCreated = Atomic<Int>(0)
    let sessionsResumed = Atomic<Int>(0)
    let updates = Atomic<Int>(0)
    let refusals = Atomic<Int>(0)
    let queries = Atomic<Int>(0)
}
