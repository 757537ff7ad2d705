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
        ad.set("_condor_PrivRemoteAdminCapability", adminSessions.capability(now: now).capability.text)
        configuration.identity.publishUpdate(into: &ad, sequence: sequence.next("StartD"))
        return CollectorUpdate(.updateStartdAd, [ad])
    }

    private mutating func slotUpdate(_ index: Int, now: Int64) -> CollectorUpdate {
        let number = sequence.next(slotName(index))
        var ad = publicAd(of: index, now: now)
        ad.set("_condor_PrivRemoteAdminCapability", adminSessions.capability(now: now).capability.text)
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
        ad.set("MyType", "StartD")
        ad.set("Name", configuration.identity.name)
        publishMachine(into: &ad, now: now)
        let used = slots.reduce(SlotResources(cpus: 0, memory: 0, disk: 0)) {
            $1.claim == nil ? $0 : $0 + $1.total
        }
        ad.set("TotalInUseCpus", Double(used.cpus))
        ad.set("TotalInUseMemory", Int(used.memory))
        ad.set("TotalInUseDisk", Int(used.disk))
        ad.merge(configuration.attributes)
        return ad
    }

    /// The ad of a slot as it is sent to a collector, without what is private.
    func publicAd(of index: Int, now: Int64) -> ClassAd {
        let slot = slots[index]
        var ad = slotAd(slot, now: now)
        ad.set("Rank", 0.0)
        ad.setExpression("Start", configuration.start)
        ad.set("MaxJobRetirementTime", 0)
        if slot.kind == .partitionable { publishChildren(of: slot, into: &ad) }
        guard let claim = slot.claim else { return ad }
        publishClaim(claim, into: &ad)
        ad.set("PublicClaimId", claim.id.publicForm)
        ad.set("ClaimEndTime", 0)
        for name in ["JobUniverse", "DiskUsage", "ImageSize", "ExecutableSize"] { ad.copy(name, from: claim.job) }
        guard let run = claim.run else { return ad }
        ad.set("JobId", run.job.jobID)
        for name in ["GlobalJobId", "JobUniverse", "AccountingGroup"] { ad.copy(name, from: run.job) }
        ad.set("JobStart", Int(run.startedAt))
        for name in ["TotalJobRunTime", "TotalClaimRunTime", "TotalTimeClaimedBusy"] {
            ad.set(name, Int(now - run.startedAt))
        }
        ad.set("CpusUsage", 0.0)
        ad.set("StarterPid", 30_000 + slot.activations)
        return ad
    }

    /// The ad in the answer to `REQUEST_CLAIM`: no `Rank`, no claim id, but the startd's policies (spec 05, 3.3).
    func claimedAd(of index: Int, now: Int64) -> ClassAd {
        let slot = slots[index]
        var ad = slotAd(slot, now: now)
        ad.merge(RecordedShape.claimedSlot.ad)
        ad.setExpression("START", configuration.start)
        if case .dynamic = slot.kind { ad.set("TotalTimeOwnerIdle", 0) }
        if let claim = slot.claim { publishClaim(claim, into: &ad) }
        return ad
    }

    /// The private half of a slot's update (spec 05, 3.2).
    func privateAd(of index: Int) -> ClassAd {
        let slot = slots[index]
        var ad = ClassAd()
        ad.set("MyType", "Machine")
        ad.set("MyAddress", configuration.identity.address)
        ad.set("ClaimId", slot.offered.text)
        guard slot.kind == .partitionable else { return ad }
        let children = self.children(of: slot)
        ad["ChildClaimIds"] = Expression(children.map { Expression($0.offered.text) })
        ad.set("NumDynamicSlots", children.count)
        return ad
    }

    /// What all ads of a slot have in common.
    private func slotAd(_ slot: Slot, now: Int64) -> ClassAd {
        var ad = RecordedShape.slot.ad
        publishMachine(into: &ad, now: now)
        ad.set("Name", slot.name(at: configuration.identity.name))
        ad.setExpression("Requirements", "Start && WithinResourceLimits")
        ad["WithinResourceLimits"] = Self.withinResourceLimits
        ad.set("SlotID", slot.number)
        ad.set("Cpus", Int(slot.free.cpus))
        ad.set("Memory", Int(slot.free.memory))
        ad.set("Disk", Int(slot.free.disk))
        ad.set("GPUs", 0)
        ad.set("TotalSlotCpus", Int(slot.total.cpus))
        ad.set("TotalSlotMemory", Int(slot.total.memory))
        ad.set("TotalSlotDisk", Double(slot.total.disk))
        ad.set("State", slot.state)
        ad.set("Activity", slot.activity)
        ad.set("EnteredCurrentState", Int(slot.enteredState))
        ad.set("EnteredCurrentActivity", Int(slot.enteredActivity))
        ad.set("CurrentRank", 0.0)
        publishCounters(of: [slot], into: &ad)
        switch slot.kind {
        case .partitionable:
            ad.set("SlotType", "Partitionable")
            ad.set("SlotTypeID", 0)
            ad.set("PartitionableSlot", true)
            ad.set("PslotRollupInformation", true)
            ad.set("TotalTimeUnclaimedIdle", Int(now - slot.enteredState))
        case .dynamic(let child):
            ad.set("SlotType", "Dynamic")
            ad.set("SlotTypeID", 0)
            ad.set("DynamicSlot", true)
            ad.set("DSlotId", child)
            ad.set("ParentSlotId", slot.number)
            ad.set("IsSplittable", true)
            ad.set("PslotRollupInformation", true)
        case .fixed:
            ad.set("SlotType", "Static")
            ad.set("SlotTypeID", 1)
            ad.set("TotalTimeUnclaimedIdle", Int(now - slot.enteredState))
        }
        ad.merge(configuration.attributes)
        return ad
    }

    private func publishMachine(into ad: inout ClassAd, now: Int64) {
        let resources = configuration.resources
        configuration.identity.publish(into: &ad, now: now)
        ad.set("StartdIpAddr", configuration.identity.address)
        ad.set("MonitorSelfTime", Int(configuration.identity.startTime))
        ad.set("UtsnameNodename", configuration.identity.machine)
        ad.set("UidDomain", configuration.uidDomain)
        ad.set("FileSystemDomain", configuration.uidDomain)
        ad.set("COLLECTOR_HOST_STRING", configuration.collectorHost)
        ad.set("TotalCpus", Double(resources.cpus))
        ad.set("TotalMemory", Int(resources.memory))
        ad.set("TotalDisk", Int(resources.disk))
        ad.set("DetectedCpus", Int(resources.cpus))
        ad.set("DetectedMemory", Int(resources.memory))
        ad.set("TotalSlots", slots.count)
        ad.set("ExpectedMachineQuickDrainingCompletion", Int(configuration.identity.startTime))
        ad.set("ExpectedMachineGracefulDrainingCompletion", Int(configuration.identity.startTime))
        publishCounters(of: slots, into: &ad)
    }

    private func publishCounters(of slots: [Slot], into ad: inout ClassAd) {
        let claims = slots.reduce(0) { $0 + $1.claimRequests }
        let activations = slots.reduce(0) { $0 + $1.activations }
        for prefix in ["", "Recent"] {
            ad.set("\(prefix)ClaimRequests", claims)
            ad.set("\(prefix)ActivationRequests", activations)
            ad.set("\(prefix)JobStarts", activations)
        }
    }

    private func publishClaim(_ claim: Slot.Claim, into ad: inout ClassAd) {
        let job = claim.run?.job ?? claim.job
        if let user = job["User"] {
            ad["RemoteOwner"] = user
            ad["RemoteUser"] = user
        }
        ad.copy("RemoteNegotiatingGroup", from: claim.job)
        ad.set("RemoteAutoregroup", claim.job.boolean("RemoteAutoregroup") ?? false)
        if let schedd = claim.job["ScheddName"] { ad["RemoteScheddName"] = schedd }
        ad.set("ClientMachine", claim.clientMachine)
    }

    private func children(of parent: Slot) -> [Slot] {
        slots.filter {
            guard case .dynamic = $0.kind else { return false }
            return $0.number == parent.number
        }
    }

    private func publishChildren(of parent: Slot, into ad: inout ClassAd) {
        let children = self.children(of: parent)
        let users = children.map { $0.claim?.job["User"] ?? .undefined }
        ad["ChildName"] = Expression(children.map { Expression($0.name(at: configuration.identity.name)) })
        ad["ChildCpus"] = Expression(children.map { Expression($0.total.cpus) })
        ad["ChildMemory"] = Expression(children.map { Expression($0.total.memory) })
        ad["ChildDisk"] = Expression(children.map { Expression($0.total.disk) })
        ad["ChildGPUs"] = Expression(children.map { _ in Expression(0) })
        ad["ChildState"] = Expression(children.map { Expression($0.state) })
        ad["ChildActivity"] = Expression(children.map { Expression($0.activity) })
        ad["ChildDSlotId"] = Expression(
            children.map {
                guard case .dynamic(let number) = $0.kind else { return .undefined }
                return Expression(number)
            })
        ad["ChildRemoteUser"] = Expression(users)
        ad["ChildRemoteOwner"] = Expression(users)
        ad["ChildCurrentRank"] = Expression(children.map { _ in Expression(0.0) })
        ad["ChildAccountingGroup"] = Expression(children.map { _ in .undefined })
        ad["ChildEnteredCurrentState"] = Expression(children.map { Expression($0.enteredState) })
        ad["ChildRetirementTimeRemaining"] = Expression(children.map { _ in Expression(0) })
        ad.set("NumDynamicSlots", children.count)
        ad.set("NumDynamicSlotsTime", Int(parent.dynamicChangedAt))
        if parent.lastDynamic > 0 {
            ad.set("LastSlotName", "slot\(parent.number)_\(parent.lastDynamic)@\(configuration.identity.name)")
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
        return ad["WithinResourceLimits"] ?? .undefined
    }()
}
