package import CEDAR
import ClassAds

/// Attributes that occur in negotiation alone (spec 05, 2).
extension AttributeName {
    /// Survives claiming and carries the annex's name; the schedd's gate reads it (spec 05, 5.4).
    package static let negotiatorMatchExprFlockTarget = "NegotiatorMatchExprFlockTarget"
    /// `_condor_RESOURCE_CLUSTER`, the job a match is for.
    package static let resourceCluster = "_condor_RESOURCE_CLUSTER"
    /// `_condor_RESOURCE_PROC`, the job a match is for.
    package static let resourceProc = "_condor_RESOURCE_PROC"
    /// `PreemptDslotClaims`.
    package static let preemptDslotClaims = "PreemptDslotClaims"
    /// `IsOCUHolder`, of requests that are not for a job.
    package static let isOCUHolder = "IsOCUHolder"
    /// `AccountingGroup`.
    package static let accountingGroup = "AccountingGroup"
    /// `WithinResourceLimits`.
    package static let withinResourceLimits = "WithinResourceLimits"
    /// `Draining`, of a slot that takes no new jobs.
    package static let draining = "Draining"
    /// `ScheddsAreSubmitters`, of ads that stand for a whole schedd.
    package static let scheddsAreSubmitters = "ScheddsAreSubmitters"
    /// `JobId`, of a rejection.
    package static let jobID = "JobId"
    /// `Reason`, of a rejection.
    package static let reason = "Reason"
}

extension EvaluationEnvironment {
    /// An evaluation at a given time that does not depend on chance, and is bounded for expressions written by users.
    static func at(_ now: Int64) -> EvaluationEnvironment {
        EvaluationEnvironment(now: now, maximumSteps: 100_000, maximumStringBytes: 1 << 20, random: { 0 })
    }
}
