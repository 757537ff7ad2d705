import AnnexModel

/// The dictionaries of a ``CapabilityLedger``; the ledger guards them with its lock.
struct LedgerIndex {
    private(set) var annexes: [String: Annex] = [:]
    private(set) var requests: [String: AnnexRequest] = [:]
    private(set) var capabilities: [String: CapabilityRecord] = [:]

    /// Incarnations by owner and name, and by owner.
    private var incarnations: [AnnexKey: Set<String>] = [:]
    private var annexesByOwner: [String: Set<String>] = [:]
    private var requestsByAnnex: [String: Set<String>] = [:]
    private var capabilitiesByAnnex: [String: Set<String>] = [:]
    /// Names of annexes that are being stored.
    private var reserved: Set<AnnexKey> = []
    /// What still lives and will end: active annexes, and capabilities whose end nobody has been told of.
    private var livingAnnexes: Set<String> = []
    private var livingCapabilities: Set<String> = []

    mutating func put(_ annex: Annex) {
        annexes[annex.id] = annex
        incarnations[annex.key, default: []].insert(annex.id)
        annexesByOwner[annex.key.owner, default: []].insert(annex.id)
        if annex.state == .active { livingAnnexes.insert(annex.id) } else { livingAnnexes.remove(annex.id) }
    }

    mutating func put(_ request: AnnexRequest) {
        requests[request.id] = request
        requestsByAnnex[request.annexID, default: []].insert(request.id)
    }

    mutating func put(_ record: CapabilityRecord) {
        let isNew = capabilities.updateValue(record, forKey: record.id) == nil
        capabilitiesByAnnex[record.annexID, default: []].insert(record.id)
        if record.revokedAt != nil {
            livingCapabilities.remove(record.id)
        } else if isNew {
            livingCapabilities.insert(record.id)
        }
    }

    /// Whether `key` names an active annex or one that is being made.
    func isTaken(_ key: AnnexKey) -> Bool {
        reserved.contains(key) || (incarnations[key] ?? []).contains(where: livingAnnexes.contains)
    }

    /// Keeps `key` from being taken twice while its annex is being stored.
    mutating func reserve(_ key: AnnexKey) { reserved.insert(key) }

    mutating func release(_ key: AnnexKey) { reserved.remove(key) }

    func activeAnnexes(of owner: String) -> Int {
        (annexesByOwner[owner] ?? []).count(where: livingAnnexes.contains) + reserved.count { $0.owner == owner }
    }

    /// The active incarnation, else the one that was made last.
    func annex(_ key: AnnexKey) -> Annex? {
        (incarnations[key] ?? []).compactMap { annexes[$0] }.max { left, right in
            (left.state == .active ? 1 : 0, left.createdAt, left.id)
                < (right.state == .active ? 1 : 0, right.createdAt, right.id)
        }
    }

    func requests(ofAnnex id: String) -> [AnnexRequest] {
        (requestsByAnnex[id] ?? []).compactMap { requests[$0] }
    }

    func capabilities(ofAnnex id: String) -> [CapabilityRecord] {
        (capabilitiesByAnnex[id] ?? []).compactMap { capabilities[$0] }
    }

    /// The earliest end of what still lives.
    var nextDeadline: Int64? {
        let annexEnds = livingAnnexes.lazy.compactMap { annexes[$0]?.expiresAt }
        let capabilityEnds = livingCapabilities.lazy.compactMap { capabilities[$0]?.expiresAt }
        return [annexEnds.min(), capabilityEnds.min()].compactMap(\.self).min()
    }

    /// Ends what time has ended.
    mutating func expire(now: Int64) -> StandingChanges {
        var changes = StandingChanges()
        for id in livingAnnexes {
            guard let annex = annexes[id]?.expired(at: now), annex.state == .expired else { continue }
            changes.annexes.append(annex)
        }
        for id in livingCapabilities {
            guard let record = capabilities[id], record.standing(now: now) == .expired else { continue }
            changes.capabilities.append(record)
        }
        changes.annexes.forEach { put($0) }
        changes.capabilities.forEach { livingCapabilities.remove($0.id) }
        changes.annexes.sort { ($0.expiresAt, $0.id) < ($1.expiresAt, $1.id) }
        changes.capabilities.sort { ($0.expiresAt, $0.id) < ($1.expiresAt, $1.id) }
        return changes
    }

    mutating func forget(annexID id: String) {
        guard let annex = annexes.removeValue(forKey: id) else { return }
        livingAnnexes.remove(id)
        incarnations[annex.key]?.remove(id)
        if incarnations[annex.key]?.isEmpty == true { incarnations[annex.key] = nil }
        annexesByOwner[annex.key.owner]?.remove(id)
        if annexesByOwner[annex.key.owner]?.isEmpty == true { annexesByOwner[annex.key.owner] = nil }
        for request in requestsByAnnex.removeValue(forKey: id) ?? [] { requests[request] = nil }
        for capability in capabilitiesByAnnex.removeValue(forKey: id) ?? [] {
            capabilities[capability] = nil
            livingCapabilities.remove(capability)
        }
    }
}
