package import ClassAds
import AnnexModel
import CEDAR

/// What a schedd asks for in one `JOB_INFO`: slots for the jobs of one autocluster (spec 05, 2.5).
package struct ResourceRequest: Sendable {
    /// The part of the job's ad that the schedd sent.
    package let ad: ClassAd
    /// The named job.
    package let cluster: Int64
    /// The named job; negative if this is not a job.
    package let proc: Int64
    /// The schedd's number for the group of equal jobs.
    package let autocluster: Int64
    /// How many of them want a slot; at least 1.
    package let count: Int
    /// The job's user, `alice@uid.domain`; `nil` if the ad does not say it in that form.
    package let user: String?
    /// The annex the job asks for, `nil` if it asks for none.
    package let tag: String?
    /// `JobUniverse`, if sent.
    package let universe: Int64?
    /// Whether the job counts against limits that the home negotiator keeps.
    package let hasConcurrencyLimits: Bool
    /// Bits of `WantMatchDiagnostics`: how a rejection is written.
    package let diagnostics: Int64
    /// Whether it asks for a slot without a job (spec 05, 2.5).
    private let isHolder: Bool

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - uidDomain: the schedd's `UID_DOMAIN`, for an ad that has only `Owner`.
    ///   - now: the time at which expressions are evaluated.
    package init(ad: ClassAd, uidDomain: String, now: Int64) {
        let environment = EvaluationEnvironment.at(now)
        self.ad = ad
        cluster = ad.integer(AttributeName.clusterID, in: environment) ?? -1
        proc = ad.integer(AttributeName.procID, in: environment) ?? -1
        autocluster = ad.integer(AttributeName.autoClusterID, in: environment) ?? -1
        count = Int(clamping: max(1, ad.integer(AttributeName.resourceCount, in: environment) ?? 1))
        universe = ad.integer(AttributeName.jobUniverse, in: environment)
        diagnostics = ad.integer(AttributeName.wantMatchDiagnostics, in: environment) ?? 0
        isHolder = ad.boolean(AttributeName.isOCUHolder, in: environment) == true
        user = Self.user(of: ad, uidDomain: uidDomain, in: environment)
        tag = Self.tag(of: ad, in: environment)
        hasConcurrencyLimits =
            switch ad.evaluate(AttributeName.concurrencyLimits, in: environment) {
            case .undefined:
                ad.contains(AttributeName.concurrencyLimits) && ad[AttributeName.concurrencyLimits]?.literal == nil
            case .string(let limits): !limits.isEmpty
            default: true
            }
    }

    /// `cluster.proc`.
    package var jobID: String { "\(cluster).\(proc)" }

    /// Whether it is for a job at all: "OCU" holders have a negative proc (spec 05, 2.5 and 5.3, path 13).
    package var isJob: Bool { proc >= 0 && cluster >= 0 && !isHolder }

    /// Universes without a shadow, which the schedd's gate does not see, and parallel (spec 05, 5.5).
    package static let refusedUniverses: Set<Int64> = [7, 9, 11, 12]

    /// `User`, else `Owner` in the given domain.
    private static func user(of ad: ClassAd, uidDomain: String, in environment: EvaluationEnvironment) -> String? {
        let full = ad.string(AttributeName.user, in: environment)
        let user = full ?? ad.string(AttributeName.owner, in: environment).map { "\($0)@\(uidDomain)" }
        guard let user, AnnexKey.isValidOwner(user) else { return nil }
        return user
    }

    /// The tag, evaluated in the job alone; anything but a string that can name an annex is none.
    private static func tag(of ad: ClassAd, in environment: EvaluationEnvironment) -> String? {
        var value = ad.evaluate(AttributeName.flockTarget, in: environment)
        if value.isUndefined { value = ad.evaluate(AttributeName.targetAnnexName, in: environment) }
        guard let name = value.stringValue, AnnexKey.isValidName(name) else { return nil }
        return name
    }
}
