package import AnnexModel

/// One round of negotiation for one submitter, from the header to the end, on the broker's side.
///
/// The machine decides what to say; the caller sends it, gives it the schedd's answers, and lets
/// a ``Negotiator`` plan when asked. It reads no clock and knows no connection.
package struct NegotiationRound: Sendable {
    /// How the round goes about its business.
    package struct Settings: Sendable {
        /// Requests asked for at a time (`NEGOTIATOR_RESOURCE_REQUEST_LIST_SIZE` of a real negotiator is 200).
        package var listSize: Int
        /// The largest number of requests of a round.
        package var maximumRequests: Int
        /// Leave the schedd's flock levels alone: no rejections, and a closed connection after matches (spec 05, 2.9).
        package var endsNeutrally: Bool

        package init(listSize: Int = 200, maximumRequests: Int = 5_000, endsNeutrally: Bool = false) {
            precondition(listSize > 0 && maximumRequests >= listSize, "a round has room for at least one list")
            self.listSize = listSize
            self.maximumRequests = maximumRequests
            self.endsNeutrally = endsNeutrally
        }
    }

    /// What came of a round.
    package struct Outcome: Hashable, Sendable {
        package var requests = 0
        package var matches: [Match] = []
        package var rejections = 0
        package var skipped = 0
        /// The schedd had said that it has nothing more, so that no end was sent (spec 05, 2.4).
        package var endedBySchedd = false
        /// The connection must be closed now; otherwise the next round may use it.
        package var mustClose = false
    }

    /// Why a round broke off; the connection is unusable.
    package enum Failure: Error, Hashable, Sendable {
        /// A number that does not belong here.
        case unexpectedCommand(Int64)
        /// A message when nothing was asked for.
        case unaskedMessage
    }

    package enum Action: Sendable {
        case send(NegotiationMessage)
        /// Let a negotiator decide on these, then call ``decided(_:)``.
        case plan([ResourceRequest])
        case finished(Outcome)
        /// Close the connection. Matches that were sent stand.
        case fail(Failure, Outcome)
    }

    private enum State {
        case idle
        case listing(received: [ResourceRequest])
        case planning(listWasFull: Bool)
        case over
    }

    private let settings: Settings
    private let header: NegotiationHeader
    private let locks: FlockLocks
    private let uidDomain: String
    private var state = State.idle
    private var outcome = Outcome()

    /// - Parameter uidDomain: the schedd's `UID_DOMAIN`, for requests without `User`.
    package init(header: NegotiationHeader, locks: FlockLocks, uidDomain: String, settings: Settings = Settings()) {
        self.header = header
        self.locks = locks
        self.uidDomain = uidDomain
        self.settings = settings
    }

    /// Opens the round.
    ///
    /// - Parameter isFirstOnConnection: then the command number has already gone with the session's handshake.
    package mutating func start(isFirstOnConnection: Bool) -> [Action] {
        guard case .idle = state else { preconditionFailure("a round is started once") }
        return [.send(.header(header.ad(locks: locks), withCommand: !isFirstOnConnection)), askForList()]
    }

    /// Takes one message of the schedd.
    package mutating func received(_ reply: NegotiationReply, now: Int64) -> [Action] {
        switch state {
        case .listing(var received):
            state = .over
            switch reply {
            case .jobInfo(let ad):
                received.append(ResourceRequest(ad: ad, uidDomain: uidDomain, now: now))
                outcome.requests += 1
                if received.count == settings.listSize {
                    state = .planning(listWasFull: true)
                    return [.plan(received)]
                }
                state = .listing(received: received)
                return []
            case .noMoreJobs:
                if received.isEmpty {
                    // Alone it ends the round on the schedd's side: only a header may follow (spec 05, 2.4).
                    outcome.endedBySchedd = true
                    return [.finished(outcome)]
                }
                state = .planning(listWasFull: false)
                return [.plan(received)]
            case .unexpected(let number):
                return fail(.unexpectedCommand(number))
            }
        case .idle, .planning, .over:
            state = .over
            return fail(.unaskedMessage)
        }
    }

    /// Says what was decided on the requests of a ``Action/plan(_:)``, and goes on.
    package mutating func decided(_ plan: Negotiator.Plan) -> [Action] {
        guard case .planning(let listWasFull) = state else {
            preconditionFailure("decisions follow a plan action, once")
        }
        var actions: [Action] = []
        for decision in plan.decisions {
            switch decision {
            case .match(let matching):
                outcome.matches.append(matching.record)
                actions.append(.send(.match(claim: matching.offer.claim, ad: matching.ad)))
            case .reject(let request, let reason):
                if settings.endsNeutrally {
                    outcome.skipped += 1
                } else {
                    outcome.rejections += 1
                    actions.append(.send(.rejection(of: request, because: reason)))
                }
            case .skip:
                outcome.skipped += 1
            }
        }
        let hasRoom = outcome.requests + settings.listSize <= settings.maximumRequests
        if listWasFull, plan.hasFreeSlots, hasRoom {
            actions.append(askForList())
            return actions
        }
        state = .over
        if settings.endsNeutrally, !outcome.matches.isEmpty {
            outcome.mustClose = true
        } else {
            actions.append(.send(.end))
        }
        actions.append(.finished(outcome))
        return actions
    }

    private mutating func askForList() -> Action {
        state = .listing(received: [])
        return .send(.requestList(settings.listSize))
    }

    private mutating func fail(_ failure: Failure) -> [Action] {
        outcome.mustClose = true
        return [.fail(failure, outcome)]
    }
}
