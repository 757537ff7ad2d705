/// One incarnation of an annex: resources that one user borrowed under one name for one stretch of time.
///
/// Closing an annex and making another of the same name gives another incarnation with another ``id``, so that
/// yesterday's pilots and history are never taken for today's.
package struct Annex: Hashable, Sendable, Identifiable {
    /// 32 hexadecimal digits, public, of this incarnation only.
    package let id: String
    /// Owner and name.
    package let key: AnnexKey
    /// When it was made, in seconds since 1970.
    package let createdAt: Int64
    /// When its last request ends, in seconds since 1970.
    package var expiresAt: Int64
    /// Where it is in its life.
    package var state: State
    /// When it was closed or found expired, in seconds since 1970.
    package var closedAt: Int64?
    /// Who closed it; `nil` while it is active and when it expired by itself.
    package var closedBy: String?

    /// Describes an annex, a new one unless said otherwise.
    package init(
        id: String, key: AnnexKey, createdAt: Int64, expiresAt: Int64, state: State = .active,
        closedAt: Int64? = nil, closedBy: String? = nil
    ) {
        self.id = id
        self.key = key
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.state = state
        self.closedAt = closedAt
        self.closedBy = closedBy
    }
}

extension Annex {
    /// The life of an annex: active until somebody closes it or its time is over, and no way back.
    package enum State: String, Sendable, CaseIterable {
        /// Slots of it are matched.
        case active
        /// Somebody shut it down.
        case closed
        /// Its time ran out.
        case expired
    }

    /// What somebody who holds a valid capability of an annex may want of the broker.
    package enum Action: Sendable, CaseIterable {
        /// Bring or renew the ad of a slot, a startd or a master.
        case advertise
        /// Take such an ad back.
        case invalidate
        /// Be reachable through the broker's CCB, without which a pilot behind a firewall could not be told to stop.
        case registerForCallbacks
        /// Have slots offered to the access point.
        case match
        /// Be given a further request, and with it a further capability.
        case addRequest
    }

    /// Whether an annex in this state lets its pilots do `action`.
    ///
    /// Shutdown is not revocation: pilots of a closed annex go on reporting, so that the broker sees them and can stop
    /// them, but nothing is ever matched to them (decision 13). Revoked and expired capabilities do not come this far.
    package func permits(_ action: Action) -> Bool {
        switch action {
        case .advertise, .invalidate, .registerForCallbacks: true
        case .match, .addRequest: state == .active
        }
    }

    /// This annex after `user` shut it down; unchanged if it was not active any more.
    package func closed(by user: String, at now: Int64) -> Annex {
        guard state == .active else { return self }
        var annex = self
        annex.state = .closed
        annex.closedAt = now
        annex.closedBy = user
        return annex
    }

    /// This annex as it is at `now`: expired if it was active and its time is over.
    package func expired(at now: Int64) -> Annex {
        guard state == .active, now >= expiresAt else { return self }
        var annex = self
        annex.state = .expired
        annex.closedAt = expiresAt
        return annex
    }
}
