public import Contracts
internal import Databases
public import Foundations

/// The record of one chunk of a migration (ROADMAP §37). The truth is in the target; this is its mirror.
public struct Checkpoint: Sendable, Equatable {
    public var runID: ULID
    public var stage: Stage
    /// Counted from 0.
    public var chunkID: Int64
    /// docs/chunk-hash.md; nil until the chunk is written.
    public var contentHash: SHA256.Digest?
    /// RFC 3339, UTC, milliseconds; so is `finishedAt`.
    public var startedAt: String
    public var finishedAt: String?
    public var rowCountIn: Int64
    public var rowCountOut: Int64
    /// Name of a validation → its outcome.
    public var validations: JSON
    public var status: String
    public var nextAction: String?

    public init(
        runID: ULID, stage: Stage = .migration, chunkID: Int64, contentHash: SHA256.Digest?, startedAt: String,
        finishedAt: String?, rowCountIn: Int64, rowCountOut: Int64, validations: JSON = [:], status: String,
        nextAction: String? = nil
    ) {
        self.runID = runID
        self.stage = stage
        self.chunkID = chunkID
        self.contentHash = contentHash
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.rowCountIn = rowCountIn
        self.rowCountOut = rowCountOut
        self.validations = validations
        self.status = status
        self.nextAction = nextAction
    }
}

extension StoreDatabase {
    /// Mirrors a chunk's checkpoint, with the rows that it sent to quarantine, in one transaction.
    ///
    /// A chunk that is written again replaces its checkpoint; its rows are in quarantine once.
    ///
    /// - Throws: `run.missing`.
    func record(_ checkpoint: Checkpoint, quarantine rows: [QuarantineRow] = []) throws(SluiceError) {
        let sealed = try seal(rows, runID: checkpoint.runID)
        try write(.checkpoint) { () throws(SluiceError) in
            try change(
                """
                INSERT OR REPLACE INTO migration_runs (run_id, stage, chunk_id, content_hash, started_at, finished_at,
                  row_count_in, row_count_out, validations, status, next_action)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    SQLiteValue(checkpoint.runID), .text(checkpoint.stage.rawValue), .int(checkpoint.chunkID),
                    SQLiteValue(checkpoint.contentHash?.hex), .text(checkpoint.startedAt),
                    SQLiteValue(checkpoint.finishedAt), .int(checkpoint.rowCountIn), .int(checkpoint.rowCountOut),
                    SQLiteValue(checkpoint.validations), .text(checkpoint.status), SQLiteValue(checkpoint.nextAction),
                ])
            try insert(sealed)
        }
    }

    /// How many rows of each chunk are in quarantine, but for those that one of these reasons alone put there.
    public func quarantineCounts(
        _ run: ULID, withoutReasons reasons: [String]
    ) throws(SluiceError) -> [Int64: Int64] {
        let counted = try rows(
            """
            SELECT chunk_id, count(*) FROM quarantine_rows
            WHERE run_id = ? AND reason_codes NOT IN (\(SQLText.parameters(reasons.count))) GROUP BY chunk_id
            """, [SQLiteValue(run)] + reasons.map { SQLiteValue(JSON([$0])) }
        ) { ($0.int(0), $0.int(1)) }
        return Dictionary(counted, uniquingKeysWith: +)
    }

    /// The checkpoints of a run, by chunk.
    func checkpoints(_ run: ULID) throws(SluiceError) -> [Checkpoint] {
        try rows(
            """
            SELECT stage, chunk_id, content_hash, started_at, finished_at, row_count_in, row_count_out, validations,
              status, next_action FROM migration_runs WHERE run_id = ? ORDER BY chunk_id
            """, [SQLiteValue(run)]
        ) { (row) throws(SluiceError) in
            guard let stage = row.text(0).flatMap(Stage.init(rawValue:)), let started = row.text(3),
                let status = row.text(8)
            else { throw malformed("a checkpoint") }
            return Checkpoint(
                runID: run, stage: stage, chunkID: row.int(1),
                contentHash: row.text(2).flatMap(SHA256.Digest.init(hex:)), startedAt: started,
                finishedAt: row.text(4), rowCountIn: row.int(5), rowCountOut: row.int(6),
                validations: try json(row, 7, "a checkpoint's validations"), status: status, nextAction: row.text(9))
        }
    }
}
