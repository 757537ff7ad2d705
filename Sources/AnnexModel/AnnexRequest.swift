/// One request for resources of an annex: one batch job at the centre, one capability (decision 11).
package struct AnnexRequest: Hashable, Sendable, Identifiable {
    /// 32 hexadecimal digits, public.
    package let id: String
    /// The incarnation of the annex it belongs to.
    package let annexID: String
    /// Where it is in its life.
    package var state: State
    /// When it was made, in seconds since 1970.
    package let createdAt: Int64
    /// How long it may run, in seconds.
    package let lifetime: Int64

    /// Describes a request.
    package init(id: String, annexID: String, state: State = .requested, createdAt: Int64, lifetime: Int64) {
        self.id = id
        self.annexID = annexID
        self.state = state
        self.createdAt = createdAt
        self.lifetime = lifetime
    }

    /// When it ends, in seconds since 1970; a sum that does not fit counts as never.
    package var endsAt: Int64 {
        let (end, overflow) = createdAt.addingReportingOverflow(lifetime)
        return overflow ? .max : end
    }

    /// The lifetime of a request whose maker does not say one: 24 hours (decision 11).
    package static let defaultLifetime: Int64 = 24 * 3600

    /// How much longer than its request a capability lives: one hour (decision 11).
    package static let capabilityGrace: Int64 = 3600

    /// The life of a request.
    package enum State: String, Sendable, CaseIterable {
        /// Made; nobody has used its capability yet.
        case requested
        /// Its capability was used once.
        case enrolled
        /// At least one of its masters or startds is known to the broker.
        case active
        /// It ended as planned.
        case retired
        /// Its ads went away without a word.
        case lost

        /// Whether a request in this state may become `next`.
        ///
        /// A lost one comes back when its pilots do; a retired one does not.
        package func mayBecome(_ next: State) -> Bool {
            switch (self, next) {
            case (.requested, .enrolled), (.requested, .active), (.requested, .retired),
                (.enrolled, .active), (.enrolled, .lost), (.enrolled, .retired),
                (.active, .lost), (.active, .retired),
                (.lost, .active), (.lost, .retired):
                true
            case (.requested, _), (.enrolled, _), (.active, _), (.lost, _), (.retired, _):
                false
            }
        }
    }
}
