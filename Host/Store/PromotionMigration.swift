extension Migrations {
    /// Who took responsibility for using an artifact under other versions than it was made under (ROADMAP §27).
    ///
    /// Append-only as gate decisions are; a promotion is made once for the same versions. The versions are the canonical
    /// JSON of `PinnedVersions.comparedJSON`; the MAC is under a key that lies outside the database.
    static let artifactPromotions = Migration(
        sql: """
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
            CREATE UNIQUE INDEX artifact_promotions_by_hash ON artifact_promotions (artifact_hash, to_versions);

            CREATE TRIGGER artifact_promotions_no_update BEFORE UPDATE ON artifact_promotions
              BEGIN SELECT RAISE(ABORT, 'artifact promotions are append-only'); END;
            CREATE TRIGGER artifact_promotions_no_delete BEFORE DELETE ON artifact_promotions
              BEGIN SELECT RAISE(ABORT, 'artifact promotions are append-only'); END;
            CREATE TRIGGER artifact_promotions_no_replace BEFORE INSERT ON artifact_promotions
              WHEN EXISTS (SELECT 1 FROM artifact_promotions WHERE seq = NEW.seq
                OR (artifact_hash = NEW.artifact_hash AND to_versions = NEW.to_versions))
              BEGIN SELECT RAISE(ABORT, 'artifact promotions are append-only'); END;
            """)
}
