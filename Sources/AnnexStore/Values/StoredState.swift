package import AnnexModel

/// Everything the store holds, as read at start.
package struct StoredState: Sendable, Equatable {
    /// All incarnations of annexes that history still keeps.
    package var annexes: [Annex] = []
    /// Their requests.
    package var requests: [AnnexRequest] = []
    /// Their capabilities, revoked and expired ones included.
    package var capabilities: [CapabilityRecord] = []
    /// Security sessions.
    package var sessions: [StoredSession] = []
    /// Ads, expired ones included: the registry decides what is shown.
    package var ads: [StoredAd] = []
    /// Claims that were handed out.
    package var matches: [Match] = []
    /// Shutdown orders.
    package var orders: [ShutdownOrder] = []
    /// How far the masters are with them.
    package var masterStops: [MasterStop] = []
    /// Daemons registered for callbacks.
    package var targets: [StoredTarget] = []
    /// Single values by name.
    package var meta: [String: String] = [:]

    /// The value of `key`.
    package subscript(_ key: MetaKey) -> String? { meta[key.rawValue] }
}

/// Secrets that could not be opened at start and are gone (decision 16).
package struct LostSecrets: Hashable, Sendable, CustomStringConvertible {
    /// Why they could not be opened.
    package enum Reason: String, Sendable {
        /// The database has secrets but the folder had no key.
        case keyWasMissing = "broker.key was missing and has been made anew"
        /// The key in the folder is not the one that sealed them.
        case keyIsAnother = "broker.key is not the key that sealed them"
        /// Single values are damaged.
        case damaged = "they are damaged"
    }

    /// Why.
    package var reason: Reason
    /// Security sessions that were dropped: their peers authenticate again by themselves.
    package var sessions: Int
    /// Ads that lost their claim ids and administration capabilities until their next update.
    package var ads: Int
    /// Callback registrations whose daemons will be given new ids.
    package var targets: Int

    /// Describes a loss.
    package init(reason: Reason, sessions: Int, ads: Int, targets: Int) {
        self.reason = reason
        self.sessions = sessions
        self.ads = ads
        self.targets = targets
    }

    /// A sentence for the administrator.
    package var description: String {
        "stored secrets were dropped because \(reason.rawValue): \(sessions) sessions, private parts of \(ads) ads, "
            + "\(targets) callback registrations; everything else is intact and daemons restore the rest by themselves"
    }
}
