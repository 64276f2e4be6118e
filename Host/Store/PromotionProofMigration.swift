extension Migrations {
    /// Gives each promotion a MAC under a key that lies outside the database.
    ///
    /// Rows of a database without MACs prove nothing, and are not given any: they are kept aside, and count no more. Who
    /// still means them promotes again.
    static let promotionProofs = Migration(
        sql: """
            DROP TRIGGER artifact_promotions_no_update;
            DROP TRIGGER artifact_promotions_no_delete;
            DROP TRIGGER artifact_promotions_no_replace;
            DROP INDEX artifact_promotions_by_hash;
            ALTER TABLE artifact_promotions RENAME TO artifact_promotions_unproven;

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
