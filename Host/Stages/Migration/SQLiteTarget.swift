internal import Columnar
internal import Databases
internal import Foundations
internal import Store

/// One chunk's record, kept in the target beside its rows (ROADMAP §37).
struct ChunkRecord: Sendable, Equatable {
    let chunk: Int
    let firstOrdinal: Int64
    let rowsIn: Int
    let rowsOut: Int
    let contentHash: String
    let sourceFingerprint: String
    let startedAt: String
    let finishedAt: String
    let status: String
}

/// A row that the target refused, by its place in the chunk.
struct RefusedRow: Sendable, Equatable {
    let row: Int
    let reason: String
}

/// A SQLite target: a staging table, checkpoints in the same transaction as their rows, promotion in one transaction.
///
/// Not thread-safe. Names that begin with `_sluice_` are ours; a run that is done leaves three small tables of them.
final class SQLiteTarget {
    let shape: TargetTable
    private let database: SQLiteConnection
    private let run: String
    /// The fencing token of the driver that writes.
    private let lease: Int64
    private let stage: String
    /// Target columns that the mapping fills, in target order.
    private let written: [TargetTable.Column]

    static let ordinal = "_sluice_ordinal"

    /// Opens an existing database and reads the table's shape; changes nothing.
    ///
    /// A journal that a killed writer left is rolled back first, which a reader alone may not.
    static func inspect(path: String, table: String, busyMilliseconds: Int32 = 10_000) throws -> TargetTable {
        let database = try open(path) { () throws(DatabaseError) in
            do throws(DatabaseError) { return try opened(path, .readOnly, busyMilliseconds) } catch {
                guard error.needsRecovery else { throw error }
                _ = try opened(path, .readWrite, busyMilliseconds)
                return try opened(path, .readOnly, busyMilliseconds)
            }
        }
        return try TargetTable.read(table, from: database)
    }

    /// - Parameter lease: the driver's token; whatever it writes is refused once the target knows a newer one.
    init(path: String, table: String, run: String, lease: Int64, columns: [String]) throws {
        let waiting: Int32 = 10_000
        database = try Self.open(path) { () throws(DatabaseError) in
            try Self.opened(path, .readWrite, waiting)
        }
        shape = try TargetTable.read(table, from: database)
        self.run = run
        self.lease = lease
        stage = "_sluice_stage_\(run.lowercased())"
        written = shape.columns.filter { columns.contains($0.name) }
    }

    /// What refuses to open, in a user's words.
    private static func open(
        _ path: String, _ connect: () throws(DatabaseError) -> SQLiteConnection
    ) throws -> SQLiteConnection {
        guard Files.exists(path) else {
            throw SluiceError(.targetMissing, "The target database \(Files.name(of: path)) does not exist.")
        }
        do { return try connect() } catch {
            if error.isCorrupt {
                throw SluiceError(
                    .targetShape, "The target \(Files.name(of: path)) is not a SQLite database.",
                    hint: "Name a SQLite database file.")
            }
            throw error.asError(error.isBusy ? .targetBusy : .targetMissing)
        }
    }

    private static func opened(
        _ path: String, _ access: SQLiteConnection.Access, _ busyMilliseconds: Int32
    ) throws(DatabaseError)
        -> SQLiteConnection
    {
        let database = try SQLiteConnection(path: path, access: access, busyMilliseconds: busyMilliseconds)
        database.forbidAttaching()
        // Reading the schema shows a file that is no database; foreign keys are checked once, before promotion.
        try database.run("SELECT count(*) FROM sqlite_schema")
        try database.execute("PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536")
        return database
    }

    // MARK: The lease

    /// One durable step: a transaction that only the newest driver of the run may make.
    private func durably<R>(_ step: Failpoint.Step, _ body: () throws -> R) throws -> R {
        try Failpoint.database(step, .before)
        let result = try database.transaction { () throws -> R in
            try requireLease()
            let result = try body()
            try Failpoint.database(step, .middle)
            return result
        }
        try Failpoint.database(step, .after)
        return result
    }

