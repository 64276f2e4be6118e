import Foundations
import TestSupport
import Testing

/// What a contract may ask for, and what a run is pinned to.
@Suite("Contracts in force", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct ContractRightsTests {
    private func scene() throws -> Scene {
        let scene = try Scene()
        try scene.write("people.csv", BadInputTests.good)
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        return scene
    }

    private func submit(_ scene: Scene, _ more: [String: JSON]) throws -> Finished {
        let document = Contracts.document(
            lhs: "csv:" + scene.path("people.csv"), rhs: "sqlite:\(scene.path("t.db"))#people", more)
        try scene.write("contract.json", document.canonicalText)
        return try scene.sluice("run", "contract.json", "--json")
    }

    // MARK: Confirmation

    @Test("An Analyst cannot waive the confirmation that an Analyst could not give")
    func analystWaives() throws {
        let scene = try scene()
        let run = try submit(
            scene,
            ["human_confirm_required": false, "rbac_actor": ["user_id": "somebody", "role": "Analyst"]])
        #expect(run.status == 4, "\(run.outText)\(run.errText)")
        #expect(run.json["error"]?["code"] == "POLICY_BLOCK" && run.json["error"]?["detail_id"] == "policy.denied")
        let runs = try scene.sluice("runs", "--json").json["runs"]?.arrayValue
        let rows = try scene.count("t.db", "people")
        #expect(runs == [] && rows == 0)
    }

    @Test("An Operator can, and the rows are written without being asked about")
    func operatorWaives() throws {
        let scene = try scene()
        let run = try submit(
            scene, ["human_confirm_required": false, "rbac_actor": ["user_id": "somebody", "role": "Operator"]])
        #expect(run.status == 0, "\(run.outText)\(run.errText)")
        let rows = try scene.count("t.db", "people")
        #expect(rows == 50)
    }

    @Test("An Analyst's contract with a confirmation waits for one")
    func analystWaits() throws {
        let scene = try scene()
        let run = try submit(scene, ["rbac_actor": ["user_id": "somebody", "role": "Analyst"]])
        #expect(run.status == 3 && run.json["hold"]?["kind"] == "confirmation", "\(run.outText)\(run.errText)")
    }

    // MARK: Versions

    @Test("A threshold profile that was edited while the run was held is refused")
    func profileEdited() throws {
        let scene = try scene()
        let copied = try scene.run("/bin/cp", ["-r", Stage.repository + "/registry", scene.path("registry")])
        try #require(copied.status == 0)
        scene.environment["SLUICE_REGISTRY"] = scene.path("registry")
        let run = try submit(scene, [:])
        let id = try #require(run.json["run_id"]?.stringValue, "\(run.outText)\(run.errText)")
        #expect(run.status == 3)
        let profile = scene.path("registry/thresholds/tp_default_v1.json")
        let shipped = try Files.read(profile)
        guard case .object(var members) = try JSONParser.parse(shipped) else { return }
        // The id stays: what it stands for does not.
        members["mapping"] = ["accept_rate_min": 0.10, "near_match_window": 0.03]
        try Files.writeAtomically(JSON.object(members).canonicalBytes, to: profile)
        let refused = try scene.sluice("resume", id, "--yes", "--json")
        #expect(
            refused.status == 4 && refused.json["error"]?["detail_id"] == "run.mode_immutable", "\(refused.outText)")
        let untouched = try scene.count("t.db", "people")
        #expect(untouched == 0)
        // The same document in other words is the same profile.
        try Files.writeAtomically(try JSONParser.parse(shipped).canonicalBytes, to: profile)
        let resumed = try scene.sluice("resume", id, "--yes", "--json")
        let rows = try scene.count("t.db", "people")
        #expect(resumed.status == 0 && rows == 50, "\(resumed.outText)")
    }

    // MARK: Budget

    private func assignments(_ scene: Scene, _ run: Finished) throws -> JSON {
        let hash = try #require(run.json["artifacts"]?["domain_assignments"]?.stringValue, "\(run.outText)")
        return try scene.sluice("artifact", hash, "--json").json
    }

    private func caps(tokens: Int64) -> [String: JSON] {
        ["budget_caps": ["tokens": .int(tokens), "usd": 0, "wall_time_s": 3600]]
    }

    @Test("With no token to spend the provider is sent nothing, and the run says so")
    func noTokens() throws {
        let scene = try scene()
        let wire = scene.path("wire")
        try Files.makeFolder(wire)
        if Stage.hasHooks { scene.environment["SLUICE_RECORD_WIRE"] = wire }
        let run = try submit(scene, caps(tokens: 0))
        #expect(run.status == 3, "\(run.outText)\(run.errText)")
        #expect(run.errText.contains("the token budget of 0 is spent"), "\(run.errText)")
        let sent = Scene.files(below: wire).filter { $0.key.hasPrefix("provider-") && $0.key.hasSuffix("-0.bin") }
        let isSent = sent.values.contains { Bytes.contains("email", in: $0) }
        #expect(!isSent)
        let id = try #require(run.json["run_id"]?.stringValue)
        let spent = try scene.sluice("ledger", id, "--json").jsonLines.compactMap { $0["token_actual"]?.intValue }
        let total = spent.reduce(0, +)
        #expect(total == 0)
        let artifact = try assignments(scene, run)
        let named = (artifact["envelopes"]?.arrayValue ?? []).map { $0["provider"] }
        #expect(artifact["body"]?["content"]?["provider"] == .null)
        #expect(named == [.null])
    }

    @Test("With tokens to spend the provider is used, named and counted")
    func tokens() throws {
        let scene = try scene()
        let run = try submit(scene, caps(tokens: 400_000))
        #expect(run.status == 3 && !run.errText.contains("token budget"), "\(run.errText)")
        let artifact = try assignments(scene, run)
        let provider = artifact["body"]?["content"]?["provider"]?.stringValue ?? ""
        #expect(provider.hasPrefix("sluice.provider.local@"))
        let id = try #require(run.json["run_id"]?.stringValue)
        let spent = try scene.sluice("ledger", id, "--json").jsonLines.compactMap { $0["token_actual"]?.intValue }
        let total = spent.reduce(0, +)
        #expect(total > 0)
    }
}
