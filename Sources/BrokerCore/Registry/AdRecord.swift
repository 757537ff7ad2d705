package import ClassAds

/// An ad as the registry holds it; it never changes, a newer one takes its place.
package final class AdRecord: Sendable {
    /// Where it stands; kept with the ad, never computed from it again.
    package let key: AdKey
    /// The identity that brought it.
    package let identity: String
    /// The authentication method's name; `nil` if nobody authenticated.
    package let method: String?
    /// The capability that brought it.
    package let capabilityID: String?
    /// What everybody may see, with the attributes that are ours to write.
    package let publicAd: ClassAd
    /// What hardly anybody may see; `nil` if there is nothing.
    package let secrets: PrivateAd?
    /// How many bytes it was on the wire, or is in the database.
    package let byteCount: Int
    /// When it came, in seconds since 1970, by our clock.
    package let lastHeardFrom: Int64
    /// How long it lives without being renewed, in seconds; `nil` for the broker's own ad, which does not expire.
    package let lifetime: Int64?
    /// The update counters that are in the ad; `nil` if it has none.
    package let statistics: UpdateStatistics?
    /// Whether it named another annex than its capability's: it is shown and never matched (decision 7).
    package let isMismatched: Bool
    /// Whether the registry made it from a slot ad (spec 04, 5.2).
    package let isSynthesized: Bool
    /// Whether it comes from the database and has not been renewed since the start.
    package let isRestored: Bool

    /// Describes an ad.
    package init(
        key: AdKey, identity: String, method: String?, capabilityID: String?, publicAd: ClassAd, secrets: PrivateAd?,
        byteCount: Int = 0, lastHeardFrom: Int64, lifetime: Int64?, statistics: UpdateStatistics? = nil,
        isMismatched: Bool = false,
        isSynthesized: Bool = false, isRestored: Bool = false
    ) {
        self.key = key
        self.identity = identity
        self.method = method
        self.capabilityID = capabilityID
        self.publicAd = publicAd
        self.secrets = secrets
        self.byteCount = byteCount
        self.lastHeardFrom = lastHeardFrom
        self.lifetime = lifetime
        self.statistics = statistics
        self.isMismatched = isMismatched
        self.isSynthesized = isSynthesized
        self.isRestored = isRestored
    }

    /// The first second in which it is not shown any more; `nil` for never.
    ///
    /// An ad is gone when more than its lifetime has passed since it came (spec 04, 7.1), exactly and not at the next
    /// round of a housekeeper.
    package var deadline: Int64? {
        guard let lifetime else { return nil }
        let (end, overflow) = lastHeardFrom.addingReportingOverflow(lifetime)
        return overflow || end == .max ? nil : end + 1
    }

    /// Whether it is past its lifetime.
    package func isExpired(now: Int64) -> Bool {
        deadline.map { now >= $0 } ?? false
    }

    /// The lifetime of an ad that does not say one, in seconds (`CLASSAD_LIFETIME`).
    package static let defaultLifetime: Int64 = 900

    /// The longest lifetime that an ad may ask for, in seconds: a week.
    package static let maximumLifetime: Int64 = 7 * 24 * 3600
}
