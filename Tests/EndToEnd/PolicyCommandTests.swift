import Foundations
import TestSupport
import Testing

/// `sluice policy …` as a user types it, over the policy that ships.
@Suite("Policy commands", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct PolicyCommandTests {
    private static let shipped = Stage.repository + "/registry/policies/pm_default_v1.json"

    @Test("Explain names a rule for each cell of both matrices")
    func explain() throws {
        let scene = try Scene()
        let all = try scene.sluice("policy", "explain", "--json")
        #expect(all.status == 0, "\(all.errText)")
        let cells = all.json["cells"]?.arrayValue ?? []
        func count(_ table: String) -> Int { cells.count { $0["table"]?.stringValue == table } }
        // Twelve rights by five roles; 23 steps by two modes; 23 classes for the one provider.
        #expect(count("rbac") == 60 && count("capability") == 46 && count("provider") == 23, "\(cells.count)")
        #expect(cells.allSatisfy { ($0["rule_id"]?.stringValue ?? "").contains(".") })
        let shown = try scene.sluice("policy", "explain", "Viewer", "create_run")
        #expect(shown.status == 0 && shown.outText.contains("rbac.create_run.Viewer"), "\(shown.outText)")
        let why = try scene.sluice("policy", "explain", "migrate", "--mode", "metadata_only", "--json")
        let denied = why.json["cells"]?.arrayValue ?? []
        #expect(denied.count == 5 && denied.allSatisfy { $0["verdict"] == "deny" }, "\(why.outText)")
        let sent = try scene.sluice("policy", "explain", "--provider", "cloud", "--class", "contact.email", "--json")
        #expect(sent.json["cells"]?.arrayValue?.map { $0["rule_id"] } == ["provider.allow_list"], "\(sent.outText)")
    }

    @Test("Diff compares files, versions and the one in force; a manifest that grants too much is refused whole")
    func diff() throws {
        let scene = try Scene()
        guard case .object(var members) = try JSONParser.parse(try Files.read(Self.shipped)) else { return }
        var rights = members["rbac"]?.objectValue ?? [:]
        rights["Analyst"] = ["view_artifacts_masked"]
        members["rbac"] = .object(rights)
        try scene.write("narrow.json", JSON.object(members).canonicalText)
        let narrowed = try scene.sluice("policy", "diff", "current", "narrow.json", "--json")
        let changes = narrowed.json["changes"]?.arrayValue ?? []
        #expect(narrowed.status == 0 && !changes.isEmpty && changes.allSatisfy { $0["kind"] == "now_denied" })
        #expect(changes.contains { $0["cell"] == "Analyst create_run" })
        let same = try scene.sluice("policy", "diff", "1.0.0", "pm_default_v1")
        #expect(same.status == 0 && same.outText.contains("They are the same."), "\(same.outText)")
        let old = try scene.sluice("policy", "diff", "0.1.0", "current", "--json")
        #expect(old.json["changes"] == [] && old.json["settings"] != [], "\(old.outText)")
        rights["Viewer"] = ["view_pii_unmasked"]
        members["rbac"] = .object(rights)
        members["capabilities"] = nil
        try scene.write("wide.json", JSON.object(members).canonicalText)
        let wide = try scene.sluice("policy", "diff", "current", "wide.json", "--json")
        let message = wide.json["error"]?["message"]?.stringValue ?? ""
        #expect(wide.status == 4 && wide.json["error"]?["detail_id"] == "policy.manifest", "\(wide.outText)")
        #expect(message.contains("/rbac/Viewer: view_pii_unmasked") && message.contains("/capabilities: is missing"))
        let nobody = try scene.sluice("policy", "diff", "current", "9.9.9", "--json")
        #expect(nobody.status == 2 && nobody.json["error"]?["hint"]?.stringValue?.contains("pm_default_v1") == true)
    }

    @Test("Test holds the shipped expectations, and fails with 1 where another policy does not")
    func expectations() throws {
        let scene = try Scene()
        let file = Stage.repository + "/registry/policies/pm_default_v1.test"
        let held = try scene.sluice("policy", "test", file, "--json")
        #expect(held.status == 0 && held.json["failed"] == 0, "\(held.outText)")
        try scene.write("one.test", "# a question\nAnalyst create_run => deny\n")
        let failed = try scene.sluice("policy", "test", "one.test")
        #expect(failed.status == 1 && failed.outText.contains("rbac.create_run.Analyst"), "\(failed.outText)")
        try scene.write("bad.test", "Analyst create_run\n")
        let bad = try scene.sluice("policy", "test", "bad.test", "--json")
        #expect(bad.status == 2 && bad.json["error"]?["detail_id"] == "policy.expectation", "\(bad.outText)")
    }

    @Test("Check names the rule of every decision, and ends with 4 when the contract is refused")
    func check() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY)")
        try scene.write("p.csv", "id\n1\n")
        let fine = try scene.sluice("policy", "check", "--lhs", "csv:p.csv", "--rhs", "sqlite:t.db#people", "--json")
        let decisions = fine.json["decisions"]?.arrayValue ?? []
        #expect(fine.status == 0 && !decisions.isEmpty, "\(fine.outText)")
        #expect(decisions.allSatisfy { $0["rule_id"]?.stringValue?.isEmpty == false }, "\(fine.outText)")
        #expect(decisions.first { $0["action"] == "call_provider" }?["rule_id"] == "pii.unknown.mask")
        let shown = try scene.sluice("policy", "check", "--lhs", "csv:p.csv", "--rhs", "sqlite:t.db#people")
        #expect(shown.outText.contains("capability.row_samples.data_mode"), "\(shown.outText)")
    }
}
