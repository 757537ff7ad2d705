import CEDAR
import ClassAds
package import Cryptography

/// A condor_schedd that negotiates, claims and reuses claims as a real one, with shadows that only keep time.
///
/// Deterministic: it holds no socket and no clock. What it does on purpose as a real schedd does,
/// although a careful one would not, is marked with the section of the specification that says so:
/// the broker has to keep its promises in spite of it.
package struct ScheddModel: Sendable {
    /// A submitter that was not advertised for this long is not known; seconds (spec 05, 2.3).
    static let submitterMemory: Int64 = 1200

    let configuration: ScheddConfiguration
    var jobs: [JobID: Job] = [:]
    /// All jobs by priority.
    private(set) var order: [JobID] = []
    var autoClusters: AutoClusters
    /// Rounds by connection.
    var rounds: [UInt64: NegotiationRound] = [:]
    /// Matches by the session id of their claim.
    var matches: [String: MatchRecord] = [:]
    /// When each submitter was last advertised, by pool name.
    var advertised: [String: [String: Int64]] = [:]

    private var strings: SecretStrings
    private var adminSessions: AdminSessions
    private var sequence = UpdateSequence()
    private var negotiationSessions: [(id: String, expiresAt: Int64)] = []
    private var lastCluster = 0
    var finished = 0
    var started = 0

    /// A schedd with an empty queue.
    package init(_ configuration: ScheddConfiguration, random: any RandomSource) {
        self.configuration = configuration
        let identity = configuration.identity
        autoClusters = AutoClusters(gateAttributes: configuration.gate?.jobAttributes ?? [])
        strings = SecretStrings(address: identity.address, startTime: identity.startTime, random: random)
        adminSessions = AdminSessions(
            address: identity.address, startTime: identity.startTime, validCommands: AdminSessions.scheddCommands,
            random: random)
    }

    /// Puts a cluster of jobs into the queue and returns their numbers.
    @discardableResult
    package mutating func submit(_ description: JobDescription, now: Int64) -> [JobID] {
        lastCluster += 1
        let ids = (0..<description.count).map { JobID(cluster: lastCluster, proc: $0) }
        for id in ids { jobs[id] = Job(description, id: id, schedd: configuration, submittedAt: now) }
        order = (order + ids).sorted {
            let left = jobs[$0]?.ad.integer(AttributeName.jobPrio) ?? 0
            let right = jobs[$1]?.ad.integer(AttributeName.jobPrio) ?? 0
            return left == right ? $0 < $1 : left > right
        }
        return ids
    }

    /// Whether no job waits, is matched or runs.
    package var isDone: Bool { jobs.values.allSatisfy { $0.status == .completed } && matches.isEmpty }

    /// Whether nothing is under way: jobs may wait, but none is matched or runs.
    package var isQuiet: Bool { matches.isEmpty }

    /// Numbers for the final summary.
    package var counts: [String: Int] {
        var counts = ["started": started, "finished": finished, "idle": 0, "matched": 0, "running": 0]
        for job in jobs.values {
            switch job.status {
            case .idle: counts["idle", default: 0] += 1
            case .matched: counts["matched", default: 0] += 1
            case .running: counts["running", default: 0] += 1
            case .completed: break
            }
        }
        return counts
    }

    // MARK: Advertising

    /// The ads of one scan of the queue, under a new negotiation session (spec 05, 1.5 and 1.6).
    package mutating func advertise(now: Int64) -> [ScheddAction] {
        var actions = expireNegotiationSessions(now: now)
        let (admin, changes) = adminSessions.capability(now: now)
        actions += changes.map { .session($0) }
        let capability = makeNegotiationSession(now: now)
        actions.append(
            .session(
                .open(
                    SessionGrant(
                        capability, role: .negotiator, expiresAt: now + configuration.negotiationLifetime))))
        actions.append(.update(CollectorUpdate(.updateScheddAd, [scheddAd(admin: admin, now: now)])))
        for submitter in Set(jobs.values.map(\.submitter)).sorted() {
            let mine = jobs.values.filter { $0.submitter == submitter }
            let idle = mine.filter { $0.isWaiting && counts($0) }.count
            let running = matches.values.filter { $0.submitter == submitter && $0.state != .requesting }.count
            guard idle > 0 || running > 0 else { continue }
            advertised[configuration.pool, default: [:]][submitter] = now
            let ad = submitterAd(
                submitter, idle: idle, running: running, capability: capability, admin: admin, now: now)
            actions.append(.update(CollectorUpdate(.updateSubmitterAd, [ad])))
        }
        return actions
    }

    /// What a schedd sends when it stops (spec 05, 1.5).
    package mutating func shutdown(now: Int64) -> [ScheddAction] {
        var actions: [ScheddAction] = matches.values.sorted { $0.claim.sessionID < $1.claim.sessionID }.map {
            .release(address: $0.address, claim: $0.claim)
        }
        let identity = configuration.identity
        for submitter in (advertised[configuration.pool] ?? [:]).keys.sorted() {
            var update = CollectorUpdate.invalidation(
                .invalidateSubmitterAds, type: "Submitter", name: submitter, of: identity,
                sequence: sequence.next("invalidate \(submitter)"))
            update.ads[0].set(AttributeName.scheddName, identity.name)
            let schedd = Expression(identity.name).text(.old)
            let name = Expression(submitter).text(.old)
            update.ads[0].setExpression(
                "Requirements", "TARGET.ScheddName == \(schedd) && TARGET.Name == \(name)")
            actions.append(.update(update))
        }
        actions.append(
            .update(
                .invalidation(
                    .invalidateScheddAds, type: "Scheduler", name: identity.name, of: identity,
                    sequence: sequence.next("invalidate Scheduler"))))
        return actions
    }

    private func counts(_ job: Job) -> Bool {
        configuration.flock.counts(flockTo: job.flockTo, for: configuration.pool)
    }

    private mutating func makeNegotiationSession(now: Int64) -> ClaimID {
        let expiresAt = now + configuration.negotiationLifetime
        var session = SecretStrings.claimSession
        session.validCommands = [.negotiate]
        session.expiresAt = expiresAt
        let made = strings.next(session: session)
        negotiationSessions.append((made.sessionID, expiresAt))
        return made
    }

    private mutating func expireNegotiationSessions(now: Int64) -> [ScheddAction] {
        let expired = negotiationSessions.filter { $0.expiresAt <= now }
        negotiationSessions.removeAll { $0.expiresAt <= now }
        return expired.map { .session(.close(id: $0.id)) }
    }

    private mutating func scheddAd(admin: ClaimID, now: Int64) -> ClassAd {
        let identity = configuration.identity
        var ad = RecordedShape.schedd.ad
        identity.publish(into: &ad, now: now)
        identity.publishUpdate(into: &ad, sequence: sequence.next("Scheduler"))
        ad.set(AttributeName.myType, "Scheduler")
        ad.set(AttributeName.name, identity.name)
        ad.set(AttributeName.scheddIpAddr, identity.address)
        ad.set(AttributeName.collectorHost, configuration.pool)
        ad.set(AttributeName.monitorSelfTime, Int(identity.startTime))
        ad.set(AttributeName.jobQueueBirthdate, Int(identity.startTime))
        ad.set(AttributeName.totalJobAds, jobs.values.filter { $0.status != .completed }.count)
        ad.set(AttributeName.totalIdleJobs, jobs.values.filter(\.isWaiting).count)
        ad.set(AttributeName.totalRunningJobs, matches.count)
        ad.set(AttributeName.totalFlockedJobs, configuration.pool.isEmpty ? 0 : matches.count)
        let owners = Set(jobs.values.map(\.user)).count
        ad.set(AttributeName.numUsers, owners)
        ad.set(AttributeName.numOwners, owners)
        ad.set(AttributeName.jobsSubmitted, jobs.count)
        ad.set(AttributeName.jobsStarted, started)
        ad.set(AttributeName.jobsCompleted, finished)
        ad.set(AttributeName.remoteAdminCapability, admin.text)
        return ad
    }

    private mutating func submitterAd(
        _ name: String, idle: Int, running: Int, capability: ClaimID, admin: ClaimID, now: Int64
    ) -> ClassAd {
        let identity = configuration.identity
        var ad = RecordedShape.submitter.ad
        identity.publish(into: &ad, now: now)
        identity.publishUpdate(into: &ad, sequence: sequence.next("Submitter \(name)"))
        ad.set(AttributeName.myType, "Submitter")
        ad.set(AttributeName.name, name)
        ad.set(AttributeName.scheddName, identity.name)
        ad.set(AttributeName.scheddIpAddr, identity.address)
        ad.set(AttributeName.jobQueueBirthdate, Int(identity.startTime))
        ad.set(AttributeName.submitterTag, configuration.pool)
        ad.set(AttributeName.idleJobs, idle)
        ad.set(AttributeName.weightedIdleJobs, idle)
        ad.set(AttributeName.runningJobs, running)
        ad.set(AttributeName.weightedRunningJobs, Double(running))
        ad.set(AttributeName.flockedJobs, 0)
        ad.set(AttributeName.heldJobs, 0)
        ad.set(AttributeName.capability, capability.text)
        ad.set(AttributeName.remoteAdminCapability, admin.text)
        return ad
    }
}
