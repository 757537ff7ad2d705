package import AnnexModel

/// How soon a change must be on disk.
package enum Durability: Sendable {
    /// With the next group; the completion runs after the commit.
    case durable
    /// Within a second or with the next durable group. Only the last of several such changes of one key is written.
    case soft
}

/// One thing to remember or to forget.
///
/// Every change is an absolute statement, so doing it twice is doing it once.
package enum Change: Sendable {
    /// Makes or replaces an annex; one that ended on disk does not become active again, and its end only moves later.
    case putAnnex(Annex)
    /// Forgets an annex with everything that hangs on it.
    case removeAnnex(id: String)
    /// Makes or replaces a request.
    case putRequest(AnnexRequest)
    /// Makes or replaces a capability; a revocation on disk is never undone by this.
    case putCapability(CapabilityRecord)
    /// Revokes a capability and drops its sessions, in one step (spec 03, 10.7).
    case revokeCapability(id: String, by: String, at: Int64)
    /// Remembers that a capability was used; usually soft.
    case touchCapability(id: String, at: Int64, peer: String)
    /// Stores a session; refused if its capability is revoked.
    case putSession(StoredSession)
    /// Remembers that a session was used; usually soft.
    case touchSession(id: String, lastUsed: Int64)
    /// Forgets a session.
    case removeSession(id: String)
    /// Makes or replaces an ad.
    case putAd(StoredAd)
    /// Renews an ad that is there, and does nothing if it is not; usually soft.
    ///
    /// `make` runs on the writer's thread, and only for the last refresh of a group, so that an ad which comes every few
    /// seconds costs its event loop nothing.
    case refreshAd(StoredAdKey, make: @Sendable () -> StoredAd)
    /// Forgets an ad.
    case removeAd(StoredAdKey)
    /// Makes or replaces a match.
    case putMatch(Match)
    /// Forgets a match.
    case removeMatch(claimPublicID: String)
    /// Stores a shutdown order.
    case putOrder(ShutdownOrder)
    /// Stores how far a master is with an order.
    case putMasterStop(MasterStop)
    /// Makes or replaces a callback registration.
    case putTarget(StoredTarget)
    /// Forgets a callback registration.
    case removeTarget(id: Int64)
    /// Stores a single value.
    case putMeta(MetaKey, String)
    /// Forgets sessions and ads that have expired.
    case purge(now: Int64)
}

extension Change {
    /// What this change is, for fault points and figures.
    package enum Kind: String, Sendable, CaseIterable {
        case annexStored, annexForgotten, requestStored, capabilityStored, capabilityRevoked, capabilityUsed
        case sessionStored, sessionUsed, sessionRemoved
        case adRegistered, adRefreshed, adInvalidated
        case matchHandedOut, matchEnded
        case shutdownOrdered, masterStopped
        case callbackRegistered, callbackEnded
        case metaStored, purged
    }

    /// What this change is.
    package var kind: Kind {
        switch self {
        case .putAnnex: .annexStored
        case .removeAnnex: .annexForgotten
        case .putRequest: .requestStored
        case .putCapability: .capabilityStored
        case .revokeCapability: .capabilityRevoked
        case .touchCapability: .capabilityUsed
        case .putSession: .sessionStored
        case .touchSession: .sessionUsed
        case .removeSession: .sessionRemoved
        case .putAd: .adRegistered
        case .refreshAd: .adRefreshed
        case .removeAd: .adInvalidated
        case .putMatch: .matchHandedOut
        case .removeMatch: .matchEnded
        case .putOrder: .shutdownOrdered
        case .putMasterStop: .masterStopped
        case .putTarget: .callbackRegistered
        case .removeTarget: .callbackEnded
        case .putMeta: .metaStored
        case .purge: .purged
        }
    }

    /// What soft changes are told apart by, or `nil` for a change that must not be skipped.
    ///
    /// Two changes of the same key overwrite the same columns of the same row, so that writing only the later one gives
    /// the same rows in the end.
    var refreshKey: RefreshKey? {
        switch self {
        case .touchCapability(let id, _, _): .capability(id)
        case .touchSession(let id, _): .session(id)
        case .refreshAd(let key, _): .ad(key)
        case .putAnnex, .removeAnnex, .putRequest, .putCapability, .revokeCapability, .putSession, .removeSession,
            .putAd, .removeAd,
            .putMatch, .removeMatch, .putOrder, .putMasterStop, .putTarget, .removeTarget, .putMeta, .purge:
            nil
        }
    }

    /// The row that a repeated soft change keeps fresh.
    enum RefreshKey: Hashable {
        case capability(String)
        case session(String)
        case ad(StoredAdKey)
    }
}
