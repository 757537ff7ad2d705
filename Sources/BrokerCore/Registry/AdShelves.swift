/// The tables of the registry: what is to be seen, and what is on its way to be seen.
///
/// A plain value; the registry guards it with its lock. Every operation is a few dictionary accesses.
struct AdShelves {
    /// What is known of one key.
    private struct Entry {
        /// What everybody sees; `nil` before the first registration is on disk.
        var visible: AdRecord?
        var visibleVersion: UInt64 = 0
        /// The newest that was prepared; older than the visible one means that nothing is on its way.
        var newest: Newest = .removed
        var newestVersion: UInt64 = 0
        /// The deadline under which the key stands in the expiry queue; `nil` if it is not there.
        var queuedDeadline: Int64?

        var isOnItsWay: Bool { newestVersion > visibleVersion }

        /// What the ads that are kept for this key have on the wire.
        var byteCount: Int {
            guard isOnItsWay, case .record(let record) = newest else { return visible?.byteCount ?? 0 }
            return record.byteCount + (visible?.byteCount ?? 0)
        }

        /// What the ad will be when everything on its way has arrived.
        var latest: AdRecord? {
            guard isOnItsWay else { return visible }
            switch newest {
            case .record(let record): return record
            case .removed: return nil
            }
        }
    }

    private enum Newest {
        case record(AdRecord)
        case removed
    }

    private var tables: [AdTable: [AdScope: [String: Entry]]] = [:]
    private var counts: [AdScope: Int] = [:]
    private var byteCounts: [AdScope: Int] = [:]
    private var expiry = ExpiryQueue()
    private var version: UInt64 = 0

    private subscript(_ key: AdKey) -> Entry? {
        get { tables[key.table]?[key.scope]?[key.name] }
        set {
            let before = tables[key.table, default: [:]][key.scope, default: [:]].updateOrRemove(key.name, newValue)
            counts[key.scope, default: 0] += (newValue == nil ? 0 : 1) - (before == nil ? 0 : 1)
            if counts[key.scope] == 0 { counts[key.scope] = nil }
            byteCounts[key.scope, default: 0] += (newValue?.byteCount ?? 0) - (before?.byteCount ?? 0)
            if byteCounts[key.scope] == 0 { byteCounts[key.scope] = nil }
            if tables[key.table]?[key.scope]?.isEmpty == true { tables[key.table]?[key.scope] = nil }
            if tables[key.table]?.isEmpty == true { tables[key.table] = nil }
        }
    }

    /// How many keys `scope` has, those on their way included.
    func count(of scope: AdScope) -> Int { counts[scope] ?? 0 }

    /// How many bytes the ads of `scope` have, those on their way included.
    func byteCount(of scope: AdScope) -> Int { byteCounts[scope] ?? 0 }

    /// What `key` will be when everything on its way has arrived, and whether something is.
    func latest(_ key: AdKey) -> (record: AdRecord?, isOnItsWay: Bool) {
        guard let entry = self[key] else { return (nil, false) }
        return (entry.latest, entry.isOnItsWay)
    }

    /// Remembers that `record` is on its way, and gives it its place in the order of changes.
    mutating func announce(_ record: AdRecord) -> UInt64 {
        announce(.record(record), for: record.key)
    }

    /// Remembers that the ad at `key` is about to go.
    mutating func announceRemoval(of key: AdKey) -> UInt64 {
        announce(.removed, for: key)
    }

    private mutating func announce(_ newest: Newest, for key: AdKey) -> UInt64 {
        version += 1
        var entry = self[key] ?? Entry()
        entry.newest = newest
        entry.newestVersion = version
        self[key] = entry
        return version
    }

    /// Makes what was announced as `version` visible, unless something later already is.
    mutating func publish(_ record: AdRecord?, at key: AdKey, version: UInt64) {
        guard var entry = self[key], version > entry.visibleVersion else { return }
        entry.visible = record
        entry.visibleVersion = version
        if record == nil, !entry.isOnItsWay {
            self[key] = nil
            return
        }
        if let deadline = record?.deadline, deadline < entry.queuedDeadline ?? .max {
            expiry.insert(key, deadline: deadline)
            entry.queuedDeadline = deadline
        }
        self[key] = entry
        compactExpiry()
    }

