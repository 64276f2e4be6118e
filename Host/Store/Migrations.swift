internal import Databases

/// One step from a version of the database to the next; all of it or nothing.
struct Migration: Sendable {
    /// What SQL can do.
    let sql: String
    /// What SQL cannot: runs behind `sql`, in the same transaction.
    var fill: (@Sendable (SQLiteConnection, LedgerKeys) throws(DatabaseError) -> Void)?
    /// SQL behind `fill`, such as triggers that would refuse it.
    var close: String = ""

    /// Inside a transaction that the caller began.
    func perform(
        on connection: SQLiteConnection, keys: LedgerKeys, reaching version: Int64
    ) throws(DatabaseError) {
        try connection.execute(sql, operation: "migrate")
        try fill?(connection, keys)
        try connection.execute("\(close); PRAGMA user_version = \(version)", operation: "migrate")
    }
}

/// The database's shape, version by version. A version that was released never changes; a new one is added behind it.
enum Migrations {
    /// What `PRAGMA user_version` says after all of them.
    static var latest: Int64 { Int64(all.count) }

    static let all: [Migration] = [
        Migration(sql: first), Migration(sql: second), Migration(sql: leases), ledgerChain, artifactPromotions,
        responseCache, pluginCrashes, pluginActs, policyActs, inference, inferenceDrives,
    ]

    /// The fencing token of a run's driver.
    private static let leases = "ALTER TABLE runs ADD COLUMN lease_token INTEGER NOT NULL DEFAULT 0"

    /// The names of ROADMAP §7 where they apply. Times are RFC 3339 in UTC with milliseconds; hashes are hexadecimal.
    private static let first = """
        CREATE TABLE store_facts (
          name TEXT PRIMARY KEY,
          value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE runs (
          run_id TEXT PRIMARY KEY,
          contract TEXT NOT NULL,
          contract_hash TEXT NOT NULL,
          mode TEXT NOT NULL,
          state TEXT NOT NULL,
          stage TEXT,
          lane TEXT,
          versions TEXT NOT NULL,
          created_at TEXT NOT NULL,
          updated_at TEXT NOT NULL,
          summary TEXT NOT NULL,
          stop_requested INTEGER NOT NULL DEFAULT 0,
          driver_pid INTEGER
        ) STRICT;
        CREATE INDEX runs_by_time ON runs (created_at);

        CREATE TABLE supervisor_ledger (
          seq INTEGER PRIMARY KEY,
          run_id TEXT NOT NULL,
          event_id TEXT NOT NULL UNIQUE,
          timestamp_utc TEXT NOT NULL,
          stage TEXT NOT NULL,
          decision TEXT NOT NULL,
          error_code TEXT,
          event TEXT NOT NULL
        ) STRICT;
        CREATE INDEX supervisor_ledger_by_run ON supervisor_ledger (run_id, seq);
        CREATE TRIGGER supervisor_ledger_no_update BEFORE UPDATE ON supervisor_ledger
          BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER supervisor_ledger_no_delete BEFORE DELETE ON supervisor_ledger
          BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER supervisor_ledger_no_replace BEFORE INSERT ON supervisor_ledger
          WHEN EXISTS (SELECT 1 FROM supervisor_ledger WHERE event_id = NEW.event_id OR seq = NEW.seq)
          BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

        CREATE TABLE decision_summary (
          run_id TEXT NOT NULL,
          stage TEXT NOT NULL,
          decision TEXT NOT NULL,
          event_id TEXT NOT NULL,
          timestamp_utc TEXT NOT NULL,
          outputs_hash TEXT,
          error_code TEXT,
          error_detail_id TEXT,
          events INTEGER NOT NULL,
          PRIMARY KEY (run_id, stage)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE run_artifacts (
          run_id TEXT NOT NULL REFERENCES runs (run_id),
          stage TEXT NOT NULL,
          kind TEXT NOT NULL,
          artifact_hash TEXT NOT NULL,
          envelope TEXT NOT NULL,
          created_at TEXT NOT NULL,
          PRIMARY KEY (run_id, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX run_artifacts_by_hash ON run_artifacts (artifact_hash);

        CREATE TABLE gate_decisions (
          seq INTEGER PRIMARY KEY,
          run_id TEXT NOT NULL REFERENCES runs (run_id),
          stage TEXT NOT NULL,
          decision TEXT NOT NULL,
          actor TEXT NOT NULL,
          reason TEXT NOT NULL,
          timestamp_utc TEXT NOT NULL,
          artifact_hash TEXT
        ) STRICT;
        CREATE INDEX gate_decisions_by_run ON gate_decisions (run_id, stage, seq);

        CREATE TABLE migration_runs (
          run_id TEXT NOT NULL REFERENCES runs (run_id),
          stage TEXT NOT NULL,
          chunk_id INTEGER NOT NULL,
          content_hash TEXT,
          started_at TEXT NOT NULL,
          finished_at TEXT,
          row_count_in INTEGER NOT NULL,
          row_count_out INTEGER NOT NULL,
          validations TEXT NOT NULL,
          status TEXT NOT NULL,
          next_action TEXT,
          PRIMARY KEY (run_id, chunk_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE quarantine_rows (
          run_id TEXT NOT NULL REFERENCES runs (run_id),
          chunk_id INTEGER NOT NULL,
          ordinal INTEGER NOT NULL,
          row_key TEXT,
          reason_codes TEXT NOT NULL,
          masked_preview_before TEXT NOT NULL,
          masked_preview_after TEXT NOT NULL,
          diff_ptr TEXT,
          sealed BLOB NOT NULL,
          created_at TEXT NOT NULL,
          rbac_required_role TEXT NOT NULL,
          PRIMARY KEY (run_id, chunk_id, ordinal)
        ) STRICT;
        """

    /// A decision at a gate is never changed or taken back: a later one is added.
    private static let second = """
        CREATE TRIGGER gate_decisions_no_update BEFORE UPDATE ON gate_decisions
          BEGIN SELECT RAISE(ABORT, 'gate decisions are append-only'); END;
        CREATE TRIGGER gate_decisions_no_delete BEFORE DELETE ON gate_decisions
          BEGIN SELECT RAISE(ABORT, 'gate decisions are append-only'); END;
        CREATE TRIGGER gate_decisions_no_replace BEFORE INSERT ON gate_decisions
          WHEN EXISTS (SELECT 1 FROM gate_decisions WHERE seq = NEW.seq)
          BEGIN SELECT RAISE(ABORT, 'gate decisions are append-only'); END;
        """
}
