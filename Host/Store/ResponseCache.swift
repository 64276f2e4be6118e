public import Contracts
internal import Databases
public import Foundations

/// What a provider answered.
public enum CachedResponse: Sendable, Equatable {
    /// Results over masked texts, in the encoding of whoever asked.
    case answer([UInt8])
    /// The provider refused the request and would refuse it again; the message is the one that a user was shown.
    case refusal(message: String)
}

/// Answers of providers, kept for a time in the home's database (ROADMAP §§19, 36; docs/cache.md).
///
/// Nothing of it can fail a run: an entry that is damaged, from the future or out of date is removed and is a miss, and
/// so is whatever the database refuses. Several processes may share a home. One thread at a time, as the store.
public struct ResponseCache {
    /// How much is kept, in bytes of bodies.
    public struct Limits: Sendable {
        public var entryBytes: Int
        /// Of all entries with one `cache_scope`.
        public var scopeBytes: Int
        public var totalBytes: Int

        public init(entryBytes: Int = 2_000_000, scopeBytes: Int = 32_000_000, totalBytes: Int = 64_000_000) {
            self.entryBytes = entryBytes
            self.scopeBytes = scopeBytes
            self.totalBytes = totalBytes
        }
    }

    private static let hour: Int64 = 3_600_000

    /// Milliseconds that an answer lives.
    public static func timeToLive(_ lane: Lane) -> Int64 {
        switch lane {
        case .interactive: 24 * hour
        case .flex: 72 * hour
        case .batch: 7 * 24 * hour
        }
    }

    /// Milliseconds that a refusal lives, in every lane.
    public static let refusalTimeToLive: Int64 = 300_000

    private let store: StoreDatabase
    private let limits: Limits

    init(_ store: StoreDatabase, limits: Limits = Limits()) {
        self.store = store
        self.limits = limits
    }

    // MARK: Reading

    /// Whether there is nothing that could answer anybody.
    public var isEmpty: Bool {
        let found = try? store.rows("SELECT 1 FROM response_cache LIMIT 1") { _ in true }
        return found?.isEmpty ?? true
    }

    /// The live response under a key, which counts as used by the run; nil is a miss.
    public func response(to key: ResponseKey, run: ULID) -> CachedResponse? {
        let id = key.digest.hex
        guard let entry = try? read(id) else { return nil }
        // After the read: what another process wrote before it cannot lie in the future unless the clock went back.
        let now = store.context.now()
        guard entry.lastUsed <= now, now < entry.expires, let response = response(of: entry, id) else {
            remove(key)
            return nil
        }
        return (try? use(id, by: run)) == true ? response : nil
    }

    private struct Entry {
        let lane: String
        let scope: String
        let kind: String
        let body: [UInt8]
        let created: Int64
        let expires: Int64
        let lastUsed: Int64
        let mac: [UInt8]
    }

    private func read(_ id: String) throws(SluiceError) -> Entry? {
        try store.rows(
            """
            SELECT lane, scope, kind, body, created_at, expires_at, last_used_at, mac FROM response_cache
            WHERE key = ? AND length(body) <= ?
            """, [.text(id), .int(Int64(limits.entryBytes))]
        ) { row in
            Entry(
                lane: row.text(0) ?? "", scope: row.text(1) ?? "", kind: row.text(2) ?? "", body: row.blob(3) ?? [],
                created: row.int(4), expires: row.int(5), lastUsed: row.int(6), mac: row.blob(7) ?? [])
        }.first
    }

    private func response(of entry: Entry, _ id: String) -> CachedResponse? {
        guard Sealing.equal(mac(of: entry, id), entry.mac) else { return nil }
        switch entry.kind {
        case "answer": return .answer(entry.body)
        case "refusal": return .refusal(message: String(decoding: entry.body, as: UTF8.self))
        default: return nil
        }
    }

    /// Binds the body's hash to its key, its life and this home: an entry cannot be edited, moved or prolonged.
    private func mac(of entry: Entry, _ id: String) -> [UInt8] {
        let message: JSON = [
            "key": .string(id), "lane": .string(entry.lane), "scope": .string(entry.scope),
            "kind": .string(entry.kind), "sha256": .string(SHA256.hash(entry.body).hex),
            "created_at": .int(entry.created), "expires_at": .int(entry.expires),
        ]
        return store.responseKey.authenticate(message.canonicalBytes)
    }

    /// False when somebody removed the entry meanwhile.
    private func use(_ id: String, by run: ULID) throws(SluiceError) -> Bool {
        try store.write(.cacheHit) { () throws(SluiceError) in
            let changed = try store.change(
                "UPDATE response_cache SET uses = uses + 1, last_used_at = ? WHERE key = ?",
                [.int(store.context.now()), .text(id)])
            guard changed == 1 else { return false }
            try link(id, to: run)
            return true
        }
    }

