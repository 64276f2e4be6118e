CREATE TABLE artifact_promotions (
  seq INTEGER PRIMARY KEY,
  artifact_hash TEXT NOT NULL,
  from_versions TEXT NOT NULL,
  to_versions TEXT NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  reason TEXT NOT NULL,
  timestamp_utc TEXT NOT NULL,
  mac BLOB NOT NULL
) STRICT;

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

CREATE TABLE inference_drives (
  drive TEXT NOT NULL,
  stage TEXT NOT NULL,
  run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
  began_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (drive, stage)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE plugin_acts (
  seq INTEGER PRIMARY KEY,
  act TEXT NOT NULL,
  target TEXT NOT NULL CHECK (target IN ('lock', 'keys')),
  plugin_id TEXT,
  plugin_version TEXT,
  manifest_sha256 TEXT,
  public_key TEXT,
  state_sha256 TEXT NOT NULL,
  details TEXT NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  timestamp_utc TEXT NOT NULL
) STRICT;

CREATE TABLE plugin_crashes (
  seq INTEGER PRIMARY KEY,
  plugin_hash TEXT NOT NULL,
  plugin_id TEXT NOT NULL,
  plugin_version TEXT NOT NULL,
  reason TEXT NOT NULL,
  run_id TEXT,
  timestamp_utc TEXT NOT NULL
) STRICT;

CREATE TABLE plugin_quarantines (
  seq INTEGER PRIMARY KEY,
  plugin_hash TEXT NOT NULL,
  plugin_id TEXT NOT NULL,
  act TEXT NOT NULL CHECK (act IN ('quarantined', 'released')),
  reasons TEXT NOT NULL,
  last_crash INTEGER NOT NULL,
  actor TEXT,
  role TEXT,
  timestamp_utc TEXT NOT NULL
) STRICT;

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

CREATE TABLE provider_batch_jobs (
  tag TEXT NOT NULL REFERENCES provider_batches (tag) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  job TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sent', 'answered', 'failed', 'missing')),
  PRIMARY KEY (tag, position)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE run_artifacts (
  run_id TEXT NOT NULL REFERENCES runs (run_id),
  stage TEXT NOT NULL,
  kind TEXT NOT NULL,
  artifact_hash TEXT NOT NULL,
  envelope TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (run_id, kind)
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
, lease_token INTEGER NOT NULL DEFAULT 0, lane_inputs TEXT) STRICT;

CREATE TABLE store_facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE supervisor_ledger (
  seq INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  event_id TEXT NOT NULL UNIQUE,
  timestamp_utc TEXT NOT NULL,
  stage TEXT NOT NULL,
  decision TEXT NOT NULL,
  error_code TEXT,
  event TEXT NOT NULL
, number INTEGER, prev_hash TEXT, hash TEXT) STRICT;

CREATE UNIQUE INDEX artifact_promotions_by_hash ON artifact_promotions (artifact_hash, to_versions);

CREATE INDEX gate_decisions_by_run ON gate_decisions (run_id, stage, seq);

CREATE INDEX inference_drives_by_run ON inference_drives (run_id, stage);

CREATE INDEX inference_spend_by_run ON inference_spend (run_id, stage);

CREATE INDEX plugin_acts_by_plugin ON plugin_acts (plugin_id, seq);

CREATE INDEX plugin_crashes_by_hash ON plugin_crashes (plugin_hash, seq);

CREATE INDEX plugin_quarantines_by_hash ON plugin_quarantines (plugin_hash, seq);

CREATE INDEX provider_batches_by_run ON provider_batches (run_id, stage);

CREATE INDEX response_cache_runs_by_key ON response_cache_runs (key);

CREATE INDEX run_artifacts_by_hash ON run_artifacts (artifact_hash);

CREATE INDEX runs_by_time ON runs (created_at);

CREATE UNIQUE INDEX supervisor_ledger_by_number ON supervisor_ledger (run_id, number);

CREATE INDEX supervisor_ledger_by_run ON supervisor_ledger (run_id, seq);

CREATE TRIGGER artifact_promotions_no_delete BEFORE DELETE ON artifact_promotions
  BEGIN SELECT RAISE(ABORT, 'artifact promotions are append-only'); END;

CREATE TRIGGER artifact_promotions_no_replace BEFORE INSERT ON artifact_promotions
  WHEN EXISTS (SELECT 1 FROM artifact_promotions WHERE seq = NEW.seq
    OR (artifact_hash = NEW.artifact_hash AND to_versions = NEW.to_versions))
  BEGIN SELECT RAISE(ABORT, 'artifact promotions are append-only'); END;

CREATE TRIGGER artifact_promotions_no_update BEFORE UPDATE ON artifact_promotions
  BEGIN SELECT RAISE(ABORT, 'artifact promotions are append-only'); END;

CREATE TRIGGER gate_decisions_no_delete BEFORE DELETE ON gate_decisions
  BEGIN SELECT RAISE(ABORT, 'gate decisions are append-only'); END;

CREATE TRIGGER gate_decisions_no_replace BEFORE INSERT ON gate_decisions
  WHEN EXISTS (SELECT 1 FROM gate_decisions WHERE seq = NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'gate decisions are append-only'); END;

CREATE TRIGGER gate_decisions_no_update BEFORE UPDATE ON gate_decisions
  BEGIN SELECT RAISE(ABORT, 'gate decisions are append-only'); END;

CREATE TRIGGER ledger_heads_forward BEFORE UPDATE ON ledger_heads
  WHEN NEW.run_id <> OLD.run_id OR NEW.count <> OLD.count + 1
  BEGIN SELECT RAISE(ABORT, 'the head of a ledger moves forward by one'); END;

CREATE TRIGGER ledger_heads_no_delete BEFORE DELETE ON ledger_heads
  BEGIN SELECT RAISE(ABORT, 'the head of a ledger stays'); END;

CREATE TRIGGER ledger_heads_no_replace BEFORE INSERT ON ledger_heads
  WHEN NEW.count <> 1 OR EXISTS (SELECT 1 FROM ledger_heads WHERE run_id = NEW.run_id)
  BEGIN SELECT RAISE(ABORT, 'the head of a ledger begins at 1'); END;

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

CREATE TRIGGER plugin_acts_no_delete BEFORE DELETE ON plugin_acts
  BEGIN SELECT RAISE(ABORT, 'acts on plugins are append-only'); END;

CREATE TRIGGER plugin_acts_no_replace BEFORE INSERT ON plugin_acts
  WHEN EXISTS (SELECT 1 FROM plugin_acts WHERE seq = NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'acts on plugins are append-only'); END;

CREATE TRIGGER plugin_acts_no_update BEFORE UPDATE ON plugin_acts
  BEGIN SELECT RAISE(ABORT, 'acts on plugins are append-only'); END;

CREATE TRIGGER plugin_crashes_no_delete BEFORE DELETE ON plugin_crashes
  BEGIN SELECT RAISE(ABORT, 'crashes of plugins are append-only'); END;

CREATE TRIGGER plugin_crashes_no_replace BEFORE INSERT ON plugin_crashes
  WHEN EXISTS (SELECT 1 FROM plugin_crashes WHERE seq = NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'crashes of plugins are append-only'); END;

CREATE TRIGGER plugin_crashes_no_update BEFORE UPDATE ON plugin_crashes
  BEGIN SELECT RAISE(ABORT, 'crashes of plugins are append-only'); END;

CREATE TRIGGER plugin_quarantines_no_delete BEFORE DELETE ON plugin_quarantines
  BEGIN SELECT RAISE(ABORT, 'quarantines of plugins are append-only'); END;

CREATE TRIGGER plugin_quarantines_no_replace BEFORE INSERT ON plugin_quarantines
  WHEN EXISTS (SELECT 1 FROM plugin_quarantines WHERE seq = NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'quarantines of plugins are append-only'); END;

CREATE TRIGGER plugin_quarantines_no_update BEFORE UPDATE ON plugin_quarantines
  BEGIN SELECT RAISE(ABORT, 'quarantines of plugins are append-only'); END;

CREATE TRIGGER policy_acts_next BEFORE INSERT ON policy_acts
  WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM policy_acts), 0)
  BEGIN SELECT RAISE(ABORT, 'acts on the policy are append-only'); END;

