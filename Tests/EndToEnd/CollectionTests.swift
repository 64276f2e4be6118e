import Foundations
import Glibc
import TestSupport
import Testing

/// `sluice artifacts gc`: what anything refers to stays, whatever is driven meanwhile.
@Suite("Garbage collection", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct CollectionTests {
    private func bodies(_ scene: Scene) -> Set<String> {
        Set(Scene.files(below: scene.path("home/artifacts")).keys)
    }

    /// A body that no run has, of any age.
    private func orphan(_ scene: Scene, _ number: Int, hours: Int = 48) throws -> String {
        let body: JSON = ["artifact": "catalog", "artifact_version": "1", "inputs": [], "content": ["n": JSON(number)]]
        let hash = body.canonicalHash.hex
        let folder = "home/artifacts/\(hash.prefix(2))"
        try Files.makeFolder(scene.path(folder))
        try scene.write("\(folder)/\(hash).json", bytes: body.canonicalBytes)
        try age(scene.path("\(folder)/\(hash).json"), hours: hours)
        return hash
    }

    private func age(_ path: String, hours: Int) throws {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let then = timespec(tv_sec: now.tv_sec - hours * 3600, tv_nsec: 0)
        try #require(utimensat(AT_FDCWD, path, [then, then], 0) == 0)
    }

    @Test("Only what nothing refers to is deleted, and the runs stay whole")
    func collects() throws {
        let scene = try Scene()
        let (run, plan) = try ReuseTests.april(scene)
        try scene.write("may.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(100..<160))")
        let second = try ReuseTests.migrate(scene, "may.csv", "--plan", plan)
        #expect(second.status == 0, "\(second.outText)")
        let kept = bodies(scene)
        for name in kept { try age(scene.path("home/artifacts/\(name)"), hours: 1000) }
        let orphans = try [orphan(scene, 1), orphan(scene, 2), orphan(scene, 3, hours: 1)]
        let left = try scene.write("home/artifacts/\(orphans[0].prefix(2))/\(orphans[0]).json.00.tmp", "{")
        try age(left, hours: 48)

        let looked = try scene.sluice("artifacts", "gc", "--dry-run", "--json")
        #expect(looked.status == 0 && looked.json["deleted"] == 2 && looked.json["young"] == 1, "\(looked.outText)")
        #expect(bodies(scene).count == kept.count + 4)
        let done = try scene.sluice("artifacts", "gc", "--json")
        #expect(done.status == 0 && done.json["deleted"] == 2 && done.json["left_overs"] == 1, "\(done.outText)")
        #expect(done.json["kept"]?.intValue == Int64(kept.count + 1))
        #expect(done.json["bytes_freed"] == looked.json["bytes_freed"] && done.json["bytes_freed"] != 0)
        let hashes = Set((done.json["hashes"]?.arrayValue ?? []).compactMap(\.stringValue))
        #expect(hashes == Set(orphans[..<2]))
        let people = try scene.sluice("artifacts", "gc", "--grace", "0")
        #expect(people.status == 0 && people.outText.contains("Deleted  1"), "\(people.outText)")
        #expect(bodies(scene) == kept)
        for id in [run, second.json["run_id"]?.stringValue ?? ""] {
            for artifact in try scene.sluice("artifacts", id, "--json").json["artifacts"]?.arrayValue ?? [] {
                let read = try scene.sluice("artifact", artifact["hash"]?.stringValue ?? "", "--json")
                #expect(read.status == 0, "\(read.outText)")
            }
        }
    }

    @Test("A run whose rows were edited keeps everything: nothing is deleted while a run does not hold")
    func edited() throws {
        let scene = try Scene()
        let (run, _) = try ReuseTests.april(scene)
        let orphan = try orphan(scene, 1)
        for name in bodies(scene) { try age(scene.path("home/artifacts/\(name)"), hours: 1000) }
        let before = bodies(scene)
        try scene.database("home/sluice.db", "DELETE FROM run_artifacts WHERE kind = 'mapping_plan'")
        for arguments in [["--grace", "0"], ["--dry-run"], []] {
            let refused = try scene.start(["artifacts", "gc", "--json"] + arguments).wait()
            #expect(refused.status == 4 && ReuseTests.detail(refused) == "gate.evidence", "\(refused.outText)")
            #expect(ReuseTests.words(refused).contains(run))
            #expect(ReuseTests.words(refused).contains("nothing was deleted"))
        }
        #expect(bodies(scene) == before && before.contains("\(orphan.prefix(2))/\(orphan).json"))
    }

    @Test("A run that was erased, as by an earlier copy of the database, keeps its bodies")
    func erased() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people \(ReuseTests.shape)")
        #expect(try scene.sluice("runs").status == 0)
        // The database alone, before there was a run.
        let copied = try scene.run("/bin/cp", ["-a", scene.path("home/sluice.db"), scene.path("early.db")])
        #expect(copied.status == 0)
        try scene.write("april.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(1..<61))")
        let run = try scene.sluice("run", "--lhs", "csv:april.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
        let id = try #require(run.json["run_id"]?.stringValue, "\(run.outText)\(run.errText)")
        for name in bodies(scene) { try age(scene.path("home/artifacts/\(name)"), hours: 1000) }
        let before = bodies(scene)
        #expect(before.count == 6)
        for suffix in ["", "-wal", "-shm"] { unlink(scene.path("home/sluice.db\(suffix)")) }
        let put = try scene.run("/bin/cp", ["-a", scene.path("early.db"), scene.path("home/sluice.db")])
        #expect(put.status == 0)
        let listed = try scene.sluice("runs", "--json").json["runs"]?.arrayValue ?? []
        #expect(listed.count == 1 && listed.first?["state"] == "damaged")
        for arguments in [["--grace", "0"], ["--dry-run"], []] {
            let refused = try scene.start(["artifacts", "gc", "--json"] + arguments).wait()
            #expect(refused.status == 1 && ReuseTests.detail(refused) == "store.ledger", "\(refused.outText)")
            #expect(ReuseTests.words(refused).contains(id))
            #expect(ReuseTests.words(refused).contains("nothing was deleted"))
        }
        #expect(bodies(scene) == before)
    }

    @Test("A shelf that is a link is not followed")
    func linkedShelf() throws {
        let scene = try Scene()
        _ = try ReuseTests.april(scene)
        let hash = try orphan(scene, 1)
        let shelf = "home/artifacts/\(hash.prefix(2))"
        let moved = try scene.run("/bin/mv", [scene.path(shelf), scene.path("elsewhere")])
        try #require(moved.status == 0)
        try #require(symlink(scene.path("elsewhere"), scene.path(shelf)) == 0)
        let left = try scene.write("elsewhere/\(hash).json.00.tmp", "{")
        try age(left, hours: 48)
        let outside = Set(Scene.files(below: scene.path("elsewhere")).keys)
        let done = try scene.sluice("artifacts", "gc", "--grace", "0", "--json")
        #expect(done.status == 0 && done.json["deleted"] == 0 && done.json["left_overs"] == 0, "\(done.outText)")
        #expect(Set(Scene.files(below: scene.path("elsewhere")).keys) == outside)
    }

    @Test("A kept body that was changed is reported, and nothing is deleted")
    func damaged() throws {
        let scene = try Scene()
        let plan = try ReuseTests.april(scene).plan
        _ = try orphan(scene, 1)
        let path = "home/artifacts/\(plan.prefix(2))/\(plan).json"
        let body = String(decoding: try Files.read(scene.path(path)), as: UTF8.self)
        try scene.write(path, body.replacing("\"inputs\":[", with: "\"inputs\": ["))
        let before = bodies(scene)
        for arguments in [["--grace", "0"], ["--dry-run"], []] {
            let refused = try scene.start(["artifacts", "gc", "--json"] + arguments).wait()
            #expect(refused.status == 1 && ReuseTests.detail(refused) == "artifact.corrupt", "\(refused.outText)")
            #expect(ReuseTests.words(refused).contains(plan))
            #expect(ReuseTests.words(refused).contains("nothing was deleted"))
        }
        #expect(bodies(scene) == before)
    }

    @Test("Collected without a grace again and again while a run is driven, it ends as usual", .timeLimit(.minutes(3)))
    func driven() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people \(ReuseTests.shape)")
        try scene.write("big.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(1..<60_001))")
        // The same work in a home of its own: what the run must end with.
        try scene.database("quiet.db", "CREATE TABLE people \(ReuseTests.shape)")
        let quiet = try scene.sluice(
            "run", "--lhs", "csv:big.csv", "--rhs", "sqlite:quiet.db#people", "--yes", "--json",
            home: scene.path("quiet"))
        try #require(quiet.status == 0, "\(quiet.outText)")
        let expected = try #require(quiet.json["artifacts"]?.objectValue)
        try #require(expected.count == 6, "\(expected)")

        let run = try scene.start(
            ["run", "--lhs", "csv:big.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json"])
        var collections = 0
        var failures: [String] = []
        while run.isRunning {
            let collected = try scene.sluice("artifacts", "gc", "--grace", "0", "--json")
            if collected.status != 0 { failures.append(collected.outText + collected.errText) }
            collections += 1
        }
        let ended = try run.wait()
        try #require(ended.status == 0, "\(ended.outText)\(ended.errText)")
        #expect(collections > 3 && failures == [])
        #expect(ended.json["rows_migrated"] == 60_000 && ended.json["artifacts"] == .object(expected))
        let id = try #require(ended.json["run_id"]?.stringValue)
        #expect(try scene.sluice("ledger", id, "--verify").status == 0)
        let last = try scene.sluice("artifacts", "gc", "--grace", "0", "--json")
        #expect(last.status == 0 && last.json["deleted"] == 0, "\(last.outText)")
        for hash in expected.values.compactMap(\.stringValue) {
            let read = try scene.sluice("artifact", hash, "--json")
            #expect(read.status == 0, "\(read.outText)")
        }
    }

    @Test(
        "A body that is deleted between its writing and its reference is written again",
        .enabled(if: Stage.hasHooks), .timeLimit(.minutes(5)))
    func between() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people \(ReuseTests.shape)")
        try scene.write("april.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(1..<61))")
        // Bodies of the first stage are written, and their transaction has not begun.
        scene.environment["SLUICE_FAILPOINT"] = "store.commit_stage.before=hang"
        let run = try scene.start(["run", "--lhs", "csv:april.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json"])
        scene.environment["SLUICE_FAILPOINT"] = nil
        while run.isRunning, !isStopped(run.pid) { poll(nil, 0, 5) }
        let written = bodies(scene)
        #expect(written.count == 2)
        let collected = try scene.sluice("artifacts", "gc", "--grace", "0", "--json")
        #expect(collected.json["deleted"] == 2, "\(collected.outText)")
        run.kill(SIGCONT)
        let ended = try run.wait()
        #expect(ended.status == 0, "\(ended.outText)\(ended.errText)")
        #expect(bodies(scene).isSuperset(of: written))
        let last = try scene.sluice("artifacts", "gc", "--grace", "0", "--json")
        #expect(last.status == 0 && last.json["deleted"] == 0, "\(last.outText)")
    }

    @Test(
        "A body that is being written is not taken for a left-over",
        .enabled(if: Stage.hasHooks), .timeLimit(.minutes(5)))
    func writing() throws {
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people \(ReuseTests.shape)")
        try scene.write("april.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(1..<61))")
        scene.environment["SLUICE_FAILPOINT"] = "store.artifact.middle=hang"
        let run = try scene.start(["run", "--lhs", "csv:april.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json"])
        scene.environment["SLUICE_FAILPOINT"] = nil
        while run.isRunning, !isStopped(run.pid) { poll(nil, 0, 5) }
        let collected = try scene.sluice("artifacts", "gc", "--grace", "0", "--json")
        #expect(collected.status == 0 && collected.json["left_overs"] == 0, "\(collected.outText)")
        run.kill(SIGCONT)
        let ended = try run.wait()
        #expect(ended.status == 0, "\(ended.outText)\(ended.errText)")
        // One that was killed there leaves its file, which is one.
        scene.environment["SLUICE_FAILPOINT"] = "store.artifact.middle=kill"
        try scene.write("may.csv", "\(ReuseTests.header)\n\(ReuseTests.rows(100..<160))")
        let killed = try ReuseTests.migrate(scene, "may.csv")
        scene.environment["SLUICE_FAILPOINT"] = nil
        #expect(killed.status == 137)
        let last = try scene.sluice("artifacts", "gc", "--grace", "0", "--json")
        #expect(last.status == 0 && last.json["left_overs"] == 1, "\(last.outText)")
    }

    @Test(
        "Killed or refused at any place, a collection is done the next time, and nothing else goes",
        .enabled(if: Stage.hasHooks), arguments: ["before", "middle", "after"])
    func killed(place: String) throws {
        let scene = try Scene()
        _ = try ReuseTests.april(scene)
        let kept = bodies(scene)
        for number in 0..<200 { _ = try orphan(scene, number) }
        for act in ["kill", "eio"] {
            scene.environment["SLUICE_FAILPOINT"] = "store.collect_artifacts.\(place)=\(act)"
            let ended = try scene.start(["artifacts", "gc", "--json"]).wait()
            #expect(act == "kill" ? ended.status == 137 : ended.status == 1, "\(ended.outText)")
        }
        scene.environment["SLUICE_FAILPOINT"] = nil
        let last = try scene.sluice("artifacts", "gc", "--json")
        #expect(last.status == 0, "\(last.outText)")
        #expect(bodies(scene) == kept)
    }

    /// By SIGSTOP.
    private func isStopped(_ pid: pid_t) -> Bool {
        let text = String(decoding: (try? Files.read("/proc/\(pid)/stat")) ?? [], as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return false }
        return text[end...].split(separator: " ").dropFirst().first == "T"
    }
}