    /// Inside a transaction: sets this driver's token, or refuses when a newer driver has set its own.
    private func requireLease() throws {
        try database.execute(
            "CREATE TABLE IF NOT EXISTS _sluice_lease (run_id TEXT PRIMARY KEY, token INTEGER NOT NULL)",
            operation: "lease")
        var known: Int64 = 0
        try database.run("SELECT token FROM _sluice_lease WHERE run_id = ?", [.text(run)]) { known = $0.int(0) }
        guard known <= lease else { throw Lease.overtaken(run, token: lease, by: known) }
        guard known < lease else { return }
        try database.run(
            "INSERT OR REPLACE INTO _sluice_lease VALUES (?, ?)", [.text(run), .int(lease)], operation: "lease")
    }

    // MARK: Staging

    /// Makes the staging table and the checkpoint tables, once a run. From now on older drivers of the run are refused.
    func prepare() throws {
        try durably(.prepareTarget) { () throws in
            try database.execute(
                """
                CREATE TABLE IF NOT EXISTS _sluice_checkpoints (
                  run_id TEXT NOT NULL, chunk INTEGER NOT NULL, first_ordinal INTEGER NOT NULL, rows_in INTEGER NOT NULL,
                  rows_out INTEGER NOT NULL, content_hash TEXT NOT NULL, source_fingerprint TEXT NOT NULL,
                  started_at TEXT NOT NULL, finished_at TEXT NOT NULL, status TEXT NOT NULL,
                  PRIMARY KEY (run_id, chunk));
                CREATE TABLE IF NOT EXISTS _sluice_promotions (
                  run_id TEXT PRIMARY KEY, table_name TEXT NOT NULL, rows_staged INTEGER NOT NULL,
                  rows_inserted INTEGER NOT NULL, rows_updated INTEGER NOT NULL, promoted_at TEXT NOT NULL,
                  rows_quarantined INTEGER, quarantine_hash TEXT);
                """, operation: "prepare target")
            // A table that an older version made.
            for column in ["rows_quarantined INTEGER", "quarantine_hash TEXT"] {
                guard try !hasQuarantine(String(column.prefix { $0 != " " })) else { continue }
                try database.execute("ALTER TABLE _sluice_promotions ADD COLUMN \(column)", operation: "prepare target")
            }
            guard try !exists(stage), try promotion() == nil else { return }
            // One statement and no more: whatever a hostile schema hides behind it is not run.
            try database.run(
                "CREATE TABLE \(SQLText.identifier(stage)) \(shape.definition)", operation: "make staging")
            try database.execute(
                "ALTER TABLE \(SQLText.identifier(stage)) ADD COLUMN \(Self.ordinal) INTEGER", operation: "make staging"
            )
            // Those of UNIQUE constraints stand in the definition already.
            for (place, index) in shape.createdIndexes.enumerated() {
                try database.execute(
                    "CREATE UNIQUE INDEX \(SQLText.identifier("\(stage)_\(place)")) ON \(SQLText.identifier(stage)) "
                        + "(\(Self.collated(index, prefix: "").joined(separator: ", ")))", operation: "make staging")
            }
        }
    }

    private static func collated(_ index: TargetTable.UniqueIndex, prefix: String) -> [String] {
        zip(index.columns, index.collations).map {
            "\(prefix)\(SQLText.identifier($0)) COLLATE \(SQLText.identifier($1))"
        }
    }

    private func exists(_ table: String) throws -> Bool {
        var found = false
        try database.run("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", [.text(table)])
        { _ in found = true }
        return found
    }

    /// The chunks of this run that are already in staging, in order.
    func checkpoints() throws -> [ChunkRecord] {
        var found: [ChunkRecord] = []
        try database.run(
            "SELECT chunk, first_ordinal, rows_in, rows_out, content_hash, source_fingerprint, started_at, finished_at, status "
                + "FROM _sluice_checkpoints WHERE run_id = ? AND chunk >= 0 ORDER BY chunk", [.text(run)]
        ) { row in
            found.append(
                ChunkRecord(
                    chunk: Int(row.int(0)), firstOrdinal: row.int(1), rowsIn: Int(row.int(2)), rowsOut: Int(row.int(3)),
                    contentHash: row.text(4) ?? "", sourceFingerprint: row.text(5) ?? "", startedAt: row.text(6) ?? "",
                    finishedAt: row.text(7) ?? "", status: row.text(8) ?? ""))
        }
        return found
    }

