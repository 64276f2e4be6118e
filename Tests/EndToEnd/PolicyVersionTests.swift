import Foundations
import Glibc
import TestSupport
import Testing

/// The policy's versions and raw values, as a user meets them.
@Suite("A home's policy", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct PolicyVersionTests {
    private func scene() throws -> Scene {
        let scene = try Scene()
        let rows = (1...40).map { "\($0),Ada Lovelace \($0),p\($0)@example.com" } + ["41,Grace Hopper Secret"]
        try scene.write("people.csv", "id,name,email\n" + rows.joined(separator: "\n") + "\n")
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        return scene
    }

    private func run(_ scene: Scene, _ key: String, _ more: String...) throws -> Finished {
        try scene.start(
            ["run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--idempotency-key", key, "--json"] + more
        ).wait()
    }

    /// The manifest in force with members replaced and a number one higher, in a file.
    private func edited(_ scene: Scene, _ members: [String: JSON]) throws -> String {
        let shown = try scene.sluice("policy", "show", "--json").json
        var manifest = try #require(shown["manifest"]?.objectValue)
        let parts = (shown["version"]?.stringValue ?? "").split(separator: ".").compactMap { Int($0) }
        try #require(parts.count == 3)
        manifest["policy_version"] = .string("\(parts[0]).\(parts[1]).\(parts[2] + 1)")
        manifest.merge(members) { $1 }
        return try scene.write("policy.json", bytes: JSON.object(manifest).canonicalBytes)
    }

    @Test("A change asks providers anew, is in every new artifact, and a run that waits does not go on under it")
    func changed() throws {
        let scene = try scene()
        let first = try run(scene, "a")
        let waiting = try #require(first.json["run_id"]?.stringValue)
        #expect(first.status == 3, "\(first.outText)\(first.errText)")
        let warm = try run(scene, "b")
        #expect(warm.json["cache"]?["misses"] == 0, "\(warm.outText)")
        let before = try #require(try scene.sluice("policy", "show", "--json").json["policy_version"]?.stringValue)

        let file = try edited(scene, ["description": "the same rules under another number"])
        let answer = try scene.sluice("policy", "edit", file, "--reason", "a test of versions", "--json")
        #expect(answer.status == 0 && answer.json["status"] == "edited", "\(answer.outText)\(answer.errText)")
        let now = try #require(answer.json["policy_version"]?.stringValue)
        #expect(answer.json["previous"] == .string(before) && now != before)
        let again = try scene.sluice("policy", "edit", file)
        #expect(again.status == 0 && again.outText.contains("nothing was changed"), "\(again.outText)\(again.errText)")

        // What a provider answered under another version answers nobody.
        let cold = try run(scene, "c")
        #expect(cold.status == 3 && cold.json["cache"]?["hits"] == first.json["cache"]?["hits"], "\(cold.outText)")
        #expect(cold.json["cache"]?["misses"] == first.json["cache"]?["misses"])
        let id = try #require(cold.json["run_id"]?.stringValue)
        let catalog = try #require(cold.json["artifacts"]?["catalog"]?.stringValue)
        let envelopes = try scene.sluice("artifact", catalog, "--json").json["envelopes"]?.arrayValue ?? []
        let pinned = envelopes.compactMap { $0["versions"]?["policy_version"]?.stringValue }
        #expect(pinned.contains(now), "\(pinned)")
        let events = try scene.sluice("ledger", id, "--json").jsonLines
        let versions = Set(events.compactMap { $0["policy_version"]?.stringValue })
        #expect(versions == [now])

        let calls = events.filter { $0["note"]?["event"] == "provider_call" }
        // One for each answer that the cache did not have.
        let misses = cold.json["cache"]?["misses"]?.intValue ?? 0
        #expect(misses > 0 && calls.count == Int(misses), "\(calls)")
        for call in calls {
            let note = call["note"]
            #expect(call["provider"] == "local" && call["pii_mask_applied"] == true)
            #expect(note?["masked_before_send"] == true && note?["local_only_override"] == false)
            #expect(call["inputs_hash"] == note?["prompt_hash"] && note?["policy_version"] == .string(now))
            #expect(note?["catalog_version"]?.stringValue?.isEmpty == false)
            #expect(note?["rule"]?.stringValue?.isEmpty == false && note?["rule_id"]?.stringValue?.isEmpty == false)
        }
        let quiet = try scene.sluice("ledger", warm.json["run_id"]?.stringValue ?? "", "--json").jsonLines
        let asked = quiet.contains { $0["note"]?["event"] == "provider_call" }
        #expect(!asked, "the cache was asked, and no provider")

        let refused = try scene.sluice("resume", waiting, "--yes", "--json")
        #expect(
            refused.status == 4 && refused.json["error"]?["detail_id"] == "run.mode_immutable", "\(refused.outText)")
        #expect(refused.json["error"]?["message"]?.stringValue?.contains("policy_version") == true)
        let told = try scene.sluice("policy", "history")
        #expect(told.outText.contains("a test of versions") && told.status == 0)
    }

    @Test("A policy file that somebody edited stops everything until it is taken over or brought back")
    func untracked() throws {
        let scene = try scene()
        let file = try edited(scene, ["description": "one"])
        #expect(try scene.sluice("policy", "edit", file).status == 0)
        let kept = scene.home + "/policy/manifest.json"
        let malformed = try scene.write("bad.json", "{\"policy_id\": 1}")
        let bad = try scene.sluice("policy", "edit", malformed, "--json")
        #expect(bad.status == 4 && bad.json["error"]?["detail_id"] == "policy.manifest", "\(bad.outText)")
        #expect(try run(scene, "a").status == 3)
        let other = try edited(scene, ["description": "two"])
        try Files.writeAtomically(try Files.read(other), to: kept)
        let stopped = try scene.sluice("run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--json")
        let error = stopped.json["error"]
        #expect(stopped.status == 4 && error?["detail_id"] == "policy.untracked", "\(stopped.outText)")
        #expect(error?["hint"]?.stringValue?.contains("sluice policy edit COPY") == true)
        let seen = try scene.sluice("runs", "--json")
        #expect(seen.status == 0, "looking goes on: \(seen.outText)")
        #expect(try scene.sluice("policy", "edit", other, "--reason", "it is wanted").status == 0)
        #expect(try scene.sluice("runs").status == 0)
        try Files.writeAtomically(Array("{}".utf8), to: kept)
        let version = try #require(try scene.sluice("policy", "show", "--json").json["version"]?.stringValue)
        let back = try scene.sluice("policy", "revert", version)
        #expect(back.status == 0 && back.outText.contains("has it again"), "\(back.outText)\(back.errText)")
        #expect(try scene.sluice("runs").status == 0)
    }

    @Test("Raw values of quarantine are shown for a reason, behind an event, and else masked")
    func unmasked() throws {
        let scene = try scene()
        let done = try run(scene, "a", "--yes")
        let id = try #require(done.json["run_id"]?.stringValue)
        try #require(done.status == 0 && done.json["rows_quarantined"] == 1, "\(done.outText)\(done.errText)")
        let masked = try scene.sluice("quarantine", id, "--json")
        #expect(masked.status == 0 && masked.json["unmasked"] == false && !masked.outText.contains("Hopper"))
        #expect(masked.json["quarantine"]?.arrayValue?.count == 1, "\(masked.outText)")
        for words in [[], ["--reason", "too short"], ["--reason", "  a  b  c  "]] {
            let short = try scene.start(["quarantine", id, "--unmasked"] + words).wait()
            #expect(short.status == 2 && !short.outText.contains("Hopper"), "\(short.outText)\(short.errText)")
        }
        let before = try scene.sluice("ledger", id, "--json").jsonLines.count
        let raw = try scene.sluice("quarantine", id, "--unmasked", "--reason", "the supplier asks", "--json")
        #expect(raw.status == 0 && raw.outText.contains("Grace Hopper Secret"), "\(raw.outText)\(raw.errText)")
        let events = try scene.sluice("ledger", id, "--json").jsonLines
        #expect(events.count == before + 1 && events.last?["event_id"] == raw.json["event"])
        let note = events.last?["note"]
        #expect(note?["event"] == "viewed_unmasked" && note?["rows"] == 1 && note?["reason"] == "the supplier asks")
        #expect(note?["role"] == "Admin" && events.last?["pii_mask_applied"] == false)
        #expect(try scene.sluice("ledger", id, "--verify").status == 0)
        let shown = try scene.sluice("show", id, "--json").json
        #expect(shown["evidence"]?["holds"] != false && shown["state"] == "done", "\(shown["evidence"] ?? .null)")
        let people = try scene.sluice("quarantine", id, "--unmasked", "--reason", "the supplier asks again")
        #expect(people.outText.contains("Grace Hopper Secret") && people.outText.contains("The ledger has who looked"))
        // A ledger that cannot be written shows nothing.
        let marks = scene.home + "/keys/ledgers"
        try #require(rename(marks, marks + ".aside") == 0)
        try Files.writeAtomically([], to: marks)
        let shut = try scene.sluice("quarantine", id, "--unmasked", "--reason", "the supplier asks", "--json")
        #expect(shut.status == 1 && !shut.outText.contains("Hopper"), "\(shut.outText)")
    }
}
