internal import Databases
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

/// What a promotion did.
struct TargetPromotion: Sendable, Equatable {
    let rowsStaged: Int
    let rowsInserted: Int
    let rowsUpdated: Int
    /// What was in quarantine when the rows were promoted; nil in a promotion of an older version.
    let quarantine: QuarantineSeal?
}

/// What a target keeps of one run beside its rows: chunks, validation, promotion, lease. Reads, and never writes.
///
/// A table that is not there holds nothing. Not thread-safe.
struct TargetRecords {
    let database: SQLiteConnection
    let run: String

    func exists(_ table: String) throws -> Bool {
        var found = false
        try database.run("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", [.text(table)])
        { _ in found = true }
        return found
    }

    func has(_ column: String, in table: String) throws -> Bool {
        var found = false
        try database.run("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", [.text(table), .text(column)]) { _ in
            found = true
        }
        return found
    }

    /// The chunks of this run that are in staging, or were before the promotion; in order.
    func checkpoints() throws -> [ChunkRecord] {
        var found: [ChunkRecord] = []
        guard try exists("_sluice_checkpoints") else { return found }
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

    /// The promotion of this run, when it has happened.
    func promotion() throws -> TargetPromotion? {
        let table = "_sluice_promotions"
        var found: TargetPromotion?
        guard try exists(table) else { return nil }
        let isKept = try has("rows_quarantined", in: table) && has("quarantine_hash", in: table)
        try database.run(
            """
            SELECT rows_staged, rows_inserted, rows_updated, \(isKept ? "rows_quarantined, quarantine_hash" : "NULL, NULL")
            FROM _sluice_promotions WHERE run_id = ?
            """, [.text(run)]
        ) { row in
            found = TargetPromotion(
                rowsStaged: Int(row.int(0)), rowsInserted: Int(row.int(1)), rowsUpdated: Int(row.int(2)),
                quarantine: row.isNull(3) ? nil : QuarantineSeal(rows: row.int(3), hash: row.text(4) ?? ""))
        }
        return found
    }

    /// The mark that the staged rows were validated: its state, and how many rows were left in staging.
    func validation() throws -> (status: String, rowsOut: Int64)? {
        var found: (String, Int64)?
        guard try exists("_sluice_checkpoints") else { return nil }
        try database.run(
            "SELECT status, rows_out FROM _sluice_checkpoints WHERE run_id = ? AND chunk = -1", [.text(run)]
        ) { found = ($0.text(0) ?? "", $0.int(1)) }
        return found
    }

    /// The newest token that a driver of this run left; 0 when none did.
    func leaseToken() throws -> Int64 {
        var known: Int64 = 0
        guard try exists("_sluice_lease") else { return known }
        try database.run("SELECT token FROM _sluice_lease WHERE run_id = ?", [.text(run)]) { known = $0.int(0) }
        return known
    }
}