    private func link(_ id: String, to run: ULID) throws(SluiceError) {
        try store.change(
            "INSERT INTO response_cache_runs (run_id, key) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [SQLiteValue(run), .text(id)])
    }

    // MARK: Writing

    /// Keeps a response under a key, in the place of what was there; makes room for it by dropping what is used least.
    ///
    /// - Returns: whether it is kept: not when it is larger than an entry may be, and not when the database refuses.
    @discardableResult
    public func put(_ response: CachedResponse, under key: ResponseKey, run: ULID) -> Bool {
        let kind: String
        let body: [UInt8]
        switch response {
        case .answer(let bytes): (kind, body) = ("answer", bytes)
        case .refusal(let message): (kind, body) = ("refusal", Array(message.utf8))
        }
        guard body.count <= min(limits.entryBytes, limits.scopeBytes, limits.totalBytes) else {
            remove(key)
            return false
        }
        let life = kind == "answer" ? Self.timeToLive(key.lane) : Self.refusalTimeToLive
        do throws(SluiceError) {
            try store.write(.cachePut) { () throws(SluiceError) in
                let now = store.context.now()
                let entry = Entry(
                    lane: key.lane.rawValue, scope: key.scope.json.canonicalHash.hex, kind: kind, body: body,
                    created: now, expires: now + life, lastUsed: now, mac: [])
                try dropDead(now)
                try insert(entry, key.digest.hex)
                try link(key.digest.hex, to: run)
                try evict(besides: key.digest.hex, size: body.count, scope: entry.scope)
            }
            return true
        } catch { return false }
    }

    /// Removes an entry; one that cannot be removed is found to be dead again when it is next read.
    public func remove(_ key: ResponseKey) {
        _ = try? store.write(.cacheDrop) { () throws(SluiceError) in
            try store.change("DELETE FROM response_cache WHERE key = ?", [.text(key.digest.hex)])
        }
    }

    private func insert(_ entry: Entry, _ id: String) throws(SluiceError) {
        try store.change(
            """
            INSERT INTO response_cache
              (key, lane, scope, kind, body, created_at, expires_at, last_used_at, uses, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)
            ON CONFLICT (key) DO UPDATE SET lane = excluded.lane, scope = excluded.scope, kind = excluded.kind,
              body = excluded.body, created_at = excluded.created_at, expires_at = excluded.expires_at,
              last_used_at = excluded.last_used_at, uses = uses + 1, mac = excluded.mac
            """,
            [
                .text(id), .text(entry.lane), .text(entry.scope), .text(entry.kind), .blob(entry.body),
                .int(entry.created), .int(entry.expires), .int(entry.lastUsed), .blob(mac(of: entry, id)),
            ])
    }

    /// What is out of date, and what was last used at a time that the clock has not reached: it went back.
    private func dropDead(_ now: Int64) throws(SluiceError) {
        try store.change(
            "DELETE FROM response_cache WHERE expires_at <= ? OR last_used_at > ?", [.int(now), .int(now)])
    }

    /// Least frequently used first, then least recently used; never the entry that needs the room.
    private func evict(besides id: String, size: Int, scope: String) throws(SluiceError) {
        for (condition, parameters, limit) in [
            ("scope = ?", [SQLiteValue.text(scope)], limits.scopeBytes), ("TRUE", [], limits.totalBytes),
        ] {
            try store.change(
                """
                DELETE FROM response_cache WHERE key IN (SELECT key FROM (
                  SELECT key, sum(length(body)) OVER (ORDER BY uses DESC, last_used_at DESC, key) AS running
                  FROM response_cache WHERE \(condition) AND key <> ?) WHERE running > ?)
                """, parameters + [.text(id), .int(Int64(limit - size))])
        }
    }
}

// MARK: - A change of lane

extension StoreDatabase {
    /// Moves a run to another lane: its entries of the old lane go, and one event tells of it, in one transaction.
    ///
    /// - Parameters:
    ///   - inputs: what the new lane was chosen by; kept with the run.
    ///   - event: made from the number of entries that were dropped.
    /// - Throws: `run.missing`; what `event` throws.
    func changeLane(
        _ run: ULID, from old: Lane, to new: Lane, inputs: JSON, event: (Int) throws(SluiceError) -> LedgerEvent
    ) throws(SluiceError) {
        try write(.changeLane) { () throws(SluiceError) in
            let dropped = try change(
                """
                DELETE FROM response_cache WHERE lane = ?
                  AND key IN (SELECT key FROM response_cache_runs WHERE run_id = ?)
                """, [.text(old.rawValue), SQLiteValue(run)])
            try apply(RunChange(lane: new, laneInputs: inputs), to: run)
            try insert(try event(dropped))
        }
    }
}
