import GRDB

/// The broker's memory on disk: one SQLite file, one thread that writes, one load at start.
///
/// What the broker acknowledges has been committed with `synchronous = FULL` before (decision 15). Nothing here may be
/// called for its effect on an event loop except ``write(_:durability:completion:)``, which only queues.
package final class AnnexStore: Sendable {
    /// Delays and bounds, for tests and special cases.
    package struct Options: Sendable {
        /// How long soft changes wait for company before they are written.
        package var softDelay: Duration = .seconds(1)
        /// How long SQLite waits for a lock that another process holds, in seconds.
        package var busyTimeout: Double = 5
        /// Durable changes in one group.
        package var changesPerGroup = 512
        /// Durable changes that may wait before new ones are refused.
        package var waitingChanges = 100_000

        /// The usual ones.
        package init() {}
    }

    /// The folder with the files.
    package let directory: StateDirectory
    /// Secrets that were dropped when the store was opened; `nil` if none.
    package let lostSecrets: LostSecrets?

    /// Held as long as the store lives.
    private let lock: DirectoryLock
    private let database: DatabaseQueue
    private let key: BrokerKey
    private let writer: GroupCommitWriter

    /// Opens the store in the folder `path`, making what is missing.
    ///
    /// - Throws: ``StoreError`` of kind `.directory`, `.keyFile`, `.newerSchema` or `.database`.
    package init(
        path: String, options: Options = Options(), faults: any FaultInjecting = NoFaults()
    ) throws(StoreError) {
        directory = try StateDirectory(preparing: path)
        lock = try directory.lock()
        key = try BrokerKey.loadOrCreate(directory: directory)
        try directory.protectDatabase()
        do {
            database = try DatabaseQueue(path: directory.databasePath, configuration: Self.configuration(options))
            lostSecrets = try Self.prepare(database, key: key)
        } catch {
            throw StoreError(database: error)
        }
        writer = GroupCommitWriter(
            database: database, applier: ChangeApplier(sealer: key.sealer), faults: faults,
            limits: .init(
                changesPerGroup: options.changesPerGroup, waitingChanges: options.waitingChanges,
                softDelay: options.softDelay))
    }

    deinit { close() }

    private static func configuration(_ options: Options) -> Configuration {
        var configuration = Configuration()
        configuration.label = "flockbroker"
        configuration.journalMode = .wal
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(options.busyTimeout)
        return configuration
    }

    private static func prepare(_ database: DatabaseQueue, key: BrokerKey) throws -> LostSecrets? {
        try database.writeWithoutTransaction { database in
            // GRDB sets NORMAL when it switches to WAL, so this must come after opening; a commit could be lost otherwise.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try Schema.current.bringForward(database)
            return try KeyProbe(key: key).check(database)
        }
    }

    /// Everything that is stored.
    ///
    /// - Returns: the rows, and the secrets that turned out to be damaged, if any.
    package func load() throws(StoreError) -> (state: StoredState, damaged: LostSecrets?) {
        do {
            var loader = StateLoader(sealer: key.sealer)
            let state = try database.read { try loader.load($0) }
            let damage = loader.damaged
            return (state, damage.sessions + damage.ads + damage.targets > 0 ? damage : nil)
        } catch {
            throw StoreError(database: error)
        }
    }

    /// Queues changes and returns at once.
    ///
    /// Durable changes of one call are committed together, all of them or none, in the order of the calls, and together
    /// with every soft change queued before them. `completion` runs on the writer's thread after the commit, or after its
    /// failure; it must be short and must not call ``flush()`` or ``close()``.
    package func write(
        _ changes: [Change], durability: Durability,
        completion: (@Sendable (Result<Void, StoreError>) -> Void)? = nil
    ) {
        writer.write(changes, durability: durability, completion: completion)
    }

    /// Queues durable changes and waits until they are on disk.
    package func commit(_ changes: [Change]) async throws(StoreError) {
        let result: Result<Void, StoreError> = await withCheckedContinuation { continuation in
            writer.write(changes, durability: .durable) { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    /// Waits until everything queued so far, soft changes included, is on disk.
    package func flush() async throws(StoreError) {
        try await commit([])
    }

    /// Whether the last commit succeeded.
    package var health: StoreHealth { writer.health }

    /// What has been written so far.
    package var figures: StoreFigures { writer.figures }

    /// The value of SQLite's `synchronous` on the writing connection: 2 is FULL.
    package var synchronousLevel: Int {
        get throws(StoreError) {
            do {
                return try database.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1 }
            } catch {
                throw StoreError(database: error)
            }
        }
    }

    /// Writes everything that waits and closes the file; blocks until then.
    package func close() {
        writer.close()
        // Closing fails only while statements are in use; the file is consistent all the same.
        try? database.close()
        lock.release()
    }
}

extension StoreError {
    /// What a failure of SQLite or of this module means; never the values that were being written.
    init(database error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError:
            self.init(.database, "\(error.resultCode.rawValue) \(error.message ?? "")")
        default: self.init(.database, "\(type(of: error))")
        }
    }
}
