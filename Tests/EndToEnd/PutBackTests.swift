import Foundations
import Glibc
import TestSupport
import Testing

/// What a run does when the target has come further than the home, or than the source and the table still show.
@Suite(
    "Target ahead of the home", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)),
    .enabled(if: Stage.hasHooks))
struct PutBackTests {
    static let rows = 500

    /// 500 people in chunks of 100; of each chunk one row is ragged and one has a country that is not there.
    ///
    /// - Parameter clean: a chunk in which no row is at fault.
    private func scene(key: String = "INTEGER PRIMARY KEY", clean: Int? = nil) throws -> Scene {
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
            let fault = row / 100 == clean ? nil : row % 100
            return "\(row),Person \(row),\(fault == 42 ? "XX" : "SE")" + (fault == 17 ? ",more" : "")
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

    /// Starts to resume the run, in a copy of the home when one is named, and waits until it stops itself at a failpoint.
    private func hung(_ scene: Scene, at place: String, home: String? = nil) throws -> Launched {
        let started = try start(scene, hangingAt: place, home: home)
        try wait(for: started)
        return started
    }

    private func start(_ scene: Scene, hangingAt places: String..., home: String? = nil) throws -> Launched {
        scene.environment["SLUICE_FAILPOINT"] = places.map { $0 + "=hang" }.joined(separator: ",")
        defer { scene.environment["SLUICE_FAILPOINT"] = nil }
        return try scene.start(
            ["resume", try identity(scene), "--yes", "--json"], home: home.map { scene.path($0) })
    }

    private func wait(for started: Launched) throws {
        while started.isRunning, !isStopped(started.pid) { poll(nil, 0, 5) }
        try #require(started.isRunning, "it ended before its failpoint")
    }

    /// A driver that was overtaken: it says so, and writes nothing.
    private func expectOvertaken(_ ended: Finished) {
        #expect(ended.status == 1 && ended.json["error"]?["detail_id"] == "run.state", "\(ended.outText)")
        #expect(ended.json["error"]?["message"]?.stringValue?.contains("took over") == true, "\(ended.outText)")
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

    private func keep(_ scene: Scene, as name: String = "earlier") throws {
        #expect(try scene.run("/bin/cp", ["-a", scene.home, scene.path(name)]).status == 0)
    }

    private func putBack(_ scene: Scene) throws {
        try move(scene, "home", "newer")
        try move(scene, "earlier", "home")
    }

    /// The run is done, every row is in the table or in quarantine, and once.
    private func expectDone(
        _ scene: Scene, _ ended: Finished, table: String = "people", faults: Int = 5, home: String? = nil
    ) throws {
        let rows = Self.rows - 2 * faults
        #expect(ended.status == 0 && ended.json["state"] == "done", "\(ended.outText)\(ended.errText)")
        #expect(
            ended.json["rows_migrated"] == JSON(rows) && ended.json["rows_quarantined"] == JSON(2 * faults),
            "\(ended.outText)")
        let found = try scene.rows("t.db", "SELECT count(*), count(DISTINCT id) FROM \(table)")
        #expect(found == [["\(rows)", "\(rows)"]])
        let shown = try scene.sluice("show", try identity(scene), "--json", home: home.map { scene.path($0) }).json
        #expect(shown["evidence"]?["holds"] == true, "\(shown["evidence"] ?? .null)")
        #expect(shown["quarantine"]?["reasons"] == ["FOREIGN_KEY": JSON(faults), "RAGGED_ROW": JSON(faults)])
        let promotions = try scene.rows("t.db", "SELECT rows_staged, rows_quarantined FROM _sluice_promotions")
        #expect(promotions == [["\(rows)", "\(2 * faults)"]])
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
        // The same request finds its run as `resume` does.
        for (change, again) in Self.changes.flatMap({ change in [(change, false), (change, true)] }) {
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
            let ended = again ? try run(scene) : try resume(scene)
            let isRenamed = change == "the table renamed" || change == "the table dropped"
            try expectDone(scene, ended, table: isRenamed ? "persons" : "people")
            // Nothing is written to a target that has the promotion.
            let isUntouched = try Files.read(scene.path("t.db")) == target
            #expect(isUntouched, "\(change)")
            #expect(try scene.sluice("runs", "--json").json["runs"]?.arrayValue?.count == 1)
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
        #expect(ended.errText.contains("target knows lease 4 of this run"), "\(ended.errText)")
        #expect(ended.errText.contains("had given lease 2"), "\(ended.errText)")
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
        // As many drives as before: the token is the same, and the driver another.
        #expect(ended.errText.contains("target knows lease 2 of this run"), "\(ended.errText)")
        #expect(ended.errText.contains("staged anew"), "\(ended.errText)")
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

    // MARK: Two drivers with one token

    @Test("A driver that sleeps writes nothing more once a copy of its home was given the same lease")
    func equalToken() throws {
        let scene = try scene()
        #expect(try run(scene, killedAt: "target.prepare.after").status == 128 + 9)
        try keep(scene)
        let sleeper = try hung(scene, at: "target.chunk.after@2")
        let newer = try hung(scene, at: "target.chunk.after", home: "earlier")
        let known = try ["home", "earlier"].map { try scene.rows("\($0)/sluice.db", "SELECT lease_token FROM runs") }
        let tokens = try scene.rows("t.db", "SELECT token FROM _sluice_lease")
        #expect(known == [[["2"]], [["3"]]] && tokens == [["3"]])
        // What is staged now is the newer one's.
        sleeper.kill(SIGCONT)
        expectOvertaken(try sleeper.wait())
        newer.kill(SIGCONT)
        let ended = try newer.wait()
        try expectDone(scene, ended, home: "earlier")
        #expect(ended.errText.contains("target knows lease 2 of this run"), "\(ended.errText)")
    }

    @Test("Of two copies that are resumed at once no two drivers have one token, and one ends the run")
    func copiesAtOnce() throws {
        let scene = try scene()
        #expect(try run(scene, killedAt: "target.prepare.after").status == 128 + 9)
        try keep(scene)
        try keep(scene, as: "other")
        for _ in 0..<3 { _ = try resume(scene, killedAt: "target.chunk.after") }
        // The first has raised its token above 4, and has not written it yet.
        let first = try start(
            scene, hangingAt: "store.take_lease.after@2", "target.chunk.after", home: "earlier")
        try wait(for: first)
        scene.environment["SLUICE_FAILPOINT_TRACE"] = scene.path("trace")
        let second = try start(scene, hangingAt: "target.chunk.after", home: "other")
        scene.environment["SLUICE_FAILPOINT_TRACE"] = nil
        // It is about to look at the token, or stands behind the first one's transaction.
        var reached: [UInt8] = []
        while second.isRunning, !Bytes.contains("target.prepare.before", in: reached) {
            poll(nil, 0, 5)
            reached = (try? Files.read(scene.path("trace"))) ?? []
        }
        first.kill(SIGCONT)
        try wait(for: second)
        let stayed = try scene.rows("t.db", "SELECT token FROM _sluice_lease")
        let known = try ["earlier", "other"].map { try scene.rows("\($0)/sluice.db", "SELECT lease_token FROM runs") }
        #expect(stayed == [["6"]] && known == [[["5"]], [["6"]]])
        // It stops itself at its own chunk, unless it was overtaken before that.
        while first.isRunning, !isStopped(first.pid) { poll(nil, 0, 5) }
        first.kill(SIGCONT)
        expectOvertaken(try first.wait())
        second.kill(SIGCONT)
        try expectDone(scene, try second.wait(), home: "other")
    }

    // MARK: A target that somebody changed

    /// Takes one chunk of the middle out of a target, with what is staged of it.
    private func makeHole(_ scene: Scene) throws {
        let stage = "_sluice_stage_\(try identity(scene).lowercased())"
        try scene.database("t.db", "DELETE FROM _sluice_checkpoints WHERE chunk = 2")
        let isStaged = try scene.rows("t.db", "SELECT 1 FROM sqlite_schema WHERE name = '\(stage)'")
        if !isStaged.isEmpty {
            try scene.database("t.db", "DELETE FROM \(stage) WHERE _sluice_ordinal BETWEEN 200 AND 299")
        }
    }

    @Test("A hole in what was staged is not promoted, and the next resume stages everything anew")
    func holeBeforePromotion() throws {
        let scene = try scene(clean: 2)
        #expect(try run(scene, killedAt: "target.prepare.after").status == 128 + 9)
        let driver = try hung(scene, at: "target.chunk.after@5")
        try makeHole(scene)
        driver.kill(SIGCONT)
        let refused = try driver.wait()
        #expect(refused.status == 7, "\(refused.outText)")
        #expect(refused.json["error"]?["detail_id"] == "migration.validation", "\(refused.outText)")
        #expect(refused.json["error"]?["message"]?.stringValue?.contains("chunk 2 is missing") == true)
        let promoted = try scene.count("t.db", "people")
        #expect(promoted == 0)
        let ended = try resume(scene)
        try expectDone(scene, ended, faults: 4)
        #expect(ended.errText.contains("chunk 2 is missing"), "\(ended.errText)")
    }

    @Test("So it is with a hole, or an end that is missing, in what was validated", arguments: [2, 4])
    func holeBehindValidation(_ chunk: Int) throws {
        let scene = try scene(clean: chunk)
        #expect(try run(scene, killedAt: "target.withdraw.after").status == 128 + 9)
        let stage = "_sluice_stage_\(try identity(scene).lowercased())"
        try scene.database(
            "t.db",
            """
            DELETE FROM _sluice_checkpoints WHERE chunk = \(chunk);
            DELETE FROM \(stage) WHERE _sluice_ordinal / 100 = \(chunk);
            """)
        let ended = try resume(scene)
        try expectDone(scene, ended, faults: 4)
        #expect(ended.errText.contains("staged anew"), "\(ended.errText)")
    }

    @Test("A promotion with a hole in its chunks is not recorded as done, whatever the other numbers say")
    func holeBehindPromotion() throws {
        let scene = try scene(clean: 2)
        #expect(try run(scene, killedAt: "target.promote.after").status == 128 + 9)
        try makeHole(scene)
        try scene.database("t.db", "UPDATE _sluice_promotions SET rows_staged = rows_staged - 100")
        let refused = try resume(scene)
        let error = refused.json["error"]
        #expect(refused.status == 1 && error?["detail_id"] == "migration.chunks_lost", "\(refused.outText)")
        #expect(error?["message"]?.stringValue?.contains("chunk 2 is missing") == true, "\(refused.outText)")
        let shown = try scene.sluice("show", try identity(scene), "--json").json
        #expect(shown["state"] != "done" && shown["artifacts"]?["migration_run"] == nil, "\(shown)")
    }

    @Test("A driver that finds its rows promoted when it withdraws some of them ends the run, and changes nothing")
    func promotedMeanwhile() throws {
        let scene = try scene()
        #expect(try run(scene, killedAt: "target.prepare.after").status == 128 + 9)
        let driver = try hung(scene, at: "store.quarantine.after")
        let run = try identity(scene)
        let stage = "_sluice_stage_\(run.lowercased())"
        try scene.database(
            "t.db",
            """
            BEGIN; DELETE FROM \(stage) WHERE country = 'XX';
            INSERT INTO people SELECT id, name, country FROM \(stage); DROP TABLE \(stage);
            INSERT INTO _sluice_promotions VALUES ('\(run)', 'people', 490, 490, 0, 'then', NULL, NULL); COMMIT
            """)
        driver.kill(SIGCONT)
        let ended = try driver.wait()
        #expect(ended.status == 0 && ended.json["rows_migrated"] == 490, "\(ended.outText)\(ended.errText)")
        let marks = try scene.rows("t.db", "SELECT count(*) FROM _sluice_checkpoints WHERE chunk < 0")
        let rows = try scene.count("t.db", "people")
        #expect(marks == [["0"]] && rows == 490)
    }
}
