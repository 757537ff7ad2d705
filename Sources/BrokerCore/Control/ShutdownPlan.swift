package import AnnexModel
package import CEDAR

/// The stopping of one annex: which of its daemons to tell now, which to wait for, and how far each is.
///
/// Stays in force until the annex is forgotten: a master that registers later is told the same
/// (decisions 13 and 14).
package struct ShutdownPlan: Sendable {
    /// What to send to whom.
    package struct Order: Sendable {
        package var daemon: String
        package var address: Sinful
        /// The session to use: a secret.
        package var capability: ClaimID
        package var command: ShutdownCommand
    }

    /// What came of sending an order.
    package enum Result: Hashable, Sendable {
        /// The master answered.
        case replied(ShutdownReply)
        /// The daemon accepted the session for a command without answer.
        case accepted
        /// The daemon does not know the session: the next ad brings another.
        case sessionUnknown
        /// The daemon closed without answering `DAEMONS_OFF_FLEX`, as masters before 9.12 do.
        case notUnderstood
        /// It could not be reached, or refused; the text is for people and holds no secret.
        case failed(String)
    }

    /// Why a daemon is not there any more.
    package enum Departure: String, Sendable {
        /// It said goodbye.
        case invalidated
        /// It was not heard of for its ad's lifetime.
        case expired
    }

    /// The first wait after a failure, and the longest, in seconds.
    package static let backOffTimes: (first: Int64, longest: Int64) = (10, 300)
    /// How long a daemon that was told to stop fast may go on updating until it is told again, in
    /// seconds: the time its master gives its daemons (`SHUTDOWN_FAST_TIMEOUT`).
    package static let patience: Int64 = 300
    /// How long an order may be under way, in seconds; afterwards its result is not waited for.
    package static let orderTime: Int64 = 120

    private struct Progress: Sendable {
        var daemon: StoppableDaemon
        var stop: MasterStop
        var backOff = BackOff(first: backOffTimes.first, longest: backOffTimes.longest)
        var underWaySince: Int64?
        var orderedAt: Int64?
        var usesPlainCommand = false
        /// The capability was refused; only another one will do.
        var isCapabilityDead = false

        mutating func set(_ state: MasterStop.State, _ detail: String, _ now: Int64) {
            stop.state = state
            stop.detail = detail
            stop.at = now
        }
    }

    /// The order that is carried out.
    package let order: ShutdownOrder
    private var daemons: [String: Progress] = [:]
    /// Rows of daemons that were gone when the broker started again.
    private var formerRows: [String: MasterStop] = [:]

    /// - Parameter earlier: how far daemons were when the broker was stopped.
    package init(_ order: ShutdownOrder, daemons: [StoppableDaemon] = [], earlier: [MasterStop] = [], now: Int64) {
        self.order = order
        for daemon in daemons { saw(daemon, now: now) }
        for stop in earlier where stop.orderID == order.id {
            guard var progress = self.daemons[stop.masterName] else {
                var row = stop
                if !row.state.isFinal {
                    row.state = .gone
                    row.detail = "gone while the broker was not running"
                    row.at = now
                }
                formerRows[row.masterName] = row
                continue
            }
            progress.stop = stop
            if stop.state == .ordered || stop.state == .confirmed { progress.orderedAt = stop.at }
            self.daemons[stop.masterName] = progress
        }
    }

    /// A daemon registered or sent an update.
    ///
    /// Startds are given only where no master is known: a master stops its startd itself.
    package mutating func saw(_ daemon: StoppableDaemon, now: Int64) {
        formerRows[daemon.name] = nil
        guard var progress = daemons[daemon.name] else {
            daemons[daemon.name] = Progress(
                daemon: daemon, stop: MasterStop(orderID: order.id, masterName: daemon.name, at: now))
            return
        }
        let isAnother = daemon.startedAt != progress.daemon.startedAt || progress.stop.state == .gone
        if daemon.capability != progress.daemon.capability { progress.isCapabilityDead = false }
        progress.daemon = daemon
        if isAnother {
            progress = Progress(
                daemon: daemon,
                stop: MasterStop(orderID: order.id, masterName: daemon.name, detail: "came back", at: now))
        } else if order.speed == .fast, let orderedAt = progress.orderedAt, now - orderedAt >= Self.patience {
            progress.orderedAt = nil
            progress.set(.pending, "still there after \(now - orderedAt) s; told again", now)
        }
        daemons[daemon.name] = progress
    }

    /// A daemon's ad was taken back or ran out.
    package mutating func left(_ name: String, _ departure: Departure, now: Int64) {
        guard var progress = daemons[name] else { return }
        progress.underWaySince = nil
        progress.set(.gone, departure.rawValue, now)
        daemons[name] = progress
    }

    /// The orders to send now; each is under way until ``finished(_:_:now:)``.
    ///
    /// - Parameter limit: the largest number to have under way at once.
    package mutating func takeOrders(now: Int64, limit: Int = 32) -> [Order] {
        var room = limit - daemons.values.count { isUnderWay($0, now: now) }
        var orders: [Order] = []
        for name in daemons.keys.sorted() where room > 0 {
            guard var progress = daemons[name], isDue(progress, now: now), progress.backOff.isOver(at: now),
                progress.daemon.hasLiveCapability(now: now), !progress.isCapabilityDead,
                let capability = progress.daemon.capability
            else { continue }
            let command = ShutdownCommand(for: progress.daemon, speed: order.speed, plain: progress.usesPlainCommand)
            orders.append(
                Order(daemon: name, address: progress.daemon.address, capability: capability, command: command))
            progress.underWaySince = now
            daemons[name] = progress
            room -= 1
        }
        return orders
    }

    /// Notes what came of an order.
    package mutating func finished(_ name: String, _ result: Result, now: Int64) {
        guard var progress = daemons[name], progress.underWaySince != nil else { return }
        progress.underWaySince = nil
        switch result {
        case .replied(let reply) where reply.isSuccess:
            progress.orderedAt = now
            progress.set(.confirmed, reply.summary, now)
        case .replied(let reply):
            progress.backOff.failed(at: now)
            progress.set(.failed, "the master refused: \(reply.summary)", now)
        case .accepted:
            progress.orderedAt = now
            progress.set(.ordered, "told; this command has no answer", now)
        case .sessionUnknown:
            progress.isCapabilityDead = true
            progress.set(.pending, "waiting for the next update with a new administration capability", now)
        case .notUnderstood where progress.usesPlainCommand:
            progress.backOff.failed(at: now)
            progress.set(.failed, "closed the connection without an answer", now)
        case .notUnderstood:
            // At once, with the command that every daemon knows.
            progress.usesPlainCommand = true
            progress.set(.pending, "does not know the command with an answer", now)
        case .failed(let reason):
            progress.backOff.failed(at: now)
            progress.set(.failed, String(reason.prefix(200)), now)
        }
        daemons[name] = progress
    }

    /// One row for each daemon, by name.
    package func report(now: Int64) -> [MasterStop] {
        let rows = daemons.values.map { progress in
            var stop = progress.stop
            if isDue(progress, now: now), !progress.daemon.hasLiveCapability(now: now), stop.detail.isEmpty {
                stop.detail = "waiting for an update with an administration capability"
            }
            return stop
        }
        return (rows + formerRows.values).sorted { $0.masterName < $1.masterName }
    }

    /// Whether every daemon that was ever seen is gone.
    package var isComplete: Bool { daemons.values.allSatisfy(\.stop.state.isFinal) }

    /// When ``takeOrders(now:limit:)`` may have something new without an event, in seconds since 1970.
    package func nextDeadline(after now: Int64) -> Int64? {
        daemons.values.compactMap { progress -> Int64? in
            if let since = progress.underWaySince { return since + Self.orderTime }
            guard isDue(progress, now: now), !progress.isCapabilityDead else { return nil }
            return progress.backOff.until > now ? progress.backOff.until : nil
        }.min()
    }

    private func isUnderWay(_ progress: Progress, now: Int64) -> Bool {
        progress.underWaySince.map { now - $0 < Self.orderTime } ?? false
    }

    private func isDue(_ progress: Progress, now: Int64) -> Bool {
        guard !isUnderWay(progress, now: now) else { return false }
        switch progress.stop.state {
        case .pending, .failed: return true
        case .ordered, .confirmed, .gone: return false
        }
    }
}