CREATE TRIGGER policy_acts_no_delete BEFORE DELETE ON policy_acts
  BEGIN SELECT RAISE(ABORT, 'acts on the policy are append-only'); END;

CREATE TRIGGER policy_acts_no_update BEFORE UPDATE ON policy_acts
  BEGIN SELECT RAISE(ABORT, 'acts on the policy are append-only'); END;

CREATE TRIGGER supervisor_ledger_chained BEFORE INSERT ON supervisor_ledger
  WHEN NEW.hash IS NULL OR NEW.prev_hash IS NULL OR NEW.number IS NULL
    OR NEW.number <> 1 + coalesce((SELECT count FROM ledger_heads WHERE run_id = NEW.run_id), 0)
    OR NEW.prev_hash <>
      coalesce((SELECT head_hash FROM ledger_heads WHERE run_id = NEW.run_id), NEW.prev_hash)
  BEGIN SELECT RAISE(ABORT, 'an event of the ledger follows the last one'); END;

CREATE TRIGGER supervisor_ledger_no_delete BEFORE DELETE ON supervisor_ledger
  WHEN NOT EXISTS (SELECT 1 FROM ledger_segments WHERE run_id = OLD.run_id AND dropped_by IS NOT NULL
    AND OLD.number BETWEEN first AND last)
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER supervisor_ledger_no_replace BEFORE INSERT ON supervisor_ledger
  WHEN EXISTS (SELECT 1 FROM supervisor_ledger WHERE event_id = NEW.event_id OR seq = NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER supervisor_ledger_no_update BEFORE UPDATE ON supervisor_ledger
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

