import Dispatch
import Foundation
import GRDB
import Synchronization

/// The one thread that writes: it takes everything that waits, in order, commits it as one group, and tells the callers.
///
/// Guarded by `state`'s lock: the queues and the figures. The database, the applier and the order of commits belong to
/// the thread alone. The lock is never held while SQLite works or a completion runs.
final class GroupCommitWriter: Sendable {
    /// Bounds and delays.
    struct Limits: Sendable {
        /// Durable changes in one group; a single larger entry is written alone.
        var changesPerGroup = 512
        /// Durable changes that may wait before new ones are refused.
        var waitingChanges = 100_000
        /// How long soft changes wait for company.
        var softDelay: Duration = .seconds(1)
    }

    /// One call of ``write(_:durability:completion:)`` with durable changes, or one soft change.
    private struct Work {
        var sequence: UInt64
        var changes: [Change]
        var waiters: [CommitWaiter]
        var softItem: SoftChanges.Item?
    }

    private struct State {
        var durable: [Work] = []
        var durableChanges = 0
        var soft = SoftChanges()
        var softDeadline: DispatchTime?
        var nextSequence: UInt64 = 0
        var isSleeping = false
        var isClosing = false
        var health = StoreHealth.healthy
        var figures = StoreFigures()
    }

    private enum Step {
        case commit([Work])
        case sleep(until: DispatchTime?)
        case end
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let database: DatabaseQueue
    private let applier: ChangeApplier
    private let faults: any FaultInjecting
    private let limits: Limits

    /// Makes the writer and starts its thread, which lives until ``close()``.
    init(database: DatabaseQueue, applier: ChangeApplier, faults: any FaultInjecting, limits: Limits) {
        self.database = database
        self.applier = applier
        self.faults = faults
        self.limits = limits
        let thread = Thread { [self] in run() }
        thread.name = "store-writer"
        thread.start()
    }

    /// Whether the last commit succeeded.
    var health: StoreHealth { state.withLock { $0.health } }

    /// What has been written so far.
    var figures: StoreFigures { state.withLock { $0.figures } }

    /// Queues changes; see ``AnnexStore/write(_:durability:completion:)``.
    func write(
        _ changes: [Change], durability: Durability,
        completion: (@Sendable (Result<Void, StoreError>) -> Void)?
    ) {
        let (refusal, mustWake) = state.withLock { state -> (StoreError?, Bool) in
            if state.isClosing { return (StoreError(.closed, "the store is closed"), false) }
            var isNews = true
            switch durability {
            case .durable:
                guard state.durableChanges + changes.count <= limits.waitingChanges else {
                    return (StoreError(.overloaded, "\(state.durableChanges) changes wait to be written"), false)
                }
                let waiter = completion.map { CommitWaiter(count: 1, completion: $0) }
                state.durable.append(
                    Work(sequence: state.nextSequence, changes: changes, waiters: waiter.map { [$0] } ?? []))
                state.durableChanges += changes.count
                state.nextSequence += 1
            case .soft:
                guard !changes.isEmpty else { return (nil, false) }
                let waiter = completion.map { CommitWaiter(count: changes.count, completion: $0) }
                for change in changes {
                    state.soft.insert(change, sequence: state.nextSequence, waiter: waiter)
                    state.nextSequence += 1
                }
                // A thread that sleeps until an earlier soft change is due need not be woken for this one.
                isNews = state.softDeadline == nil
                if isNews { state.softDeadline = .now() + limits.softDelay.dispatchInterval }
            }
            guard state.isSleeping, isNews else { return (nil, false) }
            state.isSleeping = false
            return (nil, true)
        }
        if let refusal {
            completion?(.failure(refusal))
        } else if changes.isEmpty, durability == .soft {
            completion?(.success(()))
        } else if mustWake {
            wake.signal()
        }
    }

    /// Writes everything that waits and ends the thread; later calls of ``write(_:durability:completion:)`` are refused.
    ///
    /// Blocks until then, so it must not be called from a completion.
    func close() {
        state.withLock { state in
            state.isClosing = true
            state.isSleeping = false
        }
        wake.signal()
        ended.wait()
        ended.signal()  // for whoever else is closing
    }

