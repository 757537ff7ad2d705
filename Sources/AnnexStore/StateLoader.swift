import AnnexModel
import Cryptography
import Foundation
import GRDB

/// Reads everything at start and opens what is sealed.
struct StateLoader {
    /// Opens the secrets.
    var sealer: RowSealer
    /// What could not be opened.
    private(set) var damaged = LostSecrets(reason: .damaged, sessions: 0, ads: 0, targets: 0)

    /// Reads with `sealer`.
    init(sealer: RowSealer) {
        self.sealer = sealer
    }

    /// All tables.
    mutating func load(_ database: Database) throws -> StoredState {
        StoredState(
            annexes: try annexes(database), requests: try requests(database), capabilities: try capabilities(database),
            sessions: try sessions(database), ads: try ads(database), matches: try matches(database),
            orders: try orders(database), masterStops: try masterStops(database), targets: try targets(database),
            meta: try meta(database))
    }

    private func annexes(_ database: Database) throws -> [Annex] {
        try Row.fetchAll(database, sql: "SELECT * FROM annex ORDER BY created_at, id").map { row in
            guard let key = AnnexKey(owner: row["owner"], name: row["name"]),
                let state = Annex.State(rawValue: row["state"])
            else { throw Self.unreadable("annex", row["id"]) }
            return Annex(
                id: row["id"], key: key, createdAt: row["created_at"], expiresAt: row["expires_at"], state: state,
                closedAt: row["closed_at"], closedBy: row["closed_by"])
        }
    }

    private func requests(_ database: Database) throws -> [AnnexRequest] {
        try Row.fetchAll(database, sql: "SELECT * FROM request ORDER BY created_at, id").map { row in
            guard let state = AnnexRequest.State(rawValue: row["state"]) else {
                throw Self.unreadable("request", row["id"])
            }
            return AnnexRequest(
                id: row["id"], annexID: row["annex_id"], state: state, createdAt: row["created_at"],
                lifetime: row["lifetime"])
        }
    }

    private func capabilities(_ database: Database) throws -> [CapabilityRecord] {
        try Row.fetchAll(database, sql: "SELECT * FROM capability ORDER BY issued_at, id").map { row in
            guard let method = CapabilityRecord.Method(rawValue: row["method"]) else {
                throw Self.unreadable("capability", row["id"])
            }
            return CapabilityRecord(
                id: row["id"], requestID: row["request_id"], annexID: row["annex_id"], owner: row["owner"],
                annexName: row["annex_name"], method: method, secretHash: Self.bytes(row["secret_hash"]),
                kid: row["kid"], scopes: Self.words(row["scopes"]), issuedAt: row["issued_at"],
                expiresAt: row["expires_at"], revokedAt: row["revoked_at"], revokedBy: row["revoked_by"],
                lastUsed: row["last_used"], lastPeer: row["last_peer"])
        }
    }

    private mutating func sessions(_ database: Database) throws -> [StoredSession] {
        var sessions: [StoredSession] = []
        for row in try Row.fetchAll(database, sql: "SELECT * FROM session ORDER BY created_at, id") {
            var key: SecretBytes?
            if let sealed = Self.bytes(row["sealed_key"]) {
                guard let opened = sealer.open(sealed, at: .session(id: row["id"])) else {
                    damaged.sessions += 1
                    continue
                }
                key = opened
            }
            var token: StoredToken?
            if let sealed = Self.bytes(row["sealed_token"]) {
                token = sealer.open(sealed, at: .sessionToken(id: row["id"])).flatMap { StoredToken(encoded: $0) }
                // Without what it was opened with, a session is not the one it was.
                guard token != nil else {
                    damaged.sessions += 1
                    continue
                }
            }
            let limits: String? = row["limits"]
            sessions.append(
                StoredSession(
                    id: row["id"], key: key, user: row["user"], method: row["method"],
                    capabilityID: row["capability_id"], limits: limits.map(Self.words), isBound: row["is_bound"],
                    peerVersion: row["peer_version"], token: token, createdAt: row["created_at"],
                    expiresAt: row["expires_at"], lease: row["lease"], lastUsed: row["last_used"]))
        }
        return sessions
    }

