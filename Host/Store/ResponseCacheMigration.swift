extension Migrations {
    /// Answers of providers, which runs used which, and what a run's lane was chosen by.
    static let responseCache = Migration(
        sql: """
            CREATE TABLE response_cache (
              key TEXT PRIMARY KEY,
              lane TEXT NOT NULL,
              scope TEXT NOT NULL,
              kind TEXT NOT NULL,
              body BLOB NOT NULL,
              created_at INTEGER NOT NULL,
              expires_at INTEGER NOT NULL,
              last_used_at INTEGER NOT NULL,
              uses INTEGER NOT NULL,
              mac BLOB NOT NULL
            ) STRICT;

            CREATE TABLE response_cache_runs (
              run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
              key TEXT NOT NULL REFERENCES response_cache (key) ON DELETE CASCADE,
              PRIMARY KEY (run_id, key)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX response_cache_runs_by_key ON response_cache_runs (key);

            ALTER TABLE runs ADD COLUMN lane_inputs TEXT;
            """)
}
