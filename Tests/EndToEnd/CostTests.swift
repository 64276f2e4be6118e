import Foundations
import TestSupport
import Testing

/// What models would be asked, before anything is sent.
@Suite("The cost of a run", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct CostTests {
    private func scene() throws -> Scene {
        let scene = try Scene()
        let rows = (1...40).map { "\($0),Ada Lovelace \($0),p\($0)@example.com,\($0)" }
        try scene.write("people.csv", "id,name,email,q7\n" + rows.joined(separator: "\n") + "\n")
        try scene.database(
            "t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT, badge TEXT, shelf INTEGER)")
        return scene
    }

    private static let run = ["--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people"]

    @Test("It is told stage by stage, and leaves neither a run nor a request")
    func told() throws {
        let scene = try scene()
        let cost = try scene.start(["cost"] + Self.run + ["--json"]).wait()
        #expect(cost.status == 0, "\(cost.outText)\(cost.errText)")
        let stages = cost.json["stages"]?.arrayValue ?? []
        #expect(stages.compactMap { $0["stage"]?.stringValue } == ["DOMAINS", "MAPPING"])
        // The target has two columns that no source column serves; the default policy lets nobody be asked.
        #expect(stages.last?["questions"]?.intValue == 2, "\(cost.outText)")
        #expect(stages.last?["calls"]?["max"]?.intValue == 0 && stages.last?["holds"] == true)
        #expect(cost.json["absence"]?.stringValue?.contains("local completes no text") == true, "\(cost.outText)")
        #expect(cost.json["sent"]?.intValue == 0)
        let runs = try scene.sluice("runs", "--json")
        #expect(runs.json["runs"]?.arrayValue?.isEmpty == true, "\(runs.outText)")
        let ledger = try scene.sluice("ledger", cost.json["run_id"]?.stringValue ?? "", "--json")
        #expect(ledger.status != 0, "there is no run, hence no event of one")
        let people = try scene.start(["cost"] + Self.run).wait()
        #expect(people.status == 0 && people.outText.hasPrefix("Nothing was sent."), "\(people.outText)")
    }

    /// A provider that could be asked, on a port where nobody listens: an estimate sends nothing.
    private func allowModel(_ scene: Scene) throws {
        let shown = try scene.sluice("policy", "show", "--json")
        var manifest = shown.json["manifest"]?.objectValue ?? [:]
        manifest["policy_version"] = "9.0.0"
        manifest["providers"] = [
            "allow": ["local", "openai-compatible"], "deny": [],
            "endpoints": ["openai-compatible": ["api": "http://127.0.0.1:9/v1"]],
        ]
        manifest["egress"] = [
            "default": "deny", "allow": ["http://127.0.0.1:9"], "local": ["127.0.0.1"], "regions": [:],
        ]
        try scene.write("policy.json", bytes: JSON.object(manifest).canonicalBytes)
        let edit = try scene.sluice("policy", "edit", "policy.json", "--reason", "a server of our own")
        #expect(edit.status == 0, "\(edit.outText)\(edit.errText)")
    }

    @Test("The most has every question asked as often as it may be, and a plan of another run is no question")
    func most() throws {
        let scene = try scene()
        try allowModel(scene)
        let cost = try scene.start(["cost"] + Self.run + ["--json"]).wait()
        #expect(cost.status == 0, "\(cost.outText)\(cost.errText)")
        let mapping = cost.json["stages"]?.arrayValue?.last ?? .null
        let questions = mapping["questions"]?.intValue ?? 0
        #expect(questions == 2 && mapping["calls"]?["max"]?.intValue == 8, "\(cost.outText)")
        let tokens = mapping["candidates"]?.arrayValue?.first?["tokens"] ?? .null
        // The schema of a proposal is longer than its prompt: it is counted.
        #expect((tokens["expected"]?.intValue ?? 0) > 2 * 1_000, "\(tokens)")
        #expect((tokens["max"]?.intValue ?? 0) >= 4 * (tokens["min"]?.intValue ?? .max), "\(tokens)")
        let made = try scene.start(["run"] + Self.run + ["--json"]).wait()
        let hash = try #require(
            made.json["artifacts"]?["mapping_plan"]?.stringValue, "\(made.outText)\(made.errText)")
        let plan = try scene.start(["cost"] + Self.run + ["--plan", hash, "--json"]).wait()
        #expect(plan.status == 0, "\(plan.outText)\(plan.errText)")
        let reused = plan.json["stages"]?.arrayValue?.last ?? .null
        #expect(reused["questions"]?.intValue == 0 && reused["calls"]?["max"]?.intValue == 0)
        for candidate in reused["candidates"]?.arrayValue ?? [] {
            #expect(candidate["tokens"]?["max"]?.intValue == 0 && candidate["holds"] == true, "\(candidate)")
        }
    }

    @Test("What was said of the run of a contract is not said of reading it")
    func stopped() throws {
        let scene = try scene()
        let same = Self.run + ["--created-at", "2026-02-03T04:05:06Z"]
        let held = try scene.start(["run"] + same + ["--json"]).wait()
        let run = try #require(held.json["run_id"]?.stringValue, "\(held.outText)\(held.errText)")
        _ = try scene.sluice("stop", run)
        let cost = try scene.start(["cost"] + same + ["--json"]).wait()
        #expect(cost.status == 0, "\(cost.outText)\(cost.errText)")
        #expect(cost.json["run_id"]?.stringValue == run)
    }

    @Test("A bad contract is named, and ends with 2")
    func bad() throws {
        let scene = try scene()
        try scene.write("bad.json", "{\"mode\":\"data\"}")
        let cost = try scene.sluice("cost", "bad.json", "--json")
        #expect(cost.status == 2 && cost.json["error"]?["message"]?.stringValue?.contains("/mode") == true)
    }

    /// Without a model the rules decide as they always did, and the run says what it left to them.
    @Test("A run that may ask nobody goes on by the rules, and says so")
    func left() throws {
        let scene = try scene()
        let done = try scene.start(["run"] + Self.run + ["--yes", "--json"]).wait()
        let run = try #require(done.json["run_id"]?.stringValue, "\(done.outText)\(done.errText)")
        #expect(done.errText.contains("target columns are left to the rules, no model answered"), "\(done.errText)")
        let mapping = done.json["stages"]?.arrayValue?.first { $0["stage"] == "MAPPING" }
        #expect(mapping?["models"]?["questions"]?.intValue == 2 && mapping?["models"]?["asked"]?.intValue == 0)
        let events = try scene.sluice("ledger", run, "--json").jsonLines
        let finished = events.first { $0["stage"] == "MAPPING" && $0["note"]?["event"] == "stage_finished" }
        #expect(finished?["note"]?["models"] == mapping?["models"])
        let asked = events.contains { $0["note"]?["event"] == "inference" }
        #expect(!asked)
        let shown = try scene.sluice("show", run)
        #expect(shown.outText.contains("left to the rules"), "\(shown.outText)")
    }
}
