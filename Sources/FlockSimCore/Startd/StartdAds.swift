import CEDAR
import ClassAds

extension StartdModel {
    /// Updates of everything: the daemon's ad, then every slot with its private ad (spec 04, 2.4).
    package mutating func updates(now: Int64) -> [StartdAction] {
        var actions = sessionsForUpdate(now: now)
        actions.append(.update(daemonUpdate(now: now)))
        for index in slots.indices { actions.append(.update(slotUpdate(index, now: now))) }
        forgetChanges()
        return actions
    }

    /// Updates of the slots that have changed since the last update (spec 05, 3.6).
    package mutating func changes(now: Int64) -> [StartdAction] {
        let changed = slots.indices.filter { changedSlots.contains(slotName($0)) }
        forgetChanges()
        guard !changed.isEmpty else { return [] }
        var actions = sessionsForUpdate(now: now)
        for index in changed { actions.append(.update(slotUpdate(index, now: now))) }
        return actions
    }

    private mutating func sessionsForUpdate(now: Int64) -> [StartdAction] {
        adminSessions.capability(now: now).changes.map { .session($0) }
    }

    private mutating func daemonUpdate(now: Int64) -> CollectorUpdate {
        var ad = daemonAd(now: now)
        ad.set(AttributeName.remoteAdminCapability, adminSessions.capability(now: now).capability.text)
        configuration.identity.publishUpdate(into: &ad, sequence: sequence.next("StartD"))
        return CollectorUpdate(.updateStartdAd, [ad])
    }

    private mutating func slotUpdate(_ index: Int, now: Int64) -> CollectorUpdate {
        let number = sequence.next(slotName(index))
        var ad = publicAd(of: index, now: now)
        ad.set(AttributeName.remoteAdminCapability, adminSessions.capability(now: now).capability.text)
        configuration.identity.publishUpdate(into: &ad, sequence: number)
        var secret = privateAd(of: index)
        configuration.identity.publishUpdate(into: &secret, sequence: number)
        return CollectorUpdate(.updateStartdAd, [ad, secret])
    }

    mutating func invalidation(ofSlot name: String) -> CollectorUpdate {
        .invalidation(
            .invalidateStartdAds, type: "Machine", name: name, of: configuration.identity,
            sequence: sequence.next("invalidate \(name)"))
    }

    mutating func invalidationOfDaemon() -> CollectorUpdate {
        .invalidation(
            .invalidateStartdAds, type: "StartD", name: configuration.identity.name, of: configuration.identity,
            sequence: sequence.next("invalidate StartD"))
    }

    /// The daemon's own ad, `MyType = "StartD"`.
    func daemonAd(now: Int64) -> ClassAd {
        var ad = RecordedShape.startd.ad
        ad.set(AttributeName.myType, "StartD")
        ad.set(AttributeName.name, configuration.identity.name)
        publishMachine(into: &ad, now: now)
        let used = slots.reduce(SlotResources(cpus: 0, memory: 0, disk: 0)) {
            $1.claim == nil ? $0 : $0 + $1.total
        }
        ad.set(AttributeName.totalInUseCpus, Double(used.cpus))
        ad.set(AttributeName.totalInUseMemory, Int(used.memory))
        ad.set(AttributeName.totalInUseDisk, Int(used.disk))
        ad.merge(configuration.attributes)
        return ad
    }

    /// The ad of a slot as it is sent to a collector, without what is private.
    func publicAd(of index: Int, now: Int64) -> ClassAd {
        let slot = slots[index]
        var ad = slotAd(slot, now: now)
        ad.set(AttributeName.rank, 0.0)
        ad.setExpression(AttributeName.start, configuration.start)
        ad.set(AttributeName.maxJobRetirementTime, 0)
        if slot.kind == .partitionable { publishChildren(of: slot, into: &ad) }
        guard let claim = slot.claim else { return ad }
        publishClaim(claim, into: &ad)
        ad.set(AttributeName.publicClaimID, claim.id.publicForm)
        ad.set(AttributeName.claimEndTime, 0)
        for name in [
            AttributeName.jobUniverse, AttributeName.diskUsage, AttributeName.imageSize, AttributeName.executableSize,
        ] { ad.copy(name, from: claim.job) }
        guard let run = claim.run else { return ad }
        ad.set(AttributeName.jobID, run.job.jobID)
        for name in [AttributeName.globalJobID, AttributeName.jobUniverse, AttributeName.accountingGroup] {
            ad.copy(name, from: run.job)
        }
        ad.set(AttributeName.jobStart, Int(run.startedAt))
        for name in [
            AttributeName.totalJobRunTime, AttributeName.totalClaimRunTime, AttributeName.totalTimeClaimedBusy,
        ] {
            ad.set(name, Int(now - run.startedAt))
        }
        ad.set(AttributeName.cpusUsage, 0.0)
        ad.set(AttributeName.starterPID, 30_000 + slot.activations)
        return ad
    }

