/// Somebody's order to stop every master of an annex; it is remembered until all of them are gone.
package struct ShutdownOrder: Hashable, Sendable, Identifiable {
    /// How the masters are to stop.
    package enum Speed: String, Sendable, CaseIterable {
        /// Jobs are killed at once.
        case fast
        /// Jobs are given the time their daemons allow them.
        case graceful
    }

    /// 32 hexadecimal digits, public.
    package let id: String
    /// The incarnation of the annex it stops.
    package let annexID: String
    /// When it was given, in seconds since 1970.
    package let orderedAt: Int64
    /// Who gave it; the broker itself when an annex expires.
    package let orderedBy: String
    /// How the masters are to stop.
    package let speed: Speed

    /// Describes an order.
    package init(id: String, annexID: String, orderedAt: Int64, orderedBy: String, speed: Speed) {
        self.id = id
        self.annexID = annexID
        self.orderedAt = orderedAt
        self.orderedBy = orderedBy
        self.speed = speed
    }
}

/// How far one master is with a ``ShutdownOrder``.
package struct MasterStop: Hashable, Sendable {
    /// The steps of stopping a master.
    package enum State: String, Sendable, CaseIterable {
        /// Nothing was sent yet, or no administration capability is at hand (decision 14).
        case pending
        /// The command was sent.
        case ordered
        /// The master said that it is stopping.
        case confirmed
        /// The last attempt failed; it will be tried again.
        case failed
        /// Its invalidation came or its ad expired: done (decision 14).
        case gone

        /// Whether nothing is left to do.
        package var isFinal: Bool { self == .gone }
    }

    /// The order.
    package let orderID: String
    /// The master's key in the registry: its `Name`.
    package let masterName: String
    /// How far it is.
    package var state: State
    /// For people: what the master answered, or why it failed; never a secret.
    package var detail: String
    /// When ``state`` last changed, in seconds since 1970.
    package var at: Int64

    /// Describes the progress of one master.
    package init(orderID: String, masterName: String, state: State = .pending, detail: String = "", at: Int64) {
        self.orderID = orderID
        self.masterName = masterName
        self.state = state
        self.detail = detail
        self.at = at
    }
}
