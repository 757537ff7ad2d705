import CEDAR
import ClassAds
package import Cryptography

/// A condor_startd that runs no jobs but decides, answers and advertises as a real one.
///
/// Deterministic: it holds no socket and no clock. Requests go in with the methods, what has to
/// be done comes out as ``StartdAction`` values in the order in which it is to be done.
package struct StartdModel: Sendable {
    /// The session of a claim is good for this long after its end; seconds (spec 02, 10.5).
    static let sessionAfterlife: Int64 = 600
    /// A claim lives this many alive intervals without a sign of the schedd (spec 05, 3.4).
    static let missedAlives: Int64 = 6

    let configuration: StartdConfiguration
    /// `Requirements` is evaluated on these ads, so they carry what real ones carry.
    var slots: [Slot] = []
    var claimStrings: SecretStrings
    var adminSessions: AdminSessions
    var sequence = UpdateSequence()
    private(set) var changedSlots: Set<String> = []
    private var lingering: [(id: String, until: Int64)] = []
    private var stopping: ShutdownManner?
    private var isStopped = false

    /// Every job that ran, in the order of starting.
    package private(set) var records: [JobRecord] = []

    /// A startd that has just come up; ``start(now:)`` says what to do first.
    package init(_ configuration: StartdConfiguration, random: any RandomSource, now: Int64) {
        self.configuration = configuration
        let identity = configuration.identity
        claimStrings = SecretStrings(address: identity.address, startTime: identity.startTime, random: random)
        adminSessions = AdminSessions(
            address: identity.address, startTime: identity.startTime, validCommands: AdminSessions.startdCommands,
            random: random)
        switch configuration.layout {
        case .partitionable:
            addSlot(number: 1, kind: .partitionable, resources: configuration.resources, now: now)
        case .fixed(let count):
            let share = configuration.resources.share(of: Int64(count))
            for number in 1...max(count, 1) { addSlot(number: number, kind: .fixed, resources: share, now: now) }
        }
    }

    private mutating func addSlot(number: Int, kind: Slot.Kind, resources: SlotResources, now: Int64) {
        slots.append(
            Slot(number: number, kind: kind, resources: resources, offered: claimStrings.nextClaim(), now: now))
    }

    /// Opens the sessions of the first claim ids and sends all ads.
    package mutating func start(now: Int64) -> [StartdAction] {
        slots.map { .session(.open(SessionGrant($0.offered, role: .claimHolder))) } + updates(now: now)
    }

    /// `REQUEST_CLAIM` (442): makes the claim, or refuses it and forgets the claim id (spec 05, 3.3).
    ///
    /// - Parameter clientMachine: the schedd's host, for the slot's ad.
    package mutating func requestClaim(
        _ request: ClaimRequest, clientMachine: String, now: Int64
    ) -> (ClaimReply, [StartdAction]) {
        guard let index = slots.firstIndex(where: { $0.offered.matches(request.claim) }) else {
            return (.refused, [refusal(request.job, slot: nil, reason: "unknown claim id")])
        }
        let name = slotName(index)
        guard slots[index].claim == nil else {
            return (.refused, [refusal(request.job, slot: name, reason: "slot is claimed")])
        }
        guard stopping == nil else {
            return (.refused, [refusal(request.job, slot: name, reason: "shutting down")])
        }
        slots[index].claimRequests += 1
        guard willingToRun(request.job, on: index, now: now) else {
            return (.refused, withNewClaimID(index, because: "requirements not met", request.job, now: now))
        }
        let claim = Slot.Claim(
            id: slots[index].offered, job: request.job, scheddAddress: request.scheddAddress,
            clientMachine: clientMachine, aliveInterval: request.aliveInterval, grantedAt: now, renewedAt: now,
            askedAt: now)
        let claimed: Int
        var actions: [StartdAction]
        switch slots[index].kind {
        case .partitionable:
            guard let wanted = resources(for: request.job, within: slots[index].free) else {
                return (.refused, withNewClaimID(index, because: "no amount of resources", request.job, now: now))
            }
            (claimed, actions) = cutDynamicSlot(wanted, from: index, claim: claim, now: now)
        case .fixed, .dynamic:
            claimed = index
            slots[index].claim = claim
            slots[index].enteredState = now
            slots[index].enteredActivity = now
            actions = replaceOffered(index)
            markChanged(index)
        }
        actions.append(
            .event(
                request.job.event(
                    .claimed, slot: slotName(claimed), annex: annexName, claim: claim.id.publicForm)))
        var reply = ClaimReply(isAccepted: true)
        if request.job.boolean(AttributeName.sendClaimedAd) == true {
            reply.claimed = [ClaimReply.Slot(claim: request.claim, ad: claimedAd(of: claimed, now: now))]
        }
        if request.job.boolean(AttributeName.sendLeftovers) == true {
            // A slot that is not partitionable is its own rest, under the id just claimed.
            let rest = slots[index].kind == .partitionable ? slots[index].offered : claim.id
            reply.leftovers = ClaimReply.Slot(claim: rest.text, ad: publicAd(of: index, now: now))
        }
        return (reply, actions)
    }

    /// `ACTIVATE_CLAIM` (444): starts a job on a claim if the slot still wants it (spec 05, 3.4).
    package mutating func activate(
        _ request: ActivationRequest, now: Int64
    ) -> (ActivationRequest.Reply, [StartdAction]) {
        guard let index = indexOfClaim(request.claim), let claim = slots[index].claim else {
            return (.refused, [refusal(request.job, slot: nil, reason: "unknown claim")])
        }
        let name = slotName(index)
        slots[index].activations += 1
        guard claim.run == nil else {
            return (.refused, [refusal(request.job, slot: name, reason: "claim is busy")])
        }
        guard !isClosing(claim, now: now) else {
            return (.refused, [refusal(request.job, slot: name, reason: "claim is closing")])
        }
        guard willingToRun(request.job, on: index, now: now) else {
            return (.refused, [refusal(request.job, slot: name, reason: "requirements not met")])
        }
        slots[index].claim?.run = Slot.Run(job: request.job, startedAt: now)
        slots[index].claim?.renewedAt = now
        slots[index].enteredActivity = now
        markChanged(index)
        records.append(
            JobRecord(
                job: request.job.jobID, owner: request.job.string(AttributeName.owner) ?? "",
                tag: request.job.string(AttributeName.flockTarget),
                slot: name, annex: annexName, startedAt: now))
        return (
            .accepted,
            [.event(request.job.event(.jobStarted, slot: name, annex: annexName, claim: claim.id.publicForm))]
        )
    }

    /// `DEACTIVATE_CLAIM` (403, 404, 413): ends the job; the answer says whether another may start.
    ///
    /// `nil` means that the claim is not known and the connection is to be closed.
    package mutating func deactivate(
        _ claimText: String, now: Int64
    ) -> (willStartAnother: Bool?, actions: [StartdAction]) {
        guard let index = indexOfClaim(claimText), let claim = slots[index].claim else { return (nil, []) }
        var actions = endRun(index, .jobFinished, reason: nil, now: now)
        guard isClosing(claim, now: now) else { return (true, actions) }
        actions += endClaim(index, reason: "claim is closing", tellSchedd: false, now: now)
        return (false, actions + finishShutdownIfIdle(now: now))
    }

    /// `RELEASE_CLAIM` (443) from the schedd: ends the claim; no answer.
    package mutating func release(_ claimText: String, now: Int64) -> [StartdAction] {
        guard let index = indexOfClaim(claimText) else { return [] }
        return endClaim(index, reason: "released by the schedd", tellSchedd: false, now: now)
            + finishShutdownIfIdle(now: now)
    }

    /// `VACATE_CLAIM` (465) or `VACATE_CLAIM_FAST` (475): an administrator ends the claim of a slot.
    package mutating func vacate(slot name: String, now: Int64) -> [StartdAction] {
        guard let index = slots.indices.first(where: { slotName($0) == name && slots[$0].claim != nil }) else {
            return []
        }
        return endClaim(index, reason: "vacated", tellSchedd: true, now: now)
    }

    /// `ALIVE` (441) from the schedd, or its answer to ours: renews the lease, or ends the claim if it is negative.
    package mutating func alive(_ claimText: String, answer: Int64 = 0, now: Int64) -> [StartdAction] {
        guard let index = indexOfClaim(claimText) else { return [] }
        guard answer >= 0 else {
            return endClaim(index, reason: "unknown to the schedd", tellSchedd: false, now: now)
        }
        slots[index].claim?.renewedAt = now
        return []
    }

    /// Time passes: leases are renewed or end, old sessions go.
    package mutating func tick(now: Int64) -> [StartdAction] {
        var actions: [StartdAction] = []
        for entry in lingering where entry.until <= now { actions.append(.session(.close(id: entry.id))) }
        lingering.removeAll { $0.until <= now }
        for index in slots.indices.reversed() {
            guard let claim = slots[index].claim else { continue }
            let lease = Self.lease(of: claim)
            if claim.renewedAt + lease <= now {
                actions += endClaim(index, reason: "lease expired", tellSchedd: true, now: now)
            } else if max(claim.askedAt, claim.renewedAt) + lease / 3 <= now {
                slots[index].claim?.askedAt = now
                actions.append(.tellSchedd(address: claim.scheddAddress, claim: claim.id, .alive))
            }
        }
        return actions
    }

    /// When ``tick(now:)`` has something to do next, in seconds since 1970.
    package var nextTick: Int64? {
        let leases = slots.compactMap(\.claim).map { claim in
            let lease = Self.lease(of: claim)
            return min(claim.renewedAt + lease, max(claim.askedAt, claim.renewedAt) + lease / 3)
        }
        return (leases + lingering.map(\.until)).min()
    }

    /// An administrator, or the master, stops the startd.
    package mutating func shutdown(_ manner: ShutdownManner, now: Int64) -> [StartdAction] {
        guard !isStopped else { return [] }
        stopping = manner
        var actions: [StartdAction] = [
            .event(SimulationEvent(.shutdown, annex: annexName, reason: manner.rawValue))
        ]
        for index in slots.indices.reversed() where slots[index].claim != nil {
            guard manner != .peaceful || slots[index].claim?.run == nil else { continue }
            actions += endClaim(index, reason: "shutting down", tellSchedd: true, now: now)
        }
        return actions + finishShutdownIfIdle(now: now)
    }

    // MARK: Decisions

    /// `AnnexName` as advertised.
    package var annexName: String? { configuration.attributes.string(AttributeName.annexName) }

    func slotName(_ index: Int) -> String { slots[index].name(at: configuration.identity.name) }

    func indexOfClaim(_ text: String) -> Int? {
        slots.firstIndex { $0.claim?.id.matches(text) ?? false }
    }

    /// Evaluates the slot's `Requirements` with the job as TARGET; the job's own are not looked at (spec 05, 3.3).
    private func willingToRun(_ job: ClassAd, on index: Int, now: Int64) -> Bool {
        publicAd(of: index, now: now).accepts(job, in: .at(now))
    }

    private func isClosing(_ claim: Slot.Claim, now: Int64) -> Bool {
        stopping != nil || claim.grantedAt + configuration.claimWorklife <= now
    }

    /// What a job gets: what it asks for, rounded up if that fits (`MODIFY_REQUEST_EXPR_*`; spec 05, 3.3).
    private func resources(for job: ClassAd, within free: SlotResources) -> SlotResources? {
        guard let memory = job.integer(AttributeName.requestMemory), let disk = job.integer(AttributeName.requestDisk)
        else { return nil }
        let asked = SlotResources(cpus: max(job.integer(AttributeName.requestCpus) ?? 1, 1), memory: memory, disk: disk)
        guard asked.memory >= 0, asked.disk >= 0, free.covers(asked) else { return nil }
        let rounded = SlotResources(
            cpus: asked.cpus, memory: asked.memory.rounded(upTo: 128), disk: asked.disk.rounded(upTo: 1024))
        return free.covers(rounded) ? rounded : asked
    }

    private static func lease(of claim: Slot.Claim) -> Int64 {
        let idle = missedAlives * max(claim.aliveInterval, 1)
        guard let run = claim.run else { return idle }
        return run.job.integer(AttributeName.jobLeaseDuration) ?? idle
    }

    // MARK: Changes

    private mutating func markChanged(_ index: Int) { changedSlots.insert(slotName(index)) }

    mutating func forgetChanges() { changedSlots = [] }

    /// Gives a slot a new claim id to offer and opens its session.
    private mutating func replaceOffered(_ index: Int) -> [StartdAction] {
        let next = claimStrings.nextClaim()
        slots[index].offered = next
        return [.session(.open(SessionGrant(next, role: .claimHolder)))]
    }

    /// A refused claim id is used up: the slot gets a new one (spec 05, 2.13).
    private mutating func withNewClaimID(
        _ index: Int, because reason: String, _ job: ClassAd, now: Int64
    ) -> [StartdAction] {
        lingering.append((slots[index].offered.sessionID, now + Self.sessionAfterlife))
        markChanged(index)
        return replaceOffered(index) + [refusal(job, slot: slotName(index), reason: reason)]
    }

    /// Moves the presented claim id to a new dynamic slot and gives the rest a new one (spec 05, 3.3).
    private mutating func cutDynamicSlot(
        _ wanted: SlotResources, from parent: Int, claim: Slot.Claim, now: Int64
    ) -> (Int, [StartdAction]) {
        var actions = replaceOffered(parent)
        // A real startd makes three ids here: for the rest, for the new slot, whose own is replaced
        // by the presented one at once, and for a claim that might preempt it.
        _ = claimStrings.nextClaim()
        let preempting = claimStrings.nextClaim()
        slots[parent].lastDynamic += 1
        slots[parent].dynamicChangedAt = now
        slots[parent].free = slots[parent].free - wanted
        var child = Slot(
            number: slots[parent].number, kind: .dynamic(slots[parent].lastDynamic), resources: wanted,
            offered: preempting, now: now)
        child.claim = claim
        child.claimRequests = 1
        slots.append(child)
        actions.append(.session(.open(SessionGrant(preempting, role: .claimHolder))))
        markChanged(parent)
        markChanged(slots.count - 1)
        return (slots.count - 1, actions)
    }

    private mutating func endRun(
        _ index: Int, _ kind: SimulationEvent.Kind, reason: String?, now: Int64
    ) -> [StartdAction] {
        guard let claim = slots[index].claim, let run = claim.run else { return [] }
        let name = slotName(index)
        slots[index].claim?.run = nil
        slots[index].claim?.renewedAt = now
        slots[index].enteredActivity = now
        markChanged(index)
        if let record = records.lastIndex(where: { $0.slot == name && $0.endedAt == nil }) {
            records[record].endedAt = now
        }
        return [
            .event(run.job.event(kind, slot: name, annex: annexName, claim: claim.id.publicForm, reason: reason)),
            .closeStarter(session: claim.id.sessionID),
        ]
    }

    private mutating func endClaim(
        _ index: Int, reason: String, tellSchedd: Bool, now: Int64
    ) -> [StartdAction] {
        var actions = endRun(index, .jobEvicted, reason: reason, now: now)
        guard let claim = slots[index].claim else { return actions }
        let name = slotName(index)
        if tellSchedd {
            actions.append(.tellSchedd(address: claim.scheddAddress, claim: claim.id, .released))
        }
        actions.append(
            .event(
                claim.job.event(.released, slot: name, annex: annexName, claim: claim.id.publicForm, reason: reason)))
        lingering.append((claim.id.sessionID, now + Self.sessionAfterlife))
        switch slots[index].kind {
        case .dynamic:
            lingering.append((slots[index].offered.sessionID, now + Self.sessionAfterlife))
            if let parent = slots.firstIndex(where: {
                $0.number == slots[index].number && $0.kind == .partitionable
            }) {
                slots[parent].free = slots[parent].free + slots[index].total
                slots[parent].dynamicChangedAt = now
                markChanged(parent)
            }
            slots.remove(at: index)
            changedSlots.remove(name)
            actions.append(.update(invalidation(ofSlot: name)))
        case .partitionable, .fixed:
            slots[index].claim = nil
            slots[index].enteredState = now
            slots[index].enteredActivity = now
            lingering.append((slots[index].offered.sessionID, now + Self.sessionAfterlife))
            actions += replaceOffered(index)
            markChanged(index)
        }
        return actions
    }

    private mutating func finishShutdownIfIdle(now: Int64) -> [StartdAction] {
        guard stopping != nil, !isStopped, slots.allSatisfy({ $0.claim == nil }) else { return [] }
        isStopped = true
        var actions: [StartdAction] = slots.indices.map { .update(invalidation(ofSlot: slotName($0))) }
        actions.append(.update(invalidationOfDaemon()))
        actions.append(.stopped)
        return actions
    }

    private func refusal(_ job: ClassAd, slot: String?, reason: String) -> StartdAction {
        .event(job.event(.refused, slot: slot, annex: annexName, reason: reason))
    }
}

extension Int64 {
    /// The next multiple of `step`.
    fileprivate func rounded(upTo step: Int64) -> Int64 { (self + step - 1) / step * step }
}
