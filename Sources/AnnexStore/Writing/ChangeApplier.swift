import AnnexModel
import Foundation
import GRDB

/// Turns changes into rows; used by the writer's thread inside its transaction.
struct ChangeApplier {
    /// Seals the secrets.
    var sealer: RowSealer

    /// Writes `change`.
    ///
    /// - Throws: ``StoreError`` of kind `.capability` for a change that builds on a revoked capability, and errors of
    ///   SQLite.
    func apply(_ change: Change, to database: Database) throws {
        switch change {
        case .putAnnex(let annex): try put(annex, database)
        case .removeAnnex(let id): try run("DELETE FROM annex WHERE id = ?", [id], database)
        case .putRequest(let request): try put(request, database)
        case .putCapability(let record): try put(record, database)
        case .revokeCapability(let id, let user, let time): try revoke(id, by: user, at: time, database)
        case .touchCapability(let id, let time, let peer):
            try run(
                "UPDATE capability SET last_used = ?, last_peer = ? WHERE id = ?", [time, peer, id], database)
        case .putSession(let session): try put(session, database)
        case .touchSession(let id, let time):
            try run("UPDATE session SET last_used = ? WHERE id = ?", [time, id], database)
        case .removeSession(let id): try run("DELETE FROM session WHERE id = ?", [id], database)
        case .putAd(let ad): try put(ad, database)
        case .refreshAd(let key, let make): try refresh(make(), at: key, database)
        case .removeAd(let key):
            try run(
                "DELETE FROM ad WHERE table_name = ? AND scope = ? AND key = ?", [key.table, key.scope, key.key],
                database)
        case .putMatch(let match): try put(match, database)
        case .removeMatch(let id): try run("DELETE FROM claim_match WHERE claim_public_id = ?", [id], database)
        case .putOrder(let order):
            try run(
                """
                INSERT INTO shutdown_order (id, annex_id, ordered_at, ordered_by, speed) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET speed = excluded.speed
                """,
                [order.id, order.annexID, order.orderedAt, order.orderedBy, order.speed.rawValue], database)
        case .putMasterStop(let stop):
            try run(
                "INSERT OR REPLACE INTO master_stop (order_id, master_name, state, detail, at) VALUES (?, ?, ?, ?, ?)",
                [stop.orderID, stop.masterName, stop.state.rawValue, stop.detail, stop.at], database)
        case .putTarget(let target): try put(target, database)
        case .removeTarget(let id): try run("DELETE FROM callback_target WHERE id = ?", [id], database)
        case .putMeta(let key, let value):
            try run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [key.rawValue, value], database)
        case .purge(let now):
            try run("DELETE FROM session WHERE expires_at <= ?", [now], database)
            try run("DELETE FROM ad WHERE ? - last_heard_from > lifetime", [now], database)
        }
    }

    private func run(_ sql: String, _ arguments: StatementArguments, _ database: Database) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

extension ChangeApplier {
    private func put(_ annex: Annex, _ database: Database) throws {
        try run(
            """
            INSERT INTO annex (id, owner, name, created_at, expires_at, state, closed_at, closed_by)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET expires_at = max(expires_at, excluded.expires_at),
                state = CASE state WHEN 'active' THEN excluded.state ELSE state END,
                closed_at = coalesce(closed_at, excluded.closed_at),
                closed_by = CASE state WHEN 'active' THEN excluded.closed_by ELSE closed_by END
            """,
            [
                annex.id, annex.key.owner, annex.key.name, annex.createdAt, annex.expiresAt, annex.state.rawValue,
                annex.closedAt, annex.closedBy,
            ], database)
    }

    private func put(_ request: AnnexRequest, _ database: Database) throws {
        try run(
            """
            INSERT INTO request (id, annex_id, state, created_at, lifetime) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET state = excluded.state
            """,
            [request.id, request.annexID, request.state.rawValue, request.createdAt, request.lifetime], database)
    }

    private func put(_ record: CapabilityRecord, _ database: Database) throws {
        try run(
            """
            INSERT INTO capability (id, request_id, annex_id, owner, annex_name, method, secret_hash, kid, scopes,
                issued_at, expires_at, revoked_at, revoked_by, last_used, last_peer)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at,
                revoked_at = coalesce(revoked_at, excluded.revoked_at),
                revoked_by = coalesce(revoked_by, excluded.revoked_by),
                last_used = excluded.last_used, last_peer = excluded.last_peer
            """,
            [
                record.id, record.requestID, record.annexID, record.owner, record.annexName, record.method.rawValue,
                record.secretHash.map { Data($0) }, record.kid, record.scopes.joined(separator: " "), record.issuedAt,
                record.expiresAt, record.revokedAt, record.revokedBy, record.lastUsed, record.lastPeer,
            ], database)
    }

