import ArgumentParser
import ClassAds
import FlockSimCore
import Foundation

/// The jobs of a simulated schedd, as a JSON array of objects.
struct JobFile: Decodable {
    /// One submission; only `owner` is needed.
    struct Entry: Decodable {
        var owner: String
        var count: Int?
        /// Seconds.
        var duration: Double?
        var flockTarget: String?
        var targetAnnexName: String?
        var flockTo: String?
        var submitter: String?
        var cpus: Int64?
        /// MiB.
        var memory: Int64?
        /// KiB.
        var disk: Int64?
        var priority: Int?
        /// An expression.
        var requirements: String?
        /// Further attributes of the job ad; the values are expressions.
        var attributes: [String: String]?
    }

    var entries: [Entry]

    init(from decoder: any Decoder) throws {
        entries = try [Entry](from: decoder)
    }

    /// Reads a file.
    static func jobs(in path: String) throws -> [JobDescription] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return try JSONDecoder().decode(JobFile.self, from: data).entries.map { try $0.description }
    }
}

extension JobFile.Entry {
    fileprivate var description: JobDescription {
        get throws {
            var extra = ClassAd()
            for (name, text) in attributes ?? [:] { extra[name] = try Self.expression(text, name) }
            return JobDescription(
                owner: owner, count: count ?? 1, duration: duration ?? 1, flockTarget: flockTarget,
                targetAnnexName: targetAnnexName, flockTo: flockTo, submitter: submitter,
                request: SlotResources(cpus: cpus ?? 1, memory: memory ?? 100, disk: disk ?? 10_240),
                priority: priority ?? 0, requirements: try requirements.map { try Self.expression($0, "requirements") },
                attributes: extra)
        }
    }

    private static func expression(_ text: String, _ name: String) throws -> ClassAds.Expression {
        do {
            return try ClassAds.Expression(parsing: text, syntax: .old)
        } catch {
            throw ValidationError("\(name) of a job is not an expression: \(error)")
        }
    }
}
