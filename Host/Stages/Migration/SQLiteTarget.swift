internal import Columnar
internal import Databases
internal import Foundations
internal import Store

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
    let database: SQLiteConnection
    let records: TargetRecords
    let run: String
    /// Of the driver that writes. Only ever raised, by `prepare`.
    var lease: Lease
    /// The staging table of the run.
    let stage: String
    /// Target columns that the mapping fills, in target order.
    let written: [TargetTable.Column]

    static let ordinal = "_sluice_ordinal"

    /// Opens an existing database and reads the table's shape; changes nothing.
    ///
    /// A journal that a killed writer left is rolled back first, which a reader alone may not.
    static func inspect(path: String, table: String, busyMilliseconds: Int32 = 10_000) throws -> TargetTable {
        try TargetTable.read(table, from: try reader(path, busyMilliseconds))
    }

    /// What a run has promoted here, with its chunks; nil when it has not. Needs no table of that name, and changes nothing.
    static func promoted(
        path: String, run: String, busyMilliseconds: Int32 = 10_000
    ) throws -> (promotion: TargetPromotion, chunks: [ChunkRecord])? {
        let records = TargetRecords(database: try reader(path, busyMilliseconds), run: run)
        return try records.promotion().map { (promotion) throws in (promotion, try records.checkpoints()) }
    }

    private static func reader(_ path: String, _ busyMilliseconds: Int32) throws -> SQLiteConnection {
        try open(path) { () throws(DatabaseError) in
            do throws(DatabaseError) { return try opened(path, .readOnly, busyMilliseconds) } catch {
                guard error.needsRecovery else { throw error }
                _ = try opened(path, .readWrite, busyMilliseconds)
                return try opened(path, .readOnly, busyMilliseconds)
            }
        }
    }

    /// - Parameter lease: the driver's; whatever it writes is refused once the target knows a newer one.
    init(path: String, table: String, lease: Lease, columns: [String]) throws {
        let waiting: Int32 = 10_000
        database = try Self.open(path) { () throws(DatabaseError) in
            try Self.opened(path, .readWrite, waiting)
        }
        shape = try TargetTable.read(table, from: database)
        run = lease.runID.description
        records = TargetRecords(database: database, run: run)
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
        // With a rollback journal the commit is the unlinking of that file. FULL leaves it to the system when the folder
        // reaches the disk: a power cut could bring the journal back, and undo what the home has recorded as done.
        if access != .readOnly { try database.execute("PRAGMA synchronous = EXTRA") }
        return database
    }

    // MARK: Staging

    /// Makes the staging table and the checkpoint tables, once a run. From now on other drivers of the run are refused.
    ///
    /// - Parameter raise: as in `durably`; for a driver that has not written yet.
    func prepare(raise: ((Int64) throws -> Lease)? = nil) throws {
        try durably(.prepareTarget, raise: raise) { () throws in
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
                let name = String(column.prefix { $0 != " " })
                guard try !records.has(name, in: "_sluice_promotions") else { continue }
                try database.execute("ALTER TABLE _sluice_promotions ADD COLUMN \(column)", operation: "prepare target")
            }
            guard try !records.exists(stage), try records.promotion() == nil else { return }
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

    static func collated(_ index: TargetTable.UniqueIndex, prefix: String) -> [String] {
        zip(index.columns, index.collations).map {
            "\(prefix)\(SQLText.identifier($0)) COLLATE \(SQLText.identifier($1))"
        }
    }

    /// Writes one chunk and its checkpoint in one transaction.
    ///
    /// - Parameters:
    ///   - batch: columns in the order of `columns`, target types; rows in ordinal order.
    ///   - ordinals: one a row.
    ///   - checkpoint: called with the rows that a constraint refused (they are not in staging), before the commit: what
    ///     it puts into quarantine is there when the chunk is.
    /// - Throws: `Promoted`; then the checkpoint was not asked for.
    func write(
        _ batch: Batch, ordinals: [Int64], checkpoint: (_ refused: [RefusedRow]) throws -> ChunkRecord
    ) throws {
        try durablyStaged(.writeChunk) { () throws in
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
                case .int64, .decimal: insert.bind(int64: view.int64(row), at: index)
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
}

/// Calls `body` with views of all columns at once.
func withViews<R>(_ columns: [Column], _ body: ([ColumnView]) throws -> R) throws -> R {
    func descend(_ place: Int, _ views: [ColumnView]) throws -> R {
        guard place < columns.count else { return try body(views) }
        return try columns[place].withView { (view) throws -> R in try descend(place + 1, views + [view]) }
    }
    return try descend(0, [])
}
