package import GRDB

/// The versions of the database file and the way from each to the next.
///
/// The version stands in `PRAGMA user_version`. A newer file than this program knows is refused; an older one is brought
/// forward in one transaction, so that a failure leaves it as it was.
package struct Schema {
    /// One step forward.
    package struct Migration {
        /// The version it leads to; steps stand in order, beginning with 1, without gaps.
        package var version: Int
        /// What it does.
        package var statements: String

        /// Describes a step.
        package init(version: Int, statements: String) {
            self.version = version
            self.statements = statements
        }
    }

    /// The steps, oldest first.
    package var migrations: [Migration]

    /// A schema of these steps.
    package init(migrations: [Migration]) {
        self.migrations = migrations
    }

    /// The newest version that this schema knows.
    package var version: Int { migrations.last?.version ?? 0 }

    /// The version of `database`; 0 for an empty file.
    package static func version(of database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    /// Brings `database` to ``version``, or throws and changes nothing.
    package func bringForward(_ database: Database) throws {
        let present = try Self.version(of: database)
        guard present <= version else {
            throw StoreError(
                .newerSchema,
                "the database has version \(present), this program knows versions up to \(version); "
                    + "install the newer broker again or restore a backup made by this one")
        }
        guard present < version else { return }
        try database.inTransaction(.immediate) {
            for migration in migrations where migration.version > present {
                try database.execute(sql: migration.statements)
                // The pragma takes no arguments; the number is our own.
                try database.execute(sql: "PRAGMA user_version = \(migration.version)")
            }
            return .commit
        }
    }
}
