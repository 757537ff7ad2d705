package import CEDAR

/// The schedds that have work for us, and whom to negotiate with next.
///
/// Works on events (decision 20): an ad, a slot that became free, `RESCHEDULE`. Deadlines exist
/// for back-off after errors only.
package struct ScheddBook: Sendable {
    /// How long a submitter ad counts, in seconds (spec 05, 2.13).
    package static let freshness: Int64 = 900
    /// An ad that changes nothing starts a round anyway if the last one was so long ago, in seconds:
    /// jobs may have changed places without a change of numbers.
    package static let quietTime: Int64 = 60
    /// The first wait after an error, and the longest, in seconds.
    package static let backOffTimes: (first: Int64, longest: Int64) = (5, 300)
    /// The largest number of schedds.
    package static let maximumSchedds = 256
    /// The largest number of submitters of a schedd.
    package static let maximumSubmitters = 10_000

    /// A round to be held.
    package struct Task: Sendable {
        package var schedd: String
        package var submitter: String
        package var tag: String
        package var address: Sinful
        /// The newest session the schedd gave; `nil` means that the broker must authenticate itself (spec 05, 1.6).
        package var capability: ClaimID?
        package var idleJobs: Int64

        /// For whom slots are planned.
        package var party: Negotiator.Party {
            Negotiator.Party(schedd: schedd, submitter: submitter, families: AddressFamilies(address))
        }
    }

    /// Why a round failed, as far as it matters here.
    package enum Failure: Hashable, Sendable {
        /// The schedd does not know the session any more: wait for its next ad (spec 05, 1.6).
        case sessionUnknown
        /// Anything else.
        case other
    }

    private struct Submitter: Sendable {
        var record: SubmitterRecord
        var seenAt: Int64
        var negotiatedAt: Int64?
        var isWanted: Bool
    }

    private struct Schedd: Sendable {
        var address: Sinful
        var capability: ClaimID?
        /// The schedd rejected ``capability``; only another one will do.
        var isCapabilityDead = false
        var submitters: [String: Submitter] = [:]
        var isBusy = false
        /// The submitter served last, for taking turns.
        var lastServed = ""
        var backOff: BackOff?
    }

    private var schedds: [String: Schedd] = [:]
    /// The schedd served last, for taking turns.
    private var lastServed = ""

    package init() {}

    /// Takes in a submitter ad; returns whether there is now something to do.
    ///
    /// The caller has checked that the ad comes from a schedd that may send it (spec 05, 5.6).
    @discardableResult
    package mutating func update(_ record: SubmitterRecord, now: Int64) -> Bool {
        guard schedds[record.scheddName] != nil || schedds.count < Self.maximumSchedds else { return false }
        var schedd = schedds[record.scheddName] ?? Schedd(address: record.address)
        schedd.address = record.address
        if let capability = record.capability, capability != schedd.capability {
            schedd.capability = capability
            schedd.isCapabilityDead = false
            schedd.backOff = nil
        }
        let old = schedd.submitters[record.name]
        guard old != nil || schedd.submitters.count < Self.maximumSubmitters else {
            schedds[record.scheddName] = schedd
            return false
        }
        let isChanged = old.map { $0.record.counters != record.counters || !isFresh($0, now: now) } ?? true
        let isQuiet = (old?.negotiatedAt).map { now - $0 >= Self.quietTime } ?? true
        let isWanted = record.idleJobs > 0 && (old?.isWanted == true || isChanged || isQuiet)
        schedd.submitters[record.name] = Submitter(
            record: record, seenAt: now, negotiatedAt: old?.negotiatedAt, isWanted: isWanted)
        schedds[record.scheddName] = schedd
        return isWanted
    }

    /// Forgets a submitter (`INVALIDATE_SUBMITTOR_ADS`).
    package mutating func remove(submitter: String, schedd: String) {
        schedds[schedd]?.submitters[submitter] = nil
    }

    /// Forgets a schedd.
    package mutating func remove(schedd: String) {
        schedds[schedd] = nil
    }

    /// A slot became free, or waited long enough: everybody with idle jobs is worth asking again.
    package mutating func slotsBecameFree() {
        for name in schedds.keys { wantAll(of: name) }
    }

    /// `RESCHEDULE` came from a schedd.
    package mutating func reschedule(_ schedd: String) {
        wantAll(of: schedd)
    }

    /// The next round to hold, if any; its schedd is busy until ``finished(_:now:)`` or ``failed(_:_:now:)``.
    ///
    /// Schedds take turns, and so do the submitters of each.
    package mutating func next(now: Int64) -> Task? {
        let order = Self.rotated(schedds.keys.sorted(), after: lastServed)
        for name in order {
            guard var schedd = schedds[name], isReady(schedd, now: now) else { continue }
            let wanted = schedd.submitters.filter { isDue($0.value, now: now) }.keys.sorted()
            guard let chosen = Self.rotated(wanted, after: schedd.lastServed).first,
                let submitter = schedd.submitters[chosen]
            else { continue }
            schedd.isBusy = true
            schedd.lastServed = chosen
            schedd.submitters[chosen]?.isWanted = false
            schedd.submitters[chosen]?.negotiatedAt = now
            schedds[name] = schedd
            lastServed = name
            return Task(
                schedd: name, submitter: chosen, tag: submitter.record.tag, address: schedd.address,
                capability: schedd.capability, idleJobs: submitter.record.idleJobs)
        }
        return nil
    }

    /// A round ended as it should.
    package mutating func finished(_ task: Task, now: Int64) {
        schedds[task.schedd]?.isBusy = false
        schedds[task.schedd]?.backOff = nil
    }

    /// A round broke off; it is wanted again after a wait.
    package mutating func failed(_ task: Task, _ failure: Failure, now: Int64) {
        guard var schedd = schedds[task.schedd] else { return }
        schedd.isBusy = false
        schedd.submitters[task.submitter]?.isWanted = true
        switch failure {
        case .sessionUnknown where task.capability != nil:
            // An ad may have brought a new session meanwhile.
            schedd.isCapabilityDead = schedd.capability == task.capability
        case .sessionUnknown, .other:
            var backOff = schedd.backOff ?? BackOff(first: Self.backOffTimes.first, longest: Self.backOffTimes.longest)
            backOff.failed(at: now)
            schedd.backOff = backOff
        }
        schedds[task.schedd] = schedd
    }

    /// Forgets what was not renewed in time.
    package mutating func expire(now: Int64) {
        for (name, schedd) in schedds {
            let fresh = schedd.submitters.filter { isFresh($0.value, now: now) }
            if fresh.isEmpty, !schedd.isBusy {
                schedds[name] = nil
            } else {
                schedds[name]?.submitters = fresh
            }
        }
    }

    /// When a wait after an error is over next, in seconds since 1970.
    package func nextDeadline(after now: Int64) -> Int64? {
        schedds.values.compactMap { schedd in
            guard let until = schedd.backOff?.until, until > now, !schedd.isCapabilityDead else { return nil }
            return schedd.submitters.values.contains { isDue($0, now: now) } ? until : nil
        }.min()
    }

    private mutating func wantAll(of name: String) {
        guard var schedd = schedds[name] else { return }
        for (key, submitter) in schedd.submitters where submitter.record.idleJobs > 0 {
            schedd.submitters[key]?.isWanted = true
        }
        schedds[name] = schedd
    }

    private func isFresh(_ submitter: Submitter, now: Int64) -> Bool { now - submitter.seenAt < Self.freshness }

    private func isDue(_ submitter: Submitter, now: Int64) -> Bool {
        submitter.isWanted && submitter.record.idleJobs > 0 && isFresh(submitter, now: now)
    }

    private func isReady(_ schedd: Schedd, now: Int64) -> Bool {
        !schedd.isBusy && !schedd.isCapabilityDead && schedd.backOff?.isOver(at: now) ?? true
    }

    /// The sorted names, beginning with the one after `last`.
    private static func rotated(_ names: [String], after last: String) -> [String] {
        let start = names.firstIndex { $0 > last } ?? names.startIndex
        return Array(names[start...] + names[..<start])
    }
}
