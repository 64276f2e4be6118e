import Foundations
import TestSupport
import Testing

/// What a run does when the target has come further than the home, or than the source and the table still show.
@Suite(
    "Target ahead of the home", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)),
    .enabled(if: Stage.hasHooks))
struct PutBackTests {
    static let rows = 500

    /// 500 people in chunks of 100; of each chunk one row is ragged and one has a country that is not there.
    private func scene(key: String = "INTEGER PRIMARY KEY") throws -> Scene {
        let scene = try Scene()
        let copied = try scene.run("/bin/cp", ["-r", Stage.repository + "/registry", scene.path("registry")])
        try #require(copied.status == 0)
        let stored = try JSONParser.parse(try Files.read(scene.path("registry/thresholds/tp_default_v1.json")))
        var profile = try #require(stored.objectValue)
        var migration = try #require(profile["migration"]?.objectValue)
        profile["profile_id"] = "tp_small"
        migration["batch_size"] = 100
        profile["migration"] = .object(migration)
        try Files.writeAtomically(
            JSON.object(profile).canonicalBytes, to: scene.path("registry/thresholds/tp_small.json"))
        scene.environment["SLUICE_REGISTRY"] = scene.path("registry")
        let lines = (0..<Self.rows).map { row in
            "\(row),Person \(row),\(row % 100 == 42 ? "XX" : "SE")" + (row % 100 == 17 ? ",more" : "")
        }
        try scene.write("people.csv", "id,name,country\n" + lines.joined(separator: "\n") + "\n")
        try scene.database(
            "t.db",
            """
            CREATE TABLE country (code TEXT PRIMARY KEY); INSERT INTO country VALUES ('SE');
            CREATE TABLE people (id \(key), name TEXT, country TEXT REFERENCES country);
            """)
        return scene
    }

    private func run(_ scene: Scene, killedAt place: String? = nil) throws -> Finished {
        scene.environment["SLUICE_FAILPOINT"] = place.map { $0 + "=kill" }
        defer { scene.environment["SLUICE_FAILPOINT"] = nil }
        return try scene.start([
            "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--thresholds", "tp_small", "--yes",
            "--created-at", "2026-01-31T12:00:00Z", "--idempotency-key", "put-back", "--json",
        ]).wait()
    }

