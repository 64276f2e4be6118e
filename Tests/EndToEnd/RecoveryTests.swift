import Foundations
import Glibc
import TestSupport
import Testing

/// A run that was killed goes on behind its last checkpoint.
@Suite("Recovery", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct RecoveryTests {
    static let rows = 200_000

    private func source(_ scene: Scene) throws {
        var bytes = Array("id,name,email,amount\n".utf8)
        for row in 0..<Self.rows { bytes += Array("\(row),Person \(row),p\(row)@example.com,\(row % 997).25\n".utf8) }
        try scene.write("big.csv", bytes: bytes)
        try scene.database(
            "t.db", "CREATE TABLE people (person_id INTEGER PRIMARY KEY, full_name TEXT, email TEXT, amount REAL)")
    }

    @Test("Killed between two chunks and resumed, every row is there once", .timeLimit(.minutes(3)))
    func killed() throws {
        let scene = try Scene()
        let runner = try scene.nameRunner()
        try source(scene)
        let run = try scene.start(["run", "--lhs", "csv:big.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json"])
        // The checkpoints in the target are what a resume rests on: wait for one, then kill.
        var seen = 0
        while run.isRunning, seen == 0 { seen = (try? scene.count("t.db", "_sluice_checkpoints")) ?? 0 }
        run.kill()
        let killed = try run.wait()
        try #require(seen > 0 && killed.status == 128 + 9, "the run ended before it could be killed: \(killed.outText)")
        let orphans = processes(named: runner)
        #expect(orphans == [])
        let before = try scene.count("t.db", "people")
        let staged = try scene.count("t.db", "_sluice_checkpoints")
        #expect(before == 0 && staged >= 1 && staged < 4)

        let listed = try scene.sluice("runs", "--json").json["runs"]?.arrayValue ?? []
        let id = try #require(listed.first?["run_id"]?.stringValue)
        let resumed = try scene.sluice("resume", id, "--json")
        #expect(resumed.status == 0, "\(resumed.outText)\(resumed.errText)")
        #expect(resumed.json["rows_in"]?.intValue == Int64(Self.rows))
        #expect(resumed.json["rows_migrated"]?.intValue == Int64(Self.rows))
        let found = try scene.rows(
            "t.db",
            "SELECT count(*), count(DISTINCT person_id), min(person_id), max(person_id), sum(amount) FROM people")
        let sum = (0..<Self.rows).reduce(0.0) { $0 + Double($1 % 997) + 0.25 }
        #expect(found.first?.prefix(4) == ["200000", "200000", "0", "199999"])
        let total = Double(found.first?.last ?? "") ?? 0
        #expect(abs(total - sum) < 1)
        let stagedLeft = try scene.rows("t.db", "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%stage%'")
        #expect(stagedLeft == [["0"]])
    }

    @Test("Stopped from another terminal it keeps what was done, and resumed it ends", .timeLimit(.minutes(3)))
    func stopped() throws {
        let scene = try Scene()
        try source(scene)
        let run = try scene.start(["run", "--lhs", "csv:big.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json"])
        var seen = 0
        while run.isRunning, seen == 0 { seen = (try? scene.count("t.db", "_sluice_checkpoints")) ?? 0 }
        let id = try #require(
            try scene.sluice("runs", "--json").json["runs"]?.arrayValue?.first?["run_id"]?.stringValue)
        let asked = try scene.sluice("stop", id, "--json")
        #expect(asked.status == 0 && asked.json["stop_requested"]?.boolValue == true, "\(asked.outText)")
        let ended = try run.wait()
        #expect(ended.status == 1 && ended.json["state"]?.stringValue == "stopped", "\(ended.outText)")
        #expect(ended.json["error"]?["detail_id"]?.stringValue == "run.stopped")
        let promoted = try scene.count("t.db", "people")
        #expect(promoted == 0)
        let resumed = try scene.sluice("resume", id, "--json")
        #expect(
            resumed.status == 0 && resumed.json["rows_migrated"]?.intValue == Int64(Self.rows), "\(resumed.outText)")
        let rows = try scene.count("t.db", "people")
        #expect(rows == Self.rows)
    }

    @Test(
        "A stop is heard by a driver that has its lock and no lease yet, also when it resumes what was stopped before",
        .enabled(if: Stage.hasHooks), .timeLimit(.minutes(2)))
    func stoppedEarly() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        let rows = (1...50).map { "\($0),Person \($0),p\($0)@example.com" }.joined(separator: "\n")
        try scene.write("people.csv", "id,name,email\n\(rows)\n")
        var arguments = ["run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json"]
        var id = ""
        for _ in 0..<2 {
            scene.environment["SLUICE_FAILPOINT"] = "store.take_lease.before=hang"
            let run = try scene.start(arguments)
            scene.environment["SLUICE_FAILPOINT"] = nil
            while run.isRunning, !isStopped(run.pid) { poll(nil, 0, 5) }
            id = try #require(
                try scene.sluice("runs", "--json").json["runs"]?.arrayValue?.first?["run_id"]?.stringValue)
            let asked = try scene.sluice("stop", id, "--json")
            #expect(asked.status == 0 && asked.json["stop_requested"] == true, "\(asked.outText)")
            run.kill(SIGCONT)
            let ended = try run.wait()
            #expect(ended.status == 1 && ended.json["state"] == "stopped", "\(ended.outText)")
            #expect(ended.json["error"]?["detail_id"] == "run.stopped")
            arguments = ["resume", id, "--yes", "--json"]
        }
        // A request that was heeded, or is older than the drive, stops nothing more.
        let resumed = try scene.sluice("resume", id, "--yes", "--json")
        #expect(resumed.status == 0 && resumed.json["rows_migrated"] == 50, "\(resumed.outText)")
    }

    @Test("A source that changed while the run was held is refused")
    func sourceChanged() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        let rows = (1...50).map { "\($0),Person \($0),p\($0)@example.com" }.joined(separator: "\n")
        try scene.write("people.csv", "id,name,email\n\(rows)\n")
        let run = try scene.sluice("run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--json")
        let id = try #require(run.json["run_id"]?.stringValue)
        #expect(run.status == 3 && run.json["hold"]?["stage"]?.stringValue == "MIGRATION")
        try scene.write("people.csv", "id,name,email\n\(rows)\n51,New,new@example.com\n")
        let resumed = try scene.sluice("resume", id, "--yes", "--json")
        #expect(
            resumed.status == 1 && resumed.json["error"]?["detail_id"]?.stringValue == "source.changed",
            "\(resumed.outText)")
        let migrated = try scene.count("t.db", "people")
        #expect(migrated == 0)
    }
}