    private func run() {
        while true {
            switch nextStep() {
            case .commit(let group): commit(group)
            case .sleep(until: nil): wake.wait()
            case .sleep(until: let deadline?): _ = wake.wait(timeout: deadline)
            case .end:
                ended.signal()
                return
            }
        }
    }

    /// Takes the next group, durable changes first together with all soft ones that came before them.
    private func nextStep() -> Step {
        let now = DispatchTime.now()
        return state.withLock { state in
            if !state.durable.isEmpty {
                var taken = 0
                var changes = 0
                for work in state.durable {
                    guard taken == 0 || changes + work.changes.count <= limits.changesPerGroup else { break }
                    taken += 1
                    changes += work.changes.count
                }
                let durable = Array(state.durable.prefix(taken))
                state.durable.removeFirst(taken)
                state.durableChanges -= changes
                let soft = state.soft.take(before: durable[taken - 1].sequence)
                if state.soft.count == 0 { state.softDeadline = nil }
                let group = durable + soft.map(Self.work)
                return .commit(group.sorted { $0.sequence < $1.sequence })
            }
            if let deadline = state.softDeadline, state.isClosing || deadline <= now {
                state.softDeadline = nil
                return .commit(state.soft.takeAll().map(Self.work).sorted { $0.sequence < $1.sequence })
            }
            if state.isClosing { return .end }
            state.isSleeping = true
            return .sleep(until: state.softDeadline)
        }
    }

    private static func work(_ item: SoftChanges.Item) -> Work {
        Work(sequence: item.sequence, changes: [item.change], waiters: item.waiters, softItem: item)
    }

    /// Commits `group` and tells its callers.
    ///
    /// A change that contradicts the stored rows fails alone. Any other failure fails the group: durable changes are
    /// given back to their callers, soft ones are kept for another attempt.
    private func commit(_ group: [Work]) {
        var refused: [UInt64: StoreError] = [:]
        do {
            try database.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    for work in group {
                        if let error = try apply(work, to: database) { refused[work.sequence] = error }
                    }
                    report(.beforeCommit, group, without: refused)
                    return .commit
                }
            }
        } catch {
            fail(group, StoreError(database: error))
            return
        }
        report(.afterCommit, group, without: refused)
        state.withLock { state in
            state.health = .healthy
            state.figures.groups += 1
            state.figures.changes += group.reduce(0) { $0 + $1.changes.count }
            state.figures.refused += refused.count
        }
        for work in group {
            let result: Result<Void, StoreError> = refused[work.sequence].map { .failure($0) } ?? .success(())
            for waiter in work.waiters { waiter.finish(result) }
        }
    }

    /// Writes one piece of work, all of it or nothing.
    ///
    /// - Returns: why it was refused although the database works; `nil` when it is written.
    private func apply(_ work: Work, to database: Database) throws -> StoreError? {
        do {
            try database.inSavepoint {
                for change in work.changes { try applier.apply(change, to: database) }
                return .commit
            }
            return nil
        } catch let error as StoreError {
            return error
        } catch let error as DatabaseError where error.resultCode.primaryResultCode == .SQLITE_CONSTRAINT {
            return StoreError(.constraint, error.message ?? "\(error.resultCode)")
        }
    }

    private func fail(_ group: [Work], _ error: StoreError) {
        state.withLock { state in
            if case .failing(_, let count) = state.health {
                state.health = .failing(reason: error.detail, consecutiveFailures: count + 1)
            } else {
                state.health = .failing(reason: error.detail, consecutiveFailures: 1)
            }
            state.figures.failedGroups += 1
            guard !state.isClosing else { return }
            state.soft.restore(group.compactMap(\.softItem))
            if state.soft.count > 0 { state.softDeadline = .now() + limits.softDelay.dispatchInterval }
        }
        for work in group {
            for waiter in work.waiters { waiter.finish(.failure(error)) }
        }
    }

    private func report(_ stage: FaultPoint.Stage, _ group: [Work], without refused: [UInt64: StoreError]) {
        for work in group where refused[work.sequence] == nil {
            for change in work.changes { faults.reached(FaultPoint(stage, change.kind)) }
        }
    }
}

extension Duration {
    /// This duration for `Dispatch`, to the nanosecond.
    fileprivate var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        return .nanoseconds(Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    }
}
