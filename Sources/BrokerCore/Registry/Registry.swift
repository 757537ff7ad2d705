import CEDAR
package import ClassAds
import Synchronization

/// The ads that the broker knows, and the rules by which they come, change and go (spec 04, 4 to 7 and 19).
///
/// Deterministic: the time comes in as an argument, and nothing here reads a clock, a file or a socket. Safe to use from
/// every event loop; the lock is held for a few dictionary accesses or to copy references of a table, never while an
/// expression is evaluated.
package final class Registry: Sendable {
    /// What one peer may put in.
    package let limits: RegistryLimits
    /// What its ads share; ads that are read with it cost less.
    package let pool = AdPool()
    private let shelves = Mutex(AdShelves())

    /// An empty registry.
    package init(limits: RegistryLimits = RegistryLimits()) {
        self.limits = limits
    }

    // MARK: Updates

    /// Decides what an update does; nobody sees it until it is published.
    ///
    /// Registrations and changes of state are published after they are on disk, refreshes at once (decision 15).
    package func prepare(
        _ update: AdUpdate, from source: AdSource, now: Int64
    ) throws(RegistryRefusal) -> PreparedUpdate {
        let preparation = UpdatePreparation(source: source, now: now, limits: limits, pool: pool)
        var parts: [PreparedUpdate.Part] = []
        for draft in try preparation.drafts(of: update) {
            do throws(RegistryRefusal) {
                if let part = try announce(draft, by: preparation) { parts.append(part) }
            } catch {
                abandon(PreparedUpdate(parts: parts))
                throw error
            }
        }
        return PreparedUpdate(parts: parts)
    }

    /// Makes the record of `draft` and remembers that it is on its way.
    ///
    /// - Returns: `nil` for an ad made from a slot whose place a startd's own ad holds.
    private func announce(
        _ draft: UpdatePreparation.Draft, by preparation: UpdatePreparation
    ) throws(RegistryRefusal) -> PreparedUpdate.Part? {
        let (previous, isOnItsWay) = shelves.withLock { $0.latest(draft.key) }
        if draft.isSynthesized, previous?.isSynthesized == false { return nil }
        guard previous.map({ $0.identity == preparation.source.identity }) ?? true else { throw .foreignKey }
        let record = preparation.record(draft, after: previous)
        let effect: PreparedUpdate.Effect =
            switch previous {
            case nil: .registered
            case let previous? where isOnItsWay || differs(record, from: previous): .changed
            case .some: .refreshed
            }
        let maximum = maximumAds(of: draft.key.scope)
        let maximumBytes = maximumBytes(of: draft.key.scope)
        let place = shelves.withLock { shelves -> Result<UInt64, RegistryRefusal> in
            guard effect != .registered || shelves.count(of: draft.key.scope) < maximum else {
                return .failure(.tooManyAds)
            }
            // An ad that does not grow always finds its place again.
            let growth = record.byteCount - (previous?.byteCount ?? 0)
            guard growth <= 0 || shelves.byteCount(of: draft.key.scope) + growth <= maximumBytes else {
                return .failure(.tooManyBytes)
            }
            return .success(shelves.announce(record))
        }
        return .init(record: record, effect: effect, version: try place.get())
    }

    /// Makes a prepared update visible.
    package func publish(_ prepared: PreparedUpdate) {
        shelves.withLock { shelves in
            for part in prepared.parts { shelves.publish(part.record, at: part.record.key, version: part.version) }
        }
    }

    /// Gives a prepared update up, because it could not be stored.
    package func abandon(_ prepared: PreparedUpdate) {
        shelves.withLock { shelves in
            for part in prepared.parts { shelves.abandon(part.record.key, version: part.version) }
        }
    }

    private static let claimAttributes = [
        AttributeName.claimID, AttributeName.claimIDList, AttributeName.childClaimIDs, AttributeName.capability,
    ]

    /// Whether somebody acts on what is new in `record`, so that it must not be lost.
    private func differs(_ record: AdRecord, from previous: AdRecord) -> Bool {
        record.publicAd[AttributeName.state] != previous.publicAd[AttributeName.state]
            || record.publicAd[AttributeName.activity] != previous.publicAd[AttributeName.activity]
            || Self.claimAttributes.contains { record.secrets?.ad[$0] != previous.secrets?.ad[$0] }
            || record.isMismatched != previous.isMismatched || record.capabilityID != previous.capabilityID
    }

    private func maximumAds(of scope: AdScope) -> Int {
        switch scope {
        case .annex: limits.adsPerAnnex
        case .accessPoint: limits.adsOfAccessPoint
        }
    }

    private func maximumBytes(of scope: AdScope) -> Int {
        switch scope {
        case .annex: limits.bytesPerAnnex
        case .accessPoint: .max
        }
    }

    // MARK: Removals

    /// Decides what an invalidation takes away: only what belongs to `source` (spec 04, 6 and 19).
    package func prepare(
        _ invalidation: AdInvalidation, from source: AdSource, now: Int64
    ) throws(RegistryRefusal) -> PreparedRemoval {
        let environment = EvaluationEnvironment(now: now, maximumSteps: limits.stepsPerEvaluation)
        let table = try invalidation.table(in: environment)
        guard source.mayWrite(to: table) else { throw .tableNotAllowed }
        var records: [AdRecord]
        if let name = table.keyName(of: invalidation.ad, in: environment) {
            let key = AdKey(table: table, scope: source.scope, name: name)
            records = shelves.withLock { $0.latest(key).record.map { [$0] } ?? [] }
            guard records.allSatisfy({ $0.identity == source.identity }) else { throw .foreignKey }
        } else if let condition = invalidation.condition {
            let candidates = shelves.withLock { $0.latest(in: table, of: source.scope) }
            // Decided at once for all: the more ads there are, the simpler the condition must be.
            let steps = limits.stepsPerInvalidation / max(1, candidates.count)
            let environment = EvaluationEnvironment(
                now: now, maximumSteps: min(max(steps, 500), limits.stepsPerEvaluation))
            records = candidates.filter { record in
                record.identity == source.identity && record.publicAd.evaluate(condition, in: environment).isTrue
            }
        } else {
            throw .noCondition
        }
        if table == .slot { records += synthesizedDaemons(of: records) }
        return announceRemoval(of: records)
    }

    /// Decides to take away everything that came with a capability, because it was revoked (spec 03, 10.7).
    package func prepareRemoval(ofCapability id: String, annexID: String) -> PreparedRemoval {
        announceRemoval(
            of: shelves.withLock { $0.latest(of: .annex(annexID)) }.filter { $0.capabilityID == id })
    }

    /// Takes prepared ads away.
    package func publish(_ removal: PreparedRemoval) {
        shelves.withLock { shelves in
            for part in removal.parts { shelves.publish(nil, at: part.record.key, version: part.version) }
        }
    }

    /// Leaves prepared ads where they are, because their removal could not be stored.
    package func abandon(_ removal: PreparedRemoval) {
        shelves.withLock { shelves in
            for part in removal.parts { shelves.abandon(part.record.key, version: part.version) }
        }
    }

    private func synthesizedDaemons(of slots: [AdRecord]) -> [AdRecord] {
        shelves.withLock { shelves in
            slots.compactMap { slot in
                var key = slot.key
                key.table = .startd
                let daemon = shelves.latest(key).record
                return daemon?.isSynthesized == true ? daemon : nil
            }
        }
    }

    private func announceRemoval(of records: [AdRecord]) -> PreparedRemoval {
        shelves.withLock { shelves in
            PreparedRemoval(
                parts: records.map { .init(record: $0, version: shelves.announceRemoval(of: $0.key)) })
        }
    }

    // MARK: Time and restarts

    /// Takes away the ads that are past their lifetime and returns them.
    package func expire(now: Int64) -> [AdRecord] {
        shelves.withLock { $0.expire(now: now) }
    }

    /// When to call ``expire(now:)`` next, in seconds since 1970; it may come too early and never too late.
    package var nextDeadline: Int64? { shelves.withLock { $0.nextDeadline } }

    /// Shows ads that were stored by an earlier process, those past their lifetime excepted (decision 15).
    package func restore(_ records: [AdRecord], now: Int64) {
        shelves.withLock { shelves in
            for record in records where !record.isExpired(now: now) {
                shelves.publish(record, at: record.key, version: shelves.announce(record))
            }
        }
    }

    /// Shows the broker's own ad, which never expires (spec 04, 10).
    package func publishOwn(_ ad: ClassAd, name: String, now: Int64) {
        let record = AdRecord(
            key: AdKey(table: .collector, scope: .accessPoint, name: name), identity: "", method: nil,
            capabilityID: nil, publicAd: ad.publicPart, secrets: nil, lastHeardFrom: now, lifetime: nil)
        shelves.withLock { shelves in
            shelves.publish(record, at: record.key, version: shelves.announce(record))
        }
    }

    // MARK: Looking

    /// The ad at `key`, if it is to be seen.
    package func record(at key: AdKey, now: Int64) -> AdRecord? {
        shelves.withLock { $0.visible(key, now: now) }
    }

    /// The ads of `table`, of one scope or of all, in no particular order.
    package func records(in table: AdTable, of scope: AdScope? = nil, now: Int64) -> [AdRecord] {
        shelves.withLock { $0.visible(in: table, of: scope, now: now) }
    }

    /// The slots of an annex, with their claim ids.
    package func slots(ofAnnex id: String, now: Int64) -> [AdRecord] {
        records(in: .slot, of: .annex(id), now: now)
    }

    /// The masters of an annex, with their administration capabilities.
    package func masters(ofAnnex id: String, now: Int64) -> [AdRecord] {
        records(in: .master, of: .annex(id), now: now)
    }

    /// The startds of an annex, with their administration capabilities.
    package func startds(ofAnnex id: String, now: Int64) -> [AdRecord] {
        records(in: .startd, of: .annex(id), now: now)
    }

    /// The submitters of the access point.
    package func submitters(now: Int64) -> [AdRecord] { records(in: .submitter, of: .accessPoint, now: now) }

    /// The schedds of the access point.
    package func schedds(now: Int64) -> [AdRecord] { records(in: .schedd, of: .accessPoint, now: now) }

    /// The tables of a query, each with its ads, at one moment.
    func snapshot(_ tables: [AdTable], now: Int64) -> [[AdRecord]] {
        shelves.withLock { shelves in tables.map { shelves.visible(in: $0, now: now) } }
    }

    /// The generic tables that have ads.
    var genericTables: [AdTable] { shelves.withLock { $0.genericTables } }
}
