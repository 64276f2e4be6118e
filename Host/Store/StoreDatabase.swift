internal import Databases
public import Foundations
internal import Glibc

/// The home's SQLite database: runs, ledger, gate decisions, checkpoints, quarantine. Every write is one transaction.
///
/// Not thread-safe: one thread at a time. Threads and processes open one each; they wait for each other up to 10 s.
/// All calls block and throw `store.failed` when the database refuses.
public final class StoreDatabase {
    public let home: Home
    public let artifacts: ArtifactStore
    let context: Context
    let connection: SQLiteConnection
    /// Of the run that is driven over this connection; see `driving`. Every write is refused once a newer one exists.
    public internal(set) var lease: Lease?
    /// The version of the policy under which that run is driven; see `requirePolicy`.
    var leasePolicy: String?
    let ledgerKeys: LedgerKeys
    let policyKeys: PolicyChain
    /// How far the ledgers have come, outside of the database.
    let marks: LedgerMarks
    /// The heads that the present transaction has moved.
    var movedHeads: [String: LedgerHead] = [:]
    /// Those whose mark could not be raised; tried again behind the next commit.
    var unmarkedHeads: [String: LedgerHead] = [:]
    /// Why a mark could not be raised the last time; nil when all of this connection were.
    public internal(set) var markFailure: SluiceError?
    /// How long to wait for another process that raises a mark.
    var markMilliseconds = 1000
    /// Authenticates entries of the cache.
    let responseKey: HMACKey

    private static let busyMilliseconds: Int32 = 10_000

    /// Opens the database of a home, makes it when there is none, and brings an older one to this version.
    ///
    /// - Throws: `store.version` when a newer version wrote it; `store.ledger` when it is older than it once was, or its
    ///   triggers are not those that it was made with; `store.failed`, also when the key is another home's.
    public init(home: Home, context: Context) throws(SluiceError) {
        self.home = home
        self.context = context
        artifacts = ArtifactStore(home: home, context: context)
        let masterKey = try home.masterKey()
        let keys = LedgerKeys(masterKey: masterKey)
        ledgerKeys = keys
        policyKeys = PolicyChain(masterKey: masterKey)
        marks = LedgerMarks(home: home, masterKey: masterKey)
        responseKey = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/response-cache/1"))
        // Processes set up one after the other: a change to WAL mode does not wait for locks as other writes do.
        connection = try DurableFile.locked(home.setupLock, milliseconds: home.setupMilliseconds) {
            () throws(SluiceError) in
            try Self.makeFile(home.databasePath)
            let opened = try Self.mapping(home) { () throws(DatabaseError) in
                try SQLiteConnection(
                    path: home.databasePath, access: .readWrite, busyMilliseconds: Self.busyMilliseconds)
            }
            let mark = StoreMark(home: home, masterKey: masterKey)
            try Self.prepare(opened, home: home, keys: keys, mark: mark)
            try mark.raise(to: Migrations.latest, context: context)
            return opened
        }
    }

