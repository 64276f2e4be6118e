internal import CSQLite
internal import Glibc

/// One connection to a SQLite database. Not thread-safe: one thread at a time.
public final class SQLiteConnection {
    /// How a database is opened.
    public enum Access: Sendable {
        case readOnly
        /// The file must exist.
        case readWrite
        /// The file is made when it does not exist.
        case create
    }

    let handle: OpaquePointer
    public let path: String

    /// Opens a database; extended result codes on, defensive, no trust in the schema, `busy_timeout` as given.
    public init(path: String, access: Access, busyMilliseconds: Int32 = 5000) throws(DatabaseError) {
        let flags: Int32 =
            switch access {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWrite: SQLITE_OPEN_READWRITE
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        var opened: OpaquePointer?
        let status = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard status == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(status))
            sqlite3_close_v2(opened)
            throw DatabaseError(code: status, message: message, operation: "open")
        }
        handle = opened
        self.path = path
        sqlite3_busy_timeout(handle, busyMilliseconds)
        _ = sluice_sqlite_config_flag(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
        _ = sluice_sqlite_config_flag(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    }

    deinit { sqlite3_close_v2(handle) }

    func failure(_ status: Int32, _ operation: String) -> DatabaseError {
        // Some files of SQLite's (-shm) report a full disk as an I/O error: the system knows better.
        let system = status & 0xFF == SQLITE_IOERR ? sqlite3_system_errno(handle) : 0
        let isFull = system == ENOSPC || system == EDQUOT
        return DatabaseError(
            code: isFull ? SQLITE_FULL : status, message: String(cString: sqlite3_errmsg(handle)), operation: operation)
    }

    /// SQLite would read no further than a NUL, which a name can bring in.
    private static func refuseNUL(_ sql: String, _ operation: String) throws(DatabaseError) {
        guard sql.utf8.contains(0) else { return }
        throw DatabaseError(
            code: SQLITE_MISUSE, message: "a name holds a NUL character; rename the column or table",
            operation: operation)
    }

    /// Runs statements without parameters or rows.
    public func execute(_ sql: String, operation: String = "execute") throws(DatabaseError) {
        try Self.refuseNUL(sql, operation)
        let status = sqlite3_exec(handle, sql, nil, nil, nil)
        guard status == SQLITE_OK else { throw failure(status, operation) }
    }

    public func prepare(_ sql: String, operation: String = "prepare") throws(DatabaseError) -> SQLiteStatement {
        try Self.refuseNUL(sql, operation)
        var statement: OpaquePointer?
        let status = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard status == SQLITE_OK, let statement else { throw failure(status, operation) }
        return SQLiteStatement(statement, of: self)
    }

    /// Runs one statement with parameters, and gives every row to `row`.
    public func run(
        _ sql: String, _ parameters: [SQLiteValue] = [], operation: String = "run",
        row: (SQLiteStatement) -> Void = { _ in }
    ) throws(DatabaseError) {
        let statement = try prepare(sql, operation: operation)
        for (index, value) in parameters.enumerated() { try statement.bind(value, at: index + 1) }
        while try statement.step(operation) { row(statement) }
    }

    /// All or nothing. `immediate` takes the write lock first, so that it cannot fail half-way for want of it.
    public func transaction<R, E: Error>(_ body: () throws(E) -> R) throws -> R {
        try execute("BEGIN IMMEDIATE", operation: "begin")
        let result: R
        do { result = try body() } catch {
            try? execute("ROLLBACK", operation: "rollback")
            throw error
        }
        do { try execute("COMMIT", operation: "commit") } catch {
            try? execute("ROLLBACK", operation: "rollback")
            throw error
        }
        return result
    }

    /// From now on no statement can attach another database.
    public func forbidAttaching() { sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0) }

    /// Rows that the last statement changed.
    public var changes: Int { Int(sqlite3_changes64(handle)) }
}

/// A value of SQLite.
public enum SQLiteValue: Sendable, Equatable {
    case null
    case int(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])
}

/// A prepared statement. Not thread-safe; it keeps its connection alive.
public final class SQLiteStatement {
    private let handle: OpaquePointer
    private let connection: SQLiteConnection

    init(_ handle: OpaquePointer, of connection: SQLiteConnection) {
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    /// True when there is a row, false at the end; then the statement is reset and may run again.
    public func step(_ operation: String = "step") throws(DatabaseError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        case let status:
            let failure = connection.failure(status, operation)
            sqlite3_reset(handle)
            throw failure
        }
    }

    public func reset() { sqlite3_reset(handle) }

