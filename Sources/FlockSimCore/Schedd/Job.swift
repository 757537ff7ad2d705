import CEDAR
package import ClassAds

/// `cluster.proc`.
package struct JobID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// `ClusterId`.
    package var cluster: Int
    /// `ProcId`.
    package var proc: Int

    /// The job of this number.
    package init(cluster: Int, proc: Int) {
        self.cluster = cluster
        self.proc = proc
    }

    package var description: String { "\(cluster).\(proc)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.cluster, left.proc) < (right.cluster, right.proc)
    }
}

/// One submission: equal jobs of one user.
package struct JobDescription: Sendable {
    /// Account name.
    package var owner: String
    /// How many.
    package var count: Int
    /// How long each runs; seconds.
    package var duration: Double
    /// `FlockTarget`.
    package var flockTarget: String?
    /// `TargetAnnexName`.
    package var targetAnnexName: String?
    /// `FlockTo`.
    package var flockTo: String?
    /// Submitter name without domain, if it is not the owner (`accounting_group_user`).
    package var submitter: String?
    /// What each asks for.
    package var request: SlotResources
    /// `JobPrio`.
    package var priority: Int
    /// `Requirements`, if not the usual ones.
    package var requirements: Expression?
    /// Further attributes, which replace those made from the other fields.
    package var attributes: ClassAd

    /// A submission; everything but the owner has a default.
    package init(
        owner: String, count: Int = 1, duration: Double = 1, flockTarget: String? = nil,
        targetAnnexName: String? = nil, flockTo: String? = nil, submitter: String? = nil,
        request: SlotResources = SlotResources(cpus: 1, memory: 100, disk: 10240), priority: Int = 0,
        requirements: Expression? = nil, attributes: ClassAd = ClassAd()
    ) {
        self.owner = owner
        self.count = count
        self.duration = duration
        self.flockTarget = flockTarget
        self.targetAnnexName = targetAnnexName
        self.flockTo = flockTo
        self.submitter = submitter
        self.request = request
        self.priority = priority
        self.requirements = requirements
        self.attributes = attributes
    }
}

/// A job in the queue of a simulated schedd.
struct Job: Sendable {
    enum Status: Sendable, Equatable {
        case idle
        /// A match record has it; by the claim's session id.
        case matched(String)
        case running(String)
        case completed
    }

    let id: JobID
    /// `alice@uid.domain`: the name of the owner's record.
    let user: String
    /// Name under which the schedd advertises and negotiates.
    let submitter: String
    let duration: Double
    var ad: ClassAd
    var status = Status.idle
    /// Its autocluster, as of a generation of significant attributes.
    var autoCluster: (generation: Int, id: Int?)?

    /// Runnable and without a match.
    var isWaiting: Bool { status == .idle }
    var flockTo: String? { ad.string(AttributeName.flockTo) }

    init(_ description: JobDescription, id: JobID, schedd: ScheddConfiguration, submittedAt: Int64) {
        self.id = id
        user = "\(description.owner)@\(schedd.uidDomain)"
        submitter = "\(description.submitter ?? description.owner)@\(schedd.uidDomain)"
        duration = description.duration
        var ad = RecordedShape.job.ad
        ad.set(AttributeName.clusterID, id.cluster)
        ad.set(AttributeName.procID, id.proc)
        ad.set(AttributeName.globalJobID, "\(schedd.identity.name)#\(id)#\(submittedAt)")
        ad.set(AttributeName.queueDate, Int(submittedAt))
        ad.set(AttributeName.enteredCurrentStatus, Int(submittedAt))
        ad.set(AttributeName.owner, description.owner)
        ad.set(AttributeName.osUser, description.owner)
        ad.set(AttributeName.user, user)
        ad.set(AttributeName.jobPrio, description.priority)
        ad.set(AttributeName.totalSubmitProcs, description.count)
        ad.set(AttributeName.requestCpus, Int(description.request.cpus))
        ad.set(AttributeName.requestMemory, Int(description.request.memory))
        ad.set(AttributeName.requestDisk, Int(description.request.disk))
        if let requirements = description.requirements { ad[AttributeName.requirements] = requirements }
        if let submitter = description.submitter { ad.set(AttributeName.acctGroupUser, submitter) }
        if let tag = description.flockTarget { ad.set(AttributeName.flockTarget, tag) }
        if let annex = description.targetAnnexName { ad.set(AttributeName.targetAnnexName, annex) }
        if let flockTo = description.flockTo { ad.set(AttributeName.flockTo, flockTo) }
        ad.merge(description.attributes)
        self.ad = ad
    }
}
