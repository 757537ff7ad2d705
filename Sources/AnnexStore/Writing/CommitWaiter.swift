import Synchronization

/// Tells a caller once that all changes of one `write` are on disk, or that one of them is not.
final class CommitWaiter: Sendable {
    private struct State {
        var open: Int
        var failure: StoreError?
    }

    private let state: Mutex<State>
    private let completion: @Sendable (Result<Void, StoreError>) -> Void

    /// Waits for `count` parts.
    init(count: Int, completion: @escaping @Sendable (Result<Void, StoreError>) -> Void) {
        state = Mutex(State(open: count))
        self.completion = completion
    }

    /// One part has come to its end; the last one runs the completion, with the first failure if there was one.
    func finish(_ result: Result<Void, StoreError>) {
        let outcome: Result<Void, StoreError>? = state.withLock { state in
            if case .failure(let error) = result, state.failure == nil { state.failure = error }
            state.open -= 1
            guard state.open == 0 else { return nil }
            return state.failure.map { .failure($0) } ?? .success(())
        }
        if let outcome { completion(outcome) }
    }
}
