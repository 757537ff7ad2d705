import CEDAR
import NIOCore

/// Workloads in which updates and queries meet, and such of large messages.
extension Load {
    /// Updates at a fixed rate, perhaps while somebody asks the same question again and again.
    ///
    /// Latency counts from the moment at which an update was due, not from that at which it was sent, so that a stalled
    /// server is not spared.
    func mixed(_ step: String, besides query: SlotQuery?) async throws -> Measurement {
        let ads = try pattern
        let link = try await resumed(.updateStartdAd)
        let session = try await self.session(for: .queryStartdAds)
        let (target, identity, slots, mark, rate) = (target, credentials[0], slots, mark, rate)
        let first = sequence + 1
        let total = rate * seconds
        sequence += total / slots + 1
        let before = try await begin()
        let asker = query.map { query in
            Task {
                var durations: [Double] = []
                while !Task.isCancelled {
                    let link = try await target.open(.queryStartdAds, as: identity, resuming: session)
                    durations.append(try await Self.ask(query, over: link).duration)
                }
                return durations
            }
        }
        let start = ContinuousClock.now
        var probes: [Task<Double, any Error>] = []
        var sent = 0
        while sent < total {
            let due = min(total, Int((ContinuousClock.now - start).seconds * Double(rate)))
            guard due > sent else {
                try await Task.sleep(for: .milliseconds(1))
                continue
            }
            try await link.send(
                (sent..<due).map { number in
                    ads.message(
                        .init(slot: number % slots, sequence: first + number / slots, mark: mark),
                        after: number == 0 ? nil : .updateStartdAd)
                })
            sent = due
            guard sent >= (probes.count + 1) * rate / 2 else { continue }
            let number = sent - 1
            let wasDue = start + .seconds(Double(number + 1) / Double(rate))
            let wanted = SlotQuery.visible(number % slots, since: first + number / slots)
            probes.append(
                Task {
                    while try await Self.ask(
                        wanted, over: try await target.open(.queryStartdAds, as: identity, resuming: session)
                    ).ads == 0 { try await Task.sleep(for: .milliseconds(1)) }
                    return (ContinuousClock.now - wasDue).seconds
                })
        }
        let achieved = Double(total) / (ContinuousClock.now - start).seconds
        var latencies: [Double] = []
        for probe in probes { latencies.append(try await probe.value) }
        asker?.cancel()
        let durations = try await asker?.value ?? []
        var measurement = try await end(step, operations: total, since: before)
        await link.close()
        if query != nil {
            measurement.details["queries"] = Double(durations.count)
            measurement.details["queryMedian"] = durations.quantile(0.5)
            measurement.details["query95"] = durations.quantile(0.95)
        }
        measurement.details["visibleMedian"] = latencies.quantile(0.5)
        measurement.details["visibleBest"] = latencies.min() ?? 0
        measurement.details["visible95"] = latencies.quantile(0.95)
        measurement.details["rate"] = achieved
        return measurement
    }

    private static let largeAds = 100
    private static let largeBytes = 200_000

    /// Large updates on one connection, again and again.
    func throughputIn(_ step: String) async throws -> Measurement {
        let link = try await resumed(.updateStartdAd)
        let first = SlotPattern.large(0, bytes: Self.largeBytes, after: nil)
        let messages = (0..<Self.largeAds).map {
            SlotPattern.large($0, bytes: Self.largeBytes, after: .updateStartdAd)
        }
        try await link.send([first] + messages)
        let rounds = 10
        let before = try await begin()
        for _ in 0..<rounds {
            for message in messages { try await link.send([message]) }
        }
        var measurement = try await end(step, operations: rounds * messages.count, since: before)
        measurement.bytes = rounds * messages.reduce(0) { $0 + $1.readableBytes }
        await link.close()
        let arrived = try await ask(SlotQuery(constraint: "Large", projection: "Name")).ads
        measurement.isRight = arrived == messages.count
        return measurement
    }

    /// Large answers: what ``throughputIn(_:)`` has left.
    func throughputOut(_ step: String) async throws -> Measurement {
        let times = 10
        _ = try await session(for: .queryStartdAds)
        var bytes = 0
        let before = try await begin()
        for _ in 0..<times { bytes += try await ask(SlotQuery(constraint: "Large")).bytes }
        var measurement = try await end(step, operations: times * Self.largeAds, since: before)
        measurement.bytes = bytes
        measurement.isRight = bytes > times * Self.largeAds * Self.largeBytes
        return measurement
    }
}
