public import Columnar
internal import Databases
public import Foundations
public import Transform

/// Runs programs in SQLite: the emitted query over rows of a batch or of a file's table, with the functions that it calls.
///
/// Not thread-safe: one thread at a time. Its calls wait for SQLite.
public final class SQLiteEngine {
    public let program: TypedProgram
    private let kernels: SQLiteKernels

    /// The columns that a query's result has beside the targets.
    static let row = "_sluice_row"
    static let errors = "_sluice_errors"

    /// - Throws: `SluiceError` of kind `dsl.rejected`.
    public init(_ program: TypedProgram) throws(SluiceError) {
        self.program = program
        kernels = try SQLiteKernels(program)
    }

    // MARK: Rows in memory

    /// What the query makes of a batch: equal to what the executor makes of it.
    ///
    /// Two values have no form in SQLite: NaN is null there, and a date or timestamp outside the years 0001–9999 is
    /// reported as unread.
    /// - Throws: `SluiceError` of kind `stage.input` for a batch of another schema, for a cell that is longer than
    ///   SQLite takes (1,000,000,000 bytes), and when SQLite fails; of kind `dsl.unsupported` when SQLite cannot run the
    ///   program.
    public func run(_ batch: Batch) throws(SluiceError) -> SQLiteResult {
        guard batch.schema == program.inputs else {
            throw SluiceError(.stageInput, "A batch does not have the schema that its plans were checked against.")
        }
        return try Self.reporting { () throws in
            // Private to this connection, in memory, and gone with it.
            let database = try SQLiteConnection(path: ":memory:", access: .create)
            database.forbidAttaching()
            try database.execute("PRAGMA temp_store = MEMORY")
            try load(batch, into: database)
            let query = try query(from: ["input"], row: Self.row)
            var collector = ResultCollector(query, firstOrdinal: batch.firstOrdinal)
            try step(query, on: database) { (statement) throws in try collector.add(statement) }
            return collector.take()
        }
    }

    /// A table of the columns that the program reads, with every value as SQLite holds its type.
    private func load(_ batch: Batch, into database: SQLiteConnection) throws {
        let used = program.usedInputs
        // Without types of their own the columns keep what they are given.
        let names = used.map { SQLText.identifier(program.inputs.fields[$0].name) }
        let row = SQLText.identifier(Self.row)
        try database.execute(
            "CREATE TABLE input (\((["\(row) INTEGER PRIMARY KEY"] + names).joined(separator: ", ")))")
        try database.execute("BEGIN")
        let insert = try database.prepare("INSERT INTO input VALUES (\(SQLText.parameters(used.count + 1)))")
        try Column.withViews(used.map { batch.columns[$0] }) { (views: [ColumnView]) throws in
            try withUnsafeTemporaryAllocation(
                byteCount: CanonicalText.capacity * max(1, used.count), alignment: 8
            ) { (buffer: UnsafeMutableRawBufferPointer) throws in
                for row in 0..<batch.rowCount {
                    insert.bind(int64: Int64(row), at: 1)
                    for (place, view) in views.enumerated() {
                        // The buffer has bytes, so that it has a base.
                        guard let base = buffer.baseAddress else { continue }
                        let text = base + place * CanonicalText.capacity
                        Self.bind(view, row, to: insert, at: place + 2, text)
                    }
                    _ = try insert.step("load")
                }
            }
        }
        try database.execute("COMMIT")
    }

    private static func bind(
        _ view: ColumnView, _ row: Int, to insert: SQLiteStatement, at index: Int, _ text: UnsafeMutableRawPointer
    ) {
        switch (view.value(row), view.type) {
        case (.null, _): insert.bindNull(at: index)
        case (.text(let cell), .binary): insert.bind(borrowedBlob: cell.bytes, at: index)
        case (.text(let cell), _): insert.bind(borrowedText: cell.bytes, at: index)
        case (.word(let value), .int64), (.word(let value), .bool): insert.bind(int64: value, at: index)
        case (.word(let bits), .float64):
            insert.bind(double: Double(bitPattern: UInt64(bitPattern: bits)), at: index)
        case (.word(let value), let type):
            let count = CanonicalText.write(value, type, text)
            // A date without a text stays a number, which no column of dates may hold.
            if count == 0 {
                insert.bind(int64: value, at: index)
            } else {
                insert.bind(borrowedText: UnsafeRawBufferPointer(start: text, count: count), at: index)
            }
        }
    }

    // MARK: A table of a file

    /// What the query makes of a table's rows, in order of the table's row numbers, some rows at a time.
    ///
    /// - Parameters:
    ///   - batchRows: rows a result; the last one may have fewer, and an empty table gives one result without rows.
    /// - Throws: as `run`, and `SluiceError` of the kinds `source.missing`, `source.table` and `source.unreadable`.
    public func run(
        file: String, table: String, batchRows: Int = 65536, _ body: (SQLiteResult) throws(SluiceError) -> Void
    ) throws(SluiceError) {
        let source = try SQLiteSource(file: file, table: table, reading: program)
        try Self.reporting { () throws in
            let query = try query(from: source.relation, row: source.row)
            var collector = ResultCollector(query)
            var given = false
            try step(query, on: source.database) { (statement) throws in
                try collector.add(statement)
                if collector.count == batchRows {
                    given = true
                    try body(collector.take())
                }
            }
            if !given || collector.count > 0 { try body(collector.take()) }
        }
    }

    // MARK: What both do

    func query(from relation: [String], row: String) throws(SluiceError) -> EmittedQuery {
        let source = EmitSource(relation: relation, row: row, errors: Self.errors)
        do throws(Unsupported) { return try Emitters.emit(program, for: .sqlite, from: source) } catch {
            throw SluiceError(.dslUnsupported, error.message)
        }
    }

    /// Registers the functions, binds the values that stand in the plans, and gives every row to `body`.
    func step(
        _ query: EmittedQuery, on database: SQLiteConnection, _ body: (SQLiteStatement) throws -> Void
    ) throws {
        try kernels.register(on: database)
        let statement = try database.prepare(query.text, operation: "prepare the query")
        for (place, parameter) in query.parameters.enumerated() {
            guard case .text(let text) = parameter.value else {
                throw SluiceError(.stageInput, "A query for SQLite binds something else than a text.")
            }
            try statement.bind(.text(text), at: place + 1)
        }
        while try statement.step("run the query") { try body(statement) }
    }

    /// SQLite's failures in a user's words.
    static func reporting<R>(_ body: () throws -> R) throws(SluiceError) -> R {
        do { return try body() } catch let error as SluiceError {
            throw error
        } catch let error as DatabaseError {
            throw error.asError(.stageInput)
        } catch {
            throw SluiceError(.stageInput, "SQLite failed.")
        }
    }
}
