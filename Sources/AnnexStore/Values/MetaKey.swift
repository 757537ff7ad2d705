/// Names of the single values that the store keeps.
package enum MetaKey: String, Sendable, CaseIterable {
    /// The broker's trust domain, fixed at first start (decision 8).
    case trustDomain = "trust_domain"
    /// The highest CCB id ever given out; ids are not used again (spec 06, 2).
    case lastCallbackID = "last_ccb_id"
}
