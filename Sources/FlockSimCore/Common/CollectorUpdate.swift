package import CEDAR
package import ClassAds

/// One message of a daemon to its collector: a command and the ads after it (spec 04, 3.1).
package struct CollectorUpdate: Sendable, Equatable {
    /// `UPDATE_...` or `INVALIDATE_...`.
    package var command: CommandNumber
    /// One ad, or the public and the private ad of a slot.
    package var ads: [ClassAd]

    /// A message with one or two ads.
    package init(_ command: CommandNumber, _ ads: [ClassAd]) {
        self.command = command
        self.ads = ads
    }

    /// The message by which a daemon takes back an ad (spec 04, section 6).
    package static func invalidation(
        _ command: CommandNumber, type: String, name: String, of daemon: DaemonIdentity, sequence: Int
    ) -> CollectorUpdate {
        var ad = ClassAd()
        ad.set(AttributeName.myType, "Query")
        ad.set(AttributeName.targetType, type)
        ad.set(AttributeName.name, name)
        ad.set(AttributeName.myAddress, daemon.address)
        ad.setExpression(AttributeName.requirements, "TARGET.Name == \(Expression(name).text(.old))")
        daemon.publishUpdate(into: &ad, sequence: sequence)
        return CollectorUpdate(command, [ad])
    }
}
