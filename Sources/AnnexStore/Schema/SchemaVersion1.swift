extension Schema {
    /// The first version.
    ///
    /// Times are seconds since 1970. Columns named `sealed_…` hold AES-256-GCM texts under a key derived from
    /// `broker.key` and bound to their row (decision 16). `scope` is the annex's id, or empty for the access point's own
    /// ads, because a primary key cannot hold NULL.
    static let version1 = """
        CREATE TABLE meta (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE annex (
            id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('active', 'closed', 'expired')),
            closed_at INTEGER,
            closed_by TEXT
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX annex_active ON annex (owner, name) WHERE state = 'active';

        CREATE TABLE request (
            id TEXT PRIMARY KEY,
            annex_id TEXT NOT NULL REFERENCES annex (id) ON DELETE CASCADE,
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            lifetime INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX request_annex ON request (annex_id);

        CREATE TABLE capability (
            id TEXT PRIMARY KEY,
            request_id TEXT NOT NULL REFERENCES request (id) ON DELETE CASCADE,
            annex_id TEXT NOT NULL REFERENCES annex (id) ON DELETE CASCADE,
            owner TEXT NOT NULL,
            annex_name TEXT NOT NULL,
            method TEXT NOT NULL,
            secret_hash BLOB,
            kid TEXT,
            scopes TEXT NOT NULL,
            issued_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            revoked_at INTEGER,
            revoked_by TEXT,
            last_used INTEGER,
            last_peer TEXT
        ) WITHOUT ROWID;
        CREATE INDEX capability_annex ON capability (annex_id);
        CREATE INDEX capability_request ON capability (request_id);

        CREATE TABLE session (
            id TEXT PRIMARY KEY,
            sealed_key BLOB,
            user TEXT NOT NULL,
            method TEXT,
            capability_id TEXT REFERENCES capability (id) ON DELETE CASCADE,
            limits TEXT,
            is_bound INTEGER NOT NULL,
            peer_version TEXT,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            lease INTEGER NOT NULL,
            last_used INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX session_capability ON session (capability_id);
        CREATE INDEX session_expiry ON session (expires_at);

        CREATE TABLE ad (
            table_name TEXT NOT NULL,
            scope TEXT NOT NULL,
            key TEXT NOT NULL,
            annex_id TEXT REFERENCES annex (id) ON DELETE CASCADE,
            identity TEXT NOT NULL,
            method TEXT,
            capability_id TEXT,
            is_mismatched INTEGER NOT NULL,
            is_synthesized INTEGER NOT NULL,
            public_text BLOB NOT NULL,
            sealed_private BLOB,
            last_heard_from INTEGER NOT NULL,
            lifetime INTEGER NOT NULL,
            updates_total INTEGER,
            updates_sequenced INTEGER,
            updates_lost INTEGER,
            updates_history TEXT,
            UNIQUE (table_name, scope, key)
        );
        CREATE INDEX ad_annex ON ad (annex_id);

        CREATE TABLE claim_match (
            claim_public_id TEXT PRIMARY KEY,
            annex_id TEXT NOT NULL REFERENCES annex (id) ON DELETE CASCADE,
            slot_key TEXT NOT NULL,
            schedd TEXT NOT NULL,
            submitter TEXT NOT NULL,
            user TEXT NOT NULL,
            cluster INTEGER NOT NULL,
            proc INTEGER NOT NULL,
            autocluster INTEGER NOT NULL,
            handed_out_at INTEGER NOT NULL,
            confirmed_at INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX claim_match_annex ON claim_match (annex_id);

        CREATE TABLE shutdown_order (
            id TEXT PRIMARY KEY,
            annex_id TEXT NOT NULL REFERENCES annex (id) ON DELETE CASCADE,
            ordered_at INTEGER NOT NULL,
            ordered_by TEXT NOT NULL,
            speed TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX shutdown_order_annex ON shutdown_order (annex_id);

        CREATE TABLE master_stop (
            order_id TEXT NOT NULL REFERENCES shutdown_order (id) ON DELETE CASCADE,
            master_name TEXT NOT NULL,
            state TEXT NOT NULL,
            detail TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (order_id, master_name)
        ) WITHOUT ROWID;

        CREATE TABLE callback_target (
            id INTEGER PRIMARY KEY,
            annex_id TEXT REFERENCES annex (id) ON DELETE CASCADE,
            capability_id TEXT,
            name TEXT NOT NULL,
            sealed_cookie BLOB,
            last_seen INTEGER NOT NULL
        );
        CREATE INDEX callback_target_annex ON callback_target (annex_id);
        """
}
