package import AnnexModel

/// What negotiation needs to know of an annex.
package struct OfferingAnnex: Hashable, Sendable {
    /// The incarnation (``Annex/id``).
    package var id: String
    /// Owner and name.
    package var key: AnnexKey
    /// Other users, `bob@uid.domain`, to whom the owner lends his slots.
    package var guests: Set<String>
    /// Whether its slots may be matched at all (``Annex/permits(_:)``).
    package var isOpen: Bool

    package init(id: String, key: AnnexKey, guests: Set<String> = [], isOpen: Bool = true) {
        self.id = id
        self.key = key
        self.guests = guests
        self.isOpen = isOpen
    }

    /// An annex as it is recorded.
    package init(_ annex: Annex, guests: Set<String> = []) {
        self.init(id: annex.id, key: annex.key, guests: guests, isOpen: annex.permits(.match))
    }

    /// Whether jobs of `user` may run here; compared byte by byte, as the schedd does (spec 05, 5.2).
    package func admits(_ user: String) -> Bool {
        user == key.owner || guests.contains(user)
    }
}
