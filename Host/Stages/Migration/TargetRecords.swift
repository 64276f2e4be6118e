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

    /// What is wrong with the chunks of a run: nil when they are numbered from 0 without a gap, and each begins with the
    /// row behind the one before.
    ///
    /// - Parameter rows: those of the source, refused ones among them, when all of it must be there and it is known.
    static func fault(in chunks: [ChunkRecord], rows: Int64?) -> String? {
        var next: Int64 = 0
        for (number, chunk) in chunks.enumerated() {
            guard chunk.chunk == number else { return "chunk \(number) is missing" }
            let end = next.addingReportingOverflow(Int64(chunk.rowsIn))
            guard chunk.firstOrdinal == next, chunk.rowsIn >= 0, !end.overflow else {
                return "chunk \(number) is of \(chunk.rowsIn) rows from row \(chunk.firstOrdinal) on, "
                    + "and row \(next) comes next"
            }
            next = end.partialValue
        }
        guard let rows, rows != next else { return nil }
        return "they are of \(next) rows, and the source has \(rows)"
    }
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

    /// The driver of this run that wrote last; nil when none did.
    func lease() throws -> TargetLease? {
        let table = "_sluice_lease"
        var known: TargetLease?
        guard try exists(table) else { return known }
        let driver = try has("driver", in: table) ? "driver" : "NULL"
        try database.run("SELECT token, \(driver) FROM _sluice_lease WHERE run_id = ?", [.text(run)]) {
            known = TargetLease(token: $0.int(0), driver: $0.text(1))
        }
        return known
    }
}
