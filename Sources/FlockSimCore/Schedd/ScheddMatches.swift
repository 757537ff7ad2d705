import CEDAR
import ClassAds

extension ScheddModel {
    /// What a schedd does with a match (spec 05, 2.7).
    ///
    /// As in a real schedd neither the named job's `Requirements` nor the slot's are evaluated here,
    /// nor is `RestrictToAuthenticatedIdentity`.
    mutating func handleMatch(
        _ claimText: String, slot: ClassAd, submitter: String, pool: String, now: Int64
    ) -> [ScheddAction] {
        guard claimText != "null" else { return [dropped(slot, "no claim")] }
        // Claim ids after a space are to be preempted.
        let first = claimText.split(separator: " ", maxSplits: 1).first.map(String.init) ?? ""
        guard let claim = ClaimID(first) else { return [dropped(slot, "not a claim id")] }
        guard matches[claim.sessionID] == nil else { return [dropped(slot, "claim is held already")] }
        guard slot.boolean(AttributeName.offline) != true else { return [dropped(slot, "slot is offline")] }
        let named = JobID(
            cluster: Int(slot.integer(AttributeName.resourceCluster) ?? -1),
            proc: Int(slot.integer(AttributeName.resourceProc) ?? -1))
        let isNamed = jobs[named].map { mayTakeMatch($0, slot: slot, pool: pool, now: now) } ?? false
        guard let job = isNamed ? named : findRunnableJob(submitter, slot: slot, pool: pool, now: now) else {
            return [dropped(slot, "no job for it")]
        }
        return makeMatch(
            claim, slot: slot, job: job, submitter: submitter, pool: pool, event: isNamed ? .matched : .rematched,
            reason: isNamed ? nil : "instead of \(named)", now: now)
    }

    /// The conditions on the job that the negotiator names.
    private func mayTakeMatch(_ job: Job, slot: ClassAd, pool: String, now: Int64) -> Bool {
        job.isWaiting && configuration.flock.canFlock(flockTo: job.flockTo, to: pool)
            && passesGate(job, slot: slot, now: now)
    }

    private func passesGate(_ job: Job, slot: ClassAd, now: Int64) -> Bool {
        guard let gate = configuration.gate else { return true }
        return gate.verdict(slot: slot, job: job.ad, in: .at(now)) == true
    }

    /// The first job by priority that may use a slot when the schedd chooses by itself (spec 05, 5.2).
    func findRunnableJob(_ submitter: String?, slot: ClassAd, pool: String, now: Int64) -> JobID? {
        // A definite no without a job is taken for all jobs (spec 05, 5.4).
        if let gate = configuration.gate, gate.verdict(slot: slot, job: nil, in: .at(now)) == false { return nil }
        let currentRank = slot.real(AttributeName.currentRank) ?? 0
        let restrictedTo =
            slot.boolean(AttributeName.restrictToAuthenticatedIdentity) == true
            ? slot.string(AttributeName.authenticatedIdentity) ?? "" : nil
        let limits = slot.string(AttributeName.matchedConcurrencyLimits)
        return order.first { id in
            guard let job = jobs[id], job.isWaiting, submitter.map({ $0 == job.submitter }) ?? true,
                job.ad.boolean(AttributeName.ocuWanted) != true,
                restrictedTo.map({ $0 == job.user }) ?? true,
                configuration.flock.canFlock(flockTo: job.flockTo, to: pool),
                ClassAd.symmetricMatch(job.ad, slot, in: .at(now)),
                passesGate(job, slot: slot, now: now),
                slot.rank(of: job.ad, in: .at(now)) >= currentRank
            else { return false }
            return job.ad.string(AttributeName.concurrencyLimits)?.lowercased() == limits
        }
    }

    /// Records the match and asks for the claim; the negotiator gets no answer.
    private mutating func makeMatch(
        _ claim: ClaimID, slot: ClassAd, job id: JobID, submitter: String, pool: String,
        event kind: SimulationEvent.Kind, reason: String?, now: Int64
    ) -> [ScheddAction] {
        guard let job = jobs[id], slot.string(AttributeName.name) != nil, let address = slot.contactAddress else {
            return [dropped(slot, "slot without name or address")]
        }
        var stored = slot
        if slot.boolean(AttributeName.partitionableSlot) == true {
            // The schedd wants to see the future dynamic slot and gives up without amounts (spec 05, 5.1).
            guard let memory = job.ad.integer(AttributeName.requestMemory),
                let disk = job.ad.integer(AttributeName.requestDisk)
            else {
                return [dropped(slot, "request without amounts")]
            }
            stored.set(AttributeName.cpus, Int(max(job.ad.integer(AttributeName.requestCpus) ?? 1, 1)))
            stored.set(AttributeName.memory, Int(memory))
            stored.set(AttributeName.disk, Int(disk))
        }
        stored.set(AttributeName.currentRank, slot.rank(of: job.ad, in: .at(now)))
        let record = MatchRecord(
            claim: claim, address: address, submitter: submitter, pool: pool,
            added: MatchRecord.addedAttributes(of: slot), slot: stored, job: id)
        matches[claim.sessionID] = record
        jobs[id]?.status = .matched(claim.sessionID)
        if job.ad[AttributeName.firstJobMatchDate] == nil {
            jobs[id]?.ad.set(AttributeName.firstJobMatchDate, Int(now))
        }
        for name in slot.names where name.lowercased().hasPrefix("negotiatormatchexpr") {
            jobs[id]?.ad["MATCH_EXP_\(name)"] = slot[name]
        }
        let request = ClaimRequest(
            claim: claim.text, job: claimingAd(of: id, for: slot), scheddAddress: configuration.identity.address,
            aliveInterval: configuration.aliveInterval)
        return [
            .event(describe(kind, record, reason: reason)),
            .session(.open(SessionGrant(claim, role: .claimedStartd))),
            .requestClaim(address: address, claim: claim, request),
        ]
    }

