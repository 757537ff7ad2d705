import CEDAR
package import ClassAds

/// The private attributes of an ad: claim ids and administration capabilities (spec 04, 9).
///
/// Whoever has them may claim slots or stop daemons, so they live apart from the public ad and do not print.
package struct PrivateAd: Sendable, Equatable {
    /// The attributes, to be sent on encrypted streams to those entitled and to be stored sealed, and nothing else.
    package let ad: ClassAd

    /// The private attributes of all `ads`, or `nil` if there are none; of one name, that of the last ad counts.
    package init?(from ads: ClassAd...) {
        var secrets = ClassAd()
        for ad in ads {
            for name in Self.names { if let expression = ad[name] { secrets[name] = expression } }
            // The first character spares the other 150 names of a slot ad the whole comparison.
            for name in ad.names where name.utf8.first == UInt8(ascii: "_") && ClassAd.isPrivate(name) {
                secrets[name] = ad[name]
            }
        }
        guard !secrets.isEmpty else { return nil }
        ad = secrets
    }

    /// The private attributes whose names do not begin with an underscore (spec 04, 9).
    private static let names = [
        AttributeName.capability, AttributeName.childClaimIDs, AttributeName.claimID, AttributeName.claimIDList,
        AttributeName.claimIDs, AttributeName.transferKey,
    ]

    /// The claim id that a new claimant presents: of `ClaimIdList` the first, else `ClaimId`, else `Capability`
    /// (spec 05, 3.2).
    package var claimID: String? {
        if let list = ad.string(AttributeName.claimIDList, in: .plainValues),
            let first = list.split(separator: " ").first
        {
            return String(first)
        }
        return ad.string(AttributeName.claimID, in: .plainValues)
            ?? ad.string(AttributeName.capability, in: .plainValues)
    }

    /// The session with which the daemon can be administered (spec 04, 11.1).
    package var administrationCapability: String? { ad.string(AttributeName.remoteAdminCapability, in: .plainValues) }

    /// Only the administration capability, for those who may have it.
    var administrationOnly: PrivateAd? {
        guard let capability = ad[AttributeName.remoteAdminCapability] else { return nil }
        return PrivateAd(from: [AttributeName.remoteAdminCapability: capability])
    }
}

extension PrivateAd: CustomStringConvertible, CustomReflectable {
    /// How many attributes there are.
    package var description: String { "<\(ad.count) private attributes>" }

    /// Keeps `dump` and debuggers away from the secrets.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