    /// The ad in the answer to `REQUEST_CLAIM`: no `Rank`, no claim id, but the startd's policies (spec 05, 3.3).
    func claimedAd(of index: Int, now: Int64) -> ClassAd {
        let slot = slots[index]
        var ad = slotAd(slot, now: now)
        ad.merge(RecordedShape.claimedSlot.ad)
        ad.setExpression(AttributeName.start, configuration.start)
        if case .dynamic = slot.kind { ad.set(AttributeName.totalTimeOwnerIdle, 0) }
        if let claim = slot.claim { publishClaim(claim, into: &ad) }
        return ad
    }

    /// The private half of a slot's update (spec 05, 3.2).
    func privateAd(of index: Int) -> ClassAd {
        let slot = slots[index]
        var ad = ClassAd()
        ad.set(AttributeName.myType, "Machine")
        ad.set(AttributeName.myAddress, configuration.identity.address)
        ad.set(AttributeName.claimID, slot.offered.text)
        guard slot.kind == .partitionable else { return ad }
        let children = self.children(of: slot)
        ad[AttributeName.childClaimIDs] = Expression(children.map { Expression($0.offered.text) })
        ad.set(AttributeName.numDynamicSlots, children.count)
        return ad
    }

    /// What all ads of a slot have in common.
    private func slotAd(_ slot: Slot, now: Int64) -> ClassAd {
        var ad = RecordedShape.slot.ad
        publishMachine(into: &ad, now: now)
        ad.set(AttributeName.name, slot.name(at: configuration.identity.name))
        ad.setExpression(AttributeName.requirements, "Start && WithinResourceLimits")
        ad[AttributeName.withinResourceLimits] = Self.withinResourceLimits
        ad.set(AttributeName.slotID, slot.number)
        ad.set(AttributeName.cpus, Int(slot.free.cpus))
        ad.set(AttributeName.memory, Int(slot.free.memory))
        ad.set(AttributeName.disk, Int(slot.free.disk))
        ad.set(AttributeName.gpus, 0)
        ad.set(AttributeName.totalSlotCpus, Int(slot.total.cpus))
        ad.set(AttributeName.totalSlotMemory, Int(slot.total.memory))
        ad.set(AttributeName.totalSlotDisk, Double(slot.total.disk))
        ad.set(AttributeName.state, slot.state)
        ad.set(AttributeName.activity, slot.activity)
        ad.set(AttributeName.enteredCurrentState, Int(slot.enteredState))
        ad.set(AttributeName.enteredCurrentActivity, Int(slot.enteredActivity))
        ad.set(AttributeName.currentRank, 0.0)
        publishCounters(of: [slot], into: &ad)
        switch slot.kind {
        case .partitionable:
            ad.set(AttributeName.slotType, "Partitionable")
            ad.set(AttributeName.slotTypeID, 0)
            ad.set(AttributeName.partitionableSlot, true)
            ad.set(AttributeName.pslotRollupInformation, true)
            ad.set(AttributeName.totalTimeUnclaimedIdle, Int(now - slot.enteredState))
        case .dynamic(let child):
            ad.set(AttributeName.slotType, "Dynamic")
            ad.set(AttributeName.slotTypeID, 0)
            ad.set(AttributeName.dynamicSlot, true)
            ad.set(AttributeName.dynamicSlotID, child)
            ad.set(AttributeName.parentSlotID, slot.number)
            ad.set(AttributeName.isSplittable, true)
            ad.set(AttributeName.pslotRollupInformation, true)
        case .fixed:
            ad.set(AttributeName.slotType, "Static")
            ad.set(AttributeName.slotTypeID, 1)
            ad.set(AttributeName.totalTimeUnclaimedIdle, Int(now - slot.enteredState))
        }
        ad.merge(configuration.attributes)
        return ad
    }

    private func publishMachine(into ad: inout ClassAd, now: Int64) {
        let resources = configuration.resources
        configuration.identity.publish(into: &ad, now: now)
        ad.set(AttributeName.startdIpAddr, configuration.identity.address)
        ad.set(AttributeName.monitorSelfTime, Int(configuration.identity.startTime))
        ad.set(AttributeName.utsnameNodename, configuration.identity.machine)
        ad.set(AttributeName.uidDomain, configuration.uidDomain)
        ad.set(AttributeName.fileSystemDomain, configuration.uidDomain)
        ad.set(AttributeName.collectorHostString, configuration.collectorHost)
        ad.set(AttributeName.totalCpus, Double(resources.cpus))
        ad.set(AttributeName.totalMemory, Int(resources.memory))
        ad.set(AttributeName.totalDisk, Int(resources.disk))
        ad.set(AttributeName.detectedCpus, Int(resources.cpus))
        ad.set(AttributeName.detectedMemory, Int(resources.memory))
        ad.set(AttributeName.totalSlots, slots.count)
        ad.set(AttributeName.expectedMachineQuickDrainingCompletion, Int(configuration.identity.startTime))
        ad.set(AttributeName.expectedMachineGracefulDrainingCompletion, Int(configuration.identity.startTime))
        publishCounters(of: slots, into: &ad)
    }