    /// Makes an empty file that only its owner may read; SQLite gives its -wal and -shm files the same mode.
    private static func makeFile(_ path: String) throws(SluiceError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DurableFile.failure("open", path) }
        close(descriptor)
    }

    private static func prepare(
        _ connection: SQLiteConnection, home: Home, keys: LedgerKeys, mark: StoreMark
    ) throws(SluiceError) {
        let version = try mapping(home) { () throws(DatabaseError) in
            try scalar(connection, "PRAGMA user_version")?.asInt ?? 0
        }
        guard version <= Migrations.latest else {
            throw SluiceError(
                .storeVersion,
                "The home \(home.path) has store version \(version); this program knows \(Migrations.latest).")
        }
        try mapping(home) { () throws(DatabaseError) in
            try connection.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", operation: "configure")
            if try scalar(connection, "PRAGMA journal_mode")?.asText != "wal" {
                guard try scalar(connection, "PRAGMA journal_mode = WAL")?.asText == "wal" else {
                    throw DatabaseError(
                        code: 1, message: "the file system does not support WAL mode", operation: "configure")
                }
            }
        }
        // Before a migration that uses the key as well as after the first.
        if version > 0 { try requireKey(connection, home: home) }
        try mark.require(version)
        for next in version..<Migrations.latest {
            try mapping(home) { () throws(DatabaseError) in
                try step(.storeShape, connection, "migrate") { () throws(DatabaseError) in
                    try Migrations.all[Int(next)].perform(on: connection, keys: keys, reaching: next + 1)
                }
            }
        }
        try requireKey(connection, home: home)
        let difference = try mapping(home) { () throws(DatabaseError) in try StoreTriggers.difference(connection) }
        if let difference {
            throw SluiceError(
                .storeLedger, "The database \(home.databasePath) was changed by another program: \(difference).",
                hint: "Keep the home as evidence and restore a backup elsewhere; use that one with --home DIR.")
        }
    }

    /// Sees to it that the master key is the one that this home was made with.
    private static func requireKey(_ connection: SQLiteConnection, home: Home) throws(SluiceError) {
        let key = try home.masterKeyID()
        let known = try mapping(home) { () throws(DatabaseError) in
            let known = try scalar(connection, "SELECT value FROM store_facts WHERE name = 'master_key_id'")
            if let known { return known.asText }
            try step(.storeFacts, connection, "set up") { () throws(DatabaseError) in
                try connection.run("INSERT INTO store_facts VALUES ('master_key_id', ?)", [.text(key)])
            }
            return key
        }
        guard known == key else {
            throw SluiceError(
                .storeFailed, "The master key \(home.masterKeyPath) is not the one that this home was made with.",
                hint: "Restore keys/master.key from a backup of this home.")
        }
    }

    private static func step(
        _ step: Failpoint.Step, _ connection: SQLiteConnection, _ operation: String,
        _ body: () throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        try Failpoint.database(step, .before)
        try connection.execute("BEGIN IMMEDIATE", operation: operation)
        do throws(DatabaseError) {
            try body()
            try Failpoint.database(step, .middle)
            try connection.execute("COMMIT", operation: operation)
        } catch {
            try? connection.execute("ROLLBACK", operation: "rollback")
            throw error
        }
        try Failpoint.database(step, .after)
    }

    private static func scalar(_ connection: SQLiteConnection, _ sql: String) throws(DatabaseError) -> SQLiteValue? {
        var found: SQLiteValue?
        try connection.run(sql, operation: "read") { found = $0.value(0) }
        return found
    }
}

// MARK: - How the extensions read and write

extension StoreDatabase {
    /// The present time as the tables hold it.
    var timestamp: String { CivilTime.text(milliseconds: context.now()) }

    /// All of `body`, or nothing of it. Takes the write lock first; must not be nested.
    ///
    /// - Parameters:
    ///   - step: its failpoints; none for what no command of a run does, and for an event by itself.
    ///   - isEvidence: what is written tells how a drive ended, or of what has happened: it is written under any policy.
    /// - Throws: `run.state` when this connection drives a run that another driver took over; `run.mode_immutable` when
    ///   the policy under which it does is in force no more.
    @discardableResult
    func write<R>(
        _ step: Failpoint.Step? = nil, isEvidence: Bool = false, _ body: () throws(SluiceError) -> R
    ) throws(SluiceError) -> R {
        try reach(step, .before)
        try execute("BEGIN IMMEDIATE")
        movedHeads = [:]
        let result: R
        do throws(SluiceError) {
            try requireLease()
            if !isEvidence { try requirePolicy() }
            result = try body()
            try reach(step, .middle)
            try execute("COMMIT")
        } catch {
            // After some failures (a full disk) SQLite has rolled back by itself; then there is nothing to do.
            try? connection.execute("ROLLBACK", operation: "rollback")
            throw error
        }
        raiseMarks()
        try reach(step, .after)
        return result
    }

    private func reach(_ step: Failpoint.Step?, _ place: Failpoint.Place) throws(SluiceError) {
        guard let step else { return }
        try Self.mapping(home) { () throws(DatabaseError) in try Failpoint.database(step, place) }
    }

    /// One statement; gives the rows that it changed.
    @discardableResult
    func change(_ sql: String, _ parameters: [SQLiteValue] = []) throws(SluiceError) -> Int {
        try Self.mapping(home) { () throws(DatabaseError) in
            try connection.run(sql, parameters, operation: "write")
            return connection.changes
        }
    }

