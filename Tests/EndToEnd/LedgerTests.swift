import Foundations
import Glibc
import TestSupport
import Testing

/// The ledger of a run, verified, edited behind the program's back, and handed to somebody else.
@Suite("The ledger", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct LedgerTests {
    /// A run that is done.
    private func migrated(_ scene: Scene) throws -> String {
        try MainJobTests.target(scene)
        let run = try MainJobTests.migrate(scene)
        try #require(run.status == 0, "\(run.outText)\(run.errText)")
        return try #require(run.json["run_id"]?.stringValue)
    }

    /// What somebody does who can write the file but has no key, and who puts back what stood in the way.
    private func edit(_ scene: Scene, _ sql: String) throws {
        let triggers = try scene.rows("home/sluice.db", "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        try scene.database(
            "home/sluice.db",
            triggers.map { "DROP TRIGGER \($0[0]);" }.joined() + sql + ";" + triggers.map { $0[1] + ";" }.joined())
    }

    @Test("A run's ledger is verified, to its last event")
    func verifies() throws {
        let scene = try Scene()
        let id = try migrated(scene)
        let events = try scene.sluice("ledger", id, "--json").jsonLines
        let verdict = try scene.sluice("ledger", id, "--verify", "--json")
        #expect(verdict.status == 0 && verdict.json["verified"]?.boolValue == true, "\(verdict.outText)")
        #expect(verdict.json["events"]?.intValue == Int64(events.count))
        #expect(verdict.json["segments"]?.arrayValue?.last?["last"]?.intValue == Int64(events.count))
        var hash = SHA256.hash("sluice/ledger/1\n" + id)
        for event in events { hash = SHA256.hash(hash.bytes + event.canonicalBytes) }
        #expect(verdict.json["head_hash"]?.stringValue == hash.hex)
        let people = try scene.sluice("ledger", id, "--verify")
        #expect(people.status == 0 && people.outText.contains("verified") && people.outText.contains(hash.hex))
    }

    @Test(
        "A process that sleeps behind its commit holds no other up, which says once that its marks are behind",
        .enabled(if: Stage.hasHooks), .timeLimit(.minutes(2)))
    func sleepers() throws {
        let scene = try Scene()
        try scene.database(
            "t.db",
            """
            CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
            CREATE TABLE others (id INTEGER PRIMARY KEY, name TEXT, email TEXT)
            """)
        let rows = (1...50).map { "\($0),Person \($0),p\($0)@example.com" }.joined(separator: "\n")
        try scene.write("people.csv", "id,name,email\n\(rows)\n")
        scene.environment["SLUICE_FAILPOINT"] = "home.ledger_mark.middle@2=hang"
        let sleeper = try scene.start([
            "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json",
        ])
        scene.environment["SLUICE_FAILPOINT"] = nil
        func isStopped() -> Bool {
            let text = String(decoding: (try? Files.read("/proc/\(sleeper.pid)/stat")) ?? [], as: UTF8.self)
            return text.split(separator: ")").last?.split(separator: " ").first == "T"
        }
        while sleeper.isRunning, !isStopped() { poll(nil, 0, 5) }
        let other = try scene.sluice(
            "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#others", "--yes", "--json", limit: 60)
        #expect(other.status == 0 && other.json["rows_migrated"] == 50, "\(other.outText)\(other.errText)")
        let notices = other.errText.split(separator: "\n").filter { $0.contains("not recorded outside the database") }
        #expect(notices.count == 1, "\(other.errText)")
        let id = try #require(other.json["run_id"]?.stringValue)
        let behind = try scene.sluice("ledger", id, "--verify")
        #expect(behind.status == 0 && behind.outText.contains("Mark outside the database: none."), "\(behind.outText)")
        #expect(try scene.sluice("show", id, "--json").json["evidence"]?["marked"] == .null)

        sleeper.kill(SIGCONT)
        let ended = try sleeper.wait()
        #expect(ended.status == 0 && !ended.errText.contains("not recorded"), "\(ended.outText)\(ended.errText)")
        let first = try #require(ended.json["run_id"]?.stringValue)
        let count = try scene.sluice("ledger", first, "--json").jsonLines.count
        let whole = try scene.sluice("ledger", first, "--verify")
        #expect(whole.outText.contains("Mark outside the database: \(count) of \(count)."), "\(whole.outText)")
        let evidence = try scene.sluice("show", first, "--json").json["evidence"]
        #expect(evidence?["marked"] == JSON(count) && evidence?["events"] == JSON(count))
    }

    static let edits: [(String, String)] = [
        (
            "UPDATE supervisor_ledger SET event = replace(event, 'policy_version', 'policy_versiom') WHERE number = 4",
            "event 4: edited"
        ),
        ("DELETE FROM supervisor_ledger WHERE number = 4", "event 4: deleted"),
        ("DELETE FROM supervisor_ledger WHERE number > 4", "event 5: tail cut"),
        ("DELETE FROM supervisor_ledger WHERE number > 4; DELETE FROM ledger_heads", "event 5: tail cut"),
        (
            """
            DELETE FROM supervisor_ledger WHERE number > 4; DELETE FROM ledger_heads; DELETE FROM ledger_segments
            """, "event 1: head missing"
        ),
        (
            """
            UPDATE supervisor_ledger SET number = -1 WHERE number = 3; UPDATE supervisor_ledger SET number = 3 WHERE
            number = 4; UPDATE supervisor_ledger SET number = 4 WHERE number = -1
            """, "event 3: reordered"
        ),
        ("UPDATE ledger_heads SET mac = zeroblob(32)", "chain rebuilt without the key"),
    ]

    @Test("Whatever is done to the file is found, named, and left as it is")
    func finds() throws {
        let scene = try Scene()
        let id = try migrated(scene)
        for (sql, words) in Self.edits {
            let other = try Scene()
            #expect(try other.run("/bin/cp", ["-a", scene.home, other.home]).status == 0)
            try edit(other, sql)
            let before = try other.rows("home/sluice.db", "SELECT * FROM supervisor_ledger")
            let verdict = try other.sluice("ledger", id, "--verify", "--json")
            let error = verdict.json["error"]
            #expect(verdict.status == 1 && error?["detail_id"]?.stringValue == "store.ledger", "\(sql)")
            #expect(error?["message"]?.stringValue?.contains(words) == true, "\(sql): \(verdict.outText)")
            let exported = try other.sluice("ledger", id, "--export", "out.jsonl", "--json")
            #expect(exported.status == 1 && !Files.exists(other.path("out.jsonl")))
            let after = try other.rows("home/sluice.db", "SELECT * FROM supervisor_ledger")
            #expect(before == after)
        }
    }

    @Test("An exported ledger verifies where there is no home, and another's does not")
    func exports() throws {
        let scene = try Scene()
        let id = try migrated(scene)
        let exported = try scene.sluice("ledger", id, "--verify", "--export", "ledger.jsonl", "--json")
        #expect(exported.status == 0, "\(exported.outText)")
        let printed = try scene.sluice("ledger", "--public-key", "--json").json
        let key = try #require(printed["public_key"]?.stringValue)
        #expect(exported.json["export"]?["public_key"]?.stringValue == key)

        // Elsewhere: the file, the key, and a home that is not even made.
        let elsewhere = try Scene()
        try elsewhere.write("ledger.jsonl", bytes: Files.read(scene.path("ledger.jsonl")))
        let known = try elsewhere.sluice("ledger", "--verify-file", "ledger.jsonl", "--key", key, "--json")
        #expect(known.status == 0 && known.json["run_id"]?.stringValue == id, "\(known.outText)")
        #expect(known.json["key_given"]?.boolValue == true)
        let unknown = try elsewhere.sluice("ledger", "--verify-file", "ledger.jsonl")
        let fingerprint = try #require(known.json["fingerprint"]?.stringValue)
        #expect(unknown.status == 0 && unknown.outText.contains(fingerprint) && unknown.outText.contains("No --key"))
        #expect(!Files.exists(elsewhere.home))

        // Another home's key, a changed event, a missing one, no key at all.
        let other = try elsewhere.sluice("ledger", "--public-key", "--json").json
        let stranger = try #require(other["public_key"]?.stringValue)
        let foreign = try elsewhere.sluice("ledger", "--verify-file", "ledger.jsonl", "--key", stranger, "--json")
        #expect(foreign.status == 1 && foreign.outText.contains("signed by another key"))
        var lines = String(decoding: try Files.read(scene.path("ledger.jsonl")), as: UTF8.self).split(separator: "\n")
        let head = lines.count - 1
        lines[head] = lines[head].dropLast() + " }"
        try elsewhere.write("changed.jsonl", lines.joined(separator: "\n") + "\n")
        let changed = try elsewhere.sluice("ledger", "--verify-file", "changed.jsonl", "--json")
        #expect(changed.outText.contains("event \(head): edited"), "\(changed.outText)")
        lines.remove(at: 3)
        try elsewhere.write("shorter.jsonl", lines.joined(separator: "\n") + "\n")
        let shorter = try elsewhere.sluice("ledger", "--verify-file", "shorter.jsonl", "--json")
        #expect(
            shorter.json["error"]?["message"]?.stringValue?.contains("event 3: deleted") == true, "\(shorter.outText)")
        let none = try elsewhere.sluice("ledger", "--verify-file", "ledger.jsonl", "--key", "abc", "--json")
        #expect(none.status == 2 && none.json["error"]?["detail_id"]?.stringValue == "usage")
        let absent = try elsewhere.sluice("ledger", "--verify-file", "absent.jsonl", "--json")
        #expect(absent.status == 1 && absent.json["error"]?["detail_id"]?.stringValue == "file.failed")
    }

    @Test("An export is what its description says: another program recomputes chain and signature")
    func anotherProgram() throws {
        let scene = try Scene()
        let id = try migrated(scene)
        #expect(try scene.sluice("ledger", id, "--export", "ledger.jsonl").status == 0)
        // The program of docs/ledger.md.
        let page = String(decoding: try Files.read(Stage.repository + "/docs/ledger.md"), as: UTF8.self)
        let program = try #require(
            page.split(separator: "```python\n").dropFirst().first?.split(separator: "```").first)
        try scene.write("check.py", String(program))
        let checked = try scene.run("/usr/bin/python3", ["check.py", "ledger.jsonl"])
        #expect(checked.status == 0 && checked.outText.hasPrefix("chain holds"), "\(checked.outText)\(checked.errText)")
        let message = try scene.run(
            "/usr/bin/openssl",
            [
                "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "signed.bin", "-sigfile",
                "signature.bin",
            ])
        #expect(message.status == 0 && message.outText.contains("Verified Successfully"), "\(message.errText)")
    }

    @Test(
        "Ways to ask that exclude each other are usage errors",
        arguments: [
            ["ledger"], ["ledger", "--verify"], ["ledger", "01JCXAAA", "--public-key"],
            ["ledger", "01JCXAAA", "--verify-file", "f"], ["ledger", "--verify-file", "f", "--verify"],
            ["ledger", "01JCXAAA", "--key", "k"], ["ledger", "--public-key", "--export", "f"],
        ])
    func usage(arguments: [String]) throws {
        let scene = try Scene()
        let asked = try scene.start(arguments + ["--json"]).wait()
        #expect(asked.status == 2 && asked.json["error"]?["detail_id"]?.stringValue == "usage", "\(asked.outText)")
        #expect(!Files.exists(scene.home))
    }
}
