import Synchronization

/// Wakes the one task that waits for it: now, or at a moment that may be moved nearer while the task sleeps.
///
/// With it a loop works when something has happened or is due, and sleeps otherwise. Moments are kept one at a time:
/// whoever was woken sets the next one.
package final class Alarm: Sendable {
    private struct State {
        var due: ContinuousClock.Instant?
        var sleeper: Task<Void, Never>?
    }

    private let state = Mutex(State())
    private let bell: AsyncStream<Void>.Continuation
    /// An element after it rang, however often it did meanwhile; for one task, whose cancellation ends it.
    package let rings: AsyncStream<Void>

    /// An alarm that is not set.
    package init() { (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    deinit { state.withLock { $0.sleeper?.cancel() } }

    /// Rings now.
    package func ring() { bell.yield() }

    /// Rings after `delay`, unless it is set to ring before.
    package func ring(after delay: Duration) {
        let due = ContinuousClock.now + delay
        state.withLock { state in
            if let earlier = state.due, earlier <= due { return }
            state.due = due
            state.sleeper?.cancel()
            state.sleeper = Task { [weak self] in
                // Cancelled when a nearer moment was set, and then there is nothing to ring for.
                guard (try? await Task.sleep(until: due)) != nil else { return }
                self?.passed(due)
            }
        }
    }

    private func passed(_ due: ContinuousClock.Instant) {
        state.withLock { state in
            if state.due == due { state.due = nil }
        }
        bell.yield()
    }
}
