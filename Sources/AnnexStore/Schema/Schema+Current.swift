extension Schema {
    /// The schema of this program.
    package static let current = Schema(migrations: [
        Migration(version: 1, statements: version1),
        // What a session's token said: its authorization attributes survive a restart (spec 02, 9.1).
        Migration(version: 2, statements: "ALTER TABLE session ADD COLUMN sealed_token BLOB;"),
    ])
}
