import BrokerCore
import CEDAR
import ClassAds
import Synchronization

/// The broker's own ad: what a collector says of itself.
///
/// Source: spec 04, 10.
struct SelfAd: Sendable {
    let name: String
    let machine: String
    let startedAt: Int64

    /// The ad as of now.
    func ad(address: Sinful, census: Census, figures: ServerFigures, now: Int64) -> ClassAd {
        let slots = census.slots
        var ad: ClassAd = [
            "MyType": "Collector", "Name": Expression(name), "Machine": Expression(machine),
            "MyAddress": Expression(address.description), "CollectorIpAddr": Expression(address.description),
            "CondorVersion": Expression(CondorVersion.ours.text),
            "CondorPlatform": "$CondorPlatform: X86_64-Linux $",
            "MyCurrentTime": Expression(now), "DaemonStartTime": Expression(startedAt),
            "RunningJobs": Expression(census.runningJobs), "IdleJobs": Expression(census.idleJobs),
            "HostsTotal": Expression(census.ads[.slot] ?? 0), "HostsClaimed": Expression(slots["Claimed"] ?? 0),
            "HostsUnclaimed": Expression(slots["Unclaimed"] ?? 0), "HostsOwner": Expression(slots["Owner"] ?? 0),
            "MachineAds": Expression(census.ads[.slot] ?? 0), "SubmitterAds": Expression(census.ads[.submitter] ?? 0),
            "UpdatesTotal": Expression(figures.updates.load(ordering: .relaxed)),
            "QueriesTotal": Expression(figures.queries.load(ordering: .relaxed)),
            "RefusalsTotal": Expression(figures.refusals.load(ordering: .relaxed)),
        ]
        // An address that cannot be written as routes is left out; nobody reads them (spec 06, 1.5).
        if let routes = try? address.routeList() { ad.set("AddressV1", routes) }
        return ad
    }
}
