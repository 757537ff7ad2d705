import AnnexModel
import AnnexStore
import BrokerCore
import CEDAR
import ClassAds
import CondorNet
import CondorSecurity
import Logging
import NIOCore

/// Carries out shutdown orders: calls every master of a closed annex, now and whenever one shows itself later.
///
/// Source: `decisions.md` 13 and 14; spec 04, 11.7.
actor ShutdownService {
    private let store: AnnexStore
    private let registry: Registry
    private let caller: DaemonCaller
    private let log: Logger
    private let clock: @Sendable () -> Int64
    private var plans: [String: ShutdownPlan] = [:]
    private var running: [String: Task<Void, Never>] = [:]
    /// What wakes an order whose daemon could not be reached.
    private var retries: [String: Task<Void, Never>] = [:]

    init(
        store: AnnexStore, registry: Registry, caller: DaemonCaller, log: Logger,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.registry = registry
        self.caller = caller
        self.log = log
        self.clock = clock
    }

    /// Takes up an order: a new one, or one that was left when the broker stopped.
    func begin(_ order: ShutdownOrder, daemons: [StoppableDaemon], earlier: [MasterStop] = []) {
        guard plans[order.annexID] == nil else { return }
        plans[order.annexID] = ShutdownPlan(order, daemons: daemons, earlier: earlier, now: clock())
        advance(order.annexID)
    }

    /// A master of a closed annex has reported.
    ///
    /// Word of an ad and of its end may overtake each other on the way; what the registry shows by now decides.
    func saw(_ daemon: StoppableDaemon, at key: AdKey, annex: String) {
        guard plans[annex] != nil, registry.record(at: key, now: clock()) != nil else { return }
        plans[annex]?.saw(daemon, now: clock())
        advance(annex)
    }

    /// A master's ad was invalidated or has expired.
    func left(_ key: AdKey, annex: String, _ departure: ShutdownPlan.Departure) {
        guard plans[annex] != nil, registry.record(at: key, now: clock()) == nil else { return }
        plans[annex]?.left(key.name, departure, now: clock())
        record(annex)
    }

    /// Waits until every daemon has been told or cannot be told now, and reports.
    func settled(_ annex: String) async -> (rows: [MasterStop], isComplete: Bool) {
        while let task = running[annex] { await task.value }
        guard let plan = plans[annex] else { return ([], true) }
        let rows = plan.report(now: clock())
        return (rows, rows.allSatisfy { $0.state == .confirmed || $0.state == .ordered || $0.state == .gone })
    }

    /// Whether there is an order for this annex.
    func isClosing(_ annex: String) -> Bool { plans[annex] != nil }

    /// Most daemons of one annex that are called at the same time.
    private static let maximumCalls = 64

    private func advance(_ annex: String) {
        guard running[annex] == nil else { return }
        let orders = plans[annex]?.takeOrders(now: clock()) ?? []
        guard !orders.isEmpty else { return scheduleRetry(annex) }
        running[annex] = Task {
            await withTaskGroup(of: Void.self) { group in
                for (index, order) in orders.enumerated() {
                    // The addresses are the pilots' choice, and so is how long they keep us waiting.
                    if index >= Self.maximumCalls { await group.next() }
                    group.addTask { await self.carryOut(order, annex: annex) }
                }
            }
            self.running[annex] = nil
            self.record(annex)
            // An answer may have called for another command, or a daemon may have shown itself meanwhile.
            self.advance(annex)
        }
    }

    private func scheduleRetry(_ annex: String) {
        retries.removeValue(forKey: annex)?.cancel()
        let now = clock()
        guard let due = plans[annex]?.nextDeadline(after: now) else { return }
        retries[annex] = Task {
            // Cancelled when something newer was scheduled.
            guard (try? await Task.sleep(for: .seconds(max(1, due - now)))) != nil else { return }
            self.advance(annex)
        }
    }

    private func carryOut(_ order: ShutdownPlan.Order, annex: String) async {
        let result = await call(order)
        plans[annex]?.finished(order.daemon, result, now: clock())
        log.notice(
            "shutdown order",
            metadata: ["daemon": "\(order.daemon)", "annex": "\(annex)", "result": "\(Self.words(result))"])
    }

    private static func words(_ result: ShutdownPlan.Result) -> String {
        switch result {
        case .replied(let reply): "\(reply.isSuccess ? "success" : "failure"): \(reply.summary)"
        case .accepted: "accepted"
        case .sessionUnknown: "session unknown"
        case .notUnderstood: "not understood"
        case .failed(let reason): "failed: \(reason)"
        }
    }

    private func call(_ order: ShutdownPlan.Order) async -> ShutdownPlan.Result {
        do {
            let connection = try await caller.open(order.command.number, at: order.address, with: order.capability)
            defer { connection.close() }
            guard let payload = order.command.payload else {
                // The daemon acts once the session stands, and closes (spec 04, 11.4).
                _ = try await connection.receiveIfOpen(within: .seconds(5))
                return .accepted
            }
            try await connection.send { $0.write(payload) }
            guard let message = try await connection.receiveIfOpen() else { return .notUnderstood }
            var reader = message.reader()
            return .replied(ShutdownReply(try reader.readClassAd(), now: clock()))
        } catch let refusal as SecurityRefusal where refusal.kind == .sessionNotFound {
            return .sessionUnknown
        } catch let refusal as SecurityRefusal where refusal.kind == .connectionClosed {
            return .notUnderstood
        } catch {
            return .failed("\(error)")
        }
    }

    /// Makes what became of each daemon durable; a restart goes on from there.
    private func record(_ annex: String) {
        guard let plan = plans[annex] else { return }
        store.write(plan.report(now: clock()).map { .putMasterStop($0) }, durability: .durable)
    }
}
