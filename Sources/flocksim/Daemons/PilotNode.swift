import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Cryptography
import FlockSimCore
import NIOCore

/// One node of a simulated annex: a master and a startd, each with its port and its connection to the broker.
actor PilotNode {
    /// What all nodes of a process have in common, and the name of this one.
    struct Settings: Sendable {
        var name: String
        var listenHost: String
        var link: BrokerLink.Settings
        var resources: SlotResources
        var layout: StartdConfiguration.Layout
        var start: String
        var startdAttributes: ClassAd
        var masterAttributes: ClassAd
        var collectorText: String
        var interval: Int64
        var stopTime: Int64?
    }

    /// How long changes are collected before they are sent.
    private static let changeDelay = Duration.milliseconds(200)

    private let settings: Settings
    private let masterPort = DaemonPort(PilotCommands.master)
    private let startdPort = DaemonPort(PilotCommands.startd)
    private let caller: ClaimCaller
    private let links: (master: BrokerLink, startd: BrokerLink)
    private var master: MasterModel
    private var startd: StartdModel
    private var startdConfiguration: StartdConfiguration
    /// Where the startd listens.
    nonisolated let address: String
    /// Connections on which shadows wait, by the claim's session id.
    private var starters: [String: ConnectionHandle] = [:]
    private var isChangePending = false
    private var isStartdUp = true
    /// When all ads are due again, in seconds since 1970; `nil` before the first round.
    private var nextRound: Int64?
    private let alarm = Alarm()
    /// The goodbyes, once they have begun.
    private var departure: Task<Void, Never>?
    /// Calls to schedds that are under way.
    private var calls: [Int: Task<Void, Never>] = [:]
    private var lastCall = 0

    /// Binds the ports of a node.
    static func make(_ settings: Settings) async throws -> PilotNode {
        try await PilotNode(settings)
    }

    private init(_ settings: Settings) async throws {
        self.settings = settings
        let now = currentTime()
        let host = settings.listenHost
        let group = settings.link.group
        let masterIdentity = DaemonIdentity(
            name: settings.name, machine: settings.name, host: host,
            port: try await masterPort.listen(host: host, group: group), startTime: now)
        let startdIdentity = DaemonIdentity(
            name: settings.name, machine: settings.name, host: host,
            port: try await startdPort.listen(host: host, group: group), startTime: now)
        startdConfiguration = StartdConfiguration(
            identity: startdIdentity, resources: settings.resources, layout: settings.layout, start: settings.start,
            attributes: settings.startdAttributes, uidDomain: settings.name, collectorHost: settings.collectorText)
        address = startdIdentity.address
        master = MasterModel(
            identity: masterIdentity, attributes: settings.masterAttributes, resources: settings.resources,
            random: SystemRandom())
        startd = StartdModel(startdConfiguration, random: SystemRandom(), now: now)
        let masterSelf = ClientHandshake.Description(subsystem: "MASTER", commandSinful: masterIdentity.address)
        let startdSelf = ClientHandshake.Description(subsystem: "STARTD", commandSinful: startdIdentity.address)
        links = (
            BrokerLink(settings.link, daemon: masterSelf, name: "master \(settings.name)"),
            BrokerLink(settings.link, daemon: startdSelf, name: "startd \(settings.name)")
        )
        caller = ClaimCaller(group: group, daemon: startdSelf, peerUser: "submit-side@matchsession")
    }

    /// How many jobs have run.
    var jobCount: Int { startd.records.count }

    /// Begins to serve; returns when the first ads are out, or could not be delivered.
    func start() async {
        masterPort.serve { [weak self] in await self?.masterCommand($0) ?? .refuse(reason: "gone") }
        startdPort.serve { [weak self] in await self?.startdCommand($0) ?? .refuse(reason: "gone") }
        await perform(master.updates(now: currentTime()))
        await perform(startd.start(now: currentTime()))
        await links.master.drained()
        await links.startd.drained()
    }

    /// Keeps the node's ads fresh until it is gone.
    func run() async {
        nextRound = currentTime() + settings.interval
        alarm.ring()
        for await _ in alarm.rings {
            let now = currentTime()
            if let stop = settings.stopTime, stop <= now { await shutdown(.fast) }
            guard departure == nil else { break }
            if isStartdUp { await perform(startd.tick(now: now)) }
            if let due = nextRound, due <= now {
                nextRound = now + settings.interval
                await perform(master.updates(now: now))
                if isStartdUp { await perform(startd.updates(now: now)) }
            }
            setAlarm()
        }
        await departure?.value
    }

    private func setAlarm() {
        let due = [nextRound, settings.stopTime, isStartdUp ? startd.nextTick : nil].compactMap(\.self).min()
        guard let due else { return }
        alarm.ring(after: .seconds(max(1, due - currentTime())))
    }

    /// Stops both daemons, as a signal to the master does.
    func shutdown(_ manner: ShutdownManner) async {
        let command: CommandNumber =
            switch manner {
            case .fast: .offFast
            case .graceful: .offGraceful
            case .peaceful: .offPeaceful
            }
        await perform(master.command(command, now: currentTime()) ?? [])
        await departure?.value
    }

    // MARK: Commands

    private func masterCommand(_ request: CommandRequest) async -> CommandOutcome {
        let now = currentTime()
        let command = CommandNumber(rawValue: request.entry.number)
        do {
            guard var reader = request.payload else {
                guard let actions = master.command(command, now: now) else { return .refuse(reason: "unknown command") }
                performLater(actions)
                return .close([])
            }
            if command == .daemonsOffFlex {
                let (reply, actions) = master.flexible(try reader.readClassAd(), now: now)
                performLater(actions)
                guard let reply else { return .close([]) }
                var writer = request.makeWriter()
                writer.write(reply)
                return .close([writer.payload])
            }
            guard let actions = master.command(command, daemon: try reader.readText(), now: now) else {
                return .refuse(reason: "unknown command")
            }
            performLater(actions)
            return .close([])
        } catch {
            return .refuse(reason: "malformed message: \(error.kind)")
        }
    }

    private func startdCommand(_ request: CommandRequest) async -> CommandOutcome {
        let now = currentTime()
        guard var reader = request.payload else {
            let manner: ShutdownManner =
                switch CommandNumber(rawValue: request.entry.number) {
                case .offFast: .fast
                case .offPeaceful: .peaceful
                default: .graceful
                }
            performLater(startd.shutdown(manner, now: now))
            return .close([])
        }
        var writer = request.makeWriter()
        do {
            switch CommandNumber(rawValue: request.entry.number) {
            case .requestClaim:
                let claim = try ClaimRequest(reading: &reader)
                let machine = Sinful(claim.scheddAddress)?.alias ?? request.peer.host
                let (reply, actions) = startd.requestClaim(claim, clientMachine: machine, now: now)
                performLater(actions)
                try reply.write(to: &writer)
                return .close([writer.payload])
            case .activateClaim:
                let activation = try ActivationRequest(reading: &reader)
                let (reply, actions) = startd.activate(activation, now: now)
                if reply == .accepted, let claim = ClaimID(activation.claim) {
                    starters[claim.sessionID] = request.connection
                }
                performLater(actions)
                writer.write(reply.rawValue)
                return reply == .accepted ? .keepOpen([writer.payload]) : .close([writer.payload])
            case .deactivateClaim, .deactivateClaimForcibly, .deactivateClaimJobDone:
                let (willing, actions) = startd.deactivate(try reader.readText(), now: now)
                performLater(actions)
                guard let willing else { return .refuse(reason: "unknown claim") }
                writer.write([AttributeName.start: Expression(willing)])
                return .close([writer.payload])
            case .releaseClaim:
                performLater(startd.release(try reader.readText(), now: now))
                return .close([])
            case .alive:
                performLater(startd.alive(try reader.readText(), now: now))
                return .close([])
            case .vacateClaim, .vacateClaimFast:
                performLater(startd.vacate(slot: try reader.readText(), now: now))
                return .close([])
            default:
                return .refuse(reason: "unknown command")
            }
        } catch {
            return .refuse(reason: "malformed message: \(error.kind)")
        }
    }

    // MARK: Actions

    /// Lets the answer to a command go out before what follows from it.
    private func performLater(_ actions: [StartdAction]) {
        for case .session(let change) in actions { startdPort.apply(change) }
        Task { await perform(actions) }
    }

    private func performLater(_ actions: [MasterAction]) {
        Task { await perform(actions) }
    }

    private func perform(_ actions: [MasterAction]) async {
        var updates: [CollectorUpdate] = []
        for case .session(let change) in actions { masterPort.apply(change) }
        for action in actions {
            switch action {
            case .update(let update): updates.append(update)
            case .session: break
            case .event(let event): EventPrinter.shared.print(event)
            case .stopStartd(let manner): await perform(startd.shutdown(manner, now: currentTime()))
            case .startStartd:
                startdConfiguration.identity.startTime = currentTime()
                startd = StartdModel(startdConfiguration, random: SystemRandom(), now: currentTime())
                isStartdUp = true
                await perform(startd.start(now: currentTime()))
            case .stopped:
                links.master.send(updates)
                updates = []
                await leave()
            }
        }
        if !updates.isEmpty { links.master.send(updates) }
    }

    private func perform(_ actions: [StartdAction]) async {
        var updates: [CollectorUpdate] = []
        for case .session(let change) in actions { startdPort.apply(change) }
        for action in actions {
            switch action {
            case .update(let update): updates.append(update)
            case .session: break
            case .event(let event): EventPrinter.shared.print(event)
            case .closeStarter(let session): starters.removeValue(forKey: session)?.close()
            case .tellSchedd(let address, let claim, let notice): tell(notice, address, claim)
            case .stopped:
                links.startd.send(updates)
                updates = []
                isStartdUp = false
                await perform(master.startdStopped(now: currentTime()))
            }
        }
        scheduleChanges()
        setAlarm()
        if !updates.isEmpty { links.startd.send(updates) }
    }

    /// Sends changed ads soon; several changes in a row make one update.
    private func scheduleChanges() {
        guard !isChangePending, isStartdUp else { return }
        isChangePending = true
        Task {
            // A cancelled sleep sends the changes at once.
            try? await Task.sleep(for: Self.changeDelay)
            isChangePending = false
            guard isStartdUp else { return }
            let actions = startd.changes(now: currentTime())
            var updates: [CollectorUpdate] = []
            for action in actions {
                switch action {
                case .session(let change): startdPort.apply(change)
                case .update(let update): updates.append(update)
                case .event, .closeStarter, .tellSchedd, .stopped: break
                }
            }
            if !updates.isEmpty { links.startd.send(updates) }
        }
    }

    private func tell(_ notice: ScheddNotice, _ address: String, _ claim: ClaimID) {
        let caller = caller
        lastCall += 1
        let number = lastCall
        calls[number] = Task {
            defer { calls[number] = nil }
            do {
                switch notice {
                case .released:
                    try await caller.notify(.releaseClaim, at: address, claim: claim)
                case .alive:
                    let connection = try await caller.open(.alive, at: address, claim: claim)
                    defer { connection.close() }
                    try await connection.send { try $0.writeSecret(claim.text) }
                    var reader = try await connection.receive()
                    await perform(startd.alive(claim.text, answer: try reader.readInteger(), now: currentTime()))
                }
            } catch {
                EventPrinter.shared.print(
                    SimulationEvent(.failed, address: address, claim: claim.publicForm, reason: "\(notice): \(error)"))
            }
        }
    }

    /// Lets everything that is under way come to its end, and closes.
    private func leave() async {
        let task =
            departure
            ?? Task {
                for call in calls.values { await call.value }
                await links.startd.close()
                await links.master.close()
                await startdPort.close()
                await masterPort.close()
            }
        departure = task
        alarm.ring()
        await task.value
    }
}
