import CEDAR
import CondorSecurity
import NIOCore

/// Runs workloads one after the other against one server.
actor Load {
    let target: LoadTarget
    let meter: ServerMeter
    let credentials: [LoadCredentials]
    let ads: SlotPattern?
    let slots: Int
    let count: Int
    let connections: Int
    let parallel: Int
    let rate: Int
    let seconds: Int
    /// The command whose level single questions are about: what the method is good for on both kinds of servers.
    private let question: CommandNumber

    /// The number of the last update, and the mark of the ads that it left.
    var sequence = 0
    var mark = 0
    /// Sessions to be resumed, by the command they were opened for.
    private var sessions: [CommandNumber: SecuritySession] = [:]

    init(
        target: LoadTarget, meter: ServerMeter, credentials: [LoadCredentials], ads: SlotPattern?, slots: Int,
        count: Int, connections: Int, parallel: Int, rate: Int, seconds: Int
    ) {
        self.target = target
        self.meter = meter
        self.credentials = credentials
        self.ads = ads
        self.slots = slots
        self.count = count
        self.connections = connections
        self.parallel = parallel
        self.rate = rate
        self.seconds = seconds
        let isPilot = credentials.allSatisfy { $0.method == .idTokens || $0.method == .sciTokens }
        question = isPilot ? .updateStartdAd : .queryStartdAds
    }

    /// Runs one workload; some give several figures.
    func run(_ workload: Workload) async throws -> [Measurement] {
        let step = workload.rawValue
        switch workload {
        case .handshakes: return [try await handshakes(step)]
        case .resumptions: return [try await resumptions(step)]
        case .insert, .replace: return [try await updates(step, over: 1, isFresh: true)]
        case .spread: return [try await updates(step, over: max(1, slots / 8), isFresh: true)]
        case .refresh: return [try await updates(step, over: 1, isFresh: false)]
        case .singles: return [try await singles(step)]
        case .acknowledged: return [try await acknowledged(step)]
        case .whole: return [try await query(step, SlotQuery.whole, times: 3)]
        case .projected: return [try await query(step, SlotQuery.projected, times: 10)]
        case .fewWhole: return [try await query(step, SlotQuery.fewWhole, times: 10)]
        case .fewProjected: return [try await query(step, SlotQuery.fewProjected, times: 10)]
        case .byName: return [try await query(step, SlotQuery.byName(slots / 2), times: 100)]
        case .none: return [try await query(step, SlotQuery.none, times: 10)]
        case .locate: return [try await locates(step)]
        case .mixed: return [try await mixed(step, besides: nil)]
        case .mixedProjected: return [try await mixed(step, besides: .projected)]
        case .mixedWhole: return [try await mixed(step, besides: .whole)]
        case .throughputIn: return [try await throughputIn(step)]
        case .throughputOut: return [try await throughputOut(step)]
        case .idle: return [try await idle(step)]
        }
    }

    // MARK: Connections

    /// The session for a command; opened if there is none yet.
    func session(for command: CommandNumber) async throws -> SecuritySession {
        if let session = sessions[command] { return session }
        let link = try await target.open(.securityQuery, for: command, as: credentials[0])
        _ = try await link.receive()
        await link.close()
        sessions[command] = link.session
        return link.session
    }

    /// A connection for a command, in a session opened before.
    func resumed(_ command: CommandNumber, for authCommand: CommandNumber? = nil) async throws -> LoadLink {
        try await target.open(
            command, for: authCommand, as: credentials[0], resuming: try await session(for: authCommand ?? command))
    }

    /// Runs `body` once for each number below `times`, several at the same time.
    func each(_ times: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<times {
                if number >= parallel { try await tasks.next() }
                tasks.addTask { try await body(number) }
            }
            try await tasks.waitForAll()
        }
    }

    // MARK: Measuring

    /// The moment from which on everything counts: the server is at rest.
    func begin() async throws -> ServerMeter.Reading {
        try await meter.settle()
        return try meter.read()
    }

    /// What a workload cost since it began, until the server has come to rest.
    func end(_ step: String, operations: Int, since before: ServerMeter.Reading) async throws -> Measurement {
        let wall = ContinuousClock.now - before.at
        try await meter.settle()
        let after = try meter.read()
        return Measurement(
            step: step, operations: operations, server: after.server - before.server,
            client: after.client - before.client, wall: wall.seconds, residentKiB: after.residentKiB,
            residentBeforeKiB: before.residentKiB)
    }

    // MARK: Handshakes

    private func handshakes(_ step: String) async throws -> Measurement {
        let (target, credentials, question) = (target, credentials, question)
        let before = try await begin()
        try await each(count) { number in
            let link = try await target.open(
                .securityQuery, for: question, as: credentials[number % credentials.count])
            guard try await link.receive() != nil else { throw LoadError("no answer to a handshake") }
            await link.close()
        }
        return try await end(step, operations: count, since: before)
    }

    private func resumptions(_ step: String) async throws -> Measurement {
        let (target, identity, question) = (target, credentials[0], question)
        let session = try await self.session(for: question)
        let before = try await begin()
        try await each(count) { _ in
            let link = try await target.open(.securityQuery, for: question, as: identity, resuming: session)
            guard try await link.receive() != nil else { throw LoadError("no answer on a resumed session") }
            await link.close()
        }
        return try await end(step, operations: count, since: before)
    }
}

extension Duration {
    /// Seconds, with their fraction.
    var seconds: Double { self / .seconds(1) }
}
