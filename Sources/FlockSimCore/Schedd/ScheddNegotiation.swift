import CEDAR
import ClassAds

extension ScheddModel {
    /// Most requests sent for one `SEND_RESOURCE_REQUEST_LIST`.
    static let maximumListLength: Int64 = 100_000
    /// Rounds of connections that are gone are forgotten beyond this number.
    static let maximumRounds = 64

    /// A negotiator's message on one of its connections.
    ///
    /// - Parameter sessionPool: the pool of the capability session; `nil` if the negotiator
    ///   authenticated by itself, and then the header's tag is believed (spec 05, 1.6).
    package mutating func negotiator(
        says message: NegotiatorMessage, on connection: UInt64, sessionPool: String?, now: Int64
    ) -> (NegotiationOutcome, [ScheddAction]) {
        if case .header(let ad) = message {
            return beginRound(ad, on: connection, sessionPool: sessionPool, now: now)
        }
        // After a round only a header may follow (spec 05, 2.4).
        guard var round = rounds.removeValue(forKey: connection) else {
            return (.close, [refusal(nil, "message outside of a round")])
        }
        switch message {
        case .header:
            preconditionFailure("handled above")
        case .sendRequests(let limit):
            let ads = takeRequests(from: &round, limit: Int(min(max(limit, 1), Self.maximumListLength)))
            if ads.isEmpty { return (.keepOpen([.noMoreJobs]), [end(round, "no more jobs")]) }
            rounds[connection] = round
            let isFull = ads.count >= limit
            return (.keepOpen(ads.map { .jobInfo($0) } + (isFull ? [] : [.noMoreJobs])), [])
        case .sendJob:
            guard let ad = takeJob(from: &round) else {
                return (.keepOpen([.noMoreJobs]), [end(round, "no more jobs")])
            }
            rounds[connection] = round
            return (.keepOpen([.jobInfo(ad)]), [])
        case .match(let claim, let slot):
            round.matched += 1
            rounds[connection] = round
            return (
                .keepOpen([]),
                handleMatch(claim, slot: slot, submitter: round.submitter, pool: round.pool, now: now)
            )
        case .rejected(let reason):
            round.rejected += 1
            let event = handleRejection(reason, in: &round, now: now)
            rounds[connection] = round
            return (.keepOpen([]), [event])
        case .end:
            return (.keepOpen([]), [end(round, "END_NEGOTIATE")])
        }
    }

    // MARK: The header

    /// The checks of spec 05, 2.3; each failure closes the connection without a message.
    private mutating func beginRound(
        _ header: ClassAd, on connection: UInt64, sessionPool: String?, now: Int64
    ) -> (NegotiationOutcome, [ScheddAction]) {
        guard let submitter = header.string(AttributeName.owner),
            let attributes = header.string(AttributeName.autoClusterAttrs),
            let tag = header.string(AttributeName.submitterTag)
        else { return (.close, [refusal(header, "header without a required attribute")]) }
        let pool = sessionPool ?? tag
        guard let seen = advertised[pool]?[submitter], now - seen <= Self.submitterMemory else {
            return (.close, [refusal(header, "submitter was not advertised to \(pool)")])
        }
        guard configuration.flock.pools.isEmpty || pool.isEmpty || configuration.flock.pools.contains(pool) else {
            return (.close, [refusal(header, "unknown negotiator")])
        }
        autoClusters.merge(listItems(attributes))
        let requests = makeRequests(
            submitter: submitter, pool: pool, constraint: header[AttributeName.negotiatorJobConstraint], now: now)
        if rounds.count >= Self.maximumRounds, let oldest = rounds.keys.min() { rounds[oldest] = nil }
        rounds[connection] = NegotiationRound(
            submitter: submitter, pool: pool,
            wantsDiagnosticsAd: listItems(header.string(AttributeName.matchCaps) ?? "").contains("MatchDiag3"),
            requests: requests)
        let event = SimulationEvent(
            .negotiationStarted, owner: submitter, counts: ["requests": requests.count])
        return (.keepOpen([]), [.event(event)])
    }

    /// Groups the submitter's waiting jobs, in order of priority (spec 05, 2.4 and 2.5).
    private mutating func makeRequests(
        submitter: String, pool: String, constraint: Expression?, now: Int64
    ) -> [NegotiationRound.Request] {
        var requests: [NegotiationRound.Request] = []
        // The constraint is evaluated for the first job of an autocluster only (spec 05, 2.2).
        var constraintHolds: [Int: Bool] = [:]
        for id in order {
            guard let job = jobs[id], job.isWaiting, job.submitter == submitter,
                configuration.flock.canFlock(flockTo: job.flockTo, to: pool),
                configuration.gate?.verdict(slot: nil, job: job.ad, in: .at(now)) != false
            else { continue }
            let cluster = autoCluster(of: id)
            if let constraint {
                let known = cluster.flatMap { constraintHolds[$0] }
                let holds = known ?? job.ad.evaluate(constraint, in: .at(now)).isTrue
                if let cluster { constraintHolds[cluster] = holds }
                guard holds else { continue }
            }
            if let cluster, requests.last?.autoCluster == cluster {
                requests[requests.count - 1].jobs.append(id)
            } else {
                requests.append(NegotiationRound.Request(autoCluster: cluster, jobs: [id]))
            }
        }
        return requests
    }

