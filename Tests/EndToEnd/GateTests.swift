import Foundations
import TestSupport
import Testing

/// Gates: nothing goes on without a decision, and a decision does what it says.
@Suite("Gates", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct GateTests {
    /// The sample up to its first hold: Analysis, because keys repeat.
    private func held(_ scene: Scene) throws -> String {
        try MainJobTests.target(scene)
        let run = try scene.sluice(
            "run", "--lhs", "csv:" + MainJobTests.source, "--rhs", "sqlite:t.db#customers", "--json")
        try #require(run.status == 3, "\(run.outText)\(run.errText)")
        return try #require(run.json["run_id"]?.stringValue)
    }

    @Test("Without --yes a person decides at each gate, and then it is done")
    func decideAndResume() throws {
        let scene = try Scene()
        let id = try held(scene)
        let hold = try scene.sluice("show", id, "--json").json["hold"]
        #expect(hold?["stage"]?.stringValue == "ANALYSIS" && hold?["kind"]?.stringValue == "thresholds")

        // Resumed without a decision it stays where it is.
        let early = try scene.sluice("resume", id, "--json")
        #expect(early.status == 3 && early.json["hold"]?["stage"]?.stringValue == "ANALYSIS")

        let decided = try scene.sluice("decide", id, "analysis", "accept", "--reason", "known duplicates", "--json")
        #expect(decided.status == 0)
        let second = try scene.sluice("resume", id, "--json")
        let confirmation = second.json["hold"]
        #expect(second.status == 3)
        #expect(
            confirmation?["stage"]?.stringValue == "MIGRATION" && confirmation?["kind"]?.stringValue == "confirmation")
        let untouched = try scene.count("t.db", "customers")
        #expect(untouched == 0)

        #expect(try scene.sluice("decide", id, "MIGRATION", "accept", "--json").status == 0)
        let last = try scene.sluice("resume", id, "--json")
        #expect(last.status == 0 && last.json["rows_migrated"]?.intValue == 992, "\(last.errText)")
        let decisions = try scene.sluice("show", id, "--json").json["decisions"]?.arrayValue ?? []
        let said = decisions.map {
            "\($0["stage"]?.stringValue ?? "") \($0["decision"]?.stringValue ?? "") \($0["reason"]?.stringValue ?? "")"
        }
        #expect(said == ["ANALYSIS accept known duplicates", "MIGRATION accept "])
    }

    @Test("A decision at another gate than the one that holds is refused")
    func wrongGate() throws {
        let scene = try Scene()
        let id = try held(scene)
        for stage in ["ingest", "mapping", "migration"] {
            let refused = try scene.sluice("decide", id, stage, "accept", "--json")
            #expect(refused.status == 1, "\(stage)")
            #expect(refused.json["error"]?["detail_id"]?.stringValue == "run.state", "\(stage)")
        }
        let state = try scene.sluice("show", id, "--json").json["state"]?.stringValue
        #expect(state == "held")
        #expect(try scene.sluice("decide", id, "analysis", "perhaps", "--json").status == 2)
        #expect(try scene.sluice("decide", id, "nowhere", "accept", "--json").status == 2)
    }

    @Test("A rejected run fails and writes nothing")
    func reject() throws {
        let scene = try Scene()
        let id = try held(scene)
        let answer = try scene.sluice("decide", id, "analysis", "reject", "--reason", "mend it first", "--json")
        #expect(answer.status == 0 && answer.json["state"]?.stringValue == "failed")
        let state = try scene.sluice("show", id, "--json").json["state"]?.stringValue
        let rows = try scene.count("t.db", "customers")
        #expect(state == "failed" && rows == 0)
        let again = try scene.sluice("decide", id, "analysis", "accept", "--json")
        #expect(again.status == 1 && again.json["error"]?["detail_id"]?.stringValue == "run.state")
    }

    @Test("A rejection at the confirmation cannot be resumed away")
    func rejectConfirmation() throws {
        let scene = try Scene()
        let id = try held(scene)
        _ = try scene.sluice("decide", id, "analysis", "accept", "--json")
        #expect(try scene.sluice("resume", id, "--json").status == 3)
        #expect(try scene.sluice("decide", id, "migration", "reject", "--json").status == 0)
        let resumed = try scene.sluice("resume", id, "--yes", "--json")
        #expect(
            resumed.status == 1 && resumed.json["error"]?["detail_id"]?.stringValue == "run.state", "\(resumed.outText)"
        )
        let rows = try scene.count("t.db", "customers")
        #expect(rows == 0)
    }

    @Test("Stopping a run that waits takes the place of no decision", arguments: [false, true])
    func stopIsNoDecision(atConfirmation: Bool) throws {
        let scene = try Scene()
        let id = try held(scene)
        if atConfirmation {
            _ = try scene.sluice("decide", id, "analysis", "accept", "--json")
            #expect(try scene.sluice("resume", id, "--json").status == 3)
        }
        let stopped = try scene.sluice("stop", id, "--json")
        #expect(
            stopped.status == 1 && stopped.json["error"]?["detail_id"]?.stringValue == "run.state", "\(stopped.outText)"
        )
        let resumed = try scene.sluice("resume", id, "--json")
        let stage = atConfirmation ? "MIGRATION" : "ANALYSIS"
        #expect(resumed.status == 3 && resumed.json["hold"]?["stage"]?.stringValue == stage, "\(resumed.outText)")
        let rows = try scene.count("t.db", "customers")
        #expect(rows == 0)
    }

    @Test("A decision shows at once in state, stage, hold and summary, and in what comes next")
    func decisionIsWhole() throws {
        let scene = try Scene()
        let id = try held(scene)
        let answer = try scene.sluice("decide", id, "analysis", "accept", "--json").json
        let shown = try scene.sluice("show", id, "--json").json
        let token = shown["hold"]?["token"]?.stringValue ?? "none"
        #expect(answer["state"] == "held")
        #expect(answer["next"] == .string("sluice decide \(id) migration accept --seen \(token)"))
        #expect(shown["state"] == "held" && shown["hold"]?["stage"] == "MIGRATION")
        #expect(shown["hold"]?["kind"] == "confirmation")
        let listed = try scene.sluice("runs", "--json").json["runs"]?.arrayValue?.first
        #expect(listed?["state"] == "held" && listed?["stage"] == "MIGRATION")
        let stages = shown["stages"]?.arrayValue ?? []
        let analysis = stages.first { $0["stage"] == "ANALYSIS" }
        #expect(analysis?["human_decision"]?["decision"] == "accept")
        let decision = shown["decisions"]?.arrayValue?.first
        #expect(decision?["artifact"] == shown["artifacts"]?["analysis_report"])
        let event = try scene.sluice("ledger", id, "--json").jsonLines.last
        #expect(event?["note"]?["event"] == "human_decision" && event?["decision"] == "accept")
    }

    @Test("A rejected run has no next command")
    func rejectHasNoNext() throws {
        let scene = try Scene()
        let id = try held(scene)
        let answer = try scene.sluice("decide", id, "analysis", "reject", "--json").json
        #expect(answer["state"] == "failed" && answer["next"] == .null)
        let shown = try scene.sluice("show", id, "--json").json
        #expect(shown["hold"] == .null && shown["state"] == "failed")
        let other = try Scene()
        let people = try other.sluice("decide", try held(other), "analysis", "reject")
        #expect(people.status == 0 && !people.outText.contains("resume"), "\(people.outText)")
    }

    @Test("Every artifact is listed under the stage that made it")
    func artifactStages() throws {
        let scene = try Scene()
        try MainJobTests.target(scene)
        let id = try #require(try MainJobTests.migrate(scene).json["run_id"]?.stringValue)
        let listed = try scene.sluice("artifacts", id, "--json").json["artifacts"]?.arrayValue ?? []
        let stages = listed.map { "\($0["stage"]?.stringValue ?? "") \($0["kind"]?.stringValue ?? "")" }
        #expect(
            stages == [
                "INGEST catalog", "INGEST sample_pack", "DOMAINS domain_assignments", "MAPPING mapping_plan",
                "ANALYSIS analysis_report", "MIGRATION migration_run",
            ])
    }

    @Test(
        "A required column that is empty more often than null_rate_max holds Analysis by its name", arguments: [1, 4])
    func emptyRequired(_ percent: Int) throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT)")
        let rows = (1...100).map {
            "\($0),\($0 % 25 == 3 && $0 <= 25 * percent ? "" : "Person \($0)"),p\($0)@example.com"
        }
        try scene.write("people.csv", "id,name,email\n" + rows.joined(separator: "\n") + "\n")
        var run = try scene.sluice("run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--json")
        let id = try #require(run.json["run_id"]?.stringValue, "\(run.errText)")
        if run.json["hold"]?["stage"] == "MAPPING" {
            _ = try scene.sluice("decide", id, "mapping", "accept", "--json")
            run = try scene.sluice("resume", id, "--json")
        }
        let hold = run.json["hold"]
        #expect(run.status == 3)
        guard percent == 4 else {
            #expect(hold?["stage"] == "MIGRATION" && hold?["kind"] == "confirmation", "\(run.outText)")
            return
        }
        #expect(hold?["stage"] == "ANALYSIS" && hold?["kind"] == "thresholds", "\(run.outText)")
        let reasons = (hold?["reasons"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(reasons.count == 1)
        #expect(reasons.first?.hasPrefix("name: 4 % of the rows have no value") == true, "\(reasons)")
        let report = try #require(run.json["artifacts"]?["analysis_report"]?.stringValue)
        let fixes = try scene.sluice("artifact", report, "--json").json["body"]?["content"]?["recommended_fixes"]
        #expect(fixes?.arrayValue?.count == 1)
    }

    @Test("metadata_only ends with a plan: no row is read, the target stays as it is")
    func metadataOnly() throws {
        let scene = try Scene()
        try MainJobTests.target(scene)
        let before = try Files.read(scene.path("t.db"))
        let run = try scene.sluice(
            "run", "--mode", "metadata_only", "--lhs", "csv:" + MainJobTests.source, "--rhs", "sqlite:t.db#customers",
            "--yes", "--json")
        try #require(run.status == 0, "\(run.outText)\(run.errText)")
        #expect(run.json["artifacts"]?["migration_dry_run"]?.stringValue?.count == 64)
        #expect(run.json["artifacts"]?["sample_pack"] == nil)
        let after = try Files.read(scene.path("t.db"))
        #expect(before == after)
        try expectNoCell(in: Scene.files(below: scene.home))
    }

    @Test("metadata_only reads nothing behind the header: rows that differ give the same artifacts")
    func metadataOnlyReadsNoRow() throws {
        func artifacts(_ rows: String) throws -> JSON? {
            let scene = try Scene()
            try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
            try scene.write("people.csv", "id,name,email\n" + rows)
            let run = try scene.sluice(
                "run", "--mode", "metadata_only", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--json")
            try #require(run.status == 0, "\(run.outText)\(run.errText)")
            return run.json["artifacts"]
        }
        let good = try artifacts("1,Ada,ada@example.com\n2,Bob,bob@example.com\n")
        // What could not even be parsed is not looked at either.
        let bad = try artifacts("\u{0}\u{1}\"never closed,,,,\n")
        let none = try artifacts("")
        #expect(good != nil && good == bad && good == none)
    }

    /// Cells of the sample that are words of their own.
    private func expectNoCell(in files: [String: [UInt8]]) throws {
        let lines = String(decoding: try Files.read(MainJobTests.source), as: UTF8.self).split(separator: "\n")
            .dropFirst()
        let cells = Set(lines.prefix(200).flatMap { $0.split(separator: ",") }.filter { $0.utf8.count >= 8 })
        #expect(cells.count > 300)
        for (name, bytes) in files {
            for cell in cells {
                let found = Bytes.contains(String(cell), in: bytes)
                #expect(!found, "\(name) holds a cell")
            }
        }
    }

    @Test("--explain shows the lane's rule and starts nothing")
    func explain() throws {
        let scene = try Scene()
        try MainJobTests.target(scene)
        let shown = try scene.sluice(
            "run", "--lhs", "csv:" + MainJobTests.source, "--rhs", "sqlite:t.db#customers", "--explain", "--json")
        #expect(shown.status == 0)
        #expect(
            shown.json["lane"]?["lane"]?.stringValue == "interactive"
                && shown.json["lane"]?["rule"]?.stringValue == "R9")
        let rules = shown.json["rules"]?.arrayValue ?? []
        #expect(rules.count >= 8)
        let people = try scene.sluice(
            "run", "--lhs", "csv:" + MainJobTests.source, "--rhs", "sqlite:t.db#customers", "--explain", "--lane",
            "batch")
        #expect(people.status == 0 && people.outText.contains("R8"))
        let runs = try scene.sluice("runs", "--json").json["runs"]?.arrayValue
        #expect(runs == [])
        let files = Scene.files(below: scene.home + "/artifacts")
        #expect(files.isEmpty)
    }
}
