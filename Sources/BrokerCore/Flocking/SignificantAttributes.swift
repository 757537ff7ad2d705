import ClassAds
import CEDAR

/// The job attributes by which a schedd must tell jobs apart for our slots (spec 05, 2.5).
///
/// A changed list makes the schedd compute all its autoclusters anew, so the list only grows,
/// keeps its order, and takes a bounded number of names from slots, whose expressions are
/// written by users.
package struct SignificantAttributes: Sendable {
    /// Always part of the list.
    package static let always = [
        AttributeName.user, AttributeName.owner, AttributeName.flockTarget, AttributeName.flockTo,
        AttributeName.targetAnnexName, AttributeName.accountingGroup, AttributeName.jobUniverse,
        AttributeName.requestCpus, AttributeName.requestMemory, AttributeName.requestDisk, AttributeName.requestGPUs,
        AttributeName.concurrencyLimits,
    ]

    /// The largest number of names that the slots of one annex add.
    package static let maximumPerAnnex = 64
    /// The largest number of names altogether.
    package static let maximumCount = 512
    /// The longest name.
    package static let maximumNameLength = 128

    /// The attributes of slots whose references count.
    private static let sources = [
        AttributeName.requirements, AttributeName.start, AttributeName.withinResourceLimits, AttributeName.rank,
        AttributeName.slotWeight,
    ]

    /// Names that are in every request, or that only the home negotiator knows (spec 07, 13.3).
    private static let never = Set(
        [
            "ClusterId", "ProcId", "GlobalJobId", "AutoClusterId", "CurrentTime", "LastHeardFrom", "RemoteUser",
            "RemoteOwner", "RemoteUserFloor", "RemoteUserPrio", "RemoteUserResourcesInUse",
            "RemoteGroupResourcesInUse", "SubmittorPrio", "SubmitterUserPrio", "SubmitterUserResourcesInUse",
            "SubmitterGroupResourcesInUse", "TotalJobRunTime", "MachineLastMatchTime", "JobCurrentStartDate",
            "JobState", "Mips", "KFlops", "SlotID", "DSlotID", "PartitionableSlot", "DynamicSlot", "Offline",
            "PelicanPluginVersion",
        ].map { $0.lowercased() })

    /// The names, the fixed ones first, the others in the order in which they were first needed.
    package private(set) var names = always
    private var known = Set(always.map { $0.lowercased() })
    private var addedPerAnnex: [String: Int] = [:]

    package init() {}

    /// The list as it stands in a header.
    package var text: String { names.joined(separator: ",") }

    /// Adds what the expressions of a slot refer to in a job; returns whether the list grew.
    @discardableResult
    package mutating func include(_ slot: SlotOffer) -> Bool {
        var grew = false
        for source in Self.sources {
            guard let expression = slot.publicAd[source] else { continue }
            let references = slot.publicAd.externalReferences(of: expression) ?? []
            for name in references.sorted(by: { $0.lowercased() < $1.lowercased() }) where add(name, for: slot.annex.id)
            {
                grew = true
            }
        }
        return grew
    }

    private mutating func add(_ name: String, for annexID: String) -> Bool {
        let key = name.lowercased()
        guard Self.isName(name), !Self.never.contains(key), names.count < Self.maximumCount,
            addedPerAnnex[annexID, default: 0] < Self.maximumPerAnnex, known.insert(key).inserted
        else { return false }
        addedPerAnnex[annexID, default: 0] += 1
        names.append(name)
        return true
    }

    /// A letter or `_`, then letters, digits and `_`: what cannot break the list.
    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.count <= maximumNameLength
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

/// The significant attributes for a set of slots.
package func significantAttributes(_ slots: [SlotOffer]) -> [String] {
    var attributes = SignificantAttributes()
    for slot in slots { attributes.include(slot) }
    return attributes.names
}
