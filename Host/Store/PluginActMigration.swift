extension Migrations {
    /// Who changed the plugins of a home or the keys that it trusts, and how.
    ///
    /// Append-only. `state_sha256` is the hash of the file that the act was to leave, `target` which one it is. A record
    /// is written before its file: one whose file was never written is followed by `abandoned`.
    static let pluginActs = Migration(
        sql: """
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
            CREATE INDEX plugin_acts_by_plugin ON plugin_acts (plugin_id, seq);

            CREATE TRIGGER plugin_acts_no_update BEFORE UPDATE ON plugin_acts
              BEGIN SELECT RAISE(ABORT, 'acts on plugins are append-only'); END;
            CREATE TRIGGER plugin_acts_no_delete BEFORE DELETE ON plugin_acts
              BEGIN SELECT RAISE(ABORT, 'acts on plugins are append-only'); END;
            CREATE TRIGGER plugin_acts_no_replace BEFORE INSERT ON plugin_acts
              WHEN EXISTS (SELECT 1 FROM plugin_acts WHERE seq = NEW.seq)
              BEGIN SELECT RAISE(ABORT, 'acts on plugins are append-only'); END;
            """)
}
