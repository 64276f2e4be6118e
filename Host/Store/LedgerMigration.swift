internal import Databases
internal import Foundations

extension Migrations {
    /// Chains the ledger. What an older version wrote is chained as it lies there: the chain proves what happened to it
    /// from then on, not before.
    static let ledgerChain = Migration(
        sql: """
            DROP TRIGGER supervisor_ledger_no_update;
            DROP TRIGGER supervisor_ledger_no_delete;

            ALTER TABLE supervisor_ledger ADD COLUMN number INTEGER;
            ALTER TABLE supervisor_ledger ADD COLUMN prev_hash TEXT;
            ALTER TABLE supervisor_ledger ADD COLUMN hash TEXT;

            CREATE TABLE ledger_heads (
              run_id TEXT PRIMARY KEY,
              count INTEGER NOT NULL,
              head_hash TEXT NOT NULL,
              mac BLOB NOT NULL
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE ledger_segments (
              run_id TEXT NOT NULL,
              segment INTEGER NOT NULL,
              first INTEGER NOT NULL,
              last INTEGER NOT NULL,
              prev_hash TEXT NOT NULL,
              head_hash TEXT NOT NULL,
              mac BLOB NOT NULL,
              dropped_by INTEGER,
              drop_mac BLOB,
              PRIMARY KEY (run_id, segment)
            ) STRICT, WITHOUT ROWID;
            """,
        fill: chainLedger,
        close: """
            CREATE UNIQUE INDEX supervisor_ledger_by_number ON supervisor_ledger (run_id, number);

            CREATE TRIGGER supervisor_ledger_no_update BEFORE UPDATE ON supervisor_ledger
              BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
            CREATE TRIGGER supervisor_ledger_no_delete BEFORE DELETE ON supervisor_ledger
              WHEN NOT EXISTS (SELECT 1 FROM ledger_segments WHERE run_id = OLD.run_id AND dropped_by IS NOT NULL
                AND OLD.number BETWEEN first AND last)
              BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
            CREATE TRIGGER supervisor_ledger_chained BEFORE INSERT ON supervisor_ledger
              WHEN NEW.hash IS NULL OR NEW.prev_hash IS NULL OR NEW.number IS NULL
                OR NEW.number <> 1 + coalesce((SELECT count FROM ledger_heads WHERE run_id = NEW.run_id), 0)
                OR NEW.prev_hash <>
                  coalesce((SELECT head_hash FROM ledger_heads WHERE run_id = NEW.run_id), NEW.prev_hash)
              BEGIN SELECT RAISE(ABORT, 'an event of the ledger follows the last one'); END;

            CREATE TRIGGER ledger_heads_no_delete BEFORE DELETE ON ledger_heads
              BEGIN SELECT RAISE(ABORT, 'the head of a ledger stays'); END;
            CREATE TRIGGER ledger_heads_no_replace BEFORE INSERT ON ledger_heads
              WHEN NEW.count <> 1 OR EXISTS (SELECT 1 FROM ledger_heads WHERE run_id = NEW.run_id)
              BEGIN SELECT RAISE(ABORT, 'the head of a ledger begins at 1'); END;
            CREATE TRIGGER ledger_heads_forward BEFORE UPDATE ON ledger_heads
              WHEN NEW.run_id <> OLD.run_id OR NEW.count <> OLD.count + 1
              BEGIN SELECT RAISE(ABORT, 'the head of a ledger moves forward by one'); END;

            CREATE TRIGGER ledger_segments_no_delete BEFORE DELETE ON ledger_segments
              BEGIN SELECT RAISE(ABORT, 'the seal of a segment stays'); END;
            CREATE TRIGGER ledger_segments_no_replace BEFORE INSERT ON ledger_segments
              WHEN NEW.dropped_by IS NOT NULL OR EXISTS (
                SELECT 1 FROM ledger_segments WHERE run_id = NEW.run_id AND segment >= NEW.segment)
              BEGIN SELECT RAISE(ABORT, 'a sealed segment stays as it is'); END;
            CREATE TRIGGER ledger_segments_only_dropped BEFORE UPDATE ON ledger_segments
              WHEN OLD.dropped_by IS NOT NULL OR NEW.dropped_by IS NULL OR NEW.drop_mac IS NULL
                OR NEW.run_id <> OLD.run_id OR NEW.segment <> OLD.segment OR NEW.first <> OLD.first
                OR NEW.last <> OLD.last OR NEW.prev_hash <> OLD.prev_hash OR NEW.head_hash <> OLD.head_hash
                OR NEW.mac <> OLD.mac
              BEGIN SELECT RAISE(ABORT, 'a sealed segment stays as it is'); END;
            """)

    /// Numbers and hashes what is there, run by run; writes heads, and one seal where one is due.
    @Sendable private static func chainLedger(
        _ connection: SQLiteConnection, _ keys: LedgerKeys
    ) throws(DatabaseError) {
        var runs: [String] = []
        try connection.run("SELECT DISTINCT run_id FROM supervisor_ledger", operation: "migrate") {
            runs.append($0.text(0) ?? "")
        }
        for run in runs {
            var events: [(sequence: Int64, text: [UInt8])] = []
            try connection.run(
                "SELECT seq, event FROM supervisor_ledger WHERE run_id = ? ORDER BY seq", [.text(run)],
                operation: "migrate"
            ) { row in
                row.withText(1) { events.append((row.int(0), Array($0))) }
            }
            var hash = LedgerChain.start(run)
            for (index, event) in events.enumerated() {
                let previous = hash
                hash = LedgerChain.next(previous, event.text)
                try connection.run(
                    "UPDATE supervisor_ledger SET number = ?, prev_hash = ?, hash = ? WHERE seq = ?",
                    [.int(Int64(index + 1)), .text(previous.hex), .text(hash.hex), .int(event.sequence)],
                    operation: "migrate")
            }
            let head = LedgerHead(run: run, count: Int64(events.count), hash: hash.hex)
            try connection.run(
                "INSERT INTO ledger_heads (run_id, count, head_hash, mac) VALUES (?, ?, ?, ?)",
                [.text(run), .int(head.count), .text(head.hash), .blob(keys.mac(head))], operation: "migrate")
            var hasEnded = false
            try connection.run(
                "SELECT 1 FROM runs WHERE run_id = ? AND state IN ('done', 'failed', 'stopped')", [.text(run)],
                operation: "migrate"
            ) { _ in hasEnded = true }
            guard hasEnded || head.count >= LedgerChain.segmentSize else { continue }
            let segment = LedgerSegment(
                segment: 1, first: 1, last: head.count, previousHash: LedgerChain.start(run).hex,
                headHash: head.hash, droppedBy: nil)
            try connection.run(
                """
                INSERT INTO ledger_segments (run_id, segment, first, last, prev_hash, head_hash, mac)
                VALUES (?, 1, 1, ?, ?, ?, ?)
                """,
                [
                    .text(run), .int(segment.last), .text(segment.previousHash), .text(segment.headHash),
                    .blob(keys.mac(segment, run: run)),
                ], operation: "migrate")
        }
    }
}