    /// The job ad as it goes to the startd (spec 05, 3.3).
    private func claimingAd(of id: JobID, for slot: ClassAd) -> ClassAd {
        guard let job = jobs[id] else { return ClassAd() }
        var ad = job.ad
        if let cluster = job.autoCluster?.id {
            ad.set(AttributeName.autoClusterID, cluster)
            ad.set(AttributeName.autoClusterAttrs, autoClusters.attributes.joined(separator: ","))
        }
        ad.set(AttributeName.scheddName, configuration.identity.name)
        ad.set(AttributeName.startdSendsAlives, true)
        for (name, source) in [
            (AttributeName.cpusProvisioned, AttributeName.cpus),
            (AttributeName.memoryProvisioned, AttributeName.memory),
            (AttributeName.diskProvisioned, AttributeName.disk),
            (AttributeName.gpusProvisioned, AttributeName.gpus),
            (AttributeName.provisionedResources, AttributeName.machineResources),
        ] where slot[source] != nil {
            ad[name] = slot[source]
        }
        for name in slot.names where name.lowercased().hasPrefix("negotiatormatchexpr") {
            ad.copy(name, from: slot)
        }
        ad.copy(AttributeName.remoteNegotiatingGroup, from: slot)
        ad.set(AttributeName.sendLeftovers, true)
        ad.set(AttributeName.secureClaimID, true)
        ad.set(AttributeName.sendClaimedAd, true)
        ad.set(AttributeName.numDynamicSlotsWanted, 1)
        ad.set(AttributeName.startdHandlesAlives, true)
        ad.set(AttributeName.claimPartitionableSlot, false)
        return ad
    }

    // MARK: The claim

    /// The startd has answered `REQUEST_CLAIM`, or could not be reached (`nil`).
    package mutating func claimAnswered(_ session: String, reply: ClaimReply?, now: Int64) -> [ScheddAction] {
        guard var record = matches[session] else { return [] }
        guard let reply, reply.isAccepted else {
            return [.event(describe(.refused, record, reason: reply == nil ? "startd not reached" : "claim refused"))]
                + forget(record)
        }
        if let mine = reply.claimed.first(where: { record.claim.matches($0.claim) }) {
            // From here on the startd's ad counts, not the negotiator's (spec 05, 3.3).
            record.slot = mine.ad
            record.slot.merge(record.added)
            matches[session] = record
        }
        var actions: [ScheddAction] = [.event(describe(.claimed, record))]
        if let leftovers = reply.leftovers { actions += useLeftovers(leftovers, of: record, now: now) }
        return actions + startJob(session, now: now)
    }

    /// Offers the rest of a partitionable slot to the submitter's own jobs (spec 05, 3.3).
    private mutating func useLeftovers(
        _ leftovers: ClaimReply.Slot, of record: MatchRecord, now: Int64
    ) -> [ScheddAction] {
        // A slot that is not partitionable comes back under the claim just made.
        guard let claim = ClaimID(leftovers.claim), matches[claim.sessionID] == nil else { return [] }
        var slot = leftovers.ad
        slot.merge(record.added)
        slot[AttributeName.matchedConcurrencyLimits] = nil
        guard let job = findRunnableJob(record.submitter, slot: slot, pool: record.pool, now: now) else { return [] }
        return makeMatch(
            claim, slot: slot, job: job, submitter: record.submitter, pool: record.pool, event: .rematched,
            reason: "leftovers", now: now)
    }

    /// Starts a shadow for the job of a claim, if the gate still lets it through.
    private mutating func startJob(_ session: String, now: Int64) -> [ScheddAction] {
        guard var record = matches[session], let job = jobs[record.job] else { return [] }
        guard passesGate(job, slot: record.slot, now: now) else {
            jobs[record.job]?.status = .idle
            return [.event(describe(.refused, record, reason: "gate"))] + reuse(record, now: now)
        }
        record.state = .activating
        matches[session] = record
        let request = ActivationRequest(claim: record.claim.text, job: claimingAd(of: record.job, for: record.slot))
        return [.activate(address: record.address, claim: record.claim, request)]
    }

