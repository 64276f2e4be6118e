internal import Columnar
internal import Databases
public import Foundations
internal import Glibc
internal import Transform

/// A table of a SQLite file.
public struct SQLiteTable: Sendable, Equatable {
    public let file: String
    public let table: String

    public init(file: String, table: String) {
        self.file = file
        self.table = table
    }
}

/// What a transfer did.
public struct SQLiteTransferOutcome: Sendable, Equatable {
    /// Rows of the source: those written and those rejected.
    public let read: Int64
    public let written: Int64
    public let rejected: Int64

    public init(read: Int64, written: Int64, rejected: Int64) {
        self.read = read
        self.written = written
        self.rejected = rejected
    }
}

extension SQLiteEngine {
    /// What a rejected row's table has: the row's number in the source, and `place:REASON` joined by `;`.
    static let rejectColumns = [
        SQLiteTableShape.Column(name: "row", type: "INTEGER", isGenerated: false),
        SQLiteTableShape.Column(name: "errors", type: "TEXT", isGenerated: false),
    ]

    /// Moves a table through the program into another one: rows without errors into the target, the others, by their
    /// number and their errors, into the table of rejects beside it.
    ///
    /// Everything is one transaction of the target's file: a failure at any moment, a kill and a power cut too, leaves
    /// target and rejects as they were. Tables that do not exist are made (STRICT); one that exists must have the
    /// program's columns with their types and, unless `append`, no row. Source and target may be one file.
    /// - Parameters:
    ///   - rejects: nil: a row with an error is a failure.
    ///   - append: whether rows may be added to tables that have some.
    ///   - maximumBytes: what the target's file may grow to; beyond it the disk counts as full.
    ///   - progress: is told how many rows were read, every 10,000.
    /// - Throws: `SluiceError`: `source.missing`, `source.table`, `source.unreadable`, `target.shape` for a table of
    ///   another form, `target.busy`, `target.write` for a full disk or a row that a constraint refuses,
    ///   `stage.input` for rejected rows without a table for them, and `dsl.rejected`.
    public func transfer(
        from source: SQLiteTable, to target: SQLiteTable, rejects: String?, append: Bool = false,
        maximumBytes: Int? = nil, progress: (Int64) -> Void = { _ in }
    ) throws(SluiceError) -> SQLiteTransferOutcome {
        guard Files.exists(source.file) else {
            throw SluiceError(.sourceMissing, "The source \(Files.name(of: source.file)) does not exist.")
        }
        let isNew = !Files.exists(target.file)
        let isOneFile = !isNew && Self.isSame(source.file, target.file)
        guard rejects != target.table, !isOneFile || (source.table != target.table && source.table != rejects) else {
            throw SluiceError(
                .targetShape, "Source, target and rejects are not three tables.", hint: "Name another one.")
        }
        let writer = TransferWriter(
            target: target, rejects: rejects, append: append, columns: program.outputs.map { ($0.target, $0.type) })
        do {
            return try writer.run(maximumBytes: maximumBytes) { (database) throws in
                let read =
                    isOneFile
                    ? try SQLiteSource(database, file: source.file, table: source.table, reading: program)
                    : try SQLiteSource(file: source.file, table: source.table, reading: program)
                let query = try query(from: read.relation, row: read.row)
                var rows: Int64 = 0
                // The writer reports its own failures; what is left is the query's.
                do {
                    try step(query, on: read.database) { (statement) throws in
                        rows += 1
                        try writer.write(statement, row: rows)
                        if rows % 10_000 == 0 { progress(rows) }
                    }
                } catch let error as DatabaseError { throw error.asError(.stageInput) }
                return rows
            }
        } catch {
            if isNew { writer.removeFile() }
            throw error
        }
    }

    private static func isSame(_ one: String, _ other: String) -> Bool {
        var a = stat()
        var b = stat()
        return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino
    }
}

/// The target's side of a transfer. Not thread-safe.
private final class TransferWriter {
    private let target: SQLiteTable
    private let rejects: String?
    private let append: Bool
    private let columns: [(name: String, type: ColumnType)]
    private var database: SQLiteConnection?
    private var insert: SQLiteStatement?
    private var reject: SQLiteStatement?
    private var written: Int64 = 0
    private var rejected: Int64 = 0
    private var firstErrors: (row: Int64, errors: String)?

    init(target: SQLiteTable, rejects: String?, append: Bool, columns: [(String, ColumnType)]) {
        self.target = target
        self.rejects = rejects
        self.append = append
        self.columns = columns
    }

    /// Runs `body` within the transaction; it returns how many rows were read.
    func run(
        maximumBytes: Int?, _ body: (SQLiteConnection) throws -> Int64
    ) throws(SluiceError) -> SQLiteTransferOutcome {
        // They keep the connection.
        defer { (insert, reject, database) = (nil, nil, nil) }
        do {
            let database = try SQLiteConnection(path: target.file, access: .create, busyMilliseconds: 10_000)
            self.database = database
            database.forbidAttaching()
            // As a target of runs: the commit reaches the disk before it is reported.
            try database.execute("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA synchronous = EXTRA")
            if let maximumBytes {
                var pageSize: Int64 = 4096
                try database.run("PRAGMA page_size") { pageSize = max(1, $0.int(0)) }
                try database.execute("PRAGMA max_page_count = \(max(1, Int64(maximumBytes) / pageSize))")
            }
            return try database.transaction { () throws -> SQLiteTransferOutcome in
                try prepare(database)
                let read = try body(database)
                if rejects == nil, let firstErrors {
                    throw SluiceError(
                        .stageInput,
                        "\(rejected) of \(read) rows have errors, the first is row \(firstErrors.row): "
                            + "\(firstErrors.errors). Nothing was written.",
                        hint: "Name a table for them with --rejects, or mend the plan.")
                }
                return SQLiteTransferOutcome(read: read, written: written, rejected: rejected)
            }
        } catch let error as SluiceError {
            throw error
        } catch let error as DatabaseError {
            throw failure(error)
        } catch { throw SluiceError(.targetWrite, "The target failed.") }
    }

