import CEDAR
import ClassAds

/// Groups jobs that no negotiator can tell apart (spec 05, 2.5).
struct AutoClusters: Sendable {
    /// Significant always, whatever negotiators ask for.
    static let minimal = [
        AttributeName.concurrencyLimits, AttributeName.flockTo, AttributeName.rank, AttributeName.requirements,
    ]

    /// Names from negotiators, in the order in which they came.
    private var asked: [String] = []
    private let always: [String]
    private var ids: [String: Int] = [:]
    /// Counts the changes of the significant set; numbers of an older generation are void.
    private(set) var generation = 0

    /// `gateAttributes` are the job attributes that the schedd's gate looks at.
    init(gateAttributes: [String]) {
        always = Self.minimal + gateAttributes
    }

    /// Whether no negotiator ever named an attribute; then there are no autoclusters.
    var isUnconfigured: Bool { asked.isEmpty }

    /// The significant attributes.
    var attributes: [String] { Self.distinct(asked + always) }

    /// Adds what a negotiator names; a changed set makes all groups anew.
    mutating func merge(_ names: [String]) {
        let merged = Self.distinct(asked + names)
        guard merged != asked else { return }
        asked = merged
        ids = [:]
        generation += 1
    }

    /// The group of a job; a new number for a new kind of job.
    mutating func id(of job: ClassAd) -> Int? {
        guard !isUnconfigured else { return nil }
        var names = attributes
        for name in attributes {
            guard let expression = job[name] else { continue }
            names += (job.internalReferences(of: expression) ?? []).sorted()
        }
        let key = Self.distinct(names).map { "\($0.lowercased())=\(job[$0]?.text(.old) ?? "")" }
            .joined(separator: "\n")
        if let known = ids[key] { return known }
        let made = ids.count + 1
        ids[key] = made
        return made
    }

    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0.lowercased()).inserted }
    }
}
