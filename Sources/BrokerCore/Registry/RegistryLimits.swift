/// What one peer may put into the registry (spec 04, 19).
package struct RegistryLimits: Sendable {
    /// Attributes of one ad.
    package var attributesPerAd = 1000
    /// Bytes of one ad on the wire, public and private part together.
    package var bytesPerAd = 256 << 10
    /// Ads of one annex.
    package var adsPerAnnex = 5000
    /// Bytes of all ads of one annex together, as they came over the wire.
    package var bytesPerAnnex: Int { adsPerAnnex * averageBytesPerAd }
    /// What an ad may have on average if its annex has as many as it may.
    package var averageBytesPerAd = 16 << 10
    /// Ads of the access point.
    package var adsOfAccessPoint = 50_000
    /// The lifetime of an ad that does not say one, in seconds.
    package var lifetime = AdRecord.defaultLifetime
    /// Node evaluations for one condition or projection of one ad.
    package var stepsPerEvaluation = 100_000
    /// Node evaluations for the condition of an invalidation, over all ads that it is asked of.
    package var stepsPerInvalidation = 2_000_000

    /// The usual ones.
    package init() {}
}