    /// One statement, run once for each set of parameters; gives the rows that all of them changed.
    func change(_ sql: String, each sets: [[SQLiteValue]]) throws(SluiceError) -> Int {
        try Self.mapping(home) { () throws(DatabaseError) in
            let statement = try connection.prepare(sql, operation: "write")
            var changed = 0
            for set in sets {
                for (index, value) in set.enumerated() { try statement.bind(value, at: index + 1) }
                while try statement.step("write") {}
                changed += connection.changes
            }
            return changed
        }
    }

    /// Every row that a statement gives, decoded.
    func rows<T>(
        _ sql: String, _ parameters: [SQLiteValue] = [], _ decode: (SQLiteStatement) throws(SluiceError) -> T
    ) throws(SluiceError) -> [T] {
        let statement = try Self.mapping(home) { () throws(DatabaseError) in
            let statement = try connection.prepare(sql, operation: "read")
            for (index, value) in parameters.enumerated() { try statement.bind(value, at: index + 1) }
            return statement
        }
        // A statement that is left half-way would keep its snapshot.
        defer { statement.reset() }
        var found: [T] = []
        while try Self.mapping(home, { () throws(DatabaseError) in try statement.step("read") }) {
            found.append(try decode(statement))
        }
        return found
    }

    private func execute(_ sql: String) throws(SluiceError) {
        try Self.mapping(home) { () throws(DatabaseError) in
            try connection.execute(sql, operation: sql == "COMMIT" ? "commit" : "begin")
        }
    }

    private static func mapping<R>(_ home: Home, _ body: () throws(DatabaseError) -> R) throws(SluiceError) -> R {
        do { return try body() } catch { throw failure(error, home: home) }
    }

    /// What the database refused, as a user meets it.
    static func failure(_ error: DatabaseError, home: Home) -> SluiceError {
        let path = home.databasePath
        let said = "\(error.operation): \(error.message) (SQLite \(error.code))"
        switch (error.code, error.primary) {
        case (787, _): return SluiceError(.runMissing, "The store has no such run (\(said)).")
        case (1811, _): return SluiceError(.storeLedger, "The ledger refused a change: \(error.message).")
        case (_, 5), (_, 6):
            return SluiceError(
                .storeFailed, "Another process held \(path) for \(busyMilliseconds / 1000) s (\(said)).",
                hint: "Wait for it to finish, or find it with `fuser \(path)`; then try again.")
        case (_, 13):
            return SluiceError(
                .storeFailed, "No space is left for \(path) (\(said)).", hint: "Free some space, then try again.")
        case (_, 3), (_, 8), (_, 14), (_, 23):
            return SluiceError(
                .storeFailed, "\(path) cannot be written or opened (\(said)).",
                hint: "Check its permissions and those of its folder, and that the file system is not read-only.")
        case (_, 11), (_, 26):
            return SluiceError(
                .storeFailed, "\(path) is damaged or is not a database (\(said)).",
                hint: "Keep the home as it is and restore a backup elsewhere.")
        default: return SluiceError(.storeFailed, "\(path) refused a call (\(said)).")
        }
    }

    /// A stored value that this program cannot have written.
    func malformed(_ what: String) -> SluiceError {
        SluiceError(
            .storeDamaged, "\(home.databasePath) holds \(what) that cannot be read.",
            hint: "Keep the home as it is and restore a backup elsewhere.")
    }

    /// A column that holds JSON.
    func json(_ statement: SQLiteStatement, _ column: Int, _ what: String) throws(SluiceError) -> JSON {
        guard let text = statement.text(column), let value = try? JSONParser.parse(text) else { throw malformed(what) }
        return value
    }
}

extension SQLiteValue {
    init(_ text: String?) { self = text.map(SQLiteValue.text) ?? .null }
    init(_ json: JSON) { self = .text(json.canonicalText) }
    init(_ id: ULID) { self = .text(id.description) }

    var asInt: Int64? { if case .int(let value) = self { value } else { nil } }
    var asText: String? { if case .text(let value) = self { value } else { nil } }
}
