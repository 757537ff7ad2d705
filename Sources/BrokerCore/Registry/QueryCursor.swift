import CEDAR
package import ClassAds

/// One ad of an answer.
package struct QueryAnswer: Sendable {
    /// What everybody may see.
    package let ad: ClassAd
    /// What only this reader may see; to be sent on an encrypted stream to a peer of version 9.9 or later, or not at all.
    package let secrets: PrivateAd?
}

/// The answer to a query, worked out in steps, so that an event loop can do other things between them.
///
/// Holds the ads as they were when the query came; later changes do not show. No lock is held between or during steps.
package struct QueryCursor: Sendable {
    private struct Part {
        var records: [AdRecord]
        var query: AdQuery.Part
    }

    private var parts: [Part]
    private var limit: Int
    private var position = (part: 0, record: 0, answers: 0)
    private let reader: QueryReader
    private let wantsSecrets: Bool
    private let environment: EvaluationEnvironment

    /// Whether there is nothing more to come.
    package private(set) var isFinished = false

    /// Looks at up to `count` ads and returns the answers among them; ``isFinished`` tells whether to go on.
    package mutating func next(examining count: Int) -> [QueryAnswer] {
        var answers: [QueryAnswer] = []
        for _ in 0..<count {
            guard let record = advance() else {
                isFinished = true
                break
            }
            let query = parts[position.part].query
            guard matches(record, query.condition) else { continue }
            answers.append(answer(record, query))
            position.answers += 1
            limit -= 1
        }
        if limit == 0 { isFinished = true }
        return answers
    }

    /// All answers at once, for small tables and tests.
    package mutating func all() -> [QueryAnswer] {
        var answers: [QueryAnswer] = []
        while !isFinished { answers += next(examining: 1024) }
        return answers
    }

    /// The next ad to look at, or `nil` at the end or when the limits are reached.
    private mutating func advance() -> AdRecord? {
        guard limit > 0 else { return nil }
        while position.part < parts.count {
            let part = parts[position.part]
            if position.record < part.records.count, position.answers < part.query.limit ?? .max {
                defer { position.record += 1 }
                return part.records[position.record]
            }
            position = (position.part + 1, 0, 0)
        }
        return nil
    }

    private func matches(_ record: AdRecord, _ condition: Expression?) -> Bool {
        guard let condition else { return true }
        if let literal = condition.literal { return literal.isTrue }
        return record.publicAd.evaluate(condition, in: environment).isTrue
    }

    private func answer(_ record: AdRecord, _ query: AdQuery.Part) -> QueryAnswer {
        QueryAnswer(
            ad: query.projection.apply(to: record.publicAd, in: environment), secrets: secrets(of: record, query))
    }

    /// The administration capability, for those who may have it and ask for it.
    ///
    /// Asking is `SendPrivateAttributes` and a projection that lets it through. Masters are given whole with it even
    /// without that: so `htcondor annex shutdown` works for the annex's owner (spec 04, 11.6).
    private func secrets(of record: AdRecord, _ query: AdQuery.Part) -> PrivateAd? {
        guard reader.mayAdminister(record), let secrets = record.secrets?.administrationOnly else { return nil }
        let isAsked =
            wantsSecrets
            ? query.projection.wants(AttributeName.remoteAdminCapability, of: record.publicAd, in: environment)
            : query.table == .master && query.projection.isWhole
        return isAsked ? secrets : nil
    }
}

extension Registry {
    /// Begins to answer a query (spec 04, 8).
    package func query(
        _ query: AdQuery, for reader: QueryReader, now: Int64
    ) throws(QueryRefusal) -> QueryCursor {
        let environment = EvaluationEnvironment(now: now, maximumSteps: limits.stepsPerEvaluation)
        let parts = try query.parts(genericTables: genericTables, in: environment)
        return QueryCursor(
            query, parts, snapshot(parts.map(\.table), now: now), reader: reader, environment: environment)
    }
}

extension QueryCursor {
    fileprivate init(
        _ query: AdQuery, _ parts: [AdQuery.Part], _ records: [[AdRecord]], reader: QueryReader,
        environment: EvaluationEnvironment
    ) {
        self.parts = zip(records, parts).map { Part(records: $0, query: $1) }
        limit = query.limit(in: environment) ?? .max
        self.reader = reader
        wantsSecrets = query.ad.boolean(AttributeName.sendPrivateAttributes, in: environment) ?? false
        self.environment = environment
    }
}
