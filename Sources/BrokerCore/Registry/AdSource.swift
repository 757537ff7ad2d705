package import AnnexModel

/// Who brings an ad, as his session proves it; nothing of it comes from the ad.
package struct AdSource: Sendable {
    /// Whose the ads become.
    package let scope: AdScope
    /// What `AuthenticatedIdentity` becomes.
    package let identity: String
    /// What `AuthenticationMethod` becomes; `nil` if nobody authenticated.
    package let method: String?
    /// What `AnnexName` becomes; `nil` for the access point.
    package let annexName: String?
    /// The capability behind the session.
    package let capabilityID: String?

    /// A pilot of `annex`: its ads belong to the annex and carry its owner as identity (decision 7).
    package static func annex(_ annex: Annex, capabilityID: String?, method: String) -> AdSource {
        AdSource(
            scope: .annex(annex.id), identity: annex.key.owner, method: method, annexName: annex.key.name,
            capabilityID: capabilityID)
    }

    /// A daemon of the access point that authenticated as `user`.
    package static func accessPoint(user: String, method: String?) -> AdSource {
        AdSource(scope: .accessPoint, identity: user, method: method, annexName: nil, capabilityID: nil)
    }

    /// Whether ads of this source may go into `table`: a pilot has slots, a startd and a master, and nothing else.
    func mayWrite(to table: AdTable) -> Bool {
        switch (scope, table) {
        case (.accessPoint, _), (.annex, .slot), (.annex, .startd), (.annex, .master): true
        case (.annex, _): false
        }
    }
}
