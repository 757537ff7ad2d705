package import CEDAR
package import ClassAds

/// What a submitter ad says that negotiation needs (spec 05, 1.5).
package struct SubmitterRecord: Sendable {
    /// `Name`: goes back to the schedd as `Owner` of the header; proves nothing about jobs.
    package let name: String
    /// `ScheddName`.
    package let scheddName: String
    /// `ScheddIpAddr`, else `MyAddress`.
    package let address: Sinful
    /// `SubmitterTag`; empty in home mode.
    package let tag: String
    /// The session for negotiating with this schedd, if it gave one: a secret.
    package let capability: ClaimID?
    /// Jobs that want a slot; only a hint.
    package let idleJobs: Int64
    /// Counters whose change means that the queue changed.
    package let counters: [Int64]

    /// Reads a submitter ad with its private attributes; `nil` for ads that are not to be negotiated for.
    ///
    /// Left out are the names that stand for a whole schedd (`SCHEDDS_ARE_SUBMITTERS`) and the
    /// dedicated scheduler of the parallel universe (spec 05, 1.5 and 5.3, path 14).
    package init?(_ ad: ClassAd, now: Int64) {
        let environment = EvaluationEnvironment.at(now)
        guard let name = ad.string(AttributeName.name, in: environment), !name.isEmpty,
            let scheddName = ad.string(AttributeName.scheddName, in: environment), !scheddName.isEmpty,
            !Self.standsForASchedd(name), ad.boolean(AttributeName.scheddsAreSubmitters, in: environment) != true
        else { return nil }
        let addresses = [AttributeName.scheddIpAddr, AttributeName.myAddress]
        guard let address = addresses.lazy.compactMap({ ad.string($0, in: environment).flatMap(Sinful.init) }).first
        else { return nil }
        self.name = name
        self.scheddName = scheddName
        self.address = address
        tag = ad.string(AttributeName.submitterTag, in: environment) ?? ""
        capability = ad.string(AttributeName.capability, in: environment).flatMap(ClaimID.init)
        idleJobs = ad.integer(AttributeName.idleJobs, in: environment) ?? 0
        counters = [
            AttributeName.idleJobs, AttributeName.runningJobs, AttributeName.heldJobs, AttributeName.flockedJobs,
            AttributeName.weightedIdleJobs,
        ].map { ad.integer($0, in: environment) ?? 0 }
    }

    private static func standsForASchedd(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix("allsubmittersat") || name.hasPrefix("dedicatedscheduler@")
    }
}
