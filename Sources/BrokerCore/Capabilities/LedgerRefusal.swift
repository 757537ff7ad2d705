/// Why a credential is not accepted; peers are told nothing of it but that they failed.
package enum CapabilityRefusal: Hashable, Sendable, CaseIterable {
    /// The text has not the form of a capability.
    case malformed
    /// There is no such capability.
    case unknown
    /// The secret is not the capability's, or the token was signed with another key than it.
    case wrongSecret
    /// It is to be presented by another method (spec 03, 10.3).
    case wrongMethod
    /// Its time is over.
    case expired
    /// Somebody revoked it.
    case revoked

    /// Fixed words for the log.
    package var reason: String {
        switch self {
        case .malformed: "not a capability"
        case .unknown: "unknown capability"
        case .wrongSecret: "wrong secret"
        case .wrongMethod: "capability presented by another method than its own"
        case .expired: "capability expired"
        case .revoked: "capability revoked"
        }
    }
}

/// A refused credential: why, and its public id as far as there is one.
package struct RefusedCapability: Error, Hashable, Sendable {
    /// The public id in the credential; `nil` if it could not be read.
    package let id: String?
    /// Why.
    package let refusal: CapabilityRefusal

    /// Describes a refusal.
    package init(id: String?, refusal: CapabilityRefusal) {
        self.id = id
        self.refusal = refusal
    }
}

/// Why an order about annexes and capabilities is not carried out.
package enum LedgerRefusal: Error, Hashable, Sendable, CaseIterable {
    /// The owner has an active annex of this name.
    case annexExists
    /// There is no such annex.
    case noSuchAnnex
    /// The annex is closed or expired.
    case annexNotActive
    /// There is no such capability.
    case noSuchCapability
    /// The lifetime is not between a second and a year.
    case lifetimeOutOfRange
    /// The owner has as many active annexes, or the annex as many requests, as anybody may have.
    case tooMany

    /// Words for the person who gave the order.
    package var reason: String {
        switch self {
        case .annexExists: "there is an active annex of this name"
        case .noSuchAnnex: "there is no such annex"
        case .annexNotActive: "the annex is not active any more"
        case .noSuchCapability: "there is no such capability"
        case .lifetimeOutOfRange: "the lifetime must be between a second and a year"
        case .tooMany: "too many annexes or requests"
        }
    }
}
