import Foundations
import TestSupport
import Testing

/// Plugins that somebody else wrote, compiled here and put beside ours: runs use them as they use ours.
@Suite("Checks of somebody else", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct ThirdPartyCheckTests {
    static let id = "acme.long_text"

    /// 40 people, one of whom has a name of more than 18 characters; columns beyond `more` have no place in the target.
    static func scene(_ more: String = "") throws -> Scene {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        let names = ["Bartholomew Featherstonehaugh"] + (2...40).map { "Ada \($0)" }
        let filler = more.isEmpty ? "" : String(repeating: ",", count: more.count(where: { $0 == "," }))
        let rows = names.enumerated().map { "\($0 + 1),\($1),p\($0)@example.com\(filler)" }
        try scene.write("people.csv", "id,name,email\(more)\n\(rows.joined(separator: "\n"))\n")
        return scene
    }

    static func check(_ longest: Int = 18, version: String = "1.0.0") -> ThirdParty {
        var check = ThirdParty(id, .check, fixture: "long_text_check")
        check.companions = ["length"]
        check.defines = ["LONGEST=\(longest)"]
        check.version = version
        return check
    }

    static func run(_ scene: Scene, _ more: String...) throws -> Finished {
        try scene.start(
            [
                "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--created-at", "2026-02-03T04:05:06Z",
                "--json",
            ]
                + more
        ).wait()
    }

    static func report(_ run: Finished, _ scene: Scene) throws -> JSON {
        let hash = try #require(run.json["artifacts"]?["analysis_report"]?.stringValue, "\(run.outText)\(run.errText)")
        return try scene.sluice("artifact", hash, "--json").json["body"]?["content"] ?? .null
    }

    @Test("What one finds is in the report under its name and bytes, and waits for a person")
    func holds() throws {
        let scene = try Self.scene()
        let hash = try scene.install(Self.check())
        let held = try Self.run(scene)
        #expect(held.status == 3 && held.json["hold"]?["stage"]?.stringValue == "ANALYSIS", "\(held.outText)")
        let reasons = held.json["hold"]?["reasons"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(reasons == ["acme.long_text: LONG_TEXT, count 1 (long_text_rate 0.025, no threshold is set)"])

        let report = try Self.report(held, scene)
        let checks = report["checks"]?.arrayValue ?? []
        let ids = checks.map { $0["check"]?.stringValue }
        #expect(ids == [Self.id, "sluice.check.completeness", "sluice.check.duplicates"])
        #expect(checks.first?["version"] == "1.0.0" && checks.first?["plugin_hash"] == .string(hash))
        #expect(checks.dropFirst().allSatisfy { $0["plugin_hash"] == nil })
        let finding = checks.first?["findings"]?.arrayValue?.first
        #expect(finding?["count"] == 1 && finding?["reason_code"] == "LONG_TEXT" && finding?["ordinals"] == [0])
        let fixes = report["recommended_fixes"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(fixes.count == 1 && fixes[0].contains("plugins.acme.long_text.long_text_rate"))

        let id = try #require(held.json["run_id"]?.stringValue)
        let created = try scene.sluice("ledger", id, "--json").jsonLines.first
        let pinned: JSON = [["id": .string(Self.id), "version": "1.0.0", "plugin_hash": .string(hash)]]
        #expect(created?["note"]?["plugins"] == ["checks": pinned])
        let shown = try scene.sluice("show", id, "--json").json
        #expect(shown["plugins"]?["checks"] == pinned)

        let decided = try scene.sluice("decide", id, "analysis", "accept")
        #expect(decided.status == 0, "\(decided.errText)")
        let done = try scene.sluice("resume", id, "--yes", "--json")
        #expect(done.status == 0 && done.json["rows_migrated"] == 40, "\(done.outText)")
    }

    @Test("One that finds nothing holds nothing, and without one an analysis is what it was")
    func passes() throws {
        let scene = try Self.scene()
        let without = try Self.run(scene, "--yes")
        try #require(without.status == 0, "\(without.outText)\(without.errText)")
        let plain = try Self.scene()
        try plain.install(Self.check(1000))
        // Of another kind: nothing of it reaches the artifacts of a run that does not use it.
        var connector = ThirdParty("acme.ltsv", .connector, fixture: "ltsv_connector")
        connector.source = ["schemes": ["ltsv"], "stream": "file"]
        try plain.install(connector)
        let with = try Self.run(plain)
        #expect(with.json["hold"]?["stage"]?.stringValue == "MIGRATION", "\(with.outText)")
        let report = try Self.report(with, plain)
        #expect(report["decision"] == "accept")
        let counts = report["checks"]?.arrayValue?.first?["findings"]?.arrayValue?.map { $0["count"] }
        #expect(counts == [0])
        for kind in ["catalog", "sample_pack", "domain_assignments", "mapping_plan"] {
            #expect(with.json["artifacts"]?[kind] == without.json["artifacts"]?[kind], "\(kind)")
        }
        // Its own report but for the check, and for who asked.
        let bare = try Self.report(without, scene)
        let standard = report["checks"]?.arrayValue?.dropFirst().map { $0 }
        #expect(standard == bare["checks"]?.arrayValue)
        try plain.uninstall(Self.id)
        let again = try plain.sluice(
            "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--json", "--created-at",
            "2026-02-03T04:05:07Z", "--yes")
        #expect(again.json["artifacts"]?["analysis_report"] == without.json["artifacts"]?["analysis_report"])
    }

    @Test("A threshold profile says how much of it is too much", arguments: [0.5, 0.01])
    func threshold(_ most: Double) throws {
        let scene = try Self.scene()
        try scene.install(Self.check())
        try scene.changeRegistry("thresholds/tp_default_v1.json") {
            $0["plugins"] = [Self.id: ["long_text_rate": .double(most)]]
        }
        let run = try Self.run(scene)
        let stage = run.json["hold"]?["stage"]?.stringValue
        #expect(stage == (most == 0.5 ? "MIGRATION" : "ANALYSIS"), "\(run.outText)\(run.errText)")
        let reason = run.json["hold"]?["reasons"]?.arrayValue?.first?.stringValue ?? ""
        if most == 0.01 {
            #expect(reason == "acme.long_text: LONG_TEXT, count 1 (long_text_rate 0.025, above plugins 0.01)")
        }
    }

    @Test("A run keeps to the checks that it was made with")
    func pinned() throws {
        // More than half of the columns have no place: Mapping holds.
        let scene = try Self.scene(",qqx,zzw,vvk,jjb")
        try scene.install(Self.check(1000))
        let held = try Self.run(scene)
        let id = try #require(held.json["run_id"]?.stringValue, "\(held.outText)\(held.errText)")
        #expect(held.json["hold"]?["stage"]?.stringValue == "MAPPING", "\(held.outText)")
        let decided = try scene.sluice("decide", id, "mapping", "accept")
        #expect(decided.status == 0)

        try scene.uninstall(Self.id)
        let gone = try scene.sluice("resume", id, "--json")
        #expect(gone.status == 1 && gone.json["error"]?["detail_id"] == "run.plugin", "\(gone.outText)")
        let message = gone.json["error"]?["message"]?.stringValue ?? ""
        #expect(message.contains("acme.long_text 1.0.0") && message.contains("no plugin"), "\(message)")
        let last = try scene.sluice("ledger", id, "--json").jsonLines.last
        #expect(last?["stage"] == "ANALYSIS" && last?["error_detail_id"] == "run.plugin")

        try scene.install(Self.check(1000, version: "1.1.0"))
        let changed = try scene.sluice("resume", id, "--json")
        let words = changed.json["error"]?["message"]?.stringValue ?? ""
        #expect(changed.status == 1 && words.contains("1.0.0 (") && words.contains("now it is 1.1.0 ("), "\(words)")

        // One that came later is not this run's.
        try scene.install(Self.check(1000))
        var later = ThirdParty("acme.later", .check, fixture: "long_text_check")
        later.companions = ["length"]
        try scene.install(later)
        let resumed = try scene.sluice("resume", id, "--json")
        #expect(resumed.json["hold"]?["stage"]?.stringValue == "MIGRATION", "\(resumed.outText)")
        let report = try Self.report(resumed, scene)
        let ids = report["checks"]?.arrayValue?.compactMap { $0["check"]?.stringValue } ?? []
        #expect(ids.contains(Self.id) && !ids.contains("acme.later"))

        // What a check has judged can be written without it.
        try scene.uninstall(Self.id)
        let done = try scene.sluice("resume", id, "--yes", "--json")
        #expect(done.status == 0 && done.json["rows_migrated"] == 40, "\(done.outText)\(done.errText)")
    }

    static let misbehaving = [
        ("abort_in_call", "DETERMINISTIC_FAILURE", "plugin.crashed"), ("hang", "TIMEOUT", "plugin.timeout"),
        ("loud_verdict", "DETERMINISTIC_FAILURE", "plugin.verdict"),
    ]

    @Test("One that dies, hangs or lies costs the run its stage", arguments: misbehaving)
    func misbehaves(_ fixture: String, _ code: String, _ detail: String) throws {
        let scene = try Self.scene()
        var check = ThirdParty("acme.bad", .check, fixture: fixture)
        check.usesKit = false
        check.wall = 2
        try scene.install(check)
        let run = try Self.run(scene, "--yes")
        #expect(run.status == 1 && run.json["state"] == "failed", "\(run.outText)")
        let error = run.json["error"]
        #expect(error?["code"]?.stringValue == code && error?["detail_id"]?.stringValue == detail, "\(run.outText)")
        #expect(error?["message"]?.stringValue?.contains("acme.bad") == true)
        let migrated = try scene.count("t.db", "people")
        #expect(migrated == 0)
    }

    @Test("One that asks for more than it was granted is refused before it sees a row")
    func asksTooMuch() throws {
        let scene = try Self.scene()
        var check = Self.check()
        check.companions = []
        try scene.install(check)
        let ungranted = try Self.run(scene, "--yes")
        #expect(ungranted.json["error"]?["detail_id"] == "plugin.verdict", "\(ungranted.outText)")
    }

    @Test("Near-duplicates and wrong values are found by companions, without a value")
    func nearDuplicates() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        let words = ["Ada Lovelace", "Grace Hopper", "Edsger Dijkstra", "Barbara Liskov", "Donald Knuth"]
        let towns = ["Trondheim", "Reykjavik", "Guadalajara", "Vladivostok"]
        var names = (0..<20).map { "\(words[$0 % 5]) of \(towns[$0 / 5])" }
        // Rows 20 and 21 are like rows 0 and 6.
        names += ["ADA  Lovelase of Trondheim", "Grace Hoper of Reykjavik"]
        var mails = names.indices.map { "p\($0)@example.com" }
        mails[3] = "p3.example.com"
        let rows = names.indices.map { "\($0 + 1),\(names[$0]),\(mails[$0])" }
        try scene.write("people.csv", "id,name,email\n\(rows.joined(separator: "\n"))\n")
        var check = ThirdParty("acme.near_duplicates", .check, fixture: "near_duplicates_check")
        check.companions = ["bloom", "valid"]
        try scene.install(check)
        let wire = scene.path("wire")
        try Files.makeFolder(wire)
        scene.environment["SLUICE_RECORD_WIRE"] = wire
        let held = try Self.run(scene)
        #expect(held.status == 3, "\(held.outText)\(held.errText)")
        let report = try Self.report(held, scene)
        let found = report["checks"]?.arrayValue?.first?["findings"]?.arrayValue ?? []
        let near = found.first { $0["metric"] == "near_dup_rate" }
        #expect(near?["count"] == 2 && near?["ordinals"] == [20, 21] && near?["columns"] == ["name"], "\(found)")
        let wrong = found.first { $0["metric"] == "wrong_rate" }
        #expect(wrong?["count"] == 1, "\(found)")
        for (name, bytes) in Scene.files(below: wire) where name.hasPrefix("check-acme") {
            for word in ["Lovelace", "Hopper", "example.com", "Trondheim"] {
                let isThere = Bytes.contains(word, in: bytes)
                #expect(!isThere, "\(name) holds \(word)")
            }
        }
    }
}

@Suite("Connectors of somebody else", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct ThirdPartyConnectorTests {
    static let lines = """
        id:1\tname:Ada Lovelace\temail:ada@example.com
        id:2\tname:Grace Hopper
        name:Jörg: Müller\temail:jm@example.com\tid:3
        """

    static func connector(_ id: String = "acme.ltsv", source: JSON = ["schemes": ["ltsv"], "stream": "file"])
        -> ThirdParty
    {
        var connector = ThirdParty(id, .connector, fixture: "ltsv_connector")
        connector.source = source
        return connector
    }

    static func scene() throws -> Scene {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        try scene.write("people.ltsv", lines + "\n")
        return scene
    }

    static func run(_ scene: Scene, _ lhs: String, _ more: String...) throws -> Finished {
        try scene.start(["run", "--lhs", lhs, "--rhs", "sqlite:t.db#people", "--json"] + more).wait()
    }

    @Test("A format that we do not know goes through the five gates by its scheme")
    func migrates() throws {
        let scene = try Self.scene()
        let hash = try scene.install(Self.connector())
        let held = try Self.run(scene, "ltsv:people.ltsv")
        let id = try #require(held.json["run_id"]?.stringValue, "\(held.outText)\(held.errText)")
        let stages = held.json["stages"]?.arrayValue?.compactMap { $0["stage"]?.stringValue } ?? []
        #expect(held.status == 3 && stages == ["INGEST", "DOMAINS", "MAPPING", "ANALYSIS"], "\(held.outText)")
        #expect(held.json["lhs"]?.stringValue == "ltsv:" + scene.path("people.ltsv"))
        let done = try scene.sluice("resume", id, "--yes", "--json")
        #expect(done.status == 0 && done.json["rows_in"] == 3, "\(done.outText)")
        let rows = try scene.rows("t.db", "SELECT id, name, email FROM people ORDER BY id")
        #expect(
            rows == [
                ["1", "Ada Lovelace", "ada@example.com"], ["2", "Grace Hopper", "∅"],
                ["3", "Jörg: Müller", "jm@example.com"],
            ])
        let catalog = try #require(done.json["artifacts"]?["catalog"]?.stringValue)
        let content = try scene.sluice("artifact", catalog, "--json").json["body"]?["content"]
        let pin: JSON = ["id": "acme.ltsv", "version": "1.0.0", "plugin_hash": .string(hash)]
        #expect(
            content?["connector"] == pin && content?["source"]?["format"] == "ltsv" && content?["table"] == "people")
    }

    @Test("A contract names it like any other file, and it is the run's for good")
    func contract() throws {
        let scene = try Self.scene()
        try scene.install(Self.connector())
        let held = try Self.run(scene, "LTSV:people.ltsv")
        let id = try #require(held.json["run_id"]?.stringValue, "\(held.outText)\(held.errText)")
        let contract = try #require(try scene.sluice("show", id, "--json").json["contract"])
        #expect(contract["lhs"]?["source"] == ["type": "file"])
        try scene.write("contract.json", bytes: contract.canonicalBytes)
        let checked = try scene.sluice("policy", "check", "contract.json", "--json")
        #expect(checked.status == 0 && checked.json["allowed"] == true, "\(checked.outText)")

        try scene.uninstall("acme.ltsv")
        let gone = try scene.sluice("resume", id, "--yes", "--json")
        let message = gone.json["error"]?["message"]?.stringValue ?? ""
        #expect(gone.json["error"]?["detail_id"] == "run.plugin" && message.contains("connector acme.ltsv 1.0.0"))
        try scene.install(Self.connector())
        let done = try scene.sluice("run", "contract.json", "--yes", "--json")
        #expect(done.status == 0 && done.json["run_id"]?.stringValue == id, "\(done.outText)\(done.errText)")
        // Behind the promotion nobody reads the source any more.
        try scene.uninstall("acme.ltsv")
        let again = try scene.sluice("resume", id, "--json")
        #expect(again.status == 0 && again.json["state"] == "done", "\(again.outText)")
    }

    @Test("A scheme that nobody reads, and one that two read, are refused before a run is made")
    func schemes() throws {
        let scene = try Self.scene()
        try scene.install(Self.connector())
        let unknown = try Self.run(scene, "avro:people.avro")
        #expect(unknown.status == 2 && unknown.json["error"]?["detail_id"] == "location.invalid")
        let message = unknown.json["error"]?["message"]?.stringValue ?? ""
        #expect(
            message.contains("No connector reads avro:") && message.contains("csv:, sqlite: and ltsv:"), "\(message)")
        try scene.install(Self.connector("other.ltsv"))
        let two = try Self.run(scene, "ltsv:people.ltsv")
        let both = two.json["error"]?["message"]?.stringValue ?? ""
        #expect(two.status == 1 && two.json["error"]?["detail_id"] == "plugin.scheme")
        #expect(both.contains("acme.ltsv 1.0.0 and other.ltsv 1.0.0"), "\(both)")
        let runs = try scene.sluice("runs", "--json").json
        #expect(runs["runs"] == [])
        // A file of that very name is meant as it stands.
        try scene.write("ltsv:odd.csv", "id,name,email\n1,Ada,a@example.com\n")
        let bare = try Self.run(scene, "ltsv:odd.csv", "--yes")
        #expect(bare.status == 0 && bare.json["rows_migrated"] == 1, "\(bare.outText)")
    }

    @Test("metadata_only hands it nothing, or nothing happens")
    func metadata() throws {
        let scene = try Self.scene()
        try scene.install(Self.connector())
        let counter = try scene.readCounter(of: "people.ltsv")
        let refused = try Self.run(scene, "ltsv:people.ltsv", "--mode", "metadata_only")
        #expect(refused.status == 4 && refused.json["error"]?["detail_id"] == "policy.mode", "\(refused.outText)")
        var fixed = Self.connector(source: ["schemes": ["ltsv"], "stream": "file", "metadata": "none"])
        fixed.defines = ["LABELS=\"id\\tname\\temail\""]
        try scene.install(fixed)
        let plan = try Self.run(scene, "ltsv:people.ltsv", "--mode", "metadata_only", "--yes")
        #expect(plan.status == 0 && plan.json["state"] == "done", "\(plan.outText)\(plan.errText)")
        let read = (try? counter.furthest()) ?? 0
        #expect(read == 0)
        let catalog = try #require(plan.json["artifacts"]?["catalog"]?.stringValue)
        let columns = try scene.sluice("artifact", catalog, "--json").json["body"]?["content"]?["columns"]?.arrayValue
        #expect(columns?.compactMap { $0["name"]?.stringValue } == ["id", "name", "email"])
    }
}