    private mutating func autoCluster(of id: JobID) -> Int? {
        guard let job = jobs[id] else { return nil }
        if let known = job.autoCluster, known.generation == autoClusters.generation { return known.id }
        let number = autoClusters.id(of: job.ad)
        jobs[id]?.autoCluster = (autoClusters.generation, number)
        return number
    }

    // MARK: Requests

    private mutating func takeRequests(from round: inout NegotiationRound, limit: Int) -> [ClassAd] {
        var ads: [ClassAd] = []
        while ads.count < limit, !round.requests.isEmpty {
            let request = round.requests.removeFirst()
            guard request.autoCluster.map({ !round.rejectedAutoClusters.contains($0) }) ?? true else { continue }
            let waiting = request.jobs.filter { jobs[$0]?.isWaiting ?? false }
            guard let first = waiting.first, let job = jobs[first] else { continue }
            ads.append(requestAd(job, autoCluster: request.autoCluster, count: waiting.count, round))
        }
        return ads
    }

    /// The old way: one job at a time, with its whole ad.
    private mutating func takeJob(from round: inout NegotiationRound) -> ClassAd? {
        while !round.requests.isEmpty {
            guard !round.requests[0].jobs.isEmpty else {
                round.requests.removeFirst()
                continue
            }
            let cluster = round.requests[0].autoCluster
            let id = round.requests[0].jobs.removeFirst()
            guard let job = jobs[id], job.isWaiting,
                cluster.map({ !round.rejectedAutoClusters.contains($0) }) ?? true
            else { continue }
            var ad = gated(job.ad)
            if let cluster { ad.set(AttributeName.autoClusterID, cluster) }
            ad.set(AttributeName.wantMatchDiagnostics, round.wantsDiagnosticsAd ? 3 : 2)
            return ad
        }
        return nil
    }

    /// What the negotiator sees of a group of jobs (spec 05, 2.5).
    private func requestAd(
        _ job: Job, autoCluster: Int?, count: Int, _ round: NegotiationRound
    ) -> ClassAd {
        let whole = gated(job.ad)
        var ad = ClassAd()
        if let autoCluster {
            for name in autoClusters.attributes { ad.copy(name, from: whole) }
            for name in [
                AttributeName.owner, AttributeName.clusterID, AttributeName.procID, AttributeName.globalJobID,
                AttributeName.resourceConstraint,
            ] {
                ad.copy(name, from: whole)
            }
            ad.set(AttributeName.autoClusterID, autoCluster)
        } else {
            ad = whole
        }
        ad.set(AttributeName.resourceCount, count)
        ad.set(AttributeName.wantMatchDiagnostics, round.wantsDiagnosticsAd ? 3 : 2)
        ad.set(AttributeName.wantPslotPreemption, true)
        return ad
    }

    /// The job ad with the schedd's gate in front of its `Requirements`.
    private func gated(_ job: ClassAd) -> ClassAd {
        guard let gate = configuration.gate else { return job }
        var ad = job
        ad[AttributeName.resourceConstraint] = gate.constraint(for: job)
        let own = job[AttributeName.requirements]?.text(.old) ?? "true"
        ad.setExpression(AttributeName.requirements, "_condor_RESOURCE_CONSTRAINT && (\(own))")
        return ad
    }

    // MARK: Answers of the negotiator

    /// Takes the ids from between the bars, and stores the reason with the job (spec 05, 2.8).
    private mutating func handleRejection(
        _ text: String?, in round: inout NegotiationRound, now: Int64
    ) -> ScheddAction {
        let parts = (text ?? "").split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        let reason = parts.first.map { String($0.trimmingSpaces) } ?? ""
        guard parts.count >= 3 else {
            return .event(SimulationEvent(.rejected, owner: round.submitter, reason: reason))
        }
        if let cluster = Int(parts[1]) { round.rejectedAutoClusters.insert(cluster) }
        let numbers = parts[2].split(separator: ".").compactMap { Int($0) }
        guard numbers.count == 2 else {
            return .event(SimulationEvent(.rejected, owner: round.submitter, reason: reason))
        }
        let id = JobID(cluster: numbers[0], proc: numbers[1])
        jobs[id]?.ad.set(AttributeName.lastRejMatchReason, reason)
        jobs[id]?.ad.set(AttributeName.lastRejMatchTime, Int(now))
        let ad = jobs[id]?.ad
        return .event(
            ad?.event(.rejected, reason: reason) ?? SimulationEvent(.rejected, job: id.description, reason: reason))
    }

    private func end(_ round: NegotiationRound, _ reason: String) -> ScheddAction {
        .event(
            SimulationEvent(
                .negotiationEnded, owner: round.submitter, reason: reason,
                counts: ["matched": round.matched, "rejected": round.rejected]))
    }

    private func refusal(_ header: ClassAd?, _ reason: String) -> ScheddAction {
        .event(SimulationEvent(.negotiatorRefused, owner: header?.string(AttributeName.owner), reason: reason))
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension String {
    fileprivate var trimmingSpaces: Substring { self[...].trimmingSpaces }
}
