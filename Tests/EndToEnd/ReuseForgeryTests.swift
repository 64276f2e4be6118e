import Foundations
import TestSupport
import Testing

/// Somebody who can write the home's database and has no key cannot make a Mapping Plan good for reuse.
@Suite("Reuse and the ledger", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct ReuseForgeryTests {
    /// The edit, with all triggers out of its way.
    private func edit(_ scene: Scene, _ sql: String) throws {
        let triggers = try scene.rows("home/sluice.db", "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        let made = try scene.rows("home/sluice.db", "SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
        // They are put back: who looks for them finds them.
        let drop = triggers.map { "DROP TRIGGER \($0[0]);" }.joined()
        try scene.database("home/sluice.db", drop + sql + ";" + made.map { "\($0[0]);" }.joined())
    }

    private func refused(
        _ scene: Scene, _ plan: String, _ words: String, detail: String = "artifact.reuse", status: Int32 = 1,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try scene.rows("home/sluice.db", "SELECT count(*) FROM runs")
        let run = try ReuseTests.migrate(scene, "june.csv", "--plan", plan)
        #expect(
            run.status == status && ReuseTests.detail(run) == detail, "\(run.outText)", sourceLocation: sourceLocation)
        #expect(ReuseTests.words(run).contains(words), "\(ReuseTests.words(run))", sourceLocation: sourceLocation)
        let checked = try scene.sluice(
            "policy", "check", "--lhs", "csv:june.csv", "--rhs", "sqlite:t.db#people", "--plan", plan, "--json")
        #expect(checked.status == 4 && checked.outText.contains(words), sourceLocation: sourceLocation)
        #expect(try scene.rows("home/sluice.db", "SELECT count(*) FROM runs") == before, sourceLocation: sourceLocation)
    }

    /// April's home, and files of May and June.
    private func home() throws -> (scene: Scene, run: String, plan: String) {
        let scene = try Scene()
        let copied = try scene.run("/bin/cp", ["-r", Stage.repository + "/registry", scene.path("registry")])
        try #require(copied.status == 0)
        scene.environment["SLUICE_REGISTRY"] = scene.path("registry")
        let (run, plan) = try ReuseTests.april(scene)
        try scene.write("may.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(100..<160, date: "15.03.2024"))")
        try scene.write("june.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(200..<260))")
        return (scene, run, plan)
    }

    /// Another catalog and policy.
    private func renew(_ scene: Scene, _ version: String) throws {
        for (file, key) in [
            ("domains/catalog.json", "catalog_version"), ("policies/pm_default_v1.json", "policy_version"),
        ] {
            let path = scene.path("registry/\(file)")
            var members = try #require(try JSONParser.parse(try Files.read(path)).objectValue)
            members[key] = .string(version)
            try Files.writeAtomically(JSON.object(members).canonicalBytes, to: path)
        }
    }

    @Test("A rejected plan is not accepted by a row", arguments: ["reject", "fix", nil])
    func insertedDecision(word: String?) throws {
        let (scene, _, april) = try home()
        let held = try ReuseTests.migrate(scene, "may.csv", "--plan", april)
        let id = try #require(held.json["run_id"]?.stringValue, "\(held.outText)")
        let plan = try ReuseTests.plan(held)
        try #require(held.status == 3 && plan != april)
        if let word { #expect(try scene.sluice("decide", id, "mapping", word, "--reason", "no").status == 0) }
        let said = ["reject": "rejected it at MAPPING", "fix": "was not accepted at the Mapping gate"]
        try refused(scene, plan, said[word ?? "fix"] ?? "")
        try edit(
            scene,
            """
            INSERT INTO gate_decisions (run_id, stage, decision, actor, reason, timestamp_utc, artifact_hash)
            VALUES ('\(id)', 'MAPPING', 'accept', 'root', '', '2026-01-31T12:00:00.000Z', '\(plan)')
            """)
        try refused(scene, plan, "the decision “accept” at MAPPING by root has no event in its ledger")
        let promoted = try scene.sluice("artifacts", "promote", plan, "--reason", "r", "--json")
        #expect(ReuseTests.detail(promoted) == "artifact.reuse", "\(promoted.outText)")
    }

    @Test("A body that nobody made is not a run's plan because a row says so")
    func forgedBody() throws {
        let (scene, run, plan) = try home()
        let path = "home/artifacts/\(plan.prefix(2))/\(plan).json"
        let body = String(decoding: try Files.read(scene.path(path)), as: UTF8.self)
            .replacing("\"confidence\":1,", with: "\"confidence\":0.5,")
        let forged = SHA256.hash(Array(body.utf8)).hex
        try #require(forged != plan)
        try Files.makeFolder(scene.path("home/artifacts/\(forged.prefix(2))"))
        try scene.write("home/artifacts/\(forged.prefix(2))/\(forged).json", body)
        try refused(scene, forged, "No run of this home has the Mapping Plan")
        try edit(
            scene,
            "UPDATE run_artifacts SET artifact_hash = '\(forged)' WHERE kind = 'mapping_plan' AND run_id = '\(run)'")
        try refused(scene, forged, "its mapping_plan in the store is \(forged.prefix(12))…")
        // Nor with a row of its own for another run.
        try edit(
            scene,
            "UPDATE run_artifacts SET artifact_hash = '\(plan)' WHERE kind = 'mapping_plan' AND run_id = '\(run)'")
        let good = try ReuseTests.migrate(scene, "june.csv", "--plan", plan)
        #expect(good.status == 0, "\(good.outText)")
    }

    @Test("A promotion that this home did not make is refused by name, and so is one that was changed")
    func forgedPromotion() throws {
        let (scene, _, plan) = try home()
        try renew(scene, "1.1.0")
        let promoted = try scene.sluice("artifacts", "promote", plan, "--reason", "looked", "--json")
        #expect(promoted.json["status"] == "promoted", "\(promoted.outText)")
        try renew(scene, "1.2.0")
        try refused(scene, plan, "was made under other versions", detail: "artifact.version", status: 4)
        // What a run of the present versions is pinned to, as a promotion has it.
        let run = try ReuseTests.migrate(scene, "april.csv")
        let id = try #require(run.json["run_id"]?.stringValue, "\(run.outText)")
        var wanted = try #require(try scene.sluice("show", id, "--json").json["versions"]?.objectValue)
        wanted["roadmap_version"] = nil
        let versions = JSON.object(wanted).canonicalText
        // The new run has another plan only if it was mapped otherwise; its own versions must not be what lends.
        let hidden = "DELETE FROM run_artifacts WHERE run_id = '\(id)'"
        try edit(
            scene,
            """
            \(hidden);
            CREATE TABLE forged AS SELECT * FROM artifact_promotions;
            UPDATE forged SET seq = 2, actor = 'root', to_versions = '\(versions)';
            INSERT INTO artifact_promotions SELECT * FROM forged; DROP TABLE forged
            """)
        try refused(scene, plan, "by root at", detail: "artifact.promotion", status: 4)
        try edit(
            scene,
            """
            DELETE FROM artifact_promotions WHERE seq = 2; UPDATE artifact_promotions SET to_versions = '\(versions)'
            """)
        try refused(scene, plan, "was not made by this home", detail: "artifact.promotion", status: 4)
        let again = try scene.sluice("artifacts", "promote", plan, "--reason", "r", "--json")
        #expect(again.status == 4 && ReuseTests.detail(again) == "artifact.promotion", "\(again.outText)")
    }

    @Test("The versions of a plan are those of its run's first event, whatever the envelope says")
    func editedEnvelope() throws {
        let (scene, run, plan) = try home()
        try renew(scene, "1.1.0")
        try refused(scene, plan, "was made under other versions", detail: "artifact.version", status: 4)
        let other = try ReuseTests.migrate(scene, "may.csv")
        let id = try #require(other.json["run_id"]?.stringValue, "\(other.outText)")
        let versions = try #require(try scene.sluice("show", id, "--json").json["versions"]).canonicalText
        try edit(
            scene,
            """
            UPDATE run_artifacts SET envelope = json_set(envelope, '$.versions', json('\(versions)'))
            WHERE run_id = '\(run)'
            """)
        try refused(scene, plan, "was made under other versions", detail: "artifact.version", status: 4)
        try edit(scene, "UPDATE runs SET versions = '\(versions)' WHERE run_id = '\(run)'")
        try refused(scene, plan, "are not those that it was created with")
    }

    @Test("A run that was rejected at its confirmation, or sent back from there, lends no plan")
    func confirmation() throws {
        for (word, said) in [("reject", "rejected it at MIGRATION"), ("fix", "ready at MAPPING")] {
            let scene = try Scene()
            try scene.database("t.db", "CREATE TABLE people \(ReuseTests.shape)")
            try scene.write("april.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(1..<61))")
            try scene.write("june.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(200..<260))")
            let held = try scene.sluice("run", "--lhs", "csv:april.csv", "--rhs", "sqlite:t.db#people", "--json")
            let id = try #require(held.json["run_id"]?.stringValue, "\(held.outText)")
            try #require(held.json["hold"]?["kind"] == "confirmation", "\(held.outText)")
            let plan = try ReuseTests.plan(held)
            // While it waits there its Mapping gate has been passed.
            let lent = try scene.sluice(
                "policy", "check", "--lhs", "csv:june.csv", "--rhs", "sqlite:t.db#people", "--plan", plan, "--json")
            #expect(lent.status == 0, "\(lent.outText)")
            #expect(try scene.sluice("decide", id, "migration", word, "--reason", "wrong table").status == 0)
            try refused(scene, plan, said)
        }
    }
}
