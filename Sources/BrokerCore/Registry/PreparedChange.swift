/// An update that has been decided on and is not yet to be seen.
///
/// If ``isDurable``, it is stored before ``Registry/publish(_:)-(PreparedUpdate)`` makes it visible; else it may be
/// published at once and stored softly. Either that or ``Registry/abandon(_:)-(PreparedUpdate)`` must follow.
package struct PreparedUpdate: Sendable {
    /// What an update is to the registry.
    package enum Effect: Hashable, Sendable {
        /// There was no such ad.
        case registered
        /// State, activity, claim or identity are others, or an earlier change of the ad is still on its way to the disk.
        case changed
        /// Nothing that anybody acts on is new.
        case refreshed
    }

    /// One record of the update.
    package struct Part: Sendable {
        /// The record to store and to show.
        package let record: AdRecord
        /// What it is to the registry.
        package let effect: Effect
        let version: UInt64
    }

    /// The records: one, or two for the slot of a startd without a daemon ad of its own.
    package let parts: [Part]

    /// Whether it must be on disk before anybody sees it (decision 15).
    package var isDurable: Bool { parts.contains { $0.effect != .refreshed } }

    /// Whether the ad named another annex than its capability's, which is worth a line in the log.
    package var isMismatched: Bool { parts.contains { $0.record.isMismatched } }
}

/// Ads that will be taken away once that is on disk.
///
/// Either ``Registry/publish(_:)-(PreparedRemoval)`` or ``Registry/abandon(_:)-(PreparedRemoval)`` must follow.
package struct PreparedRemoval: Sendable {
    /// One ad to take away.
    struct Part: Sendable {
        var record: AdRecord
        var version: UInt64
    }

    let parts: [Part]

    /// The ads as they last were.
    package var records: [AdRecord] { parts.map(\.record) }

    /// Whether there is nothing to do.
    package var isEmpty: Bool { parts.isEmpty }
}