@Suite("Providers of somebody else", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct ThirdPartyProviderTests {
    static func provider(_ id: String = "acme.embed", embeds: Bool = true) -> ThirdParty {
        var provider = ThirdParty(id, .provider, fixture: "echo_provider")
        provider.usesKit = false
        provider.defines = embeds ? [] : ["WITHOUT_EMBED"]
        return provider
    }

    static func scene(allow: [String], deny: [String] = []) throws -> Scene {
        let scene = try ThirdPartyCheckTests.scene()
        try scene.changeRegistry("policies/pm_default_v1.json") {
            $0["providers"] = ["allow": JSON(allow), "deny": JSON(deny)]
        }
        return scene
    }

    /// The Domain Assignments of a run.
    static func assignments(_ run: Finished, _ scene: Scene) throws -> JSON {
        let hash = try #require(
            run.json["artifacts"]?["domain_assignments"]?.stringValue, "\(run.outText)\(run.errText)")
        return try scene.sluice("artifact", hash, "--json").json["body"]?["content"] ?? .null
    }

    @Test("The first that policy names and that embeds makes the vectors, and is recorded")
    func chosen() throws {
        let scene = try Self.scene(allow: ["acme.words", "acme.embed", "local"])
        try scene.install(Self.provider("acme.words", embeds: false))
        let hash = try scene.install(Self.provider())
        let run = try ThirdPartyCheckTests.run(scene, "--yes")
        let assignments = try Self.assignments(run, scene)
        let embedder: JSON = [
            "id": "acme.embed", "version": "1.0.0", "plugin_hash": .string(hash), "dimensions": 4,
        ]
        #expect(assignments["provider"] == "acme.embed@1.0.0" && assignments["embedder"] == embedder)
        #expect(run.errText.contains("acme.words does not embed"), "\(run.errText)")
        let id = try #require(run.json["run_id"]?.stringValue)
        let events = try scene.sluice("ledger", id, "--json").jsonLines
        // Events of calls stand before the stage's own.
        let domains = events.first { $0["stage"] == "DOMAINS" && $0["note"]?["event"] == "stage_finished" }
        #expect(domains?["provider"] == "acme.embed@1.0.0" && domains?["note"]?["embedder"] == embedder)
        let pinned = events.first?["note"]?["plugins"]?["providers"]?.arrayValue?.compactMap { $0["id"]?.stringValue }
        #expect(pinned == ["acme.words", "acme.embed"])
    }

    @Test("A deny list wins, and one that is not installed is said and passed over")
    func passedOver() throws {
        let scene = try Self.scene(allow: ["acme.gone", "acme.embed", "local"], deny: ["acme.embed"])
        try scene.install(Self.provider())
        let run = try ThirdPartyCheckTests.run(scene, "--yes")
        let assignments = try Self.assignments(run, scene)
        #expect(assignments["provider"]?.stringValue?.hasPrefix("sluice.provider.local@") == true)
        #expect(assignments["embedder"] == nil)
        #expect(run.errText.contains("the plugin acme.gone is not installed"), "\(run.errText)")
        #expect(run.errText.contains("acme.embed is on the deny list"), "\(run.errText)")
    }

    @Test("Without any that may be asked, letters alone are compared, and the run says so")
    func none() throws {
        let scene = try Self.scene(allow: ["acme.gone"])
        let run = try ThirdPartyCheckTests.run(scene, "--yes")
        #expect(run.status == 0, "\(run.outText)\(run.errText)")
        let said = "names are compared by letters alone: the plugin acme.gone is not installed"
        #expect(run.errText.contains(said), "\(run.errText)")
        let assignments = try Self.assignments(run, scene)
        #expect(assignments["provider"] == .null)
    }

    @Test("A run whose provider is taken away says so")
    func pinned() throws {
        let scene = try ThirdPartyCheckTests.scene(",qqx,zzw,vvk,jjb")
        try scene.changeRegistry("policies/pm_default_v1.json") {
            $0["providers"] = ["allow": ["acme.embed"], "deny": []]
        }
        var provider = Self.provider()
        try scene.install(provider)
        let held = try ThirdPartyCheckTests.run(scene)
        let id = try #require(held.json["run_id"]?.stringValue, "\(held.outText)\(held.errText)")
        let decided = try scene.sluice("decide", id, "mapping", "fix")
        #expect(decided.status == 0, "\(decided.errText)")
        provider.version = "2.0.0"
        try scene.install(provider)
        let resumed = try scene.sluice("resume", id, "--json")
        let message = resumed.json["error"]?["message"]?.stringValue ?? ""
        #expect(resumed.json["error"]?["detail_id"] == "run.plugin", "\(resumed.outText)")
        #expect(message.contains("provider acme.embed 1.0.0") && message.contains("2.0.0"), "\(message)")
    }

    @Test("A run whose provider asks for a way out later, which policy refuses, does not ask it")
    func refusedLater() throws {
        let scene = try ThirdPartyCheckTests.scene(",qqx,zzw,vvk,jjb")
        try scene.changeRegistry("policies/pm_default_v1.json") {
            $0["providers"] = ["allow": ["acme.embed"], "deny": []]
        }
        var provider = Self.provider()
        let hash = try scene.install(provider)
        let held = try ThirdPartyCheckTests.run(scene)
        let id = try #require(held.json["run_id"]?.stringValue, "\(held.outText)\(held.errText)")
        let decided = try scene.sluice("decide", id, "mapping", "fix")
        #expect(decided.status == 0, "\(decided.errText)")
        // The very library, and another manifest.
        provider.egress = [["host": "api.acme.example", "port": 443, "methods": ["POST"], "max_bytes": 1024]]
        #expect(try scene.install(provider) == hash)
        let resumed = try scene.sluice("resume", id, "--json")
        let message = resumed.json["error"]?["message"]?.stringValue ?? ""
        #expect(resumed.json["error"]?["detail_id"] == "run.plugin", "\(resumed.outText)")
        #expect(message.contains("provider acme.embed 1.0.0"), "\(message)")
    }
}