    private mutating func ads(_ database: Database) throws -> [StoredAd] {
        var ads: [StoredAd] = []
        for row in try Row.fetchAll(database, sql: "SELECT * FROM ad ORDER BY table_name, scope, key") {
            let key = StoredAdKey(table: row["table_name"], annexID: row["annex_id"], key: row["key"])
            var privateText: SecretBytes?
            if let sealed = Self.bytes(row["sealed_private"]) {
                privateText = sealer.open(sealed, at: .ad(key))
                if privateText == nil { damaged.ads += 1 }
            }
            var statistics: StoredAd.Statistics?
            if let total: Int64 = row["updates_total"], let sequenced: Int64 = row["updates_sequenced"],
                let lost: Int64 = row["updates_lost"], let history: String = row["updates_history"]
            {
                statistics = .init(total: total, sequenced: sequenced, lost: lost, history: history)
            }
            ads.append(
                StoredAd(
                    key: key, identity: row["identity"], method: row["method"], capabilityID: row["capability_id"],
                    isMismatched: row["is_mismatched"], isSynthesized: row["is_synthesized"],
                    publicText: Self.bytes(row["public_text"]) ?? [], privateText: privateText,
                    lastHeardFrom: row["last_heard_from"], lifetime: row["lifetime"], statistics: statistics))
        }
        return ads
    }

    private func matches(_ database: Database) throws -> [Match] {
        try Row.fetchAll(database, sql: "SELECT * FROM claim_match ORDER BY handed_out_at, claim_public_id").map {
            row in
            Match(
                claimPublicID: row["claim_public_id"], annexID: row["annex_id"], slotKey: row["slot_key"],
                schedd: row["schedd"], submitter: row["submitter"], user: row["user"], cluster: row["cluster"],
                proc: row["proc"], autocluster: row["autocluster"], handedOutAt: row["handed_out_at"],
                confirmedAt: row["confirmed_at"])
        }
    }

    private func orders(_ database: Database) throws -> [ShutdownOrder] {
        try Row.fetchAll(database, sql: "SELECT * FROM shutdown_order ORDER BY ordered_at, id").map { row in
            guard let speed = ShutdownOrder.Speed(rawValue: row["speed"]) else {
                throw Self.unreadable("shutdown_order", row["id"])
            }
            return ShutdownOrder(
                id: row["id"], annexID: row["annex_id"], orderedAt: row["ordered_at"], orderedBy: row["ordered_by"],
                speed: speed)
        }
    }

    private func masterStops(_ database: Database) throws -> [MasterStop] {
        try Row.fetchAll(database, sql: "SELECT * FROM master_stop ORDER BY order_id, master_name").map { row in
            guard let state = MasterStop.State(rawValue: row["state"]) else {
                throw Self.unreadable("master_stop", row["order_id"])
            }
            return MasterStop(
                orderID: row["order_id"], masterName: row["master_name"], state: state, detail: row["detail"],
                at: row["at"])
        }
    }

    private mutating func targets(_ database: Database) throws -> [StoredTarget] {
        var targets: [StoredTarget] = []
        for row in try Row.fetchAll(database, sql: "SELECT * FROM callback_target ORDER BY id") {
            var cookie: SecretBytes?
            if let sealed = Self.bytes(row["sealed_cookie"]) {
                cookie = sealer.open(sealed, at: .target(id: row["id"]))
                if cookie == nil { damaged.targets += 1 }
            }
            targets.append(
                StoredTarget(
                    id: row["id"], annexID: row["annex_id"], capabilityID: row["capability_id"], name: row["name"],
                    cookie: cookie, lastSeen: row["last_seen"]))
        }
        return targets
    }

    private func meta(_ database: Database) throws -> [String: String] {
        var meta: [String: String] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT key, value FROM meta") {
            guard let key = MetaKey(rawValue: row["key"]) else { continue }
            meta[key.rawValue] = row["value"]
        }
        return meta
    }

    private static func bytes(_ data: Data?) -> [UInt8]? { data.map { Array($0) } }

    private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    private static func unreadable(_ table: String, _ id: String) -> StoreError {
        StoreError(.database, "row \(id) of table \(table) has a value that this version does not know")
    }
}
