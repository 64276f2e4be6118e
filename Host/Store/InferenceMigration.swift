extension Migrations {
    /// What a run spent at providers, and the batches that providers keep for it. Neither holds a prompt or an answer.
    ///
    /// Of `inference_spend`, `held` is room that a request took before it was sent; one that a driver left behind may have
    /// been billed. `estimated` is a request whose cost nobody told, `cached` one that an entry of the cache answered.
    /// `drive` is of one driver of the run.
    ///
    /// Of `provider_batches`, `tag` stands in the ids under which requests are handed in, `digest` is the SHA-256 of them
    /// all in their order. `intent` is a batch that is about to be handed in: its id at the provider is not known.
    /// `provider_batch_jobs` has the SHA-256 of each request. Times are milliseconds since 1970.
    static let inference = Migration(
        sql: """
            CREATE TABLE inference_spend (
              id TEXT PRIMARY KEY,
              run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
              drive TEXT NOT NULL,
              stage TEXT NOT NULL,
              candidate TEXT NOT NULL,
              question TEXT,
              state TEXT NOT NULL CHECK (state IN ('held', 'spent', 'estimated', 'cached')),
              tokens INTEGER NOT NULL,
              usd_nanos INTEGER,
              opened_at INTEGER NOT NULL,
              ended_at INTEGER
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX inference_spend_by_run ON inference_spend (run_id, stage);

            CREATE TABLE provider_batches (
              tag TEXT PRIMARY KEY,
              run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
              drive TEXT NOT NULL,
              stage TEXT NOT NULL,
              digest TEXT NOT NULL,
              provider TEXT NOT NULL,
              model TEXT NOT NULL,
              spend_id TEXT,
              batch TEXT,
              state TEXT NOT NULL CHECK (state IN ('intent', 'submitted', 'done', 'failed', 'expired', 'cancelled', 'lost')),
              requests INTEGER NOT NULL,
              answered INTEGER NOT NULL DEFAULT 0,
              failed INTEGER NOT NULL DEFAULT 0,
              intended_at INTEGER NOT NULL,
              submitted_at INTEGER,
              polled_at INTEGER,
              ended_at INTEGER
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX provider_batches_by_run ON provider_batches (run_id, stage);

            CREATE TABLE provider_batch_jobs (
              tag TEXT NOT NULL REFERENCES provider_batches (tag) ON DELETE CASCADE,
              position INTEGER NOT NULL,
              job TEXT NOT NULL,
              request_hash TEXT NOT NULL,
              state TEXT NOT NULL CHECK (state IN ('sent', 'answered', 'failed', 'missing')),
              PRIMARY KEY (tag, position)
            ) STRICT, WITHOUT ROWID;
            """)

    /// During which time each driver of a run asked providers in a stage. A batch is handed in by one drive and asked after
    /// by others: its own times tell of none of them how long it worked.
    static let inferenceDrives = Migration(
        sql: """
            CREATE TABLE inference_drives (
              drive TEXT NOT NULL,
              stage TEXT NOT NULL,
              run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
              began_at INTEGER NOT NULL,
              last_at INTEGER NOT NULL,
              PRIMARY KEY (drive, stage)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX inference_drives_by_run ON inference_drives (run_id, stage);

            INSERT INTO inference_drives (drive, stage, run_id, began_at, last_at)
            SELECT drive, stage, run_id, min(opened_at), max(
              CASE WHEN id IN (SELECT spend_id FROM provider_batches WHERE spend_id IS NOT NULL) THEN opened_at
              ELSE max(opened_at, coalesce(ended_at, 0)) END)
            FROM inference_spend GROUP BY drive, stage, run_id;
            """)
}