    /// The startd has answered `ACTIVATE_CLAIM`, or could not be reached (`nil`).
    package mutating func activationAnswered(
        _ session: String, reply: ActivationRequest.Reply?, now: Int64
    ) -> [ScheddAction] {
        guard var record = matches[session], record.state == .activating, let job = jobs[record.job] else { return [] }
        guard reply == .accepted else {
            return [.event(describe(.refused, record, reason: "activation refused"))] + forget(record, release: true)
        }
        record.state = .running
        matches[session] = record
        started += 1
        jobs[record.job]?.status = .running(session)
        return [
            .event(describe(.jobStarted, record)), .runJob(seconds: job.duration, claim: record.claim),
        ]
    }

    /// The job has run as long as it was to.
    package mutating func jobDurationPassed(_ session: String, now: Int64) -> [ScheddAction] {
        guard var record = matches[session], record.state == .running else { return [] }
        record.state = .ending
        matches[session] = record
        return [.deactivate(address: record.address, claim: record.claim)]
    }

    /// The startd has confirmed the end of the job; `nil` if it could not be reached, and then the job is lost.
    package mutating func deactivated(
        _ session: String, willStartAnother: Bool?, now: Int64
    ) -> [ScheddAction] {
        guard let record = matches[session], record.state == .ending else { return [] }
        guard let willStartAnother else {
            return [.event(describe(.jobEvicted, record, reason: "startd not reached"))] + forget(record)
        }
        jobs[record.job]?.status = .completed
        finished += 1
        let event = ScheddAction.event(describe(.jobFinished, record))
        guard willStartAnother else { return [event] + forget(record, release: true) }
        return [event] + reuse(record, now: now)
    }

    /// `RELEASE_CLAIM` from the startd: the claim is gone, and its job waits again.
    package mutating func startdReleased(_ claimText: String, now: Int64) -> [ScheddAction] {
        guard let record = matches.values.first(where: { $0.claim.matches(claimText) }) else { return [] }
        return lose(record, reason: "released by the startd")
    }

    /// The connection on which a shadow waited for its job has gone: the job waits again.
    package mutating func shadowLost(_ session: String, now: Int64) -> [ScheddAction] {
        guard let record = matches[session], record.state == .running else { return [] }
        return lose(record, reason: "connection to the starter lost")
    }

    private mutating func lose(_ record: MatchRecord, reason: String) -> [ScheddAction] {
        let hadJob = record.state == .running || record.state == .ending
        return [.event(describe(hadJob ? .jobEvicted : .released, record, reason: reason))] + forget(record)
    }

    /// `ALIVE` from the startd: the alive interval, or -1 for a claim that is not held (spec 05, 3.4).
    package func aliveAnswer(_ claimText: String) -> Int64 {
        matches.values.contains { $0.claim.matches(claimText) } ? configuration.aliveInterval : -1
    }

    /// Finds the claim another job, or gives it back (spec 05, 5.2 and 3.4).
    private mutating func reuse(_ record: MatchRecord, now: Int64) -> [ScheddAction] {
        guard let next = findRunnableJob(record.submitter, slot: record.slot, pool: record.pool, now: now) else {
            return [.event(describe(.released, record, reason: "out of jobs"))] + forget(record, release: true)
        }
        var reused = record
        reused.job = next
        matches[record.claim.sessionID] = reused
        jobs[next]?.status = .matched(record.claim.sessionID)
        return [.event(describe(.rematched, reused, reason: "claim reused"))]
            + startJob(record.claim.sessionID, now: now)
    }

    /// Drops the match; a job that has not run to its end waits again.
    private mutating func forget(_ record: MatchRecord, release: Bool = false) -> [ScheddAction] {
        let session = record.claim.sessionID
        matches[session] = nil
        switch jobs[record.job]?.status {
        case .matched(session), .running(session): jobs[record.job]?.status = .idle
        case .matched, .running, .idle, .completed, nil: break
        }
        let close = ScheddAction.session(.close(id: session))
        return release ? [.release(address: record.address, claim: record.claim), close] : [close]
    }

    // MARK: Events

    private func describe(
        _ kind: SimulationEvent.Kind, _ record: MatchRecord, reason: String? = nil
    ) -> SimulationEvent {
        (jobs[record.job]?.ad ?? ClassAd()).event(
            kind, slot: record.slotName, annex: record.annexName, claim: record.claim.publicForm, reason: reason)
    }

    private func dropped(_ slot: ClassAd, _ reason: String) -> ScheddAction {
        .event(
            SimulationEvent(
                .matchDropped, slot: slot.string(AttributeName.name), annex: slot.string(AttributeName.annexName),
                reason: reason))
    }
}
