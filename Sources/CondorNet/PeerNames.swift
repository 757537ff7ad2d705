import CondorSecurity
package import NIOCore
import NIOPosix
import Synchronization

/// The names of peers' hosts: looked up on threads of their own before a connection is served, and kept for a while.
///
/// Only for servers whose rules speak of names. Bounded in hosts, in questions under way and in the time of each.
package final class PeerNames: Sendable {
    /// How long an answer is good, in seconds.
    static let lifetime: Int64 = 600
    /// How long it is believed that nobody could say, in seconds.
    static let failureLifetime: Int64 = 60
    /// Hosts that are remembered.
    static let capacity = 16_384
    /// Hosts that are asked about at the same time.
    static let maximumPending = 256
    /// Connections of one host that wait; further ones are served without names.
    static let maximumWaiting = 1000
    /// How long a connection waits for its names.
    static let patience = TimeAmount.seconds(10)

    private struct Entry {
        var names: [String]?
        var expiresAt: Int64
    }

    private struct State {
        var entries: [IPAddress: Entry] = [:]
        var waiting: [IPAddress: [EventLoopPromise<Void>]] = [:]
    }

    private let state = Mutex(State())
    private let expected: [String]
    private let lookup: NameLookup
    private let threads: NIOThreadPool
    private let clock: @Sendable () -> Int64

    /// Names of hosts, those of `expected` among them; ``stop()`` ends its threads.
    package init(
        expected: [String], lookup: NameLookup = .system, threads: Int = 4, clock: @escaping @Sendable () -> Int64
    ) {
        self.expected = expected
        self.lookup = lookup
        self.clock = clock
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.threads.start()
    }

    deinit { stop() }

    /// Ends the threads; questions that were not asked yet get no answer.
    package func stop() { threads.shutdownGracefully { _ in } }

    /// The confirmed names of a host, or `nil` if they are not known; an old answer is better than none.
    package func names(of host: String) -> [String]? {
        guard let address = IPAddress(host) else { return nil }
        return state.withLock { $0.entries[address]?.names }
    }

    /// Finds out the names of a host; `nil` if nothing is to be waited for.
    ///
    /// The future succeeds in any case, after ``patience`` at the latest.
    package func prepare(_ host: String, on loop: any EventLoop) -> EventLoopFuture<Void>? {
        guard let address = IPAddress(host) else { return nil }
        let now = clock()
        enum Step { case proceed, ask, wait }
        let promise = loop.makePromise(of: Void.self)
        let step = state.withLock { state -> Step in
            if let entry = state.entries[address], entry.expiresAt > now { return .proceed }
            if let waiting = state.waiting[address] {
                guard waiting.count < Self.maximumWaiting else { return .proceed }
                state.waiting[address]?.append(promise)
                return .wait
            }
            guard state.waiting.count < Self.maximumPending else { return .proceed }
            state.waiting[address] = [promise]
            return .ask
        }
        switch step {
        case .proceed:
            promise.succeed()
            return nil
        case .ask:
            threads.submit { [self] state in
                learn(address, state == .active ? lookup.confirmedNames(of: address, expected: expected) : .failed)
            }
        case .wait: break
        }
        return Self.within(Self.patience, promise.futureResult, on: loop)
    }

    /// Success when the future succeeds, or when time is up.
    private static func within(
        _ limit: TimeAmount, _ future: EventLoopFuture<Void>, on loop: any EventLoop
    ) -> EventLoopFuture<Void> {
        let first = loop.makePromise(of: Void.self)
        let deadline = loop.scheduleTask(in: limit) { first.succeed() }
        future.whenComplete { _ in
            deadline.cancel()
            // Of two answers the first counts.
            first.succeed()
        }
        return first.futureResult
    }

    private func learn(_ address: IPAddress, _ answer: NameLookup.Answer) {
        let now = clock()
        let waiting = state.withLock { state -> [EventLoopPromise<Void>] in
            if state.entries.count >= Self.capacity, state.entries[address] == nil { Self.makeRoom(&state, now: now) }
            switch answer {
            case .found(let names): state.entries[address] = Entry(names: names, expiresAt: now + Self.lifetime)
            case .failed:
                // What was known before is still the best there is.
                let known = state.entries[address]?.names
                state.entries[address] = Entry(names: known, expiresAt: now + Self.failureLifetime)
            }
            return state.waiting.removeValue(forKey: address) ?? []
        }
        for promise in waiting { promise.succeed() }
    }

    /// Forgets what has run out, and if that is nothing, the half that runs out first.
    private static func makeRoom(_ state: inout State, now: Int64) {
        state.entries = state.entries.filter { $0.value.expiresAt > now }
        guard state.entries.count >= capacity else { return }
        let kept = state.entries.sorted { $0.value.expiresAt > $1.value.expiresAt }.prefix(capacity / 2)
        state.entries = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }
}
