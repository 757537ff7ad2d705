package import Cryptography

/// Where an ad stands: its table, whose it is, and HTCondor's key (decision 6).
package struct StoredAdKey: Hashable, Sendable {
    /// The table's name, as the registry spells it.
    package var table: String
    /// The incarnation of the annex it belongs to; `nil` for the access point's own ads.
    package var annexID: String?
    /// HTCondor's key (spec 04, 4.2).
    package var key: String

    /// Describes a place.
    package init(table: String, annexID: String?, key: String) {
        self.table = table
        self.annexID = annexID
        self.key = key
    }
}

/// An ad as it survives a restart.
package struct StoredAd: Hashable, Sendable {
    /// Counters that the collector puts into ads (spec 04, 5.4).
    package struct Statistics: Hashable, Sendable {
        /// `UpdatesTotal`.
        package var total: Int64
        /// `UpdatesSequenced`.
        package var sequenced: Int64
        /// `UpdatesLost`.
        package var lost: Int64
        /// `UpdatesHistory`, 32 hexadecimal digits.
        package var history: String

        /// Describes counters.
        package init(total: Int64, sequenced: Int64, lost: Int64, history: String) {
            self.total = total
            self.sequenced = sequenced
            self.lost = lost
            self.history = history
        }
    }

    /// Where it stands.
    package var key: StoredAdKey
    /// The identity that brought it.
    package var identity: String
    /// The authentication method's name; `nil` if nobody authenticated.
    package var method: String?
    /// The capability that brought it.
    package var capabilityID: String?
    /// Whether it is shown but never matched, because it claimed another annex (decision 7).
    package var isMismatched: Bool
    /// Whether the broker made it from a slot ad (spec 04, 5.2).
    package var isSynthesized: Bool
    /// The public attributes, in the form of `AdText`.
    package var publicText: [UInt8]
    /// The private attributes in the same form, sealed at rest; `nil` if there are none or they were lost.
    package var privateText: SecretBytes?
    /// When it last came, in seconds since 1970.
    package var lastHeardFrom: Int64
    /// How long it lives without being renewed, in seconds.
    package var lifetime: Int64
    /// The update counters; `nil` if it has none.
    package var statistics: Statistics?

    /// Describes an ad.
    package init(
        key: StoredAdKey, identity: String, method: String?, capabilityID: String?, isMismatched: Bool = false,
        isSynthesized: Bool = false, publicText: [UInt8], privateText: SecretBytes?, lastHeardFrom: Int64,
        lifetime: Int64, statistics: Statistics? = nil
    ) {
        self.key = key
        self.identity = identity
        self.method = method
        self.capabilityID = capabilityID
        self.isMismatched = isMismatched
        self.isSynthesized = isSynthesized
        self.publicText = publicText
        self.privateText = privateText
        self.lastHeardFrom = lastHeardFrom
        self.lifetime = lifetime
        self.statistics = statistics
    }

    /// Hashes the place, which tells ads apart; private text stays out of hash tables.
    package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
