/// Whose an ad is.
package enum AdScope: Hashable, Sendable {
    /// It came with a capability of this incarnation of an annex.
    case annex(String)
    /// It came from a daemon of the access point, or is the broker's own.
    case accessPoint

    /// The annex's id, or `nil` for the access point.
    package var annexID: String? {
        switch self {
        case .annex(let id): id
        case .accessPoint: nil
        }
    }
}

/// Where an ad stands: its table, whose it is, and HTCondor's key.
///
/// Because the owner is part of the key, two annexes may both have `slot1@node1`, and nobody can replace or take away
/// an ad of another annex by choosing its name (decision 6).
package struct AdKey: Hashable, Sendable {
    /// The table.
    package var table: AdTable
    /// Whose it is.
    package var scope: AdScope
    /// HTCondor's key (spec 04, 4.2).
    package var name: String

    /// Describes a place.
    package init(table: AdTable, scope: AdScope, name: String) {
        self.table = table
        self.scope = scope
        self.name = name
    }
}
