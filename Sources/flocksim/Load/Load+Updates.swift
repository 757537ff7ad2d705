import CEDAR
import NIOCore

/// Workloads of updates.
extension Load {
    /// Messages that are given to the system at once where one connection brings everything.
    private static let batch = 32

    /// One update of every slot over `width` connections, each of which has a session of its own.
    ///
    /// - Parameter isFresh: whether ``SlotPattern/Instance/mark`` changes too.
    func updates(_ step: String, over width: Int, isFresh: Bool) async throws -> Measurement {
        let ads = try pattern
        number(isFresh: isFresh)
        let (sequence, mark, slots) = (sequence, mark, slots)
        let links = try await open(width)
        let before = try await begin()
        var sent: Set<Int> = []
        var bytes = 0
        var slot = 0
        while slot < slots {
            let size = width == 1 ? min(Self.batch, slots - slot) : 1
            let payloads = (slot..<slot + size).map { slot in
                let isFirst = sent.insert(slot % width).inserted
                return ads.message(
                    .init(slot: slot, sequence: sequence, mark: mark), after: isFirst ? nil : .updateStartdAd)
            }
            bytes += payloads.reduce(0) { $0 + $1.readableBytes }
            try await links[slot % width].send(payloads)
            slot += size
        }
        var measurement = try await end(step, operations: slots, since: before)
        measurement.bytes = bytes
        for link in links { await link.close() }
        try await check(&measurement)
        return measurement
    }

    /// Updates on connections of their own, which nobody answers.
    func singles(_ step: String) async throws -> Measurement {
        let ads = try pattern
        let (target, identity, slots, mark) = (target, credentials[0], slots, mark)
        sequence += 1
        let sequence = sequence
        let session = try await self.session(for: .updateStartdAd)
        let before = try await begin()
        try await each(count) { number in
            let link = try await target.open(.updateStartdAd, as: identity, resuming: session)
            try await link.send([
                ads.message(.init(slot: number % slots, sequence: sequence, mark: mark), after: nil)
            ])
            await link.close()
        }
        return try await end(step, operations: count, since: before)
    }

    /// Updates on connections of their own, acknowledged.
    func acknowledged(_ step: String) async throws -> Measurement {
        let ads = try pattern
        let (target, identity, slots, mark) = (target, credentials[0], slots, mark)
        sequence += 1
        let sequence = sequence
        let session = try await self.session(for: .updateStartdAd)
        let before = try await begin()
        try await each(count) { number in
            let link = try await target.open(.updateStartdAdWithAck, as: identity, resuming: session)
            try await link.send([
                ads.message(.init(slot: number % slots, sequence: sequence, mark: mark), after: nil)
            ])
            var reader = try await link.receive()?.message.reader()
            guard try reader?.readInteger() == 1 else { throw LoadError("an update was not acknowledged") }
            await link.close()
        }
        return try await end(step, operations: count, since: before)
    }

    /// Connections that stay open after one update each, of an ad that is already there: only connections grow.
    func idle(_ step: String) async throws -> Measurement {
        let connections = connections
        for link in try await open(credentials.count) {
            try await link.send([SlotPattern.small])
            await link.close()
        }
        let before = try await begin()
        let links = try await open(connections)
        for link in links { try await link.send([SlotPattern.small]) }
        var measurement = try await end(step, operations: connections, since: before)
        measurement.details["bytesPerConnection"] =
            Double(measurement.residentKiB - measurement.residentBeforeKiB) * 1024 / Double(connections)
        for link in links { await link.close() }
        return measurement
    }

    var pattern: SlotPattern {
        get throws {
            guard let ads else { throw LoadError("no ad") }
            return ads
        }
    }

    private func number(isFresh: Bool) {
        sequence += 1
        if isFresh { mark = sequence }
    }

    /// So many connections for updates, each with a session of its own.
    private func open(_ width: Int) async throws -> [LoadLink] {
        let (target, credentials, parallel) = (target, credentials, parallel)
        return try await withThrowingTaskGroup(of: LoadLink.self) { tasks in
            var links: [LoadLink] = []
            for number in 0..<width {
                if number >= parallel, let link = try await tasks.next() { links.append(link) }
                tasks.addTask {
                    try await target.open(.updateStartdAd, as: credentials[number % credentials.count])
                }
            }
            for try await link in tasks { links.append(link) }
            return links
        }
    }

    /// Whether a query sees every slot as it was sent last.
    private func check(_ measurement: inout Measurement) async throws {
        let answer = try await ask(.arrived(mark: mark, sequence: sequence))
        measurement.results = answer.ads
        if answer.ads != slots {
            measurement.isRight = false
            measurement.complaint = "\(answer.ads) of \(slots) slots have arrived"
        }
    }
}
