import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Cryptography
import FlockSimCore
import NIOCore

/// A simulated schedd with its port, its connection to the broker, and its shadows.
actor ScheddDaemon {
    /// Who it is and how it behaves.
    struct Settings: Sendable {
        var name: String
        var machine: String
        var listenHost: String
        var link: BrokerLink.Settings
        var uidDomain: String
        var pool: String
        var flockByDefault: Bool
        var gate: Gate?
        var interval: Int64
    }

    /// The commands of its port; all that follows a header is a command of its own (spec 05, 2.1).
    private static let commands: [CommandEntry] = {
        let negotiation: [CommandNumber] = [
            .negotiate, .sendResourceRequestList, .permissionAndAd, .rejectedWithReason,
        ]
        let bare: [CommandNumber] = [.sendJobInfo, .rejected, .endNegotiate]
        return negotiation.map { CommandEntry(number: $0.rawValue, level: .negotiator) }
            + bare.map { CommandEntry(number: $0.rawValue, level: .negotiator, hasPayload: false) }
            + [CommandNumber.releaseClaim, .alive].map { CommandEntry(number: $0.rawValue, level: .daemon) }
    }()

    /// `SCHEDD_MIN_INTERVAL`; seconds.
    private static let minimumInterval: Int64 = 5

    /// The connection on which a shadow waits for its job.
    private struct Shadow {
        let number: Int
        let connection: CondorConnection
    }

    private let settings: Settings
    private let port = DaemonPort(ScheddDaemon.commands)
    private let link: BrokerLink
    private let caller: ClaimCaller
    private var model: ScheddModel
    private var shadows: [String: Shadow] = [:]
    private var lastShadow = 0
    private var lastAdvertised: Int64 = 0
    private var isChanged = false
    private var wasQuiet = true
    /// When something was under way last.
    private var busyUntil = ContinuousClock.now
    private var idleLimit: Duration?
    private let alarm = Alarm()

    /// Where it listens.
    nonisolated let address: String

    /// Binds the port and fills the queue.
    init(_ settings: Settings, jobs: [JobDescription]) async throws {
        self.settings = settings
        let now = currentTime()
        let identity = DaemonIdentity(
            name: settings.name, machine: settings.machine, host: settings.listenHost,
            port: try await port.listen(host: settings.listenHost, group: settings.link.group), startTime: now)
        address = identity.address
        model = ScheddModel(
            ScheddConfiguration(
                identity: identity, uidDomain: settings.uidDomain, pool: settings.pool,
                flockByDefault: settings.flockByDefault, gate: settings.gate, interval: max(settings.interval, 30)),
            random: SystemRandom())
        for job in jobs { model.submit(job, now: now) }
        let daemon = ClientHandshake.Description(subsystem: "SCHEDD", commandSinful: identity.address)
        link = BrokerLink(settings.link, daemon: daemon, name: "schedd \(settings.name)")
        caller = ClaimCaller(group: settings.link.group, daemon: daemon, peerUser: "execute-side@matchsession")
    }

    /// Begins to serve; returns when the first ads are out, or could not be delivered.
    func start() async {
        port.serve { [weak self] in await self?.command($0) ?? .refuse(reason: "gone") }
        await advertise()
        await link.drained()
    }

    /// Keeps the ads fresh until nothing has happened for so long, or for ever.
    ///
    /// - Parameter idleLimit: seconds without match, claim or job.
    func run(idleLimit: Double?) async {
        self.idleLimit = idleLimit.map { .seconds($0) }
        busyUntil = .now
        alarm.ring()
        for await _ in alarm.rings {
            if let limit = self.idleLimit, model.isQuiet, busyUntil.duration(to: .now) >= limit { return }
            if nextAds <= currentTime() { await advertise() }
            setAlarm()
        }
    }

    /// When ads are due: soon after a change, otherwise at every interval (spec 05, 1.5).
    private var nextAds: Int64 {
        lastAdvertised + (isChanged ? min(Self.minimumInterval, settings.interval) : settings.interval)
    }

    private func setAlarm() {
        alarm.ring(after: .seconds(max(1, nextAds - currentTime())))
        if let idleLimit, model.isQuiet { alarm.ring(after: idleLimit - busyUntil.duration(to: .now)) }
    }

    /// Gives claims back, takes the ads back, and closes.
    func shutdown() async {
        await perform(model.shutdown(now: currentTime()))
        await link.close()
        await port.close()
        EventPrinter.shared.print(SimulationEvent(.summary, counts: model.counts))
    }

    private func advertise() async {
        lastAdvertised = currentTime()
        isChanged = false
        await perform(model.advertise(now: lastAdvertised))
    }

    // MARK: Commands

    private func command(_ request: CommandRequest) async -> CommandOutcome {
        let number = CommandNumber(rawValue: request.entry.number)
        do {
            switch number {
            case .releaseClaim:
                guard var reader = request.payload else { return .refuse(reason: "no payload") }
                performLater(model.startdReleased(try reader.readText(), now: currentTime()))
                return .close([])
            case .alive:
                guard var reader = request.payload else { return .refuse(reason: "no payload") }
                var writer = request.makeWriter()
                writer.write(model.aliveAnswer(try reader.readText()))
                return .close([writer.payload])
            default:
                guard let message = try NegotiatorMessage(number, reading: request.payload) else {
                    return .refuse(reason: "unknown command")
                }
                return negotiate(message, request)
            }
        } catch {
            return .refuse(reason: "malformed message: \(error.kind)")
        }
    }

    private func negotiate(_ message: NegotiatorMessage, _ request: CommandRequest) -> CommandOutcome {
        // Every session that allows negotiation came out of an ad for the one pool.
        let (outcome, actions) = model.negotiator(
            says: message, on: request.connection.id, sessionPool: settings.pool, now: currentTime())
        performLater(actions)
        switch outcome {
        case .keepOpen(let replies):
            return .keepOpen(
                replies.map { reply in
                    var writer = request.makeWriter()
                    reply.write(to: &writer)
                    return writer.payload
                })
        case .close:
            return .close([])
        }
    }

    // MARK: Actions

    private func performLater(_ actions: [ScheddAction]) {
        for case .session(let change) in actions { port.apply(change) }
        Task { await perform(actions) }
    }

    private func perform(_ actions: [ScheddAction]) async {
        var updates: [CollectorUpdate] = []
        for case .session(let change) in actions { port.apply(change) }
        for action in actions {
            switch action {
            case .update(let update): updates.append(update)
            case .session: break
            case .event(let event):
                isChanged = isChanged || event.event.changesCounts
                EventPrinter.shared.print(event)
            case .requestClaim(let address, let claim, let request):
                Task { await requestClaim(address, claim, request) }
            case .activate(let address, let claim, let request):
                Task { await activate(address, claim, request) }
            case .runJob(let seconds, let claim):
                Task { await runJob(seconds, claim) }
            case .deactivate(let address, let claim):
                Task { await deactivate(address, claim) }
            case .release(let address, let claim):
                shadows.removeValue(forKey: claim.sessionID)?.connection.close()
                await release(address, claim)
            }
        }
        if !updates.isEmpty { link.send(updates) }
        if !wasQuiet || !model.isQuiet { busyUntil = .now }
        wasQuiet = model.isQuiet
        setAlarm()
    }

    private func requestClaim(_ address: String, _ claim: ClaimID, _ request: ClaimRequest) async {
        let reply = await attempt("REQUEST_CLAIM", address, claim) { caller in
            let connection = try await caller.open(.requestClaim, at: address, claim: claim)
            defer { connection.close() }
            try await connection.send { try request.write(to: &$0) }
            var reader = try await connection.receive()
            return try ClaimReply(reading: &reader)
        }
        await perform(model.claimAnswered(claim.sessionID, reply: reply, now: currentTime()))
    }

    /// The shadow's part: the connection stays open as long as the job runs (spec 05, 3.4).
    private func activate(_ address: String, _ claim: ClaimID, _ request: ActivationRequest) async {
        let answer = await attempt("ACTIVATE_CLAIM", address, claim) { caller in
            let connection = try await caller.open(.activateClaim, at: address, claim: claim)
            try await connection.send { try request.write(to: &$0) }
            var reader = try await connection.receive()
            let reply = ActivationRequest.Reply(rawValue: try reader.readInteger()) ?? .refused
            if reply != .accepted { connection.close() }
            return (reply: reply, connection: connection)
        }
        let session = claim.sessionID
        if let answer, answer.reply == .accepted {
            lastShadow += 1
            let shadow = Shadow(number: lastShadow, connection: answer.connection)
            shadows[session] = shadow
            Task { await watch(shadow, session) }
        }
        await perform(model.activationAnswered(session, reply: answer?.reply, now: currentTime()))
    }

    /// Notices when the starter goes away before the job has ended.
    private func watch(_ shadow: Shadow, _ session: String) async {
        // Nothing is ever sent on this connection: whatever ends the wait ends the job.
        _ = try? await shadow.connection.receiveIfOpen(within: .hours(24 * 365))
        guard shadows[session]?.number == shadow.number else { return }
        shadows[session] = nil
        await perform(model.shadowLost(session, now: currentTime()))
    }

    private func runJob(_ seconds: Double, _ claim: ClaimID) async {
        // Jobs end when the program does.
        try? await Task.sleep(for: .seconds(seconds))
        await perform(model.jobDurationPassed(claim.sessionID, now: currentTime()))
    }

    private func deactivate(_ address: String, _ claim: ClaimID) async {
        let shadow = shadows.removeValue(forKey: claim.sessionID)
        let willing = await attempt("DEACTIVATE_CLAIM", address, claim) { caller in
            let connection = try await caller.open(.deactivateClaimJobDone, at: address, claim: claim)
            defer { connection.close() }
            try await connection.send { try $0.writeSecret(claim.text) }
            var reader = try await connection.receive()
            return try reader.readClassAd().boolean(AttributeName.start) ?? false
        }
        shadow?.connection.close()
        await perform(model.deactivated(claim.sessionID, willStartAnother: willing, now: currentTime()))
    }

    private func release(_ address: String, _ claim: ClaimID) async {
        _ = await attempt("RELEASE_CLAIM", address, claim) { caller in
            try await caller.notify(.releaseClaim, at: address, claim: claim)
        }
    }

    /// Makes a call to a startd; a failure goes to the log and yields `nil`.
    private func attempt<R: Sendable>(
        _ what: String, _ address: String, _ claim: ClaimID, _ call: @Sendable (ClaimCaller) async throws -> R
    ) async -> R? {
        do {
            return try await call(caller)
        } catch {
            EventPrinter.shared.print(
                SimulationEvent(.failed, address: address, claim: claim.publicForm, reason: "\(what): \(error)"))
            return nil
        }
    }
}

extension SimulationEvent.Kind {
    /// Whether the numbers in the submitter ads are different afterwards.
    fileprivate var changesCounts: Bool {
        switch self {
        case .claimed, .refused, .released, .jobStarted, .jobFinished, .jobEvicted, .matched, .rematched: true
        case .ready, .registered, .connectionRefused, .negotiationStarted, .negotiationEnded, .negotiatorRefused,
            .matchDropped, .rejected, .shutdown, .failed, .summary:
            false
        }
    }
}
