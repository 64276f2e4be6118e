import Foundations
import Glibc
import TestSupport
import Testing

/// What a manifest does not grant is not done, in a run as a user makes it.
@Suite("What policy does not grant", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct PolicyGrantTests {
    private func scene() throws -> Scene {
        let scene = try Scene()
        let rows = (1...40).map { "\($0),Ada Lovelace \($0),p\($0)@example.com" }
        try scene.write("people.csv", "id,name,email\n" + rows.joined(separator: "\n") + "\n")
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        return scene
    }

    /// Puts a manifest in force in which capabilities of one mode are others; nil takes one away.
    private func grant(_ scene: Scene, _ mode: String, _ members: [String: JSON?]) throws {
        let shown = try scene.sluice("policy", "show", "--json").json
        var manifest = try #require(shown["manifest"]?.objectValue)
        let parts = (shown["version"]?.stringValue ?? "").split(separator: ".").compactMap { Int($0) }
        try #require(parts.count == 3)
        manifest["policy_version"] = .string("\(parts[0]).\(parts[1]).\(parts[2] + 1)")
        var capabilities = manifest["capabilities"]?.objectValue ?? [:]
        var own = capabilities[mode]?.objectValue ?? [:]
        for (name, value) in members { own[name] = value }
        capabilities[mode] = .object(own)
        manifest["capabilities"] = .object(capabilities)
        let file = try scene.write("policy.json", bytes: JSON.object(manifest).canonicalBytes)
        let answer = try scene.sluice("policy", "edit", file, "--reason", "a test of grants", "--json")
        #expect(answer.status == 0, "\(answer.outText)\(answer.errText)")
    }

    private func run(_ scene: Scene, _ key: String, mode: String = "data_mode") throws -> Finished {
        try scene.start([
            "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--mode", mode, "--idempotency-key", key,
            "--json",
        ]).wait()
    }

    private func content(_ scene: Scene, _ run: Finished, _ kind: String) throws -> JSON {
        let hash = try #require(run.json["artifacts"]?[kind]?.stringValue, "\(kind): \(run.outText)\(run.errText)")
        return try #require(try scene.sluice("artifact", hash, "--json").json["body"]?["content"])
    }

    @Test("Evidence, previews and checks are left out, and the artifacts say so")
    func leftOut() throws {
        let scene = try scene()
        let whole = try run(scene, "a")
        #expect(try content(scene, whole, "domain_assignments")["evidence_left_out"] == nil)
        #expect(try content(scene, whole, "analysis_report")["checks"]?.arrayValue?.count == 2)
        #expect(try content(scene, whole, "sample_pack")["rows"]?.arrayValue?.isEmpty == false)

        try grant(
            scene, "data_mode",
            [
                "domaining_evidence": ["headers"], "gui_previews": "masked_schema", "analysis_checks": ["duplicates"],
            ])
        let narrow = try run(scene, "b")
        let domains = try content(scene, narrow, "domain_assignments")
        #expect(domains["evidence_left_out"] == ["regex", "units", "value_sketches"])
        let columns = domains["columns"]?.arrayValue ?? []
        #expect(columns.count == 3)
        for column in columns { #expect(column["best"]?["evidence"] == nil, "\(column)") }
        let pack = try content(scene, narrow, "sample_pack")
        #expect(pack["rows"] == [] && pack["left_out"] != nil)
        let entries = try content(scene, narrow, "mapping_plan")["mappings"]?.arrayValue ?? []
        #expect(!entries.isEmpty)
        for entry in entries { #expect(entry["examples"] == [] && entry["sample"] != nil) }
        let report = try content(scene, narrow, "analysis_report")
        let checks = report["checks"]?.arrayValue?.compactMap { $0["check"]?.stringValue } ?? []
        #expect(checks == ["sluice.check.duplicates"])
        #expect(report["checks_left_out"]?.arrayValue?.count == 1)

        try grant(scene, "data_mode", ["transform_previews": "symbolic"])
        let symbolic = try content(scene, try run(scene, "c"), "mapping_plan")["mappings"]?.arrayValue ?? []
        #expect(!symbolic.isEmpty)
        for entry in symbolic { #expect(entry["sample"] == nil && entry["examples"] == []) }
    }

    @Test("What a run cannot do without stops it")
    func refused() throws {
        for (mode, members): (String, [String: JSON?]) in [
            ("data_mode", ["domaining_evidence": []]), ("data_mode", ["analysis_checks": ["logical"]]),
            ("data_mode", ["transform_previews": nil]), ("data_mode", ["gui_previews": nil]),
            ("metadata_only", ["domaining_evidence": []]), ("metadata_only", ["analysis_checks": []]),
            ("metadata_only", ["transform_previews": nil]), ("metadata_only", ["migration": nil]),
        ] {
            let scene = try scene()
            try grant(scene, mode, members)
            let refused = try run(scene, "a", mode: mode)
            #expect(refused.status == 4, "\(mode) \(members): \(refused.outText)\(refused.errText)")
            #expect((refused.outText + refused.errText).contains("policy.mode"), "\(mode) \(members)")
            #expect(try scene.count("t.db", "people") == 0)
        }
    }
}
