import BrokerCore
import CEDAR
import ClassAds
import CondorNet
import NIOPosix
import Synchronization

/// One query being answered: on threads of its own kind, in slices between which other queries have their turn.
///
/// What a query asks for is the peer's choice, and evaluating it for every ad may take long: no event loop waits for it,
/// and after a while it is given up.
final class QueryRun: Sendable {
    private struct State {
        var cursor: QueryCursor
        var answer: MessageWriter
        var spent = Duration.zero
    }

    /// Ads looked at in one slice.
    private static let slice = 32
    /// Work on one query, without the time it waits for its turns.
    private static let maximumWork = Duration.seconds(10)

    /// Never stopped: a process that ends takes them along.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        return threads
    }()

    private let state: Mutex<State>
    private let respond: @Sendable (CommandOutcome) -> Void

    /// A query about to be answered; `respond` is called once, from another thread.
    init(
        _ cursor: QueryCursor, answer: MessageWriter, _ respond: @escaping @Sendable (CommandOutcome) -> Void
    ) {
        state = Mutex(State(cursor: cursor, answer: answer))
        self.respond = respond
    }

    /// Takes the next turn, and the one after it, until the answer is complete.
    func start() {
        Self.threads.submit { _ in
            if let outcome = self.work() {
                self.respond(outcome)
            } else {
                self.start()
            }
        }
    }

    /// One slice; the outcome when there is one.
    private func work() -> CommandOutcome? {
        state.withLock { state in
            let began = ContinuousClock.now
            for item in state.cursor.next(examining: Self.slice) {
                state.answer.write(1)
                state.answer.write(item.ad)
            }
            state.spent += ContinuousClock.now - began
            if state.cursor.isFinished {
                state.answer.write(0)
                return .close([state.answer.payload])
            }
            return state.spent > Self.maximumWork ? .refuse(reason: "query takes too long") : nil
        }
    }
}
