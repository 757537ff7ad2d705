package import CEDAR
package import ClassAds
package import Cryptography

/// What the program around a ``MasterModel`` has to do.
package enum MasterAction: Sendable {
    /// Send this to the collector.
    case update(CollectorUpdate)
    /// The sessions that can be resumed have changed.
    case session(SessionChange)
    /// Stop the startd this way; then call ``MasterModel/startdStopped(now:)``.
    case stopStartd(ShutdownManner)
    /// Start the startd anew.
    case startStartd
    /// For the log.
    case event(SimulationEvent)
    /// The invalidation is out; the daemon is gone.
    case stopped
}

/// A condor_master that looks after one startd: it advertises itself and takes orders (spec 04, section 11).
///
/// Deterministic, like ``StartdModel``.
package struct MasterModel: Sendable {
    /// What a command means.
    enum Order: Equatable {
        /// Only say how things are, or change nothing that a simulated pilot has.
        case nothing
        case startDaemons
        case stopDaemons(ShutdownManner)
        case stopEverything(ShutdownManner)
    }

    private let identity: DaemonIdentity
    private let attributes: ClassAd
    private let resources: SlotResources
    private var adminSessions: AdminSessions
    private var sequence = UpdateSequence()
    private var startd = "Alive"
    private var leaveAfterStartd = false
    private var isStopped = false

    /// A master that has just come up; `attributes` are those of `MASTER_ATTRS`.
    package init(identity: DaemonIdentity, attributes: ClassAd, resources: SlotResources, random: any RandomSource) {
        self.identity = identity
        self.attributes = attributes
        self.resources = resources
        adminSessions = AdminSessions(
            address: identity.address, startTime: identity.startTime, validCommands: AdminSessions.masterCommands,
            random: random)
    }

    /// The master's ad, with a capability that is good for another half hour.
    package mutating func updates(now: Int64) -> [MasterAction] {
        let (capability, changes) = adminSessions.capability(now: now)
        var ad = RecordedShape.master.ad
        identity.publish(into: &ad, now: now)
        identity.publishUpdate(into: &ad, sequence: sequence.next("DaemonMaster"))
        ad.set(AttributeName.myType, "DaemonMaster")
        ad.set(AttributeName.name, identity.name)
        ad.set(AttributeName.masterIpAddr, identity.address)
        ad.set(AttributeName.monitorSelfTime, Int(identity.startTime))
        ad.set(AttributeName.detectedCpus, Int(resources.cpus))
        ad.set(AttributeName.detectedMemory, Int(resources.memory))
        ad.set(AttributeName.masterStartTime, Int(identity.startTime))
        ad.set(AttributeName.startdStartTime, Int(identity.startTime))
        ad.merge(attributes)
        ad.set(AttributeName.remoteAdminCapability, capability.text)
        return changes.map { .session($0) } + [.update(CollectorUpdate(.updateMasterAd, [ad]))]
    }

    /// A command that has no payload, or whose payload a master does not read.
    ///
    /// - Returns: `nil` for a command that a master does not have.
    package mutating func command(_ number: CommandNumber, now: Int64) -> [MasterAction]? {
        guard let order = Self.order(of: number) else { return nil }
        return obey(order, now: now)
    }

    /// `DAEMON_OFF` and its relatives (467, 468, 483) and `DAEMON_ON` (469), which name a daemon.
    package mutating func command(_ number: CommandNumber, daemon: String, now: Int64) -> [MasterAction]? {
        guard daemon.lowercased() == "startd" else { return [] }
        switch number {
        case .daemonOff: return obey(.stopDaemons(.graceful), now: now)
        case .daemonOffFast: return obey(.stopDaemons(.fast), now: now)
        case .daemonOffPeaceful: return obey(.stopDaemons(.peaceful), now: now)
        case .daemonOn: return obey(.startDaemons, now: now)
        default: return nil
        }
    }

    /// `DAEMONS_OFF_FLEX` (452): does what the ad says and describes what it has set going (spec 04, 11.3).
    package mutating func flexible(_ request: ClassAd, now: Int64) -> (reply: ClassAd?, actions: [MasterAction]) {
        let inner = Int(request.integer(AttributeName.command) ?? 0)
        let order = inner == 0 ? .nothing : Self.order(of: CommandNumber(rawValue: inner))
        var actions: [MasterAction] = []
        if let order { actions = obey(order, now: now) }
        guard request.boolean(AttributeName.wantReply) == true else { return (nil, actions) }
        return (statusAd(success: order != nil), actions)
    }

    /// The startd has sent its invalidations.
    package mutating func startdStopped(now: Int64) -> [MasterAction] {
        guard leaveAfterStartd, !isStopped else { return [] }
        return leave()
    }

    /// Numbers from spec 04, 11.2.
    static func order(of command: CommandNumber) -> Order? {
        switch command {
        case .reconfigure, .reconfigureFull, .setPeacefulShutdown, .setForceShutdown, .noOperationRead,
            .noOperationAdministrator:
            .nothing
        case .offGraceful, .offForce, .masterOff: .stopEverything(.graceful)
        case .offFast, .masterOffFast: .stopEverything(.fast)
        case .offPeaceful: .stopEverything(.peaceful)
        case .daemonsOff: .stopDaemons(.graceful)
        case .daemonsOffFast: .stopDaemons(.fast)
        case .daemonsOffPeaceful: .stopDaemons(.peaceful)
        case .daemonsOn: .startDaemons
        default: nil
        }
    }

    private mutating func obey(_ order: Order, now: Int64) -> [MasterAction] {
        switch order {
        case .nothing:
            return []
        case .startDaemons:
            guard startd != "Alive", !leaveAfterStartd else { return [] }
            startd = "Alive"
            return [.startStartd]
        case .stopDaemons(let manner):
            return stopStartd(manner)
        case .stopEverything(let manner):
            guard !leaveAfterStartd else { return stopStartd(manner) }
            leaveAfterStartd = true
            let event = MasterAction.event(SimulationEvent(.shutdown, reason: "master: \(manner.rawValue)"))
            guard startd == "Alive" else { return [event] + leave() }
            return [event] + stopStartd(manner)
        }
    }

    private mutating func stopStartd(_ manner: ShutdownManner) -> [MasterAction] {
        let before = startd
        startd = "Shutdown,\(manner.rawValue.capitalizedFirst)"
        return before == "Alive" || before == "Shutdown,Peaceful" ? [.stopStartd(manner)] : []
    }

    private mutating func leave() -> [MasterAction] {
        isStopped = true
        return [
            .update(
                .invalidation(
                    .invalidateMasterAds, type: "DaemonMaster", name: identity.name, of: identity,
                    sequence: sequence.next("invalidate DaemonMaster"))),
            .stopped,
        ]
    }

    private func statusAd(success: Bool) -> ClassAd {
        let isUp = startd == "Alive"
        var ad = ClassAd()
        ad.set(AttributeName.master, "Alive")
        ad.set(AttributeName.startd, startd)
        ad.set(AttributeName.masterPID, 1)
        ad.set(AttributeName.startdPID, isUp ? 2 : 0)
        ad.set(AttributeName.isReady, true)
        ad.set(AttributeName.numAlive, isUp ? 2 : 1)
        ad.set(AttributeName.numDead, 0)
        ad.set(AttributeName.numHung, 0)
        ad.set(AttributeName.success, success)
        return ad
    }
}

extension String {
    /// `fast` as `Fast`.
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
