package import ClassAds

/// What a simulated startd is told when it is made.
package struct StartdConfiguration: Sendable {
    /// How the machine is divided.
    package enum Layout: Sendable, Equatable {
        /// One slot from which dynamic slots are cut.
        case partitionable
        /// This many equal slots.
        case fixed(Int)
    }

    /// Who it is; `name` is the part of slot names after the `@`.
    package var identity: DaemonIdentity
    /// What the machine has.
    package var resources: SlotResources
    /// How it is divided.
    package var layout: Layout
    /// The `START` expression.
    package var start: String
    /// Attributes put into every ad (`STARTD_ATTRS`), such as `AnnexName`.
    package var attributes: ClassAd
    /// `UID_DOMAIN` of the machine.
    package var uidDomain: String
    /// `COLLECTOR_HOST` as configured.
    package var collectorHost: String
    /// Seconds after which no new job may start on a claim (`CLAIM_WORKLIFE`).
    package var claimWorklife: Int64

    /// A startd with the usual settings.
    package init(
        identity: DaemonIdentity, resources: SlotResources, layout: Layout = .partitionable, start: String = "true",
        attributes: ClassAd = ClassAd(), uidDomain: String, collectorHost: String, claimWorklife: Int64 = 1200
    ) {
        self.identity = identity
        self.resources = resources
        self.layout = layout
        self.start = start
        self.attributes = attributes
        self.uidDomain = uidDomain
        self.collectorHost = collectorHost
        self.claimWorklife = claimWorklife
    }
}
