import Foundations
import TestSupport
import Testing

/// Answers of providers are kept, and nothing but time shows it.
@Suite("The cache", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct CacheTests {
    static let provider = "sluice.provider.local@0.1.0"

    private func scene(columns: String = "id,name,email") throws -> Scene {
        let scene = try Scene()
        let row = columns.split(separator: ",").map { $0 == "email" ? "p@example.com" : "5" }.joined(separator: ",")
        try scene.write(
            "people.csv", "\(columns)\n" + (1...20).map { "\($0)\(row.dropFirst())" }.joined(separator: "\n"))
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, mail TEXT)")
        return scene
    }

    /// A run of its own each time, up to its confirmation.
    private func run(_ scene: Scene, _ key: String, _ more: [String] = [], home: String? = nil) throws -> Finished {
        try scene.start(
            ["run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--idempotency-key", key, "--json"]
                + more,
            home: home
        ).wait()
    }

    private func counts(_ run: Finished) -> [String: Int64] {
        (run.json["cache"]?.objectValue ?? [:]).compactMapValues(\.intValue)
    }

    private static let cold: [String: Int64] = ["hits": 1, "misses": 3, "bypassed": 0]
    private static let warm: [String: Int64] = ["hits": 4, "misses": 0, "bypassed": 0]
    private static let bypassed: [String: Int64] = ["hits": 0, "misses": 0, "bypassed": 4]

    @Test("A second run over the same data starts no provider, and makes the same artifacts")
    func second() throws {
        let scene = try scene()
        let first = try run(scene, "a")
        #expect(first.status == 3 && counts(first) == Self.cold, "\(first.outText)\(first.errText)")
        let wire = scene.path("wire")
        try Files.makeFolder(wire)
        if Stage.hasHooks { scene.environment["SLUICE_RECORD_WIRE"] = wire }
        let second = try run(scene, "b")
        #expect(second.status == 3 && counts(second) == Self.warm, "\(second.outText)\(second.errText)")
        #expect(first.json["run_id"] != second.json["run_id"])
        #expect(first.json["artifacts"] == second.json["artifacts"])
        let plugins = [first, second].map {
            $0.json["isolation"]?["plugins"]?.arrayValue?.compactMap(\.stringValue) ?? []
        }
        #expect(plugins[0].contains(Self.provider) && !plugins[1].contains(Self.provider))
        let sent = Scene.files(below: wire).keys.filter { $0.hasPrefix("provider-") }
        #expect(sent.isEmpty)

        let id = try #require(second.json["run_id"]?.stringValue)
        let asked = try scene.sluice("ledger", id, "--json").jsonLines.filter {
            ["DOMAINS", "MAPPING"].contains($0["stage"]?.stringValue)
        }
        let stages = asked.map { $0["note"]?["cache"]?["hits"] }
        #expect(stages == [2, 2])
        for event in asked {
            #expect(event["token_estimate"]?.intValue ?? 0 > 0 && event["token_actual"] == 0)
            #expect(event["provider"] == .string(Self.provider) && event["pii_mask_applied"] == true)
        }
        // What is cached says nothing of the texts.
        let bodies = try scene.rows("home/sluice.db", "SELECT hex(body) FROM response_cache").map { $0[0] }
        let name = Hex.encode(Array("email".utf8)).uppercased()
        let tells = bodies.contains { $0.contains(name) }
        #expect(bodies.count == 3 && !tells)
    }

    @Test("No body of an artifact counts hits")
    func bodies() throws {
        let scene = try scene()
        for key in ["a", "b"] { _ = try run(scene, key) }
        for (name, bytes) in Scene.files(below: scene.home + "/artifacts") {
            let tells = ["\"hits\"", "\"misses\"", "bypassed"].contains { Bytes.contains($0, in: bytes) }
            #expect(!tells, "\(name)")
        }
    }

    // Another mode or source changes more than one field of the key; each field alone is a matter of the key's own tests.
    @Test("Another lane, scope or locale asks anew", arguments: ["lane", "scope", "locale"])
    func others(_ what: String) throws {
        let scene = try scene()
        func document(_ more: [String: JSON]) -> JSON {
            Contracts.document(
                lhs: "csv:" + scene.path("people.csv"), rhs: "sqlite:\(scene.path("t.db"))#people",
                mode: "data_mode", more)
        }
        try scene.write("a.json", document(["idempotency_key": "a"]).canonicalText)
        let first = try scene.sluice("run", "a.json", "--json")
        #expect(counts(first) == Self.cold)
        var more: [String: JSON] = ["idempotency_key": "b"]
        switch what {
        case "lane": more["lane_hint"] = "flex"
        case "scope": more["cache_scope"] = ["run": "mine", "tab": "", "filters": [:]]
        case "locale": scene.environment["LC_ALL"] = "de_DE.UTF-8"
        default: break
        }
        try scene.write("b.json", document(more).canonicalText)
        let second = try scene.sluice("run", "b.json", "--json")
        #expect(second.status != 1 && counts(second) == Self.cold, "\(second.outText)\(second.errText)")
    }

    @Test("--fresh asks the provider, and what it answers is cached anew; the contract stays the same")
    func fresh() throws {
        let scene = try scene()
        let first = try run(scene, "a")
        try scene.database("home/sluice.db", "UPDATE response_cache SET body = x'00'")
        let second = try run(scene, "b", ["--fresh"])
        #expect(second.status == 3 && counts(second) == Self.bypassed, "\(second.outText)")
        #expect(second.json["artifacts"] == first.json["artifacts"])
        let third = try run(scene, "c")
        #expect(counts(third) == Self.warm)
        // The same request, fresh or not, is the same run.
        let times = ["--created-at", "2026-01-31T12:00:00Z"]
        let plain = try run(scene, "d", times)
        let again = try run(scene, "d", times + ["--fresh"])
        #expect(plain.json["run_id"] == again.json["run_id"] && plain.json["run_id"] != nil)
    }

    /// Lets Mapping run again.
    private func fix(_ scene: Scene, _ run: String) throws {
        let shown = try scene.sluice("show", run, "--json").json
        let stage = try #require(shown["hold"]?["stage"]?.stringValue)
        let decided = try scene.sluice("decide", run, stage, "fix", "--json")
        try #require(decided.status == 0, "\(decided.outText)")
    }

    @Test("A resume is answered from the cache, and with --fresh by the provider")
    func resumed() throws {
        let scene = try scene()
        try scene.database("t.db", "ALTER TABLE people ADD COLUMN zzqx TEXT NOT NULL DEFAULT ''")
        let first = try run(scene, "a")
        let id = try #require(first.json["run_id"]?.stringValue)
        #expect(first.status == 3, "\(first.outText)")
        try fix(scene, id)
        let plain = try scene.sluice("resume", id, "--json")
        #expect(counts(plain) == ["hits": 4, "misses": 2, "bypassed": 0], "\(plain.outText)")
        try fix(scene, id)
        let fresh = try scene.sluice("resume", id, "--fresh", "--json")
        #expect(counts(fresh)["bypassed"] == 4, "\(fresh.outText)")
        #expect(
            first.json["artifacts"] == plain.json["artifacts"] && plain.json["artifacts"] == fresh.json["artifacts"])
    }

    @Test("A damaged, unreadable or missing cache is a miss and never a failure")
    func damaged() throws {
        let scene = try scene()
        let first = try run(scene, "a")
        try scene.database("home/sluice.db", "UPDATE response_cache SET body = zeroblob(length(body))")
        let damaged = try run(scene, "b")
        #expect(damaged.status == 3 && counts(damaged) == Self.cold, "\(damaged.outText)")
        try scene.database("home/sluice.db", "DROP TABLE response_cache_runs; DROP TABLE response_cache")
        let missing = try run(scene, "c")
        #expect(missing.status == 3 && counts(missing)["hits"] == 0, "\(missing.outText)\(missing.errText)")
        #expect(first.json["artifacts"] == damaged.json["artifacts"])
        #expect(first.json["artifacts"] == missing.json["artifacts"])
    }

    @Test("A disk that is full when an answer is to be kept costs the answer alone", .enabled(if: Stage.hasHooks))
    func full() throws {
        let scene = try scene()
        let places = (1...3).flatMap { n in ["before", "middle"].map { "store.cache_put.\($0)@\(n)=enospc" } }
        scene.environment["SLUICE_FAILPOINT"] = places.joined(separator: ",")
        let first = try run(scene, "a")
        #expect(first.status == 3, "\(first.outText)\(first.errText)")
        scene.environment["SLUICE_FAILPOINT"] = "store.cache_hit.middle=eio"
        let second = try run(scene, "b")
        #expect(second.status == 3, "\(second.outText)\(second.errText)")
        #expect(first.json["artifacts"] == second.json["artifacts"])
    }

    @Test("What a token budget allows does not depend on the cache")
    func budget() throws {
        let scene = try scene()
        func asked(_ run: Finished, _ home: String) throws -> Int64 {
            let id = try #require(run.json["run_id"]?.stringValue)
            let events = try scene.sluice("ledger", id, "--json", home: scene.path(home)).jsonLines
            return events.reduce(Int64(0)) { $0 + ($1["token_estimate"]?.intValue ?? 0) }
        }
        let needed = try asked(try run(scene, "a", home: scene.path("warm")), "warm")
        // One token too few for the last request, but enough for each.
        let cap = needed - 1
        func small(_ home: String) throws -> Finished {
            let caps: JSON = ["tokens": .int(cap), "usd": 0, "wall_time_s": 3600]
            let document = Contracts.document(
                lhs: "csv:" + scene.path("people.csv"), rhs: "sqlite:\(scene.path("t.db"))#people",
                ["budget_caps": caps])
            try scene.write("small.json", document.canonicalText)
            return try scene.sluice("run", "small.json", "--json", home: scene.path(home))
        }
        let cold = try small("cold")
        let warm = try small("warm")
        #expect(cold.json["artifacts"] == warm.json["artifacts"] && cold.status == 3)
        let used = (try asked(cold, "cold"), try asked(warm, "warm"))
        #expect(used.0 == used.1 && used.0 < needed && counts(warm)["misses"] == 0)
    }

    @Test("A header that passes off personal data is never cached")
    func heavy() throws {
        let scene = try scene(columns: "1000200030,ann@example.com,email")
        for key in ["a", "b"] {
            let run = try run(scene, key, ["--mode", "metadata_only"])
            let found = counts(run)
            #expect((found["bypassed"] ?? 0) >= 1, "\(run.outText)\(run.errText)")
        }
        let bodies = try scene.rows("home/sluice.db", "SELECT count(*) FROM response_cache")
        // The aliases, and perhaps the target's columns.
        #expect(bodies == [["1"]] || bodies == [["2"]])
    }

    @Test("A refusal for good is kept for a while, one for now is not", arguments: ["teapot", "busy"])
    func refused(_ column: String) throws {
        let scene = try scene(columns: "id,\(column),email")
        try scene.copyStage()
        try scene.replacePlugin("sluice.provider.local", byFixture: "refusing_provider")
        let wire = scene.path("wire")
        try Files.makeFolder(wire)
        if Stage.hasHooks { scene.environment["SLUICE_RECORD_WIRE"] = wire }
        func asked() -> Int {
            let files = Scene.files(below: wire)
            Scene.removeTree(wire)
            try? Files.makeFolder(wire)
            return files.keys.count { $0.hasPrefix("provider-") }
        }
        let first = try run(scene, "a")
        #expect(first.status == 1 && first.json["error"]?["detail_id"] == "plugin.failed", "\(first.outText)")
        let id = try #require(first.json["run_id"]?.stringValue)
        let before = asked()
        let second = try scene.sluice("resume", id, "--json")
        #expect(second.status == 1)
        #expect(second.json["error"]?["message"] == first.json["error"]?["message"])
        let again = asked()
        let fresh = try scene.sluice("resume", id, "--fresh", "--json")
        let afresh = asked()
        #expect(fresh.status == 1 && fresh.json["error"]?["detail_id"] == "plugin.failed")
        let isKept = column == "teapot"
        #expect(second.json["error"]?["hint"]?.stringValue?.contains("--fresh") == isKept)
        if Stage.hasHooks {
            #expect(before > 0 && afresh > 0)
            #expect((again == 0) == isKept)
        }
        let kept = try scene.rows("home/sluice.db", "SELECT kind FROM response_cache")
        #expect(kept == (isKept ? [["refusal"]] : []))
    }
}

extension Scene {
    fileprivate func textOf(_ name: String) throws -> String {
        String(decoding: try Files.read(path(name)), as: UTF8.self)
    }
}
