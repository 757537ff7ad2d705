import AnnexModel
import AnnexStore
import BrokerCore
import ClassAds
import Cryptography

/// The registry's records as rows, and back.
extension StoredAdKey {
    init(_ key: AdKey) {
        self.init(table: key.table.name, annexID: key.scope.annexID, key: key.name)
    }

    /// The key in the registry; `nil` for a table that this version does not know.
    var adKey: AdKey? {
        guard let table = AdTable(name: table) else { return nil }
        return AdKey(table: table, scope: annexID.map(AdScope.annex) ?? .accessPoint, name: key)
    }
}

extension StoredAd {
    init(_ record: AdRecord) {
        self.init(
            key: StoredAdKey(record.key), identity: record.identity, method: record.method,
            capabilityID: record.capabilityID, isMismatched: record.isMismatched, isSynthesized: record.isSynthesized,
            publicText: AdText.encode(record.publicAd),
            privateText: record.secrets.map { SecretBytes(AdText.encode($0.ad)) },
            lastHeardFrom: record.lastHeardFrom, lifetime: record.lifetime ?? AdRecord.maximumLifetime,
            statistics: record.statistics.map {
                Statistics(total: $0.total, sequenced: $0.sequenced, lost: $0.lost, history: $0.historyText)
            })
    }
}

extension AdRecord {
    /// A record as an earlier process left it; `nil` if this version cannot read it.
    convenience init?(_ stored: StoredAd) {
        // What cannot be read is counted and reported by whoever restores it.
        guard let key = stored.key.adKey, let publicAd = try? AdText.decode(stored.publicText) else { return nil }
        let secrets = stored.privateText.flatMap { try? AdText.decode($0.bytes) }.flatMap { PrivateAd(from: $0) }
        self.init(
            key: key, identity: stored.identity, method: stored.method, capabilityID: stored.capabilityID,
            publicAd: publicAd, secrets: secrets,
            byteCount: stored.publicText.count + (stored.privateText?.bytes.count ?? 0),
            lastHeardFrom: stored.lastHeardFrom, lifetime: stored.lifetime,
            statistics: stored.statistics.flatMap {
                UpdateStatistics(total: $0.total, sequenced: $0.sequenced, lost: $0.lost, history: $0.history)
            },
            isMismatched: stored.isMismatched, isSynthesized: stored.isSynthesized, isRestored: true)
    }
}