    private func revoke(_ id: String, by user: String, at time: Int64, _ database: Database) throws {
        guard
            try Bool.fetchOne(database.cachedStatement(sql: "SELECT 1 FROM capability WHERE id = ?"), arguments: [id])
                != nil
        else { throw StoreError(.capability, "there is no capability \(id)") }
        try run(
            "UPDATE capability SET revoked_at = ?, revoked_by = ? WHERE id = ? AND revoked_at IS NULL",
            [time, user, id], database)
        try run("DELETE FROM session WHERE capability_id = ?", [id], database)
    }

    private func put(_ session: StoredSession, _ database: Database) throws {
        if let capability = session.capabilityID {
            let revoked = try Int64.fetchOne(
                database.cachedStatement(sql: "SELECT revoked_at FROM capability WHERE id = ?"), arguments: [capability]
            )
            guard revoked == nil else { throw StoreError(.capability, "capability \(capability) is revoked") }
        }
        try run(
            """
            INSERT OR REPLACE INTO session (id, sealed_key, user, method, capability_id, limits, is_bound, peer_version,
                sealed_token, created_at, expires_at, lease, last_used)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                session.id, session.key.map { Data(sealer.seal($0, at: .session(id: session.id))) }, session.user,
                session.method, session.capabilityID, session.limits?.joined(separator: " "), session.isBound,
                session.peerVersion,
                try session.token.map { Data(sealer.seal(try $0.encoded(), at: .sessionToken(id: session.id))) },
                session.createdAt, session.expiresAt, session.lease, session.lastUsed,
            ], database)
    }

    private func put(_ match: Match, _ database: Database) throws {
        try run(
            """
            INSERT OR REPLACE INTO claim_match (claim_public_id, annex_id, slot_key, schedd, submitter, user, cluster, proc,
                autocluster, handed_out_at, confirmed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                match.claimPublicID, match.annexID, match.slotKey, match.schedd, match.submitter, match.user,
                match.cluster, match.proc, match.autocluster, match.handedOutAt, match.confirmedAt,
            ], database)
    }

    private func put(_ target: StoredTarget, _ database: Database) throws {
        try run(
            """
            INSERT OR REPLACE INTO callback_target (id, annex_id, capability_id, name, sealed_cookie, last_seen)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                target.id, target.annexID, target.capabilityID, target.name,
                target.cookie.map { Data(sealer.seal($0, at: .target(id: target.id))) }, target.lastSeen,
            ], database)
    }
}

extension ChangeApplier {
    private func put(_ ad: StoredAd, _ database: Database) throws {
        try run(
            """
            INSERT INTO ad (table_name, scope, key, annex_id, identity, method, capability_id, is_mismatched,
                is_synthesized, public_text, sealed_private, last_heard_from, lifetime, updates_total,
                updates_sequenced, updates_lost, updates_history)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (table_name, scope, key) DO UPDATE SET identity = excluded.identity, method = excluded.method,
                capability_id = excluded.capability_id, is_mismatched = excluded.is_mismatched,
                is_synthesized = excluded.is_synthesized, public_text = excluded.public_text,
                sealed_private = excluded.sealed_private, last_heard_from = excluded.last_heard_from,
                lifetime = excluded.lifetime, updates_total = excluded.updates_total,
                updates_sequenced = excluded.updates_sequenced, updates_lost = excluded.updates_lost,
                updates_history = excluded.updates_history
            """,
            [ad.key.table, ad.key.scope, ad.key.key, ad.key.annexID] + content(of: ad), database)
    }

    private func refresh(_ ad: StoredAd, at key: StoredAdKey, _ database: Database) throws {
        try run(
            """
            UPDATE ad SET identity = ?, method = ?, capability_id = ?, is_mismatched = ?, is_synthesized = ?,
                public_text = ?, sealed_private = ?, last_heard_from = ?, lifetime = ?, updates_total = ?,
                updates_sequenced = ?, updates_lost = ?, updates_history = ?
            WHERE table_name = ? AND scope = ? AND key = ?
            """,
            content(of: ad) + [key.table, key.scope, key.key], database)
    }

    /// The columns of an ad that an update changes, in the order of both statements.
    private func content(of ad: StoredAd) -> StatementArguments {
        [
            ad.identity, ad.method, ad.capabilityID, ad.isMismatched, ad.isSynthesized, Data(ad.publicText),
            ad.privateText.map { Data(sealer.seal($0, at: .ad(ad.key))) }, ad.lastHeardFrom, ad.lifetime,
            ad.statistics?.total, ad.statistics?.sequenced, ad.statistics?.lost, ad.statistics?.history,
        ]
    }
}

extension StoredAdKey {
    /// The annex's id, or empty for the access point's own ads.
    var scope: String { annexID ?? "" }
}
