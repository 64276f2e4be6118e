extension Migrations {
    /// What plugins did wrong, by the SHA-256 of their library, and who put them into quarantine or took them out of it.
    ///
    /// Append-only. `last_crash` is the `seq` of the newest crash that the act knows of: a release forgives those up to it.
    static let pluginCrashes = Migration(
        sql: """
            CREATE TABLE plugin_crashes (
              seq INTEGER PRIMARY KEY,
              plugin_hash TEXT NOT NULL,
              plugin_id TEXT NOT NULL,
              plugin_version TEXT NOT NULL,
              reason TEXT NOT NULL,
              run_id TEXT,
              timestamp_utc TEXT NOT NULL
            ) STRICT;
            CREATE INDEX plugin_crashes_by_hash ON plugin_crashes (plugin_hash, seq);

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
            CREATE INDEX plugin_quarantines_by_hash ON plugin_quarantines (plugin_hash, seq);

            CREATE TRIGGER plugin_crashes_no_update BEFORE UPDATE ON plugin_crashes
              BEGIN SELECT RAISE(ABORT, 'crashes of plugins are append-only'); END;
            CREATE TRIGGER plugin_crashes_no_delete BEFORE DELETE ON plugin_crashes
              BEGIN SELECT RAISE(ABORT, 'crashes of plugins are append-only'); END;
            CREATE TRIGGER plugin_crashes_no_replace BEFORE INSERT ON plugin_crashes
              WHEN EXISTS (SELECT 1 FROM plugin_crashes WHERE seq = NEW.seq)
              BEGIN SELECT RAISE(ABORT, 'crashes of plugins are append-only'); END;
            CREATE TRIGGER plugin_quarantines_no_update BEFORE UPDATE ON plugin_quarantines
              BEGIN SELECT RAISE(ABORT, 'quarantines of plugins are append-only'); END;
            CREATE TRIGGER plugin_quarantines_no_delete BEFORE DELETE ON plugin_quarantines
              BEGIN SELECT RAISE(ABORT, 'quarantines of plugins are append-only'); END;
            CREATE TRIGGER plugin_quarantines_no_replace BEFORE INSERT ON plugin_quarantines
              WHEN EXISTS (SELECT 1 FROM plugin_quarantines WHERE seq = NEW.seq)
              BEGIN SELECT RAISE(ABORT, 'quarantines of plugins are append-only'); END;
            """)
}
