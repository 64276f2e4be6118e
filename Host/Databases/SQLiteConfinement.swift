internal import CSQLite
internal import Glibc

extension SQLiteConnection {
    /// From now on statements that somebody else wrote are bounded in size and time, and give the same bytes each time.
    ///
    /// Refused are chance and the clock (`random`, `CURRENT_TIMESTAMP` and every function of dates), what lies beside the
    /// database (temporary tables, files of sorters), and pragmas that would undo any of it. Only for a new database.
    /// - Parameters:
    ///   - bytes: of the database, and of a single value.
    ///   - seconds: from now on, after which the running statement fails, and every later one.
    public func confine(bytes: Int, seconds: Double) throws(DatabaseError) {
        // What sorts and joins need stays in memory.
        try execute("PRAGMA temp_store=MEMORY")
        try execute("PRAGMA page_size=4096")
        try execute("PRAGMA max_page_count=\(max(1, bytes / 4096))")
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Int32(clamping: bytes))
        for name in Self.undetermined {
            let status = sqlite3_create_function_v2(
                handle, name, -1, SQLITE_UTF8, nil,
                { context, _, _ in
                    sqlite3_result_error(context, "chance and the clock are not to be had: write the value", -1)
                }, nil, nil, nil)
            guard status == SQLITE_OK else { throw failure(status, "confine") }
        }
        let status = sqlite3_set_authorizer(
            handle,
            { _, action, name, _, _, _ in
                switch action {
                case SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_TEMP_INDEX, SQLITE_CREATE_TEMP_VIEW,
                    SQLITE_CREATE_TEMP_TRIGGER:
                    return SQLITE_DENY
                case SQLITE_PRAGMA:
                    let isHarmless = name.map { name in
                        SQLiteConnection.harmless.contains { strcasecmp($0, name) == 0 }
                    }
                    return isHarmless == true ? SQLITE_OK : SQLITE_DENY
                default: return SQLITE_OK
                }
            }, nil)
        guard status == SQLITE_OK else { throw failure(status, "confine") }
        // The deadline itself, in place of a pointer to it: nothing has to outlive anything.
        let deadline = UnsafeMutableRawPointer(bitPattern: Self.nanoseconds() + UInt(max(0, seconds) * 1e9))
        sqlite3_progress_handler(
            handle, 10_000, { deadline in SQLiteConnection.nanoseconds() >= UInt(bitPattern: deadline) ? 1 : 0 },
            deadline)
    }

    private static let undetermined = [
        "random", "randomblob", "current_timestamp", "current_date", "current_time", "date", "time", "datetime",
        "julianday", "unixepoch", "strftime", "timediff",
    ]

    /// Pragmas that change nothing of the bounds; `page_count` is asked by SQLite itself when the bytes are taken.
    private static let harmless = [
        "application_id", "encoding", "foreign_keys", "page_count", "user_version",
    ]

    /// Of a clock that nobody sets.
    private static func nanoseconds() -> UInt {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt(now.tv_sec) &* 1_000_000_000 &+ UInt(now.tv_nsec)
    }
}
