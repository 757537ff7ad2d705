package import AnnexModel

/// What came to its end with time.
package struct StandingChanges: Sendable {
    /// Annexes that expired: to be stored, and their masters to be stopped.
    package var annexes: [Annex] = []
    /// Capabilities whose time is over: their sessions and connections are to be closed.
    package var capabilities: [CapabilityRecord] = []

    /// Whether nothing ended.
    package var isEmpty: Bool { annexes.isEmpty && capabilities.isEmpty }
}