    /// Throws out overtaken deadlines when they outnumber the keys: a peer can make as many as it likes by shortening an
    /// ad's lifetime again and again.
    private mutating func compactExpiry() {
        guard expiry.count > 2 * counts.values.reduce(64, +) else { return }
        expiry = ExpiryQueue()
        for (table, scopes) in tables {
            for (scope, entries) in scopes {
                for (name, entry) in entries {
                    guard let deadline = entry.queuedDeadline else { continue }
                    expiry.insert(AdKey(table: table, scope: scope, name: name), deadline: deadline)
                }
            }
        }
    }

    /// Forgets what was announced as `version`, if nothing was announced after it.
    mutating func abandon(_ key: AdKey, version: UInt64) {
        guard var entry = self[key], entry.newestVersion == version, entry.isOnItsWay else { return }
        entry.newestVersion = entry.visibleVersion
        self[key] = entry.visible == nil ? nil : entry
    }

    /// The earliest second in which ``expire(now:)`` may have something to do.
    var nextDeadline: Int64? { expiry.next }

    /// Takes away what is past its lifetime.
    mutating func expire(now: Int64) -> [AdRecord] {
        var gone: [AdRecord] = []
        while let (key, deadline) = expiry.pop(now: now) {
            // An item that a shorter lifetime has overtaken is no longer the key's own.
            guard var entry = self[key], entry.queuedDeadline == deadline else { continue }
            entry.queuedDeadline = nil
            if let visible = entry.visible {
                if let current = visible.deadline, current > now {
                    expiry.insert(key, deadline: current)
                    entry.queuedDeadline = current
                } else if visible.deadline != nil {
                    // What is on its way will take the row of the old ad; nobody may delete it.
                    if !entry.isOnItsWay { gone.append(visible) }
                    entry.visible = nil
                }
            }
            self[key] = entry.visible == nil && !entry.isOnItsWay ? nil : entry
        }
        return gone
    }

    /// The ad at `key`, if it is to be seen at `now`.
    func visible(_ key: AdKey, now: Int64) -> AdRecord? {
        guard let record = self[key]?.visible, !record.isExpired(now: now) else { return nil }
        return record
    }

    /// The ads of `table` that are to be seen at `now`, of one scope or of all.
    func visible(in table: AdTable, of scope: AdScope? = nil, now: Int64) -> [AdRecord] {
        guard let scopes = tables[table] else { return [] }
        var records: [AdRecord] = []
        func append(_ entries: [String: Entry]) {
            records.reserveCapacity(records.count + entries.count)
            for entry in entries.values {
                if let record = entry.visible, !record.isExpired(now: now) { records.append(record) }
            }
        }
        if let scope {
            append(scopes[scope] ?? [:])
        } else {
            for entries in scopes.values { append(entries) }
        }
        return records
    }

    /// The records of `table` and `scope` as they will be when everything on its way has arrived.
    func latest(in table: AdTable, of scope: AdScope) -> [AdRecord] {
        tables[table]?[scope]?.values.compactMap(\.latest) ?? []
    }

    /// Every record of `scope`, in any table, as it will be when everything on its way has arrived.
    func latest(of scope: AdScope) -> [AdRecord] {
        tables.keys.flatMap { latest(in: $0, of: scope) }
    }

    /// The generic tables that have ads.
    var genericTables: [AdTable] {
        tables.keys.filter { if case .generic = $0 { true } else { false } }.sorted { $0.name < $1.name }
    }
}

extension Dictionary {
    /// Sets or removes a value, and gives the one that was there.
    fileprivate mutating func updateOrRemove(_ key: Key, _ value: Value?) -> Value? {
        if let value { updateValue(value, forKey: key) } else { removeValue(forKey: key) }
    }
}
