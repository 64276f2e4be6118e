import Foundations
import TestSupport
import Testing

/// An artifact crosses versions only by an explicit promotion (ROADMAP §27).
@Suite("Promotion", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct PromotionTests {
    /// A home in which April was migrated under a registry of its own.
    private func april(_ scene: Scene) throws -> String {
        let copied = try scene.run("/bin/cp", ["-r", Stage.repository + "/registry", scene.path("registry")])
        try #require(copied.status == 0)
        scene.environment["SLUICE_REGISTRY"] = scene.path("registry")
        let plan = try ReuseTests.april(scene).plan
        try scene.write("may.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(100..<160))")
        return plan
    }

    private func edit(_ scene: Scene, _ file: String, _ change: (inout [String: JSON]) -> Void) throws {
        let path = scene.path("registry/\(file)")
        var members = try #require(try JSONParser.parse(try Files.read(path)).objectValue)
        change(&members)
        try Files.writeAtomically(JSON.object(members).canonicalBytes, to: path)
    }

    /// Versions that differ in three ways.
    private func renew(_ scene: Scene) throws {
        try edit(scene, "domains/catalog.json") { $0["catalog_version"] = "1.1.0" }
        try edit(scene, "policies/pm_default_v1.json") { $0["policy_version"] = "1.1.0" }
        try edit(scene, "thresholds/tp_default_v1.json") {
            $0["mapping"] = ["accept_rate_min": 0.9, "near_match_window": 0.03]
        }
    }

    private func promotions(_ scene: Scene, _ plan: String) throws -> [JSON] {
        try scene.sluice("artifact", plan, "--json").json["promotions"]?.arrayValue ?? []
    }

    @Test("Other versions are refused and named, then promoted with a reason, then accepted and recorded")
    func crosses() throws {
        let scene = try Scene()
        let plan = try april(scene)
        let nothing = try scene.sluice("artifacts", "promote", plan, "--reason", "same", "--json")
        #expect(nothing.status == 0 && nothing.json["status"] == "nothing_to_promote", "\(nothing.outText)")
        try renew(scene)
        let refused = try ReuseTests.migrate(scene, "may.csv", "--plan", plan)
        #expect(refused.status == 4 && ReuseTests.detail(refused) == "artifact.version", "\(refused.outText)")
        let words = ReuseTests.words(refused)
        for part in [
            "policy_version pm_default@1.0.0+", " → pm_default@1.1.0+", "catalog_version 1.0.0+", " → 1.1.0+",
            "threshold_profile_hash ", "`sluice artifacts promote \(plan.prefix(12)) --reason WHY`",
        ] { #expect(words.contains(part), "\(words)") }
        #expect(!words.contains("dsl_version") && !words.contains("threshold_profile_id"))
        let checked = try scene.sluice(
            "policy", "check", "--lhs", "csv:may.csv", "--rhs", "sqlite:t.db#people", "--plan", plan, "--json")
        #expect(checked.status == 4 && checked.outText.contains("reuse_mapping_plan"), "\(checked.outText)")

        let unsaid = try scene.sluice("artifacts", "promote", plan, "--json")
        let blank = try scene.sluice("artifacts", "promote", plan, "--reason", "  ", "--json")
        #expect(unsaid.status == 2 && blank.status == 2, "\(unsaid.outText)\(blank.outText)")
        let before = try promotions(scene, plan)
        #expect(before.isEmpty)
        let promoted = try scene.sluice(
            "artifacts", "promote", String(plan.prefix(10)).uppercased(), "--reason", "checked the domains", "--json")
        #expect(promoted.status == 0 && promoted.json["status"] == "promoted", "\(promoted.outText)\(promoted.errText)")
        let row = try #require(promoted.json["promotion"])
        try #require(row.objectValue != nil)
        #expect(row["reason"] == "checked the domains" && row["role"] == "Admin")
        #expect(row["from_versions"]?["policy_version"]?.stringValue?.hasPrefix("pm_default@1.0.0+") == true)
        #expect(row["to_versions"]?["catalog_version"]?.stringValue?.hasPrefix("1.1.0+") == true)
        let again = try scene.sluice("artifacts", "promote", plan, "--reason", "once more", "--json")
        #expect(again.status == 0 && again.json["status"] == "already_promoted" && again.json["promotion"] == row)
        let listed = try promotions(scene, plan)
        #expect(listed == [row])

        let run = try ReuseTests.migrate(scene, "may.csv", "--plan", plan)
        try #require(run.status == 0, "\(run.outText)\(run.errText)")
        #expect(run.json["rows_migrated"] == 60)
        let note = try ReuseTests.mapping(scene, run)["note"]
        #expect(note?["reused"]?.stringValue == plan && note?["promotion"] == row)
        // The new plan is one of the new versions.
        try scene.write("june.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(200..<220))")
        let next = try ReuseTests.migrate(scene, "june.csv", "--plan", try ReuseTests.plan(run))
        #expect(next.status == 0, "\(next.outText)")
        let unpromoted = try ReuseTests.mapping(scene, next)["note"]?["promotion"]
        #expect(unpromoted == .null)
        // A promotion is to these versions and to no others.
        try edit(scene, "policies/pm_default_v1.json") { $0["policy_version"] = "1.2.0" }
        let later = try ReuseTests.migrate(scene, "june.csv", "--plan", plan)
        #expect(later.status == 4 && ReuseTests.detail(later) == "artifact.version", "\(later.outText)")
    }

    @Test("For another threshold profile the promotion names it")
    func profile() throws {
        let scene = try Scene()
        let plan = try april(scene)
        try scene.write(
            "registry/thresholds/tp_strict.json",
            bytes: Files.read(
                scene.path("registry/thresholds/tp_default_v1.json")))
        try edit(scene, "thresholds/tp_strict.json") { $0["profile_id"] = "tp_strict" }
        let refused = try ReuseTests.migrate(scene, "may.csv", "--plan", plan, "--thresholds", "tp_strict")
        #expect(refused.status == 4, "\(refused.outText)")
        #expect(ReuseTests.words(refused).contains("threshold_profile_id tp_default_v1 → tp_strict"))
        #expect(ReuseTests.words(refused).contains("--reason WHY --thresholds tp_strict`"))
        let other = try scene.sluice("artifacts", "promote", plan, "--reason", "r", "--json")
        #expect(other.json["status"] == "nothing_to_promote")
        let promoted = try scene.sluice(
            "artifacts", "promote", plan, "--reason", "r", "--thresholds", "tp_strict", "--json")
        #expect(promoted.json["status"] == "promoted", "\(promoted.outText)")
        let unknown = try scene.sluice(
            "artifacts", "promote", plan, "--reason", "r", "--thresholds", "tp_none", "--json")
        #expect(unknown.status == 2, "\(unknown.outText)")
        let run = try ReuseTests.migrate(scene, "may.csv", "--plan", plan, "--thresholds", "tp_strict")
        #expect(run.status == 0, "\(run.outText)")
    }

    @Test("A plan that rests on a domain which is gone is not promoted")
    func domainGone() throws {
        let scene = try Scene()
        let plan = try april(scene)
        try edit(scene, "domains/catalog.json") { members in
            members["domains"] = .array(
                (members["domains"]?.arrayValue ?? []).filter { $0["id"] != "contact.email" })
        }
        let refused = try scene.sluice("artifacts", "promote", plan, "--reason", "r", "--json")
        #expect(refused.status == 1 && ReuseTests.detail(refused) == "artifact.reuse", "\(refused.outText)")
        #expect(ReuseTests.words(refused).contains("reads e_mail (for email) as contact.email"))
        let left = try promotions(scene, plan)
        #expect(left.isEmpty)
    }

    @Test("A reason is kept as a decision's is: one line, nothing that steers a terminal, and not too long")
    func reason() throws {
        let scene = try Scene()
        let plan = try april(scene)
        try renew(scene)
        for wrong in ["a\u{1B}[2Jb", "a\u{202E}b", String(repeating: "x", count: 1001)] {
            let refused = try scene.sluice("artifacts", "promote", plan, "--reason", wrong, "--json")
            #expect(refused.status == 2 && ReuseTests.detail(refused) == "usage", "\(refused.outText)")
        }
        let before = try promotions(scene, plan)
        #expect(before.isEmpty)
        let kept = try scene.sluice("artifacts", "promote", plan, "--reason", "two\nlines\tand a tab", "--json")
        #expect(kept.json["promotion"]?["reason"] == "two lines and a tab", "\(kept.outText)")
    }

    @Test("Who may not approve destructive steps may neither promote nor collect")
    func role() throws {
        let scene = try Scene()
        let plan = try april(scene)
        try edit(scene, "policies/pm_default_v1.json") { members in
            var rights = members["rbac"]?.objectValue ?? [:]
            #expect(rights["Admin"] != nil)
            rights["Admin"] = .array((rights["Admin"]?.arrayValue ?? []).filter { $0 != "approve_destructive" })
            members["rbac"] = .object(rights)
        }
        let promoted = try scene.sluice("artifacts", "promote", plan, "--reason", "r", "--json")
        let collected = try scene.sluice("artifacts", "gc", "--json")
        let looked = try scene.sluice("artifacts", "gc", "--dry-run", "--json")
        #expect(promoted.status == 4 && ReuseTests.detail(promoted) == "policy.denied", "\(promoted.outText)")
        #expect(collected.status == 4 && ReuseTests.detail(collected) == "policy.denied", "\(collected.outText)")
        #expect(looked.status == 0 && looked.json["dry_run"] == true, "\(looked.outText)")
    }

    @Test(
        "Killed at any place of a promotion, it is made once",
        .enabled(if: Stage.hasHooks), arguments: ["before", "middle", "after"])
    func killed(place: String) throws {
        let scene = try Scene()
        let plan = try april(scene)
        try renew(scene)
        scene.environment["SLUICE_FAILPOINT"] = "store.promote_artifact.\(place)=kill"
        let killed = try scene.start(["artifacts", "promote", plan, "--reason", "first", "--json"]).wait()
        #expect(killed.status == 137, "\(killed.outText)")
        scene.environment["SLUICE_FAILPOINT"] = "store.promote_artifact.\(place)=enospc"
        let full = try scene.sluice("artifacts", "promote", plan, "--reason", "second", "--json")
        scene.environment["SLUICE_FAILPOINT"] = nil
        #expect(place == "after" || ReuseTests.detail(full) == "store.failed", "\(full.outText)")
        let again = try scene.sluice("artifacts", "promote", plan, "--reason", "third", "--json")
        #expect(again.json["status"]?.stringValue == (place == "after" ? "already_promoted" : "promoted"))
        let rows = try promotions(scene, plan)
        #expect(rows.map { $0["reason"] } == [place == "after" ? "first" : "third"])
    }
}