    private func failure(_ error: DatabaseError) -> SluiceError {
        let name = Files.name(of: target.file)
        if error.isBusy {
            return SluiceError(
                .targetBusy, "Another program holds \(name).", hint: "Close it and try again; nothing was written.")
        }
        if error.isCorrupt { return SluiceError(.targetShape, "\(name) is no SQLite database, or damaged.") }
        return SluiceError(
            .targetWrite, "\(error.operation): \(error.message) (SQLite \(error.code)). Nothing was written.",
            hint: error.isStorage
                ? "Make room on the disk of \(name) and try again."
                : "Compare the rows with the constraints of \(name), and try again.")
    }

    // MARK: Tables

    private func prepare(_ database: SQLiteConnection) throws {
        let wanted = columns.map {
            SQLiteTableShape.Column(name: $0.name, type: Self.declaration($0.type), isGenerated: false)
        }
        try make(target.table, wanted, on: database)
        insert = try statement(target.table, wanted, on: database)
        guard let rejects else { return }
        try make(rejects, SQLiteEngine.rejectColumns, on: database)
        reject = try statement(rejects, SQLiteEngine.rejectColumns, on: database)
    }

    private static func declaration(_ type: ColumnType) -> String {
        switch type {
        case .text, .decimal, .date, .timestamp: "TEXT"
        case .int64, .bool: "INTEGER"
        case .float64: "REAL"
        case .binary: "BLOB"
        }
    }

    /// A table of these columns, empty or to be appended to.
    private func make(_ table: String, _ wanted: [SQLiteTableShape.Column], on database: SQLiteConnection) throws {
        guard let shape = try SQLiteTableShape(table, of: database) else {
            let columns = wanted.map { "\(SQLText.identifier($0.name)) \($0.type)" }.joined(separator: ", ")
            try database.execute(
                "CREATE TABLE \(SQLText.identifier(table)) (\(columns)) STRICT", operation: "make the table")
            return
        }
        let name = SQLiteSource.quoted(table)
        guard shape.kind == .table else {
            throw SluiceError(.targetShape, "\(name) is no ordinary table.", hint: "Name another table.")
        }
        let there = shape.columns.filter { !$0.isGenerated }
        func words(_ columns: [SQLiteTableShape.Column]) -> String {
            columns.prefix(40).map { "\(SQLiteSource.quoted($0.name)) \($0.type)" }.joined(separator: ", ")
        }
        let types = Dictionary(
            there.map { (Array($0.name.utf8), $0.type.uppercased()) }, uniquingKeysWith: { one, _ in one })
        guard there.count == wanted.count, wanted.allSatisfy({ types[Array($0.name.utf8)] == $0.type }) else {
            throw SluiceError(
                .targetShape, "The table \(name) has other columns than the program makes: it has \(words(there)).",
                hint: "Make it with \(words(wanted)), or name a table that does not exist: it is made.")
        }
        guard !append else { return }
        var hasRows = false
        try database.run("SELECT EXISTS (SELECT 1 FROM \(SQLText.identifier(table)))") { hasRows = $0.int(0) != 0 }
        guard !hasRows else {
            throw SluiceError(
                .targetShape, "The table \(name) has rows already.",
                hint: "Empty it, name another table, or add to it with --append.")
        }
    }

    private func statement(
        _ table: String, _ columns: [SQLiteTableShape.Column], on database: SQLiteConnection
    ) throws(DatabaseError) -> SQLiteStatement {
        let names = columns.map { SQLText.identifier($0.name) }.joined(separator: ", ")
        return try database.prepare(
            // Whatever the table's constraints say of conflicts: a row that is written takes no other's place.
            "INSERT OR ABORT INTO \(SQLText.identifier(table)) (\(names)) VALUES (\(SQLText.parameters(columns.count)))",
            operation: "prepare the insert")
    }

    // MARK: Rows

    /// Writes the row that the query is at; `row` is its place in the source, for messages.
    func write(_ query: SQLiteStatement, row: Int64) throws(SluiceError) {
        do throws(DatabaseError) {
            let errors = columns.count + 1
            if query.isNull(errors) {
                guard let insert else { return }
                for place in columns.indices { try insert.bind(column: place + 1, of: query, at: place + 1) }
                _ = try insert.step("write row \(row)")
                guard database?.changes == 1 else {
                    throw DatabaseError(
                        code: 19, message: "a trigger of the table kept the row out", operation: "write row \(row)")
                }
                written += 1
                return
            }
            rejected += 1
            guard let reject else {
                if firstErrors == nil { firstErrors = (query.int(0), query.text(errors) ?? "") }
                return
            }
            try reject.bind(column: 0, of: query, at: 1)
            try reject.bind(column: errors, of: query, at: 2)
            _ = try reject.step("write a reject")
            guard database?.changes == 1 else {
                throw DatabaseError(
                    code: 19, message: "a trigger of the table kept the reject out", operation: "write a reject")
            }
        } catch { throw failure(error) }
    }

    /// Removes the file that a transfer that failed has made, if it is still empty.
    func removeFile() {
        var status = stat()
        if stat(target.file, &status) == 0, status.st_size == 0 { unlink(target.file) }
    }
}