    private func resume(_ scene: Scene, killedAt place: String? = nil) throws -> Finished {
        scene.environment["SLUICE_FAILPOINT"] = place.map { $0 + "=kill" }
        defer { scene.environment["SLUICE_FAILPOINT"] = nil }
        let resumed = try scene.sluice("resume", try identity(scene), "--yes", "--json")
        if place != nil { try #require(resumed.status == 128 + 9, "\(resumed.outText)\(resumed.errText)") }
        return resumed
    }

    private func identity(_ scene: Scene) throws -> String {
        let runs = try scene.sluice("runs", "--json").json["runs"]?.arrayValue ?? []
        return try #require(runs.first?["run_id"]?.stringValue)
    }

    private func move(_ scene: Scene, _ from: String, _ to: String) throws {
        #expect(try scene.run("/bin/mv", [scene.path(from), scene.path(to)]).status == 0)
    }

    private func keep(_ scene: Scene) throws {
        #expect(try scene.run("/bin/cp", ["-a", scene.home, scene.path("earlier")]).status == 0)
    }

    private func putBack(_ scene: Scene) throws {
        try move(scene, "home", "newer")
        try move(scene, "earlier", "home")
    }

    /// The run is done, every row is in the table or in quarantine, and once.
    private func expectDone(_ scene: Scene, _ ended: Finished, table: String = "people") throws {
        #expect(ended.status == 0 && ended.json["state"] == "done", "\(ended.outText)\(ended.errText)")
        #expect(ended.json["rows_migrated"] == 490 && ended.json["rows_quarantined"] == 10, "\(ended.outText)")
        let found = try scene.rows("t.db", "SELECT count(*), count(DISTINCT id) FROM \(table)")
        #expect(found == [["490", "490"]])
        let shown = try scene.sluice("show", try identity(scene), "--json").json
        #expect(shown["evidence"]?["holds"] == true, "\(shown["evidence"] ?? .null)")
        #expect(shown["quarantine"]?["reasons"] == ["FOREIGN_KEY": 5, "RAGGED_ROW": 5])
        let promotions = try scene.rows("t.db", "SELECT rows_staged, rows_quarantined FROM _sluice_promotions")
        #expect(promotions == [["490", "10"]])
        let staged = try scene.rows("t.db", "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%sluice_stage%'")
        #expect(staged == [["0"]])
    }

    // MARK: Behind a promotion

    static let changes = [
        "nothing", "the source moved", "the source changed", "a column added", "the table renamed", "the table dropped",
    ]

    @Test(
        "Killed behind its promotion, a run ends whatever has become of source and table", .timeLimit(.minutes(5)),
        arguments: ["INTEGER PRIMARY KEY", "INTEGER"])
    func promoted(_ key: String) throws {
        var artifacts: [JSON?] = []
        for change in Self.changes {
            let scene = try scene(key: key)
            let killed = try run(scene, killedAt: "target.promote.after")
            try #require(killed.status == 128 + 9, "\(killed.outText)\(killed.errText)")
            switch change {
            case "the source moved": try move(scene, "people.csv", "gone.csv")
            case "the source changed": try scene.write("people.csv", "id,name\n1,Somebody Else\n")
            case "a column added": try scene.database("t.db", "ALTER TABLE people ADD COLUMN more TEXT DEFAULT 'x'")
            case "the table renamed": try scene.database("t.db", "ALTER TABLE people RENAME TO persons")
            case "the table dropped":
                try scene.database("t.db", "CREATE TABLE persons AS SELECT * FROM people; DROP TABLE people")
            default: break
            }
            let target = try Files.read(scene.path("t.db"))
            let ended = try resume(scene)
            let isRenamed = change == "the table renamed" || change == "the table dropped"
            try expectDone(scene, ended, table: isRenamed ? "persons" : "people")
            // Nothing is written to a target that has the promotion.
            let isUntouched = try Files.read(scene.path("t.db")) == target
            #expect(isUntouched, "\(change)")
            artifacts.append(ended.json["artifacts"]?["migration_run"])
        }
        // The artifact says the same of all of them.
        let hashes = Set(artifacts.map { $0?.stringValue ?? "" })
        #expect(hashes.count == 1 && hashes != [""], "\(hashes)")
    }

    @Test("A home that catalogued another source is told of the promotion, not to start a new run")
    func promotedFromAnother() throws {
        let scene = try scene(key: "INTEGER")
        #expect(try run(scene, killedAt: "target.promote.after").status == 128 + 9)
        try scene.database("t.db", "UPDATE _sluice_checkpoints SET source_fingerprint = 'another'")
        let refused = try resume(scene).json["error"]
        #expect(refused?["detail_id"] == "source.changed")
        #expect(refused?["message"]?.stringValue?.contains("490 promoted rows") == true)
        let hint = refused?["hint"]?.stringValue ?? ""
        #expect(hint.contains("newest backup") && !hint.contains("new run"), "\(hint)")
    }

    // MARK: A home that was put back

    @Test("An open run whose home is put back goes on at once, and ends with every row", .timeLimit(.minutes(3)))
    func putBackBeforeStaging() throws {
        let scene = try scene()
        #expect(try run(scene, killedAt: "target.prepare.after").status == 128 + 9)
        try keep(scene)
        for _ in 0..<3 { _ = try resume(scene, killedAt: "target.chunk.after") }
        try putBack(scene)
        let ended = try resume(scene)
        try expectDone(scene, ended)
        #expect(ended.errText.contains("target knows lease 4 of this run, and the home 2"), "\(ended.errText)")
        #expect(ended.errText.contains("(chunk 0)"), "\(ended.errText)")
        let tokens = try scene.rows("t.db", "SELECT token FROM _sluice_lease")
        let known = try scene.rows("home/sluice.db", "SELECT lease_token, driver_pid FROM runs")
        #expect(tokens == [["5"]] && known == [["5", "∅"]])
    }

    @Test(
        "Put back between two chunks, or behind its validation, nothing of quarantine is missing",
        .timeLimit(.minutes(3)), arguments: ["target.chunk.after@2", "target.withdraw.after", "store.quarantine.after"])
    func putBackLater(_ place: String) throws {
        let scene = try scene()
        #expect(try run(scene, killedAt: "target.chunk.after").status == 128 + 9)
        try keep(scene)
        _ = try resume(scene, killedAt: place)
        try putBack(scene)
        let ended = try resume(scene)
        try expectDone(scene, ended)
        // As many drives as before: only what it lacks tells.
        #expect(!ended.errText.contains("lease") && ended.errText.contains("staged anew"), "\(ended.errText)")
    }

    @Test("A home that is not behind its target stages nothing twice")
    func notBehind() throws {
        let scene = try scene()
        #expect(try run(scene, killedAt: "target.chunk.after@2").status == 128 + 9)
        let started = try scene.rows("t.db", "SELECT chunk, started_at FROM _sluice_checkpoints ORDER BY chunk")
        _ = try resume(scene, killedAt: "target.withdraw.after")
        let ended = try resume(scene)
        try expectDone(scene, ended)
        #expect(!ended.errText.contains("staged anew"))
        let same = try scene.rows(
            "t.db", "SELECT chunk, started_at FROM _sluice_checkpoints WHERE chunk IN (0, 1) ORDER BY chunk")
        #expect(started.count == 2 && same == started)
    }

    @Test("Behind a promotion, a home that was driven less often is told of its quarantine, and ends once it is back")
    func quarantineLost() throws {
        let scene = try scene()
        #expect(try run(scene, killedAt: "target.prepare.after").status == 128 + 9)
        try keep(scene)
        for _ in 0..<3 { _ = try resume(scene, killedAt: "target.chunk.after") }
        _ = try resume(scene, killedAt: "target.promote.after")
        #expect(try scene.run("/bin/cp", ["-a", scene.home, scene.path("newest")]).status == 0)
        try putBack(scene)
        let refused = try resume(scene)
        let error = refused.json["error"]
        #expect(refused.status == 1 && error?["detail_id"] == "migration.quarantine_lost", "\(refused.outText)")
        #expect(error?["message"]?.stringValue?.contains("the home has 0 in quarantine") == true)
        try move(scene, "home", "older")
        try move(scene, "newest", "home")
        try expectDone(scene, try resume(scene))
    }
}
