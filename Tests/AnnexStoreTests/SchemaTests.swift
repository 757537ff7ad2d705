import AnnexStore
import GRDB
import Testing

@Suite struct SchemaTests {
    private static let two = Schema(migrations: [
        .init(version: 1, statements: "CREATE TABLE a (x INTEGER);"),
        .init(version: 2, statements: "ALTER TABLE a ADD COLUMN y INTEGER; CREATE TABLE b (z INTEGER);"),
    ])

    private func columns(_ file: DatabaseQueue, _ table: String) throws -> [String] {
        try file.read { try $0.columns(in: table).map(\.name) }
    }

    @Test func anOldFileIsBroughtForwardAndKeepsItsRows() throws {
        let file = try DatabaseQueue()
        try file.writeWithoutTransaction { database in
            try Schema(migrations: [Self.two.migrations[0]]).bringForward(database)
            try database.execute(sql: "INSERT INTO a VALUES (7)")
            try Self.two.bringForward(database)
            #expect(try Schema.version(of: database) == 2)
            #expect(try Int.fetchOne(database, sql: "SELECT x FROM a") == 7)
        }
        #expect(try columns(file, "a") == ["x", "y"])
    }

    @Test func aStepThatFailsLeavesTheFileAsItWas() throws {
        let file = try DatabaseQueue()
        let broken = Schema(migrations: [
            Self.two.migrations[0],
            .init(version: 2, statements: "CREATE TABLE b (z INTEGER); INSERT INTO no_such_table VALUES (1);"),
        ])
        try file.writeWithoutTransaction { database in
            try Schema(migrations: [Self.two.migrations[0]]).bringForward(database)
            #expect(throws: DatabaseError.self) { try broken.bringForward(database) }
            #expect(try Schema.version(of: database) == 1)
            #expect(try !database.tableExists("b"))
        }
    }

    @Test func bringingForwardTwiceChangesNothing() throws {
        let file = try DatabaseQueue()
        try file.writeWithoutTransaction { database in
            try Schema.current.bringForward(database)
            try Schema.current.bringForward(database)
            #expect(try Schema.version(of: database) == Schema.current.version)
        }
    }

    @Test func sessionsOfTheFirstVersionAreKept() throws {
        let file = try DatabaseQueue()
        try file.writeWithoutTransaction { database in
            try Schema(migrations: [Schema.current.migrations[0]]).bringForward(database)
            try database.execute(
                sql: """
                    INSERT INTO session (id, user, is_bound, created_at, expires_at, lease, last_used)
                    VALUES ('s', 'alice@example.net', 1, 1, 2, 3, 4)
                    """)
            try Schema.current.bringForward(database)
            #expect(try Int.fetchOne(database, sql: "SELECT lease FROM session WHERE sealed_token IS NULL") == 3)
        }
    }

    @Test func versionsFollowEachOtherWithoutGaps() {
        #expect(Schema.current.migrations.map(\.version) == Array(1...Schema.current.version))
    }
}
