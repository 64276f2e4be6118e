internal import CSQLite

/// A SQLite database as another program would open it, by the C library itself.
public final class Database {
    private var handle: OpaquePointer?

    public init(_ path: String) throws {
        guard sqlite3_open(path, &handle) == SQLITE_OK else { throw LaunchFailure(description: "sqlite3_open \(path)") }
        sqlite3_busy_timeout(handle, 5000)
    }

    deinit { sqlite3_close_v2(handle) }

    public func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    /// Each value as text; NULL is `∅`.
    public func rows(_ sql: String) throws -> [[String]] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw failure(sql) }
        defer { sqlite3_finalize(statement) }
        var found: [[String]] = []
        var result = sqlite3_step(statement)
        while result == SQLITE_ROW {
            found.append(
                (0..<sqlite3_column_count(statement)).map { column in
                    sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "∅"
                })
            result = sqlite3_step(statement)
        }
        guard result == SQLITE_DONE else { throw failure(sql) }
        return found
    }

    private func failure(_ sql: String) -> LaunchFailure {
        LaunchFailure(description: "\(String(cString: sqlite3_errmsg(handle))): \(sql.prefix(200))")
    }
}