    /// Writes one chunk and its checkpoint in one transaction.
    ///
    /// - Parameters:
    ///   - batch: columns in the order of `columns`, target types; rows in ordinal order.
    ///   - ordinals: one a row.
    ///   - checkpoint: called with the rows that a constraint refused (they are not in staging), before the commit: what
    ///     it puts into quarantine is there when the chunk is.
    func write(
        _ batch: Batch, ordinals: [Int64], checkpoint: (_ refused: [RefusedRow]) throws -> ChunkRecord
    ) throws {
        try durably(.writeChunk) { () throws in
            let names = written.map { SQLText.identifier($0.name) } + [Self.ordinal]
            let insert = try database.prepare(
                // OR ABORT: a conflict clause of the table's own must not replace or drop rows silently.
                "INSERT OR ABORT INTO \(SQLText.identifier(stage)) (\(names.joined(separator: ", "))) "
                    + "VALUES (\(SQLText.parameters(names.count)))", operation: "insert")
            let columns = try written.map { target throws(SluiceError) in
                guard let column = batch.column(target.name) else {
                    throw SluiceError(.targetShape, "The chunk lacks the column \(target.name).")
                }
                return column
            }
            let refused = try withViews(columns) { views throws in
                try insertRows(views, ordinals: ordinals, with: insert)
            }
            let record = try checkpoint(refused)
            try database.run(
                "INSERT INTO _sluice_checkpoints VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(run), .int(Int64(record.chunk)), .int(record.firstOrdinal), .int(Int64(record.rowsIn)),
                    .int(Int64(record.rowsOut)), .text(record.contentHash), .text(record.sourceFingerprint),
                    .text(record.startedAt), .text(record.finishedAt), .text(record.status),
                ], operation: "checkpoint")
        }
    }

    private func insertRows(_ views: [ColumnView], ordinals: [Int64], with insert: SQLiteStatement) throws
        -> [RefusedRow]
    {
        var refused: [RefusedRow] = []
        // Text made for dates and timestamps must live until the step that reads it.
        let width = SQLiteValueText.width
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, views.count) * width, alignment: 8)
        defer { scratch.deallocate() }
        let alias = written.firstIndex { $0.name == shape.rowIDAlias }
        rows: for row in ordinals.indices {
            for (place, view) in views.enumerated() {
                let index = place + 1
                guard view.isValid(row) else {
                    // SQLite would number it by staging's own count, and promotion then overwrite a row that has that key.
                    if place == alias {
                        refused.append(RefusedRow(row: row, reason: "NULL_IN_REQUIRED"))
                        continue rows
                    }
                    insert.bindNull(at: index)
                    continue
                }
                switch view.type {
                case .int64: insert.bind(int64: view.int64(row), at: index)
                case .float64:
                    // SQLite stores NaN as null.
                    guard !view.float64(row).isNaN else {
                        refused.append(RefusedRow(row: row, reason: "NOT_A_NUMBER"))
                        continue rows
                    }
                    insert.bind(double: view.float64(row), at: index)
                case .bool: insert.bind(int64: view.bool(row) ? 1 : 0, at: index)
                case .text: insert.bind(borrowedText: view.bytes(row), at: index)
                case .binary: insert.bind(borrowedBlob: view.bytes(row), at: index)
                case .date, .timestamp:
                    let room = UnsafeMutableRawBufferPointer(rebasing: scratch[(place * width)..<((place + 1) * width)])
                    guard let text = SQLiteValueText.write(view, row: row, into: room) else {
                        refused.append(RefusedRow(row: row, reason: "OUT_OF_RANGE"))
                        continue rows
                    }
                    insert.bind(borrowedText: text, at: index)
                }
            }
            insert.bind(int64: ordinals[row], at: views.count + 1)
            do { _ = try insert.step("insert") } catch {
                guard error.isConstraint || error.isMismatch else { throw error }
                refused.append(RefusedRow(row: row, reason: Self.reason(error)))
            }
        }
        return refused
    }

    private static func reason(_ error: DatabaseError) -> String {
        switch error.code {
        case 1555, 2579: "DUPLICATE_KEY"
        case 2067: "DUPLICATE_UNIQUE"
        case 1299: "NULL_IN_REQUIRED"
        case 275: "CHECK_FAILED"
        case 3091, 20: "WRONG_TYPE"
        default: "CONSTRAINT"
        }
    }

    // MARK: Reading back

    /// The staged rows in ordinal order, chunk by chunk as the checkpoints cut them.
    func readBack(_ checkpoints: [ChunkRecord], each: (ChunkRecord, Batch) throws -> Void) throws {
        // A table keeps the order of its row ids: mostly that in which the rows came. Sorting is for the others.
        let sorted = try isInOrdinalOrder() ? "" : " ORDER BY \(Self.ordinal)"
        let names = written.map { SQLText.identifier($0.name) }
        let statement = try database.prepare(
            "SELECT \((names + [Self.ordinal]).joined(separator: ", ")) FROM \(SQLText.identifier(stage))\(sorted)",
            operation: "read back")
        let schema = Schema(written.map { Field($0.name, $0.type) })
        var hasRow = try statement.step("read back")
        for checkpoint in checkpoints {
            let builders = written.map { BuilderBox($0.type, capacity: checkpoint.rowsOut) }
            var rows = 0
            let end = checkpoint.firstOrdinal + Int64(checkpoint.rowsIn)
            while hasRow, statement.int(written.count) < end {
                for place in builders.indices { builders[place].append(statement, column: place) }
                rows += 1
                hasRow = try statement.step("read back")
            }
            let columns = builders.map { $0.finish() }
            try each(
                checkpoint,
                Batch(schema: schema, columns: columns, rowCount: rows, firstOrdinal: checkpoint.firstOrdinal))
        }
        if hasRow { throw SluiceError(.validation, "Staging holds rows that no checkpoint names.") }
    }

    private func isInOrdinalOrder() throws -> Bool {
        let statement = try database.prepare(
            "SELECT \(Self.ordinal) FROM \(SQLText.identifier(stage))", operation: "read back")
        var last = Int64.min
        while try statement.step("read back") {
            let ordinal = statement.int(0)
            guard ordinal > last else {
                statement.reset()
                return false
            }
            last = ordinal
        }
        return true
    }

    /// Staged rows.
    func stagedRows() throws -> Int {
        var count = 0
        try database.run("SELECT count(*) FROM \(SQLText.identifier(stage))") { count = Int($0.int(0)) }
        return count
    }

    // MARK: Promotion

    /// What a promotion did.
    struct Promotion: Sendable, Equatable {
        let rowsStaged: Int
        let rowsInserted: Int
        let rowsUpdated: Int
        /// What was in quarantine when the rows were promoted; nil in a promotion of an older version.
        let quarantine: QuarantineSeal?
    }

    /// The promotion of this run, when it has happened.
    func promotion() throws -> Promotion? {
        var found: Promotion?
        guard try exists("_sluice_promotions") else { return nil }
        let isKept = try hasQuarantine("rows_quarantined") && hasQuarantine("quarantine_hash")
        try database.run(
            """
            SELECT rows_staged, rows_inserted, rows_updated, \(isKept ? "rows_quarantined, quarantine_hash" : "NULL, NULL")
            FROM _sluice_promotions WHERE run_id = ?
            """, [.text(run)]
        ) { row in
            found = Promotion(
                rowsStaged: Int(row.int(0)), rowsInserted: Int(row.int(1)), rowsUpdated: Int(row.int(2)),
                quarantine: row.isNull(3) ? nil : QuarantineSeal(rows: row.int(3), hash: row.text(4) ?? ""))
        }
        return found
    }

    private func hasQuarantine(_ column: String) throws -> Bool {
        var found = false
        try database.run("SELECT 1 FROM pragma_table_info('_sluice_promotions') WHERE name = ?", [.text(column)]) { _ in
            found = true
        }
        return found
    }

    /// Staged rows that would break a foreign key, or a unique index against rows that the target already has.
    func violations(checkForeignKeys: Bool) throws -> [(ordinal: Int64, reason: String)] {
        var found: [Int64: String] = [:]
        var orphans: [String] = []
        if checkForeignKeys {
            for key in shape.foreignKeys where key.columns.count == key.parentColumns.count {
                // A column that is not mapped has its default in staging as it will have in the table.
                guard key.columns.allSatisfy({ name in shape.columns.contains { $0.name == name } }) else { continue }
                let notNull = key.columns.map { "s.\(SQLText.identifier($0)) IS NOT NULL" }.joined(separator: " AND ")
                let join = zip(key.columns, key.parentColumns)
                    .map { "p.\(SQLText.identifier($1)) = s.\(SQLText.identifier($0))" }.joined(separator: " AND ")
                func missing(_ parent: String, _ also: String = "") -> String {
                    "NOT EXISTS (SELECT 1 FROM \(SQLText.identifier(parent)) p WHERE \(join)\(also))"
                }
                var conditions = [notNull]
                if try exists(key.parent) { conditions.append(missing(key.parent)) }
                if key.parent.lowercased() == shape.name.lowercased() {
                    conditions.append(
                        missing(stage, " AND p.\(Self.ordinal) NOT IN (SELECT ordinal FROM temp._sluice_leaving)"))
                }
                orphans.append(
                    "SELECT s.\(Self.ordinal) FROM \(SQLText.identifier(stage)) s WHERE \(conditions.joined(separator: " AND "))"
                )
            }
        }
        let key = shape.key.map(\.name).filter { name in written.contains { $0.name == name } }
        for index in shape.uniqueIndexes {
            let same = zip(Self.collated(index, prefix: "m."), index.columns)
                .map { "\($0) = s.\(SQLText.identifier($1))" }.joined(separator: " AND ")
            let other =
                key.isEmpty
                ? ""
                : " AND NOT (\(key.map { "m.\(SQLText.identifier($0)) = s.\(SQLText.identifier($0))" }.joined(separator: " AND ")))"
            try database.run(
                "SELECT s.\(Self.ordinal) FROM \(SQLText.identifier(stage)) s WHERE EXISTS "
                    + "(SELECT 1 FROM \(SQLText.identifier(shape.name)) m WHERE \(same)\(other))"
            ) { found[$0.int(0)] = "TARGET_CONFLICT" }
        }
        // A row that leaves takes those along that refer to it, until no more do.
        try database.execute("CREATE TEMP TABLE IF NOT EXISTS _sluice_leaving (ordinal INTEGER PRIMARY KEY)")
        var leaving = -1
        while leaving < found.count {
            leaving = found.count
            let mark = try database.prepare("INSERT OR IGNORE INTO temp._sluice_leaving VALUES (?)")
            for ordinal in found.keys {
                mark.bind(int64: ordinal, at: 1)
                _ = try mark.step()
            }
            for query in orphans { try database.run(query) { found[$0.int(0)] = "FOREIGN_KEY" } }
        }
        try database.execute("DROP TABLE temp._sluice_leaving")
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// How far the validation of the staged rows has come.
    enum Validation: Equatable {
        case none
        /// Rows were withdrawn; the target has changed since.
        case stale
        case done
    }

    func validation() throws -> Validation {
        var found = Validation.none
        try database.run("SELECT status FROM _sluice_checkpoints WHERE run_id = ? AND chunk = -1", [.text(run)]) {
            found = $0.text(0) == "validated" ? .done : .stale
        }
        return found
    }

    /// The target changed after the staged rows were validated.
    struct Stale: Error {}

    /// Marks the validation as one that must be repeated.
    func invalidate() throws {
        try durably(.invalidate) { () throws in
            try database.run(
                "UPDATE _sluice_checkpoints SET status = 'stale' WHERE run_id = ? AND chunk = -1", [.text(run)])
        }
    }

    /// Takes rows out of staging, which quarantine holds already, and marks what is left as validated.
    func withdraw(_ ordinals: [Int64], at time: String) throws {
        try durably(.withdraw) { () throws in
            try database.run(
                "INSERT OR REPLACE INTO _sluice_checkpoints VALUES (?, -1, 0, 0, ?, '', '', ?, ?, 'validated')",
                [.text(run), .int(Int64(try stagedRows() - ordinals.count)), .text(time), .text(time)],
                operation: "checkpoint")
            guard !ordinals.isEmpty else { return }
            try database.execute(
                "CREATE INDEX IF NOT EXISTS \(SQLText.identifier(stage + "_ordinal")) "
                    + "ON \(SQLText.identifier(stage)) (\(Self.ordinal))")
            let statement = try database.prepare(
                "DELETE FROM \(SQLText.identifier(stage)) WHERE \(Self.ordinal) = ?", operation: "withdraw")
            for ordinal in ordinals {
                statement.bind(int64: ordinal, at: 1)
                _ = try statement.step("withdraw")
            }
        }
    }

    /// Moves the staged rows into the table, checks the counts, and records the promotion: all in one transaction.
    ///
    /// A row whose primary key the target has is updated in the columns that the mapping fills (ROADMAP §34).
    ///
    /// - Parameters:
    ///   - expected: rows that staging must hold.
    ///   - quarantine: what the home has set aside, kept beside the promotion.
    ///   - checkForeignKeys: as in `violations`, which are looked for again under the write lock.
    /// - Throws: `Stale` when the target has changed since the validation; nothing is promoted then.
    func promote(
        expected: Int64, quarantine: QuarantineSeal, checkForeignKeys: Bool, at time: String
    ) throws -> Promotion {
        if let done = try promotion() { return done }
        return try durably(.promote) { () throws -> Promotion in
            guard try violations(checkForeignKeys: checkForeignKeys).isEmpty else { throw Stale() }
            let table = SQLText.identifier(shape.name)
            let source = SQLText.identifier(stage)
            let names = written.map { SQLText.identifier($0.name) }.joined(separator: ", ")
            let staged = try stagedRows()
            guard staged == expected else {
                throw SluiceError(
                    .validation, "row_count: \(expected) rows are accounted for and \(staged) are staged.")
            }
            let before = try count(table)
            let key = shape.key.map(\.name)
            let hasKey = !key.isEmpty && key.allSatisfy { name in written.contains { $0.name == name } }
            var known = 0
            var conflict = ""
            if hasKey {
                let join = key.map { "m.\(SQLText.identifier($0)) = s.\(SQLText.identifier($0))" }.joined(
                    separator: " AND ")
                try database.run(
                    "SELECT count(*) FROM \(source) s WHERE EXISTS (SELECT 1 FROM \(table) m WHERE \(join))"
                ) { known = Int($0.int(0)) }
                let others = written.filter { !key.contains($0.name) }
                let update = others.map { "\(SQLText.identifier($0.name)) = excluded.\(SQLText.identifier($0.name))" }
                conflict =
                    " ON CONFLICT (\(key.map(SQLText.identifier).joined(separator: ", "))) DO "
                    + (update.isEmpty ? "NOTHING" : "UPDATE SET \(update.joined(separator: ", "))")
            }
            try database.execute(
                "INSERT OR ABORT INTO \(table) (\(names)) SELECT \(names) FROM \(source) WHERE true\(conflict)",
                operation: "promote")
            let after = try count(table)
            guard after == before + staged - known else {
                throw SluiceError(
                    .validation,
                    "row_count: the table had \(before) rows and has \(after) after \(staged) staged rows, \(known) of them known."
                )
            }
            try database.run(
                """
                INSERT INTO _sluice_promotions (run_id, table_name, rows_staged, rows_inserted, rows_updated,
                  promoted_at, rows_quarantined, quarantine_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(run), .text(shape.name), .int(Int64(staged)), .int(Int64(staged - known)), .int(Int64(known)),
                    .text(time), .int(quarantine.rows), .text(quarantine.hash),
                ])
            try database.execute("DROP TABLE \(source)", operation: "promote")
            return Promotion(
                rowsStaged: staged, rowsInserted: staged - known, rowsUpdated: known, quarantine: quarantine)
        }
    }

    /// Drops what the run staged: after it the target is as it was.
    func abandon() throws {
        try durably(.abandon) { () throws in
            try database.execute("DROP TABLE IF EXISTS \(SQLText.identifier(stage))", operation: "abandon")
            try database.run("DELETE FROM _sluice_checkpoints WHERE run_id = ?", [.text(run)], operation: "abandon")
        }
    }

    private func count(_ quotedTable: String) throws -> Int {
        var count = 0
        try database.run("SELECT count(*) FROM \(quotedTable)") { count = Int($0.int(0)) }
        return count
    }
}

/// Calls `body` with views of all columns at once.
func withViews<R>(_ columns: [Column], _ body: ([ColumnView]) throws -> R) throws -> R {
    func descend(_ place: Int, _ views: [ColumnView]) throws -> R {
        guard place < columns.count else { return try body(views) }
        return try columns[place].withView { (view) throws -> R in try descend(place + 1, views + [view]) }
    }
    return try descend(0, [])
}
