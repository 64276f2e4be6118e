import Foundations
import Glibc
import TestSupport
import Testing

/// A store that somebody edited, who has no key: no stage is entered, and the evidence stays as it is.
@Suite("Gates and the ledger", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct EvidenceTests {
    private func scene() throws -> Scene {
        let scene = try Scene()
        try scene.write("people.csv", BadInputTests.good)
        try scene.write("others.csv", "id,name,email,age\n1,Somebody Else,else@example.com,44\n")
        try scene.database(
            "t.db",
            """
            CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
            CREATE TABLE others (id INTEGER PRIMARY KEY, name TEXT, email TEXT, age INTEGER);
            """)
        return scene
    }

    /// A run that waits for its confirmation.
    private func held(_ scene: Scene, _ table: String = "people", _ more: String...) throws -> String {
        var arguments = [
            "run", "--lhs", "csv:\(table).csv", "--rhs", "sqlite:t.db#\(table)", "--created-at", "2026-01-31T12:00:00Z",
            "--json",
        ]
        arguments += more
        let run = try scene.start(arguments).wait()
        let id = try #require(run.json["run_id"]?.stringValue, "\(run.outText)\(run.errText)")
        var hold = run.json["hold"]
        for _ in 0..<4 where hold?["kind"] != "confirmation" {
            let stage = try #require(hold?["stage"]?.stringValue, "\(run.outText)")
            #expect(try scene.sluice("decide", id, stage, "accept").status == 0)
            hold = try scene.sluice("resume", id, "--json").json["hold"]
        }
        try #require(hold?["kind"] == "confirmation")
        return id
    }

    /// What somebody does who can write the file but has no key, and who puts back what stood in the way.
    private func edit(_ scene: Scene, _ sql: String) throws {
        let triggers = try scene.rows("home/sluice.db", "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        try scene.database(
            "home/sluice.db",
            triggers.map { "DROP TRIGGER \($0[0]);" }.joined() + sql + ";" + triggers.map { $0[1] + ";" }.joined())
    }

    /// Every table that says what a run is and how far it has come, and the target.
    private func tables(_ scene: Scene) throws -> [String: [[String]]] {
        var found: [String: [[String]]] = [:]
        for table in [
            "runs", "run_artifacts", "gate_decisions", "supervisor_ledger", "ledger_heads", "ledger_segments",
            "decision_summary", "migration_runs", "quarantine_rows",
        ] {
            let columns = try scene.rows("home/sluice.db", "SELECT name FROM pragma_table_info('\(table)')")
            let quoted = columns.map { "quote(\"\($0[0])\")" }.joined(separator: ", ")
            found[table] = try scene.rows("home/sluice.db", "SELECT \(quoted) FROM \(table) ORDER BY 1, 2, 3")
        }
        found["people"] = try scene.rows("t.db", "SELECT * FROM people")
        found["target"] = try scene.rows("t.db", "SELECT name FROM sqlite_schema ORDER BY name")
        return found
    }

    private func copy(_ scene: Scene) throws -> Scene {
        let other = try Scene()
        for name in ["home", "t.db", "people.csv", "others.csv"] {
            #expect(try other.run("/bin/cp", ["-a", scene.path(name), other.path(name)]).status == 0)
        }
        // A run names its files by absolute paths, which stay those of the first.
        return other
    }

    private func error(_ run: Finished, status: Int32, detail: String, says words: String) {
        let error = run.json["error"]
        #expect(run.status == status, "\(run.outText)\(run.errText)")
        #expect(error?["detail_id"]?.stringValue == detail, "\(run.outText)")
        let text = (error?["message"]?.stringValue ?? "") + " " + (error?["hint"]?.stringValue ?? "")
        #expect(text.contains(words), "\(text)")
        #expect(text.contains("sluice "), "\(text) names no command")
    }

    // MARK: The store

    /// SQL over the held run `$RUN`, beside another run `$OTHER` of the home; what a resume says of it.
    static let edits: [(sql: String, detail: String, words: String)] = [
        // The state, moved ahead or aside.
        (
            "UPDATE runs SET state = 'ready', stage = 'MIGRATION' WHERE run_id = '$RUN'", "gate.evidence",
            "the store says that it is ready at MIGRATION, and its ledger proves held at MIGRATION (confirmation)"
        ),
        ("UPDATE runs SET state = 'running', stage = 'MIGRATION' WHERE run_id = '$RUN'", "gate.evidence", "running at"),
        ("UPDATE runs SET state = 'failed' WHERE run_id = '$RUN'", "gate.evidence", "failed at MIGRATION"),
        ("UPDATE runs SET state = 'stopped' WHERE run_id = '$RUN'", "gate.evidence", "stopped at MIGRATION"),
        ("UPDATE runs SET state = 'done' WHERE run_id = '$RUN'", "gate.evidence", "is done, and"),
        ("UPDATE runs SET state = 'created', stage = NULL WHERE run_id = '$RUN'", "gate.evidence", "is created, and"),
        ("UPDATE runs SET state = 'running', stage = 'MAPPING' WHERE run_id = '$RUN'", "gate.evidence", "at MAPPING"),
        (
            "UPDATE runs SET summary = json_set(summary, '$.hold.kind', 'thresholds') WHERE run_id = '$RUN'",
            "gate.evidence", "held at MIGRATION (thresholds), and"
        ),
        // The artifacts: another one that exists, none, one more.
        (
            """
            UPDATE run_artifacts SET artifact_hash = (SELECT artifact_hash FROM run_artifacts WHERE kind =
            'mapping_plan' AND run_id = '$OTHER') WHERE kind = 'mapping_plan' AND run_id = '$RUN'
            """, "gate.evidence", "its mapping_plan in the store is"
        ),
        (
            """
            UPDATE run_artifacts SET artifact_hash = (SELECT artifact_hash FROM run_artifacts WHERE kind =
            'analysis_report' AND run_id = '$OTHER') WHERE kind = 'analysis_report' AND run_id = '$RUN'
            """, "gate.evidence", "its analysis_report in the store is"
        ),
        (
            "DELETE FROM run_artifacts WHERE kind = 'analysis_report' AND run_id = '$RUN'", "gate.evidence",
            "its analysis_report in the store is none"
        ),
        // A decision that nobody made.
        (
            """
            INSERT INTO gate_decisions (run_id, stage, decision, actor, reason, timestamp_utc, artifact_hash) SELECT
            run_id, 'MIGRATION', 'accept', 'root', '', '2026-01-31T12:00:00.000Z', artifact_hash FROM run_artifacts
            WHERE kind = 'analysis_report' AND run_id = '$RUN'
            """, "gate.evidence", "“accept” at MIGRATION by root has no event"
        ),
        (
            """
            INSERT INTO gate_decisions (run_id, stage, decision, actor, reason, timestamp_utc) VALUES ('$RUN',
            'MIGRATION', 'accept', 'root', '', 't'); UPDATE runs SET state = 'ready' WHERE run_id = '$RUN'
            """, "gate.evidence", "ready at MIGRATION"
        ),
        // The contract, without its hash; and what stands beside it.
        (
            "UPDATE runs SET contract = json_set(contract, '$.human_confirm_required', json('false')) WHERE run_id = '$RUN'",
            "run.mode_immutable", "start a new run"
        ),
        ("UPDATE runs SET contract = '{}' WHERE run_id = '$RUN'", "run.mode_immutable", "start a new run"),
        (
            "UPDATE runs SET contract = json_set(contract, '$.run_id', '$OTHER') WHERE run_id = '$RUN'",
            "gate.evidence", "its contract names the run"
        ),
        ("UPDATE runs SET mode = 'metadata_only' WHERE run_id = '$RUN'", "gate.evidence", "the mode"),
        (
            "UPDATE runs SET versions = json_set(versions, '$.catalog_version', 'x@9') WHERE run_id = '$RUN'",
            "run.mode_immutable", "pinned"
        ),
        // The lane, and what it was chosen by.
        ("UPDATE runs SET lane = 'batch' WHERE run_id = '$RUN'", "gate.evidence", "its lane in the store is batch"),
        ("UPDATE runs SET lane = NULL WHERE run_id = '$RUN'", "gate.evidence", "its lane in the store is none"),
        (
            "UPDATE runs SET lane_inputs = json_set(lane_inputs, '$.lane_hint', 'flex') WHERE run_id = '$RUN'",
            "gate.evidence", "what its lane was chosen by"
        ),
        // What lists and `show` say of the stages.
        (
            "UPDATE runs SET summary = json_set(summary, '$.rows_in', 7) WHERE run_id = '$RUN'", "gate.evidence",
            "its summary has other rows_in"
        ),
        (
            "UPDATE runs SET summary = json_set(summary, '$.rows_migrated', 7) WHERE run_id = '$RUN'", "gate.evidence",
            "its summary has other rows_migrated"
        ),
        (
            "UPDATE runs SET summary = json_set(summary, '$.stages[2].decision', 'fix') WHERE run_id = '$RUN'",
            "gate.evidence", "its summary of MAPPING is not"
        ),
        (
            "UPDATE runs SET summary = json_set(summary, '$.stages[0].counts.rows', 7) WHERE run_id = '$RUN'",
            "gate.evidence", "its summary of INGEST is not"
        ),
        (
            "UPDATE runs SET summary = json_remove(summary, '$.stages[3]') WHERE run_id = '$RUN'", "gate.evidence",
            "its summary does not tell of ANALYSIS"
        ),
        (
            "UPDATE runs SET summary = json_set(summary, '$.isolation.active[0]', 'all') WHERE run_id = '$RUN'",
            "gate.evidence", "another sandbox (isolation)"
        ),
        (
            "UPDATE runs SET summary = json_remove(summary, '$.isolation') WHERE run_id = '$RUN'", "gate.evidence",
            "another sandbox (isolation)"
        ),
        // The ledger itself: an event of another run, its end, its beginning.
        (
            """
            INSERT INTO supervisor_ledger (run_id, event_id, timestamp_utc, stage, decision, event, number, prev_hash,
            hash) SELECT run_id, 'x' || event_id, timestamp_utc, 'MIGRATION', 'accept', event, number + 1, hash, hash
            FROM supervisor_ledger WHERE run_id = '$RUN' ORDER BY number DESC LIMIT 1
            """, "store.ledger", "restore a backup"
        ),
        (
            """
            DELETE FROM supervisor_ledger WHERE run_id = '$RUN' AND number = (SELECT max(number) FROM supervisor_ledger
            WHERE run_id = '$RUN')
            """, "store.ledger", "tail cut"
        ),
        (
            "DELETE FROM supervisor_ledger WHERE run_id = '$RUN'; DELETE FROM ledger_heads WHERE run_id = '$RUN'",
            "store.ledger", "head missing"
        ),
    ]

    @Test("An edited store lets nothing go on, is named, and is left byte for byte", .timeLimit(.minutes(3)))
    func edited() throws {
        let scene = try scene()
        let other = try held(scene, "others")
        let id = try held(scene)
        for (sql, detail, words) in Self.edits {
            let copy = try copy(scene)
            try edit(
                copy,
                sql.split(separator: "$RUN", omittingEmptySubsequences: false).joined(separator: id)
                    .split(separator: "$OTHER", omittingEmptySubsequences: false).joined(separator: other))
            let before = try tables(copy)
            let status: Int32 = detail == "store.ledger" ? 1 : 4
            for arguments in [
                ["resume", id], ["resume", id, "--yes"], ["decide", id, "migration", "accept"], ["stop", id],
                [
                    "run", "--lhs", "csv:" + scene.path("people.csv"), "--rhs", "sqlite:\(scene.path("t.db"))#people",
                    "--created-at", "2026-01-31T12:00:00Z",
                ],
            ] {
                let refused = try copy.start(arguments + ["--json"]).wait()
                error(refused, status: status, detail: detail, says: words)
            }
            #expect(try tables(copy) == before, "\(sql)")
            // It can still be looked at, and offers nothing to decide.
            let shown = try copy.sluice("show", id, "--json")
            #expect(shown.status == 0, "\(sql): \(shown.outText)")
            #expect(shown.json["evidence"]?["holds"] == false, "\(sql)")
            #expect(shown.json["evidence"]?["error"]?["detail_id"]?.stringValue == detail, "\(sql)")
            #expect((shown.json["hold"]?["token"] ?? .null) == .null, "\(sql)")
            // The other run of the home goes on.
            #expect(try copy.sluice("show", other, "--json").json["evidence"]?["holds"] == true, "\(sql)")
        }
    }

    /// What makes a database one of an older version, whose events its migration would chain anew.
    static let downgrade = """
        DROP INDEX supervisor_ledger_by_number;
        ALTER TABLE supervisor_ledger DROP COLUMN number;
        ALTER TABLE supervisor_ledger DROP COLUMN prev_hash;
        ALTER TABLE supervisor_ledger DROP COLUMN hash;
        DROP TABLE ledger_heads; DROP TABLE ledger_segments; DROP TABLE artifact_promotions;
        DROP TABLE response_cache_runs; DROP TABLE response_cache;
        ALTER TABLE runs DROP COLUMN lane_inputs;
        CREATE TRIGGER supervisor_ledger_no_update BEFORE UPDATE ON supervisor_ledger
          BEGIN SELECT RAISE(ABORT, 'x'); END;
        CREATE TRIGGER supervisor_ledger_no_delete BEFORE DELETE ON supervisor_ledger
          BEGIN SELECT RAISE(ABORT, 'x'); END;
        UPDATE runs SET state = 'ready', stage = 'MIGRATION', summary = json_remove(summary, '$.hold');
        PRAGMA user_version = 3;
        """

    @Test("A database that was made one of an older version is not chained and signed anew")
    func downgraded() throws {
        let scene = try scene()
        let id = try held(scene)
        let triggers = try scene.rows("home/sluice.db", "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        try scene.database("home/sluice.db", triggers.map { "DROP TRIGGER \($0[0]);" }.joined() + Self.downgrade)
        let before = try scene.rows("home/sluice.db", "SELECT name, sql FROM sqlite_schema ORDER BY name")
        for arguments in [
            ["resume", id], ["resume", id, "--yes"], ["show", id], ["ledger", id, "--verify"], ["runs"],
        ] {
            let refused = try scene.start(arguments + ["--json"]).wait()
            error(refused, status: 1, detail: "store.ledger", says: "has store version 3 and has had")
        }
        let after = try scene.rows("home/sluice.db", "SELECT name, sql FROM sqlite_schema ORDER BY name")
        #expect(after == before)
        let rows = try scene.count("t.db", "people")
        #expect(rows == 0)
    }

    @Test("A trigger that is missing, another one or foreign is seen before anything is done")
    func triggers() throws {
        let scene = try scene()
        let id = try held(scene)
        let cases: [(sql: String, words: String)] = [
            ("DROP TRIGGER gate_decisions_no_delete", "its trigger gate_decisions_no_delete is missing"),
            (
                """
                DROP TRIGGER ledger_heads_forward; CREATE TRIGGER ledger_heads_forward BEFORE UPDATE ON ledger_heads
                BEGIN SELECT 1; END
                """, "its trigger ledger_heads_forward is another one"
            ),
            (
                "CREATE TRIGGER helper AFTER INSERT ON runs BEGIN SELECT 1; END",
                "a trigger that this program did not make, helper"
            ),
        ]
        for (sql, words) in cases {
            let copy = try copy(scene)
            try copy.database("home/sluice.db", sql)
            let before = try tables(copy)
            for arguments in [["resume", id], ["decide", id, "migration", "accept"], ["show", id]] {
                let refused = try copy.start(arguments + ["--json"]).wait()
                #expect(refused.status == 1 && refused.json["error"]?["detail_id"] == "store.ledger")
                #expect(refused.outText.contains(words), "\(refused.outText)")
            }
            #expect(try tables(copy) == before, "\(sql)")
        }
    }

    // MARK: What a migration left

    /// A held run over a source of which one row will be in quarantine.
    private func heldWithRejection(_ scene: Scene) throws -> String {
        let lines = (1...60).map { "\($0),Person \($0),p\($0)@example.com" } + ["7,Person 7 again,again@example.com"]
        try scene.write("people.csv", "id,name,email\n" + lines.joined(separator: "\n") + "\n")
        return try held(scene)
    }

    @Test("What `show` says of a run that is done is held against its ledger: rows, quarantine, checkpoints")
    func doneEdited() throws {
        let scene = try scene()
        let id = try heldWithRejection(scene)
        #expect(try scene.sluice("decide", id, "migration", "accept").status == 0)
        let done = try scene.sluice("resume", id, "--json")
        try #require(done.status == 0 && done.json["rows_quarantined"] == 1, "\(done.outText)")
        let whole = try scene.sluice("show", id, "--json").json["evidence"]
        #expect(whole?["holds"] == true, "\(whole ?? .null)")
        let cases = [
            ("UPDATE runs SET summary = json_set(summary, '$.rows_migrated', 61)", "other rows_migrated"),
            ("UPDATE runs SET summary = json_set(summary, '$.rows_quarantined', 0)", "other rows_quarantined"),
            ("DELETE FROM quarantine_rows", "0 rows are in quarantine, and Migration ended with 1"),
            ("DELETE FROM migration_runs", "its checkpoints in the store have 0 rows"),
        ]
        for (sql, words) in cases {
            let copy = try copy(scene)
            try edit(copy, sql)
            let evidence = try copy.sluice("show", id, "--json").json["evidence"]
            #expect(evidence?["holds"] == false, "\(sql)")
            let said = evidence?["error"]?["message"]?.stringValue ?? ""
            #expect(said.contains(words), "\(said)")
        }
    }

    @Test("Behind a promotion, a home that has lost its quarantine does not say that the run is done")
    func quarantineLost() throws {
        let scene = try scene()
        let id = try heldWithRejection(scene)
        #expect(try scene.run("/bin/cp", ["-a", scene.path("home"), scene.path("earlier")]).status == 0)
        func decideAndResume() throws -> Finished {
            #expect(try scene.sluice("decide", id, "migration", "accept").status == 0)
            return try scene.sluice("resume", id, "--json")
        }
        let done = try decideAndResume()
        try #require(done.status == 0 && done.json["rows_migrated"] == 60, "\(done.outText)")
        #expect(try scene.run("/bin/mv", [scene.path("home"), scene.path("newer")]).status == 0)
        #expect(try scene.run("/bin/mv", [scene.path("earlier"), scene.path("home")]).status == 0)
        let refused = try decideAndResume()
        let error = refused.json["error"]
        #expect(refused.status == 1 && error?["detail_id"] == "migration.quarantine_lost", "\(refused.outText)")
        #expect(refused.json["state"] == "failed")
        let message = error?["message"]?.stringValue ?? ""
        #expect(message.contains("60 promoted rows") && message.contains("the home has 0"), "\(message)")
        // With as many rows, and others: not the same either.
        try scene.database(
            "home/sluice.db",
            """
            ATTACH '\(scene.path("newer"))/sluice.db' AS newer;
            INSERT INTO quarantine_rows SELECT * FROM newer.quarantine_rows;
            UPDATE quarantine_rows SET ordinal = ordinal - 1
            """)
        let again = try scene.sluice("resume", id, "--json")
        #expect(again.status == 1 && again.json["error"]?["detail_id"] == "migration.quarantine_lost")
        // With the rows that were left out it ends.
        try scene.database("home/sluice.db", "UPDATE quarantine_rows SET ordinal = ordinal + 1")
        let ended = try scene.sluice("resume", id, "--json")
        #expect(ended.status == 0 && ended.json["rows_quarantined"] == 1, "\(ended.outText)")
        let rows = try scene.count("t.db", "people")
        #expect(rows == 60)
    }

    @Test("A contract that was edited with its hash recomputed is not the one that was agreed to")
    func contractRehashed() throws {
        let scene = try scene()
        let id = try held(scene)
        let stored = try scene.rows("home/sluice.db", "SELECT contract FROM runs WHERE run_id = '\(id)'")
        var members = try #require(try JSONParser.parse(stored[0][0]).objectValue)
        members["human_confirm_required"] = false
        let contract = JSON.object(members)
        for key in ["run_id", "idempotency_key"] { members[key] = nil }
        let hash = JSON.object(members).canonicalHash.hex
        try edit(
            scene,
            """
            UPDATE runs SET contract = '\(contract.canonicalText)', contract_hash = '\(hash)', state = 'ready'
            WHERE run_id = '\(id)'
            """)
        let before = try tables(scene)
        for arguments in [["resume", id], ["resume", id, "--yes"], ["decide", id, "migration", "accept"]] {
            let refused = try scene.start(arguments + ["--json"]).wait()
            error(refused, status: 4, detail: "run.mode_immutable", says: "its hash is \(hash.prefix(12))")
            error(refused, status: 4, detail: "run.mode_immutable", says: "start a new run")
        }
        #expect(try tables(scene) == before)
    }

    @Test("A decision whose event or whose row is gone, or says something else, lets nothing go on")
    func decisionEdited() throws {
        let scene = try scene()
        let id = try held(scene)
        #expect(try scene.sluice("decide", id, "migration", "accept", "--reason", "as agreed").status == 0)
        let cases: [(sql: String, detail: String, words: String)] = [
            (
                "DELETE FROM supervisor_ledger WHERE number = (SELECT max(number) FROM supervisor_ledger)",
                "store.ledger", "tail cut"
            ),
            (
                """
                DELETE FROM supervisor_ledger WHERE number = (SELECT max(number) FROM supervisor_ledger); UPDATE
                ledger_heads SET count = count - 1, head_hash = (SELECT hash FROM supervisor_ledger ORDER BY number
                DESC LIMIT 1)
                """, "store.ledger", "without the key"
            ),
            ("DELETE FROM gate_decisions", "gate.evidence", "at MIGRATION, is not in the store"),
            ("UPDATE gate_decisions SET actor = 'somebody'", "gate.evidence", "by somebody"),
            ("UPDATE gate_decisions SET reason = 'never'", "gate.evidence", "in the place of event"),
            ("UPDATE gate_decisions SET artifact_hash = NULL", "gate.evidence", "in the place of event"),
        ]
        for (sql, detail, words) in cases {
            let copy = try copy(scene)
            try edit(copy, sql)
            let before = try tables(copy)
            let refused = try copy.sluice("resume", id, "--json")
            error(refused, status: detail == "store.ledger" ? 1 : 4, detail: detail, says: words)
            #expect(try tables(copy) == before, "\(sql)")
        }
        let resumed = try scene.sluice("resume", id, "--json")
        #expect(resumed.status == 0 && resumed.json["rows_migrated"] == 50, "\(resumed.outText)")
    }

    /// Starts a run that stops itself at a failpoint, lets its plan be swapped for another run's, and lets it go on.
    private func swapPlan(_ scene: Scene, at failpoint: String) throws -> (id: String, run: Finished) {
        let other = try held(scene, "others")
        scene.environment["SLUICE_FAILPOINT"] = failpoint + "=hang"
        let run = try scene.start(["run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json"])
        func isStopped() -> Bool {
            let stat = (try? Files.read("/proc/\(run.pid)/stat")) ?? []
            let text = String(decoding: stat, as: UTF8.self)
            return text.split(separator: ")").last?.split(separator: " ").first == "T"
        }
        while run.isRunning, !isStopped() { poll(nil, 0, 10) }
        try #require(run.isRunning)
        scene.environment["SLUICE_FAILPOINT"] = nil
        let id = try #require(
            try scene.sluice("runs", "--json").json["runs"]?.arrayValue?.first?["run_id"]?.stringValue)
        try edit(
            scene,
            """
            UPDATE run_artifacts SET artifact_hash = (SELECT artifact_hash FROM run_artifacts WHERE kind =
            'mapping_plan' AND run_id = '\(other)') WHERE kind = 'mapping_plan' AND run_id = '\(id)'
            """)
        run.kill(SIGCONT)
        return (id, try run.wait())
    }

    @Test(
        "What another process edits between two stages is seen before the next one begins",
        .enabled(if: Stage.hasHooks), .timeLimit(.minutes(2)), arguments: [3, 4])
    func betweenStages(ended: Int) throws {
        let scene = try scene()
        let (id, refused) = try swapPlan(scene, at: "store.commit_stage.after@\(ended)")
        error(refused, status: 4, detail: "gate.evidence", says: "its mapping_plan in the store is")
        let last = try scene.sluice("ledger", id, "--json").jsonLines.last
        #expect(last?["stage"]?.stringValue == ["MAPPING", "ANALYSIS"][ended - 3])
        #expect(last?["note"]?["event"] == "stage_finished")
        let rows = try scene.count("t.db", "people")
        #expect(rows == 0)
    }

    @Test(
        "A stage works with what it was let in with, whatever the store says a moment later",
        .enabled(if: Stage.hasHooks), .timeLimit(.minutes(2)))
    func withinStage() throws {
        let scene = try scene()
        // The sixth change of the run's state lets Migration in.
        let (id, run) = try swapPlan(scene, at: "store.update_run.after@6")
        #expect(run.status == 0 && run.json["rows_migrated"] == 50, "\(run.outText)")
        let shown = try scene.sluice("show", id, "--json").json["evidence"]
        #expect(shown?["holds"] == false && shown?["error"]?["detail_id"] == "gate.evidence")
    }

    // MARK: What was seen

    private func token(_ scene: Scene, _ id: String) throws -> String {
        let hold = try scene.sluice("show", id, "--json").json["hold"]
        let token = try #require(hold?["token"]?.stringValue)
        #expect(hold?["next"]?.stringValue?.hasSuffix(" accept --seen \(token)") == true)
        return token
    }

    @Test("A token counts for the hold that showed it, and for no other run, gate or version")
    func tokens() throws {
        let scene = try scene()
        let id = try held(scene)
        let other = try held(scene, "others")
        let first = try token(scene, id)
        let people = try scene.sluice("show", id)
        #expect(people.outText.contains("Next: sluice decide \(id) migration accept --seen \(first)"))

        // Another run's, none at all, and none that anybody was shown.
        let before = try tables(scene)
        let foreign = try scene.sluice("decide", id, "migration", "accept", "--seen", token(scene, other), "--json")
        error(foreign, status: 4, detail: "gate.seen", says: "another run, \(other)")
        error(foreign, status: 4, detail: "gate.seen", says: "sluice show \(id)")
        for (text, words) in [("yes", "is no token"), ("0000000000000000", "of nothing at which")] {
            let refused = try scene.sluice("decide", id, "migration", "accept", "--seen", text, "--json")
            error(refused, status: 4, detail: "gate.seen", says: words)
        }
        #expect(try tables(scene) == before)

        // Sent back with it, and made anew: the same artifacts are another thing to look at.
        #expect(try scene.sluice("decide", id, "migration", "fix", "--seen", first, "--json").status == 0)
        let again = try scene.sluice("resume", id, "--json")
        #expect(again.status == 3 && again.json["hold"]?["kind"] == "confirmation", "\(again.outText)")
        let held = try tables(scene)
        let replayed = try scene.sluice("decide", id, "migration", "accept", "--seen", first, "--json")
        error(replayed, status: 4, detail: "gate.seen", says: "MAPPING ended again; ANALYSIS ended again")
        #expect(try tables(scene) == held)
        let rows = try scene.count("t.db", "people")
        #expect(rows == 0)

        let second = try token(scene, id)
        #expect(second != first && again.json["hold"]?["token"]?.stringValue == second)
        let accepted = try scene.sluice("decide", id, "migration", "accept", "--seen", second.uppercased(), "--json")
        #expect(accepted.status == 0, "\(accepted.outText)")
        let events = try scene.sluice("ledger", id, "--json").jsonLines
        #expect(events.last?["note"]?["seen"] == true && events.last?["note"]?["token"]?.stringValue == second)
        let done = try scene.sluice("resume", id, "--json")
        #expect(done.status == 0 && done.json["rows_migrated"] == 50, "\(done.outText)")
        // Without a token it was the other way around.
        #expect(try scene.sluice("decide", other, "migration", "accept").status == 0)
        let unseen = try scene.sluice("ledger", other, "--json").jsonLines.last
        #expect(unseen?["note"]?["seen"] == false && unseen?["note"]?["role"] == "Admin")
    }

    @Test("A reason that is too long, or could steer a terminal, is refused with what to do")
    func reasons() throws {
        let scene = try scene()
        let id = try held(scene)
        for reason in [String(repeating: "long ", count: 300), "red \u{1B}[31m", "a\u{202E}b"] {
            let refused = try scene.sluice("decide", id, "migration", "accept", "--reason", reason, "--json")
            #expect(refused.status == 2 && refused.json["error"]?["detail_id"] == "usage", "\(refused.outText)")
        }
        #expect(try scene.sluice("decide", id, "migration", "accept", "--reason", "two\nlines", "--json").status == 0)
        let kept = try scene.sluice("show", id, "--json").json["decisions"]?.arrayValue
        #expect(kept?.count == 1 && kept?.first?["reason"] == "two lines")
    }

    // MARK: Bad input

    @Test("A home of a newer version, and an artifact that was cut short, say what is wrong and what can be done")
    func badHome() throws {
        let scene = try scene()
        let id = try held(scene)
        let newer = try copy(scene)
        try newer.database("home/sluice.db", "PRAGMA user_version = 999")
        let files = Scene.files(below: newer.home)
        for arguments in [["runs"], ["resume", id], ["decide", id, "migration", "accept"]] {
            let refused = try newer.start(arguments + ["--json"]).wait()
            #expect(refused.status == 1 && refused.json["error"]?["detail_id"] == "store.version")
            let text = refused.outText
            #expect(text.contains("version 999") && text.contains(newer.home) && text.contains("--home"), "\(text)")
        }
        #expect(Scene.files(below: newer.home)["sluice.db"] == files["sluice.db"])

        #expect(try scene.sluice("decide", id, "migration", "accept").status == 0)
        let shown = try scene.sluice("show", id, "--json").json
        let plan = try #require(shown["artifacts"]?["mapping_plan"]?.stringValue)
        let file = scene.home + "/artifacts/\(plan.prefix(2))/\(plan).json"
        let whole = try Files.read(file)
        try Files.writeAtomically(Array(whole.prefix(whole.count / 2)), to: file)
        let cut = try scene.sluice("resume", id, "--json")
        let error = cut.json["error"]
        #expect(cut.status == 1 && error?["detail_id"] == "artifact.corrupt", "\(cut.outText)")
        #expect(error?["message"]?.stringValue?.contains(file) == true, "\(cut.outText)")
        let hint = error?["hint"]?.stringValue ?? ""
        #expect(hint.contains("backup") && hint.contains("resume"), "\(hint)")
        #expect(try Files.read(file).count == whole.count / 2)
        // Restored, the run goes on under the confirmation that it had.
        try Files.writeAtomically(whole, to: file)
        let resumed = try scene.sluice("resume", id, "--json")
        #expect(resumed.status == 0 && resumed.json["rows_migrated"] == 50, "\(resumed.outText)")
    }
}
