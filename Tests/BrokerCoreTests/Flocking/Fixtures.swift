import AnnexModel
import BrokerCore
import CEDAR
import ClassAds
import Foundation
import TestSupport
import Testing

/// Ads, annexes and slots that tests of negotiation are made of.
enum Fixture {
    /// The time of the recordings.
    static let now: Int64 = 1_795_387_100

    static func annex(
        _ name: String = "blue", owner: String = "alice@ap.test", guests: Set<String> = [], isOpen: Bool = true
    ) -> OfferingAnnex {
        guard let key = AnnexKey(owner: owner, name: name) else { preconditionFailure("a valid annex key") }
        return OfferingAnnex(id: "\(owner)/\(name)", key: key, guests: guests, isOpen: isOpen)
    }

    static func claim(_ number: Int) -> ClaimID {
        ClaimID.make(sessionID: "<127.0.0.1:35331?addrs=127.0.0.1-35331>#1795387019#\(number)")
    }

    /// A static slot that takes every job, or what `lines` make of it.
    static func slot(
        _ name: String = "slot1@node", of annex: OfferingAnnex = annex(), claim: Int = 1, at receivedAt: Int64 = now,
        lines: [String] = []
    ) throws -> SlotOffer {
        let standard = [
            "Name = \"\(name)\"", "MyAddress = \"<127.0.0.1:35331?addrs=127.0.0.1-35331>\"", "State = \"Unclaimed\"",
            "Cpus = 4", "Memory = 4096", "Disk = 1000000", "Requirements = Start", "Start = true",
        ]
        var privateAd = ClassAd()
        privateAd.set("ClaimId", Self.claim(claim).text)
        return try SlotOffer(
            publicAd: ClassAd(lines: standard + lines), privateAd: privateAd, annex: annex, key: name,
            receivedAt: receivedAt)
    }

    /// A partitionable slot.
    static func partitionable(
        _ name: String = "slot1@node", of annex: OfferingAnnex = annex(), claim: Int = 1, dynamicSlots: Int = 0,
        lines: [String] = []
    ) throws -> SlotOffer {
        let lines = ["PartitionableSlot = true", "NumDynamicSlots = \(dynamicSlots)"] + lines
        return try slot(name, of: annex, claim: claim, lines: lines)
    }

    /// A request for jobs tagged `blue` of alice, or what `lines` make of it.
    static func request(
        _ job: String = "1.0", autocluster: Int = 1, count: Int = 1, lines: [String] = []
    ) throws -> ResourceRequest {
        let ids = job.split(separator: ".")
        let standard = [
            "ClusterId = \(ids[0])", "ProcId = \(ids[1])", "AutoClusterId = \(autocluster)",
            "_condor_RESOURCE_COUNT = \(count)", "User = \"alice@ap.test\"", "Owner = \"alice\"",
            "FlockTarget = \"blue\"", "RequestCpus = 1", "RequestMemory = 100", "RequestDisk = 10240",
            "Requirements = true", "WantMatchDiagnostics = 3",
        ]
        return ResourceRequest(ad: try ClassAd(lines: standard + lines), uidDomain: "ap.test", now: now)
    }

    static let party = Negotiator.Party(schedd: "ap@localhost", submitter: "alice@ap.test")
}

extension RecordedAds {
    /// The partitionable slot, as an offer of `annex`.
    static func partitionableSlot(of annex: OfferingAnnex = Fixture.annex(), adding lines: [String] = []) throws
        -> SlotOffer
    {
        let ads = try RecordedAds()
        var publicAd = ads.publicPartitionable
        publicAd.merge(try ClassAd(lines: lines))
        return try SlotOffer(
            publicAd: publicAd, privateAd: ads.privatePartitionable, annex: annex, key: "slot1@annex1@localhost",
            receivedAt: Fixture.now)
    }
}
