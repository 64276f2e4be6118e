extension Migrations {
    /// Who changed the policy of a home, how and why: each version whole, chained by hashes.
    ///
    /// Append-only. The MAC of each row is under a key that lies outside the database.
    static let policyActs = Migration(
        sql: """
            CREATE TABLE policy_acts (
              seq INTEGER PRIMARY KEY,
              act TEXT NOT NULL CHECK (act IN ('edited', 'reverted', 'restored')),
              policy_version TEXT NOT NULL,
              reference TEXT NOT NULL,
              previous TEXT NOT NULL,
              manifest TEXT NOT NULL,
              details TEXT NOT NULL,
              actor TEXT NOT NULL,
              role TEXT NOT NULL,
              timestamp_utc TEXT NOT NULL,
              prev_hash TEXT NOT NULL,
              hash TEXT NOT NULL,
              mac BLOB NOT NULL
            ) STRICT;

            CREATE TRIGGER policy_acts_no_update BEFORE UPDATE ON policy_acts
              BEGIN SELECT RAISE(ABORT, 'acts on the policy are append-only'); END;
            CREATE TRIGGER policy_acts_no_delete BEFORE DELETE ON policy_acts
              BEGIN SELECT RAISE(ABORT, 'acts on the policy are append-only'); END;
            CREATE TRIGGER policy_acts_next BEFORE INSERT ON policy_acts
              WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM policy_acts), 0)
              BEGIN SELECT RAISE(ABORT, 'acts on the policy are append-only'); END;
            """)
}