    /// Binds a value to a parameter, counted from 1.
    public func bind(_ value: SQLiteValue, at index: Int) throws(DatabaseError) {
        let place = Int32(index)
        let status: Int32
        switch value {
        case .null: status = sqlite3_bind_null(handle, place)
        case .int(let value): status = sqlite3_bind_int64(handle, place, value)
        case .double(let value): status = sqlite3_bind_double(handle, place, value)
        case .text(var value):
            status = value.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    sluice_sqlite_bind_text_copy(handle, place, $0.baseAddress ?? emptyText, UInt64($0.count))
                }
            }
        case .blob(let value):
            status = value.withUnsafeBytes {
                sluice_sqlite_bind_blob_copy(
                    handle, place, $0.baseAddress ?? UnsafeRawPointer(emptyText), UInt64($0.count))
            }
        }
        guard status == SQLITE_OK else { throw connection.failure(status, "bind") }
    }

    // The next five do not copy and do not throw: they are for loops over a batch's own memory. The status of a bind
    // that fails (a bad index, no memory) shows in the step that follows. Memory must stay valid until then.

    @inline(__always)
    public func bindNull(at index: Int) { sqlite3_bind_null(handle, Int32(truncatingIfNeeded: index)) }

    @inline(__always)
    public func bind(int64 value: Int64, at index: Int) {
        sqlite3_bind_int64(handle, Int32(truncatingIfNeeded: index), value)
    }

    @inline(__always)
    public func bind(double value: Double, at index: Int) {
        sqlite3_bind_double(handle, Int32(truncatingIfNeeded: index), value)
    }

    @inline(__always)
    public func bind(borrowedText value: UnsafeRawBufferPointer, at index: Int) {
        let text = value.baseAddress?.assumingMemoryBound(to: CChar.self) ?? emptyText
        _ = sluice_sqlite_bind_text_static(handle, Int32(truncatingIfNeeded: index), text, UInt64(value.count))
    }

    @inline(__always)
    public func bind(borrowedBlob value: UnsafeRawBufferPointer, at index: Int) {
        let bytes = value.baseAddress ?? UnsafeRawPointer(emptyText)
        _ = sluice_sqlite_bind_blob_static(handle, Int32(truncatingIfNeeded: index), bytes, UInt64(value.count))
    }

    /// Binds what a column of another statement's row holds, as it is. Copied.
    ///
    /// Both statements run on one thread; their connections may be two.
    public func bind(column: Int, of other: SQLiteStatement, at index: Int) throws(DatabaseError) {
        let status = sqlite3_bind_value(handle, Int32(index), sqlite3_column_value(other.handle, Int32(column)))
        guard status == SQLITE_OK else { throw connection.failure(status, "bind") }
    }

    public func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }
    public func int(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }
    public func double(_ column: Int) -> Double { sqlite3_column_double(handle, Int32(column)) }

    public func text(_ column: Int) -> String? {
        guard let text = sqlite3_column_text(handle, Int32(column)) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    /// The bytes of a text; valid inside `body` only.
    @inline(__always)
    public func withText(_ column: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        let text = sqlite3_column_text(handle, Int32(truncatingIfNeeded: column))
        let count = Int(sqlite3_column_bytes(handle, Int32(truncatingIfNeeded: column)))
        body(UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : count))
    }

    public func blob(_ column: Int) -> [UInt8]? {
        guard sqlite3_column_type(handle, Int32(column)) != SQLITE_NULL else { return nil }
        let count = Int(sqlite3_column_bytes(handle, Int32(column)))
        guard let bytes = sqlite3_column_blob(handle, Int32(column)) else { return [] }
        return Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    public func value(_ column: Int) -> SQLiteValue {
        switch sqlite3_column_type(handle, Int32(column)) {
        case SQLITE_INTEGER: .int(int(column))
        case SQLITE_FLOAT: .double(double(column))
        case SQLITE_TEXT: .text(text(column) ?? "")
        case SQLITE_BLOB: .blob(blob(column) ?? [])
        default: .null
        }
    }
}

/// A pointer that is not NULL, for values of no bytes: SQLite takes NULL for SQL's null. Never written, never freed.
nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = {
    let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    byte.initialize(to: 0)
    return UnsafePointer(byte)
}()

extension SQLiteConnection {
    /// The database as the bytes of a file.
    public func serialized() -> [UInt8] {
        var size: sqlite3_int64 = 0
        guard let bytes = sqlite3_serialize(handle, "main", &size, 0) else { return [] }
        defer { sqlite3_free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
    }
}
