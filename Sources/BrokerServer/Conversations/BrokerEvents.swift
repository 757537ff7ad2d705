import BrokerCore
import ClassAds
import Synchronization

/// What happened in the registry that negotiation and control want to know of, in order.
///
/// Written from event loops, read by one service: a lock held to append, and a wake-up.
final class BrokerEvents: Sendable {
    /// One thing that happened.
    enum Event: Sendable {
        /// A slot's ad came or changed.
        case slot(AdRecord)
        /// A slot is gone; its claim in use, if it showed one.
        case slotGone(annexID: String, key: String, claimInUse: String?)
        /// A submitter ad came, with its private attributes.
        case submitter(ClassAd)
        /// A submitter's jobs are gone.
        case submitterGone(name: String, schedd: String)
        /// A schedd is gone.
        case scheddGone(String)
        /// A schedd asks for negotiation.
        case reschedule(String)
        /// An annex was created, closed or has expired: what its slots are good for has changed.
        case annexChanged(String)
    }

    /// More events than this wait only if the reader is stuck; then the oldest go, and it starts afresh.
    static let maximumWaiting = 200_000

    private struct State {
        var waiting: [Event] = []
        var hasLost = false
    }

    private let state = Mutex(State())
    private let wakeUps: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init() { (wakeUps, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Notes an event and wakes the reader.
    func post(_ event: Event) {
        state.withLock { state in
            if state.waiting.count >= Self.maximumWaiting {
                state.waiting.removeFirst(Self.maximumWaiting / 2)
                state.hasLost = true
            }
            state.waiting.append(event)
        }
        wake.yield()
    }

    /// Wakes the reader although nothing happened: a deadline has passed.
    func poke() { wake.yield() }

    /// Ends the sequence of wake-ups.
    func finish() { wake.finish() }

    /// The events since the last call, and whether some were lost before them.
    func take() -> (events: [Event], hasLost: Bool) {
        state.withLock { state in
            defer { state = State() }
            return (state.waiting, state.hasLost)
        }
    }

    /// One element for every time there may be something to ``take()``.
    var signals: AsyncStream<Void> { wakeUps }
}
