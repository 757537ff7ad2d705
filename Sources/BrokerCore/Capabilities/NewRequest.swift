package import AnnexModel

/// What making an annex or adding a request to one gives: values to store, and the secret to hand out once.
package struct NewRequest: Sendable {
    /// The annex, new or with its end moved.
    package let annex: Annex
    /// Whether the annex is new.
    package let isNewAnnex: Bool
    /// The request.
    package let request: AnnexRequest
    /// Its capability.
    package let capability: CapabilityRecord
    /// The capability's text, to be shown once; `nil` for tokens, which are signed elsewhere with ``capability``'s id.
    package let text: CapabilityText?
}

/// How capabilities of a request are to be presented.
package enum CapabilityForm: Hashable, Sendable {
    /// An opaque text (spec 03, 10.4).
    case opaque
    /// A token signed with the key of this name.
    case token(kid: String)
}
