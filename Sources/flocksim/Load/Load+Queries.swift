import CEDAR
import ClassAds
import NIOCore

/// A question about slots.
struct SlotQuery: Sendable {
    /// A constraint; every slot if there is none.
    var constraint: String?
    /// The attributes; all if there are none.
    var projection: String?
    /// The most ads of an answer.
    var limit: Int64?
    /// Whether only an address is wanted.
    var isLocation = false

    static let five = "Name State Cpus Memory Activity"
    static let whole = SlotQuery()
    static let projected = SlotQuery(projection: five)
    static let fewWhole = SlotQuery(constraint: "State == \"Unclaimed\"")
    static let fewProjected = SlotQuery(constraint: "State == \"Unclaimed\"", projection: five)
    static let none = SlotQuery(constraint: "Name == \"x\"", projection: "Name", limit: 1)

    static func byName(_ slot: Int) -> SlotQuery {
        SlotQuery(constraint: "Name == \"\(SlotPattern.name(of: slot))\"")
    }

    static func location(of slot: Int) -> SlotQuery {
        SlotQuery(
            constraint: "Name == \"\(SlotPattern.name(of: slot))\"",
            projection: "AddressV1 CondorPlatform CondorVersion Machine MyAddress Name", limit: 1, isLocation: true)
    }

    static func arrived(mark: Int, sequence: Int) -> SlotQuery {
        SlotQuery(constraint: "BenchSeq == \(mark) && UpdateSequenceNumber == \(sequence)", projection: "Name")
    }

    static func visible(_ slot: Int, since sequence: Int) -> SlotQuery {
        SlotQuery(
            constraint: "Name == \"\(SlotPattern.name(of: slot))\" && UpdateSequenceNumber >= \(sequence)",
            projection: "Name", limit: 1)
    }

    /// The ad of the query (spec 04, 8).
    var message: ByteBuffer {
        get throws {
            var ad = ClassAd()
            ad.set(AttributeName.myType, "Query")
            ad.set(AttributeName.targetType, "Machine")
            if let constraint {
                ad[AttributeName.requirements] = try Expression(parsing: constraint, syntax: .old)
            }
            if let projection { ad.set(AttributeName.projection, projection) }
            if let limit { ad.set(AttributeName.limitResults, limit) }
            if isLocation { ad.set(AttributeName.locationQuery, "flocksim") }
            var writer = MessageWriter(encrypted: true)
            writer.write(ad)
            return writer.payload
        }
    }
}

/// What came back.
struct SlotAnswer: Sendable {
    var ads: Int
    var bytes: Int
    /// Seconds until the first byte.
    var firstByte: Double
    /// Seconds until the last one.
    var duration: Double
}

/// Workloads of queries.
extension Load {
    /// Asks once, on a connection of its own.
    func ask(_ query: SlotQuery) async throws -> SlotAnswer {
        try await Self.ask(query, over: try await resumed(.queryStartdAds))
    }

    static func ask(_ query: SlotQuery, over link: LoadLink) async throws -> SlotAnswer {
        let began = ContinuousClock.now
        try await link.send([try query.message])
        var answer = SlotAnswer(ads: 0, bytes: 0, firstByte: 0, duration: 0)
        while let part = try await link.receive() {
            if answer.bytes == 0 { answer.firstByte = (part.firstByte - began).seconds }
            answer.bytes += part.message.payload.readableBytes
            answer.duration = (ContinuousClock.now - began).seconds
            if try count(part.message, into: &answer) { break }
        }
        await link.close()
        return answer
    }

    /// Counts the ads of a part of an answer without taking them in; whether the answer ends with it (spec 04, 8.2).
    private static func count(_ message: InboundMessage, into answer: inout SlotAnswer) throws -> Bool {
        var rest = message.payload
        while rest.readableBytes > 0 {
            guard try integer(&rest) != 0 else { return true }
            for _ in 0..<(try integer(&rest) + 2) {
                guard let length = Int(exactly: try integer(&rest)), length >= 0, length <= rest.readableBytes else {
                    throw LoadError("an answer that is no list of ads")
                }
                rest.moveReaderIndex(forwardBy: length)
            }
            answer.ads += 1
        }
        return false
    }

    private static func integer(_ rest: inout ByteBuffer) throws -> Int64 {
        guard let value: Int64 = rest.readInteger() else { throw LoadError("an answer that ends within a number") }
        return value
    }

    /// One question several times, one after the other.
    func query(_ step: String, _ query: SlotQuery, times: Int) async throws -> Measurement {
        _ = try await session(for: .queryStartdAds)
        var answers: [SlotAnswer] = []
        let before = try await begin()
        for _ in 0..<times { answers.append(try await ask(query)) }
        var measurement = try await end(step, operations: times, since: before)
        measurement.results = answers.map(\.ads).max()
        measurement.bytes = answers.map(\.bytes).max()
        measurement.firstByte = answers.map(\.firstByte).quantile(0.5)
        measurement.details["median"] = answers.map(\.duration).quantile(0.5)
        if Set(answers.map(\.ads)).count != 1 {
            measurement.isRight = false
            measurement.complaint = "answers differ"
        }
        return measurement
    }

    /// Location queries, each on a connection of its own.
    func locates(_ step: String) async throws -> Measurement {
        let session = try await self.session(for: .queryStartdAds)
        let (target, identity, slots) = (target, credentials[0], slots)
        let before = try await begin()
        try await each(count) { number in
            let link = try await target.open(.queryStartdAds, as: identity, resuming: session)
            let answer = try await Self.ask(.location(of: number &* 7919 % slots), over: link)
            guard answer.ads == 1 else { throw LoadError("\(answer.ads) answers to a location query") }
        }
        return try await end(step, operations: count, since: before)
    }
}