    private func publishCounters(of slots: [Slot], into ad: inout ClassAd) {
        let claims = slots.reduce(0) { $0 + $1.claimRequests }
        let activations = slots.reduce(0) { $0 + $1.activations }
        for (name, count) in [
            (AttributeName.claimRequests, claims), (AttributeName.activationRequests, activations),
            (AttributeName.jobStarts, activations),
        ] {
            ad.set(name, count)
            ad.set("Recent" + name, count)
        }
    }

    private func publishClaim(_ claim: Slot.Claim, into ad: inout ClassAd) {
        let job = claim.run?.job ?? claim.job
        if let user = job[AttributeName.user] {
            ad[AttributeName.remoteOwner] = user
            ad[AttributeName.remoteUser] = user
        }
        ad.copy(AttributeName.remoteNegotiatingGroup, from: claim.job)
        ad.set(AttributeName.remoteAutoregroup, claim.job.boolean(AttributeName.remoteAutoregroup) ?? false)
        if let schedd = claim.job[AttributeName.scheddName] { ad[AttributeName.remoteScheddName] = schedd }
        ad.set(AttributeName.clientMachine, claim.clientMachine)
    }

    private func children(of parent: Slot) -> [Slot] {
        slots.filter {
            guard case .dynamic = $0.kind else { return false }
            return $0.number == parent.number
        }
    }

    private func publishChildren(of parent: Slot, into ad: inout ClassAd) {
        let children = self.children(of: parent)
        let users = children.map { $0.claim?.job[AttributeName.user] ?? .undefined }
        ad[AttributeName.childName] = Expression(children.map { Expression($0.name(at: configuration.identity.name)) })
        ad[AttributeName.childCpus] = Expression(children.map { Expression($0.total.cpus) })
        ad[AttributeName.childMemory] = Expression(children.map { Expression($0.total.memory) })
        ad[AttributeName.childDisk] = Expression(children.map { Expression($0.total.disk) })
        ad[AttributeName.childGPUs] = Expression(children.map { _ in Expression(0) })
        ad[AttributeName.childState] = Expression(children.map { Expression($0.state) })
        ad[AttributeName.childActivity] = Expression(children.map { Expression($0.activity) })
        ad[AttributeName.childDynamicSlotID] = Expression(
            children.map {
                guard case .dynamic(let number) = $0.kind else { return .undefined }
                return Expression(number)
            })
        ad[AttributeName.childRemoteUser] = Expression(users)
        ad[AttributeName.childRemoteOwner] = Expression(users)
        ad[AttributeName.childCurrentRank] = Expression(children.map { _ in Expression(0.0) })
        ad[AttributeName.childAccountingGroup] = Expression(children.map { _ in .undefined })
        ad[AttributeName.childEnteredCurrentState] = Expression(children.map { Expression($0.enteredState) })
        ad[AttributeName.childRetirementTimeRemaining] = Expression(children.map { _ in Expression(0) })
        ad.set(AttributeName.numDynamicSlots, children.count)
        ad.set(AttributeName.numDynamicSlotsTime, Int(parent.dynamicChangedAt))
        if parent.lastDynamic > 0 {
            ad.set(
                AttributeName.lastSlotName, "slot\(parent.number)_\(parent.lastDynamic)@\(configuration.identity.name)")
        }
    }

    /// As recorded from a 25.14.0 startd.
    private static let withinResourceLimits: Expression = {
        var ad = ClassAd()
        ad.setExpression(
            "WithinResourceLimits",
            """
            MY.Cpus > 0 && TARGET.RequestCpus <= MY.Cpus && MY.Memory > 0 && TARGET.RequestMemory <= MY.Memory && \
            MY.Disk > 0 && (TARGET.RequestDisk - ifthenelse(MappingMethod ?: "" != "Copy",ifthenelse(\
            RequestedCatalogs =?= undefined || catalogs =?= undefined,0,sum(evalInEachContext(member(CatalogID,\
            RequestedCatalogIDs) ? CatalogSize : 0,catalogs))),0)) <= MY.Disk && \
            (TARGET.RequestGPUs =?= undefined || MY.GPUs >= TARGET.RequestGPUs)
            """)
        return ad[AttributeName.withinResourceLimits] ?? .undefined
    }()
}
