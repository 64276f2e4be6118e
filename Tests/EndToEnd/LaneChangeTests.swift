import Foundations
import TestSupport
import Testing

/// A run that goes on in another lane: policy is asked, the cache is dropped, the ledger tells it once.
@Suite("A change of lane", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct LaneChangeTests {
    private static let request = ["--created-at", "2026-01-31T12:00:00Z", "--json"]

    private func scene(rows: Int = 50) throws -> Scene {
        let scene = try Scene()
        try source(scene, rows: rows)
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        return scene
    }

    private func source(_ scene: Scene, rows: Int) throws {
        var bytes = Array("id,name,email\n".utf8)
        for row in 1...rows { bytes += Array("\(row),Person \(row),p\(row)@example.com\n".utf8) }
        try scene.write("people.csv", bytes: bytes)
    }

    /// Up to its confirmation.
    private func held(_ scene: Scene, _ more: [String] = []) throws -> String {
        let run = try scene.start(
            ["run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people"] + Self.request + more
        ).wait()
        try #require(run.status == 3, "\(run.outText)\(run.errText)")
        return try #require(run.json["run_id"]?.stringValue)
    }

    private func events(_ scene: Scene, _ id: String) throws -> [JSON] {
        try scene.sluice("ledger", id, "--json").jsonLines
    }

    private func lanes(_ scene: Scene, _ id: String) throws -> [String] {
        try events(scene, id).compactMap { $0["note"]?["event"]?.stringValue }.filter { $0.hasPrefix("lane_") }
    }

    private func cached(_ scene: Scene) throws -> [[String]] {
        try scene.rows("home/sluice.db", "SELECT lane, count(*) FROM response_cache GROUP BY lane ORDER BY lane")
    }

    @Test("A person's wish moves the run; answers of the old lane are gone, and one event tells who and why")
    func asked() throws {
        let plain = try scene()
        let plainID = try held(plain)
        let undisturbed = try plain.sluice("resume", plainID, "--yes", "--json")

        let scene = try scene()
        let id = try held(scene)
        let contract = try scene.sluice("show", id, "--json").json["contract_hash"]
        #expect(try cached(scene) == [["interactive", "2"]])
        let moved = try scene.sluice("resume", id, "--lane", "flex", "--json")
        #expect(moved.status == 3 && moved.json["lane"] == "flex", "\(moved.outText)\(moved.errText)")
        #expect(try cached(scene) == [])
        let event = try #require(try events(scene, id).last)
        let note = try #require(event["note"])
        #expect(event["stage"] == "SUPERVISOR" && event["decision"] == "accept")
        #expect(note["event"] == "lane_changed" && note["from"] == "interactive" && note["to"] == "flex")
        #expect(note["rule"] == "R8" && note["hint"] == "flex" && note["cache_entries_dropped"] == 2)
        #expect(note["inputs"]?["lane_hint"] == "flex" && note["inputs"]?["job_type"] == "migration")
        #expect(note["actor"]?.stringValue?.isEmpty == false)
        #expect(note["policy_rule"] == "rbac: Admin may create_run")

        // For the rest of the run, without being said again; and nothing is written twice.
        let before = try events(scene, id).count
        let again = try scene.sluice("resume", id, "--json")
        let said = try scene.sluice("resume", id, "--lane", "flex", "--json")
        #expect(again.json["lane"] == "flex" && said.json["lane"] == "flex")
        #expect(try events(scene, id).count == before)

        let done = try scene.sluice("resume", id, "--yes", "--json")
        #expect(done.status == 0 && done.json["lane"] == "flex", "\(done.outText)")
        #expect(try lanes(scene, id) == ["lane_chosen", "lane_changed"])
        #expect(done.json["rows_migrated"] == undisturbed.json["rows_migrated"])
        let shown = try scene.sluice("show", id, "--json").json
        #expect(shown["contract_hash"] == contract && shown["contract"]?["lane_hint"]?.stringValue == nil)
        let verified = try scene.sluice("ledger", id, "--verify", "--json")
        #expect(verified.status == 0)
        // A run that is done keeps its lane.
        let late = try scene.sluice("resume", id, "--lane", "batch", "--json")
        #expect(late.status == 0 && late.json["lane"] == "flex")
    }

    @Test("The bodies of artifacts do not depend on the lane")
    func bodies() throws {
        let scene = try scene()
        var found: [JSON?] = []
        for lane in ["interactive", "flex", "batch"] {
            let run = try scene.sluice(
                "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--lane", lane, "--json")
            #expect(run.status == 3 && run.json["lane"] == .string(lane))
            found.append(run.json["artifacts"])
        }
        #expect(found[0] == found[1] && found[1] == found[2])
    }

    @Test("A run that is resumed as it was writes nothing of lanes")
    func nothing() throws {
        let scene = try scene()
        let id = try held(scene)
        let before = try events(scene, id).count
        for _ in 0..<2 { _ = try scene.sluice("resume", id, "--json") }
        #expect(try events(scene, id).count == before)
        #expect(try lanes(scene, id) == ["lane_chosen"])
    }

    @Test("Policy is asked before the lane changes; when it denies, the run stays as it was")
    func denied() throws {
        let scene = try scene()
        let copied = try scene.run("/bin/cp", ["-r", Stage.repository + "/registry", scene.path("registry")])
        try #require(copied.status == 0)
        scene.environment["SLUICE_REGISTRY"] = scene.path("registry")
        let id = try held(scene)
        func standing() throws -> [[String]] {
            try scene.rows("home/sluice.db", "SELECT state, stage, lane, lane_inputs, summary, updated_at FROM runs")
                + scene.rows("home/sluice.db", "SELECT key, uses FROM response_cache ORDER BY key")
                + scene.rows("home/sluice.db", "SELECT hash FROM supervisor_ledger ORDER BY seq")
        }
        let before = try standing()
        let path = scene.path("registry/policies/pm_default_v1.json")
        let shipped = try Files.read(path)
        guard case .object(var manifest) = try JSONParser.parse(shipped) else { return }
        manifest["sample_caps"] = ["rows_max": 10, "bytes_max": 1024]
        try Files.writeAtomically(JSON.object(manifest).canonicalBytes, to: path)
        let refused = try scene.sluice("resume", id, "--lane", "flex", "--yes", "--json")
        #expect(refused.status == 4 && refused.json["error"]?["code"] == "POLICY_BLOCK", "\(refused.outText)")
        #expect(refused.json["error"]?["detail_id"] == "policy.denied")
        #expect(refused.json["error"]?["message"]?.stringValue?.contains("sample_caps") == true)
        #expect(try standing() == before)
        // In its own lane it is refused for its versions, which is another matter.
        let pinned = try scene.sluice("resume", id, "--yes", "--json")
        #expect(pinned.json["error"]?["detail_id"] == "run.mode_immutable")
        #expect(try standing() == before)
        try Files.writeAtomically(shipped, to: path)
        let resumed = try scene.sluice("resume", id, "--lane", "flex", "--yes", "--json")
        #expect(resumed.status == 0 && resumed.json["lane"] == "flex", "\(resumed.outText)")
    }

    @Test("A wish that the table does not grant is recorded; a source that is gone moves no run")
    func overridden() throws {
        let scene = try scene(rows: 300_000)
        let run = try scene.start(
            ["run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--sample-rows", "10"] + Self.request
        ).wait()
        let id = try #require(run.json["run_id"]?.stringValue, "\(run.outText)\(run.errText)")
        #expect(run.status == 3 && run.json["lane"] == "batch")
        for _ in 0..<2 {
            let asked = try scene.sluice("resume", id, "--lane", "interactive", "--json")
            #expect(asked.status == 3 && asked.json["lane"] == "batch", "\(asked.outText)")
        }
        #expect(try lanes(scene, id) == ["lane_chosen", "lane_hint"])
        let note = try events(scene, id).last?["note"]
        #expect(note?["choice"]?["hint_overridden"] == true && note?["rule"] == "R2" && note?["hint"] == "interactive")
        let answers = try cached(scene).first?.first
        #expect(answers == "batch")

        let moved = try scene.run("/bin/mv", [scene.path("people.csv"), scene.path("away.csv")])
        try #require(moved.status == 0)
        let gone = try scene.sluice("resume", id, "--json")
        #expect(gone.json["lane"] == "batch", "\(gone.outText)")
        #expect(try lanes(scene, id) == ["lane_chosen", "lane_hint"])
        // What is there in its place is small: the table says so, and the ledger as well.
        try source(scene, rows: 10)
        let small = try scene.sluice("resume", id, "--json")
        #expect(small.json["lane"] == "interactive")
        #expect(try lanes(scene, id) == ["lane_chosen", "lane_hint", "lane_changed"])
    }

    @Test(
        "Moved in the middle of its Migration, a run keeps the chunks that it has written", .enabled(if: Stage.hasHooks)
    )
    func migration() throws {
        let scene = try scene(rows: 500)
        let copied = try scene.run("/bin/cp", ["-r", Stage.repository + "/registry", scene.path("registry")])
        try #require(copied.status == 0)
        guard
            case .object(var profile) = try JSONParser.parse(
                try Files.read(scene.path("registry/thresholds/tp_default_v1.json")))
        else { return }
        profile["profile_id"] = "tp_small"
        profile["migration"] = ["batch_size": 100, "validation_checks": ["row_count", "checksum", "fk_check"]]
        try Files.writeAtomically(
            JSON.object(profile).canonicalBytes, to: scene.path("registry/thresholds/tp_small.json"))
        scene.environment["SLUICE_REGISTRY"] = scene.path("registry")
        scene.environment["SLUICE_FAILPOINT"] = "target.chunk.after@3=kill"
        let killed = try scene.start(
            ["run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--thresholds", "tp_small", "--yes"]
                + Self.request
        ).wait()
        #expect(killed.status == 128 + 9)
        scene.environment["SLUICE_FAILPOINT"] = nil
        let id = try #require(
            try scene.sluice("runs", "--json").json["runs"]?.arrayValue?.first?["run_id"]?.stringValue)
        let sql = "SELECT * FROM _sluice_checkpoints WHERE chunk BETWEEN 0 AND 2 ORDER BY chunk"
        let before = try scene.rows("t.db", sql)
        #expect(before.count == 3)
        let resumed = try scene.sluice("resume", id, "--lane", "batch", "--json")
        #expect(resumed.status == 0 && resumed.json["lane"] == "batch", "\(resumed.outText)\(resumed.errText)")
        #expect(resumed.json["rows_migrated"] == 500)
        let after = try scene.rows("t.db", sql)
        #expect(before == after)
        let rows = try scene.count("t.db", "people")
        #expect(rows == 500)
        #expect(try lanes(scene, id) == ["lane_chosen", "lane_changed"])
    }
}
