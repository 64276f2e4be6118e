import Foundations
import TestSupport
import Testing

/// What happens between validation and promotion: rows are counted once, wherever it stops.
///
/// The target's own triggers cut it off, or change the target, at the very step that is meant.
@Suite("Recovery of a validation", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct ValidationRecoveryTests {
    static let rows = 200

    /// People of SE, but for those rows whose country is given.
    private func source(_ scene: Scene, _ countries: [Int: String]) throws {
        let lines = (1...Self.rows).map { "\($0),Person \($0),\(countries[$0] ?? "SE")" }
        try scene.write("people.csv", "id,name,country\n" + lines.joined(separator: "\n") + "\n")
    }

    /// The checkpoint table is as the migration makes it, so that a trigger can stand on it before the run.
    private func target(_ scene: Scene, _ more: String = "") throws {
        try scene.database(
            "t.db",
            """
            CREATE TABLE country (code TEXT PRIMARY KEY);
            INSERT INTO country VALUES ('SE'), ('NO'), ('C1'), ('C2'), ('C3'), ('C4');
            CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, country TEXT REFERENCES country);
            CREATE TABLE _sluice_checkpoints (
              run_id TEXT NOT NULL, chunk INTEGER NOT NULL, first_ordinal INTEGER NOT NULL, rows_in INTEGER NOT NULL,
              rows_out INTEGER NOT NULL, content_hash TEXT NOT NULL, source_fingerprint TEXT NOT NULL,
              started_at TEXT NOT NULL, finished_at TEXT NOT NULL, status TEXT NOT NULL,
              PRIMARY KEY (run_id, chunk));
            \(more)
            """)
    }

    private func run(_ scene: Scene) throws -> Finished {
        try scene.sluice("run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
    }

    private func identity(_ run: Finished) throws -> String {
        try #require(run.json["run_id"]?.stringValue, "\(run.outText)\(run.errText)")
    }

    private func reasons(_ scene: Scene, _ id: String) throws -> JSON? {
        try scene.sluice("show", id, "--json").json["quarantine"]?["reasons"]
    }

    /// Every row is in the target or in quarantine, and the run says no more of what went wrong before.
    private func expectDone(_ scene: Scene, _ run: Finished, migrated: Int, reasons expected: JSON) throws {
        #expect(run.status == 0, "\(run.outText)\(run.errText)")
        let inTarget = try scene.count("t.db", "people")
        #expect(inTarget == migrated && run.json["rows_migrated"]?.intValue == Int64(migrated))
        #expect(run.json["rows_quarantined"]?.intValue == Int64(Self.rows - migrated))
        let found = try reasons(scene, try identity(run))
        #expect(found == expected)
        let shown = try scene.sluice("show", try identity(run), "--json").json
        let isWithoutError = shown["error"] == nil || shown["error"] == .null
        #expect(shown["state"] == "done" && isWithoutError)
        let orphans = try scene.rows("t.db", "SELECT count(*) FROM pragma_foreign_key_check('people')")
        let staged = try scene.rows("t.db", "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%sluice_stage%'")
        #expect(orphans == [["0"]] && staged == [["0"]])
        let promotions = try scene.rows("t.db", "SELECT rows_staged FROM _sluice_promotions")
        #expect(promotions == [["\(migrated)"]])
        let statuses = (shown["checkpoints"]?.arrayValue ?? []).map { $0["status"]?.stringValue ?? "" }
        #expect(statuses == ["promoted"])
    }

    static let cutOff = """
        CREATE TRIGGER cut_off BEFORE INSERT ON _sluice_checkpoints WHEN new.chunk = -1
        BEGIN SELECT RAISE(ABORT, 'cut off'); END;
        """

    @Test("Cut off behind quarantine and resumed with the parents there, the rows leave quarantine")
    func cutOffBeforeWithdrawal() throws {
        let scene = try Scene()
        try source(scene, [7: "XX", 9: "XX"])
        try target(scene, Self.cutOff)
        let first = try run(scene)
        let id = try identity(first)
        #expect(first.status != 0 && first.json["state"] == "failed", "\(first.outText)")
        let promoted = try scene.count("t.db", "people")
        #expect(promoted == 0)
        let early = try reasons(scene, id)
        #expect(early == ["FOREIGN_KEY": 2])
        let shown = try scene.sluice("show", id, "--json").json
        #expect(shown["error"]?["detail_id"] == "migration.validation", "\(shown.canonicalText)")
        try scene.database("t.db", "DROP TRIGGER cut_off; INSERT INTO country VALUES ('XX')")
        try expectDone(scene, try scene.sluice("resume", id, "--json"), migrated: Self.rows, reasons: [:])
    }

    @Test("Cut off behind quarantine and resumed as it is, the rows are in quarantine once")
    func cutOffAndResumed() throws {
        let scene = try Scene()
        try source(scene, [7: "XX", 9: "XX"])
        try target(scene, Self.cutOff)
        let id = try identity(try run(scene))
        try scene.database("t.db", "DROP TRIGGER cut_off")
        let resumed = try scene.sluice("resume", id, "--json")
        try expectDone(scene, resumed, migrated: Self.rows - 2, reasons: ["FOREIGN_KEY": 2])
    }

    @Test("Killed between quarantine and withdrawal, it ends as if it had not been", .timeLimit(.minutes(2)))
    func killed() throws {
        let scene = try Scene()
        try source(scene, [7: "XX", 9: "XX"])
        // Long enough to be killed in, on the way to the withdrawal.
        try target(
            scene,
            """
            CREATE TRIGGER slow BEFORE INSERT ON _sluice_checkpoints WHEN new.chunk = -1
            BEGIN
              INSERT INTO _slow SELECT max(a.n + b.n + c.n + d.n) FROM _slow a, _slow b, _slow c, _slow d;
            END;
            CREATE TABLE _slow (n);
            INSERT INTO _slow WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
              SELECT i FROM n;
            """)
        let launched = try scene.start(["run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes"])
        var found: JSON?
        var id = ""
        while launched.isRunning, found != ["FOREIGN_KEY": 2] {
            id = try scene.sluice("runs", "--json").json["runs"]?.arrayValue?.first?["run_id"]?.stringValue ?? id
            if !id.isEmpty { found = try reasons(scene, id) }
        }
        launched.kill()
        let ended = try launched.wait()
        try #require(ended.status == 128 + 9 && found == ["FOREIGN_KEY": 2], "\(ended.errText)")
        try scene.database("t.db", "DROP TRIGGER slow; DROP TABLE _slow; INSERT INTO country VALUES ('XX')")
        try expectDone(scene, try scene.sluice("resume", id, "--json"), migrated: Self.rows, reasons: [:])
    }

    @Test("A spent error budget keeps nothing of the attempt: with the parents there it ends")
    func budgetThenResumed() throws {
        let scene = try Scene()
        try source(scene, Dictionary(uniqueKeysWithValues: (1...20).map { ($0 * 5, "XX") }))
        try target(scene)
        let first = try run(scene)
        #expect(first.status == 7 && first.json["error"]?["detail_id"] == "migration.error_budget", "\(first.outText)")
        let promoted = try scene.count("t.db", "people")
        let staged = try scene.rows("t.db", "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%sluice_stage%'")
        let checkpoints = try scene.count("t.db", "_sluice_checkpoints")
        #expect(promoted == 0 && staged == [["0"]] && checkpoints == 0)
        try scene.database("t.db", "INSERT INTO country VALUES ('XX')")
        let id = try identity(first)
        try expectDone(scene, try scene.sluice("resume", id, "--json"), migrated: Self.rows, reasons: [:])
    }

    @Test("A parent that leaves between validation and promotion takes its rows into quarantine")
    func staleOnce() throws {
        let scene = try Scene()
        try source(scene, [7: "NO", 8: "XX", 9: "NO"])
        try target(
            scene,
            """
            CREATE TRIGGER leaves AFTER INSERT ON _sluice_checkpoints WHEN new.chunk = -1
            BEGIN DELETE FROM country WHERE code = 'NO'; END;
            """)
        try expectDone(scene, try run(scene), migrated: Self.rows - 3, reasons: ["FOREIGN_KEY": 3])
    }

    /// Every validation is followed by a change of the target.
    static let restless = """
        CREATE TRIGGER restless AFTER INSERT ON _sluice_checkpoints WHEN new.chunk = -1
        BEGIN DELETE FROM country WHERE code = (SELECT min(code) FROM country WHERE code LIKE 'C%'); END;
        """

    @Test("A target that never rests is busy, and promoted once it does")
    func staleForEver() throws {
        let scene = try Scene()
        try source(scene, [11: "C1", 12: "C2", 13: "C3", 14: "C4"])
        try target(scene, Self.restless)
        let first = try run(scene)
        #expect(first.status == 1 && first.json["error"]?["detail_id"] == "target.busy", "\(first.outText)")
        let promoted = try scene.count("t.db", "people")
        #expect(promoted == 0)
        try scene.database("t.db", "DROP TRIGGER restless")
        let resumed = try scene.sluice("resume", try identity(first), "--json")
        try expectDone(scene, resumed, migrated: Self.rows - 3, reasons: ["FOREIGN_KEY": 3])
    }

    @Test("A repeated validation that is cut off leaves no row both in the target and in quarantine")
    func staleAndCutOff() throws {
        let scene = try Scene()
        try source(scene, [11: "C1", 12: "XX"])
        try target(
            scene,
            Self.restless + """
                CREATE TRIGGER cut_off BEFORE INSERT ON _sluice_checkpoints
                WHEN new.chunk = -1 AND EXISTS (SELECT 1 FROM _sluice_checkpoints WHERE status = 'stale')
                BEGIN SELECT RAISE(ABORT, 'cut off'); END;
                """)
        let first = try run(scene)
        let id = try identity(first)
        #expect(first.status != 0 && first.json["state"] == "failed", "\(first.outText)")
        let early = try reasons(scene, id)
        #expect(early == ["FOREIGN_KEY": 2])
        try scene.database("t.db", "DROP TRIGGER restless; DROP TRIGGER cut_off; INSERT INTO country VALUES ('C1')")
        let resumed = try scene.sluice("resume", id, "--json")
        try expectDone(scene, resumed, migrated: Self.rows - 1, reasons: ["FOREIGN_KEY": 1])
    }

    @Test("The store's copies of the checkpoints end as promoted, with their validations")
    func mirrored() throws {
        let scene = try Scene()
        try source(scene, [7: "XX"])
        try target(scene)
        try expectDone(scene, try run(scene), migrated: Self.rows - 1, reasons: ["FOREIGN_KEY": 1])
        let store = try Database(scene.home + "/sluice.db")
        let kept = try store.rows(
            "SELECT status, validations, next_action, row_count_in, row_count_out FROM migration_runs")
        #expect(
            kept == [
                ["promoted", #"{"checksum":"passed","fk_check":"passed","row_count":"passed"}"#, "∅", "200", "200"]
            ])
    }

    @Test("Names that a case-blind index takes for one: the second goes to quarantine, the others are promoted")
    func caseBlindIndex() throws {
        let scene = try Scene()
        let lines = (1...Self.rows).map { "\($0),\($0 == 8 ? "Bob" : $0 == 9 ? "bob" : "Person \($0)")" }
        try scene.write("people.csv", "id,name\n" + lines.joined(separator: "\n") + "\n")
        try scene.database(
            "t.db",
            """
            CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);
            CREATE UNIQUE INDEX by_name ON people (name COLLATE NOCASE);
            INSERT INTO people VALUES (1000, 'PERSON 20');
            """)
        let run = try run(scene)
        #expect(run.status == 0, "\(run.outText)\(run.errText)")
        let found = try reasons(scene, try identity(run))
        #expect(found == ["DUPLICATE_UNIQUE": 1, "TARGET_CONFLICT": 1])
        let rows = try scene.count("t.db", "people")
        let bobs = try scene.rows("t.db", "SELECT id, name FROM people WHERE name LIKE 'bob'")
        #expect(rows == Self.rows - 1 && bobs == [["8", "Bob"]])
    }
}
