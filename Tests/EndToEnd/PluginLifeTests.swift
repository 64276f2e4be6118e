import Foundations
import Glibc
import TestSupport
import Testing

/// What becomes of a plugin that fails again and again, and of one that runs when the user wants to stop.
@Suite("The life of a plugin", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct PluginLifeTests {
    private static let check = "sluice.check.completeness"

    /// A scene with 50 people, and this fixture in the place of a check.
    private func scene(_ fixture: String, wall: Double) throws -> Scene {
        let scene = try Scene()
        try scene.copyStage()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        let rows = (1...50).map { "\($0),Person \($0),p\($0)@example.com" }.joined(separator: "\n")
        try scene.write("people.csv", "id,name,email\n\(rows)\n")
        try scene.replacePlugin(Self.check, byFixture: fixture, wall: wall)
        return scene
    }

    private func listed(_ scene: Scene) throws -> JSON? {
        try scene.sluice("plugin", "list", "--json").json["plugins"]?.arrayValue?.first {
            $0["id"]?.stringValue == Self.check
        }
    }

    private func crashes(_ scene: Scene) throws -> [[String]] {
        try scene.rows("home/sluice.db", "SELECT reason FROM plugin_crashes ORDER BY seq")
    }

    @Test("One that crashes four times is not started a fifth time, until somebody says so")
    func quarantine() throws {
        let scene = try scene("abort_in_call", wall: 30)
        var last = try scene.sluice(
            "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json", limit: 60)
        let run = try #require(last.json["run_id"]?.stringValue)
        for _ in 0..<3 {
            #expect(last.json["error"]?["detail_id"] == "plugin.crashed", "\(last.outText)")
            #expect(try listed(scene)?["status"] == "installed")
            last = try scene.sluice("resume", run, "--yes", "--json")
        }
        #expect(last.json["error"]?["detail_id"] == "plugin.crashed")
        #expect(last.errText.contains("sluice plugin retry \(Self.check)"), "\(last.errText)")
        #expect(try crashes(scene) == Array(repeating: ["plugin.crashed"], count: 4))

        // It is told in the ledger, in the list, and by whoever wants to start it; and nothing is started.
        let refused = try scene.sluice("resume", run, "--yes", "--json")
        let error = refused.json["error"]
        #expect(refused.status == 4 && error?["detail_id"] == "plugin.quarantined", "\(refused.outText)")
        #expect(error?["message"]?.stringValue?.contains("4 times within 24 h (plugin.crashed 4×)") == true)
        #expect(error?["hint"]?.stringValue?.contains("sluice plugin retry \(Self.check)") == true)
        #expect(try crashes(scene).count == 4)
        let told = try listed(scene)
        #expect(told?["status"] == "quarantined" && told?["error"]?["detail_id"] == "plugin.quarantined")
        let shown = try scene.sluice("plugin", "show", Self.check, "--json").json
        #expect(shown["status"] == "quarantined" && shown["quarantine"]?["crashes"] == 4)
        let events = try scene.sluice("ledger", run, "--json").jsonLines
        let begun = events.filter { $0["note"]?["event"] == "plugin_quarantined" }
        #expect(begun.count == 1 && begun.first?["stage"] == "ANALYSIS")
        #expect(begun.first?["note"]?["plugin_hash"] == shown["artifacts"]?.arrayValue?.first?["sha256"])
        #expect(events.last?["error_detail_id"] == "plugin.quarantined")
        let verified = try scene.sluice("ledger", run, "--verify", "--json")
        #expect(verified.json["verified"] == true)
        #expect(try scene.sluice("show", run, "--json").json["evidence"]?["holds"] != false)

        // One command, by somebody who may; then it is started, and counted, again.
        let retried = try scene.sluice("plugin", "retry", Self.check, "--json")
        #expect(retried.status == 0 && retried.json["status"] == "released", "\(retried.outText)")
        #expect(retried.json["role"] == "Admin" && retried.json["quarantine"]?["crashes"] == 4)
        let by = try scene.rows("home/sluice.db", "SELECT actor, role FROM plugin_quarantines WHERE act = 'released'")
        #expect(by == [[retried.json["actor"]?.stringValue ?? "", "Admin"]])
        let again = try scene.sluice("plugin", "retry", Self.check, "--json")
        #expect(again.status == 0 && again.json["status"] == "not_quarantined")
        let crashed = try scene.sluice("resume", run, "--yes", "--json")
        #expect(crashed.json["error"]?["detail_id"] == "plugin.crashed")
        #expect(try listed(scene)?["status"] == "installed")
    }

    @Test("A mended one, with other bytes, needs no retry")
    func mended() throws {
        let scene = try scene("abort_on_load", wall: 30)
        var last = try scene.sluice(
            "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json", limit: 60)
        let run = try #require(last.json["run_id"]?.stringValue)
        for _ in 0..<4 { last = try scene.sluice("resume", run, "--yes", "--json") }
        #expect(last.json["error"]?["detail_id"] == "plugin.quarantined", "\(last.outText)")
        try scene.restorePlugins()
        let resumed = try scene.sluice("resume", run, "--yes", "--json")
        #expect(resumed.status == 0 && resumed.json["rows_migrated"] == 50, "\(resumed.outText)")
    }

    @Test("SIGTERM cancels a call that hangs: the run is stopped and goes on later", arguments: [SIGTERM, SIGINT])
    func stopped(signal: Int32) throws {
        let scene = try scene("hang", wall: 300)
        let runner = try scene.nameRunner()
        let process = try scene.start([
            "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json",
        ])
        // The plugin is in its call once its process is busy: nothing else in this run takes so long.
        try #require(isBusy(runner))
        process.kill(signal)
        let end = Context.system.monotonic() + 20_000_000_000
        while process.isRunning, Context.system.monotonic() < end { poll(nil, 0, 10) }
        let isLate = process.isRunning
        if isLate { process.kill() }
        #expect(!isLate, "the plugin's deadline is 300 s")
        let ended = try process.wait()
        #expect(ended.status == 1, "\(ended.outText)\(ended.errText)")
        #expect(ended.json["state"] == "stopped" && ended.json["error"]?["detail_id"] == "run.interrupted")
        let left = processes(named: runner)
        #expect(left == [])
        #expect(try crashes(scene) == [], "whoever was cancelled did not crash")
        let run = try #require(ended.json["run_id"]?.stringValue)
        let last = try scene.sluice("ledger", run, "--json").jsonLines.last
        #expect(last?["note"]?["event"] == "stopped" && last?["stage"] == "ANALYSIS")

        try scene.restorePlugins()
        let resumed = try scene.sluice("resume", run, "--yes", "--json")
        #expect(resumed.status == 0 && resumed.json["rows_migrated"] == 50, "\(resumed.outText)")
    }

    /// Whether a process of this name comes to use a tenth of a second of processor time, within thirty.
    private func isBusy(_ name: String) -> Bool {
        let ticks = sysconf(Int32(_SC_CLK_TCK))
        let end = Context.system.monotonic() + 30_000_000_000
        while Context.system.monotonic() < end {
            for pid in processes(named: name, expected: 9) {
                guard let bytes = try? Files.read("/proc/\(pid)/stat") else { continue }
                let text = String(decoding: bytes, as: UTF8.self)
                let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
                if fields.count > 12, let used = Int(fields[12]), used * 10 > ticks { return true }
            }
            poll(nil, 0, 20)
        }
        return false
    }

    @Test("A plugin's process serves one run, whatever lies ready")
    func recycled() throws {
        guard Stage.hasHooks else { return }
        let scene = try Scene()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        let wire = scene.path("wire")
        try Files.makeFolder(wire)
        scene.environment["SLUICE_RECORD_WIRE"] = wire
        for number in 1...2 {
            let rows = (1...10).map { "\($0 + number * 100),Only\(number)x\($0),p\($0)@example.com" }
            try scene.write("people\(number).csv", "id,name,email\n" + rows.joined(separator: "\n") + "\n")
            let run = try scene.sluice(
                "run", "--lhs", "csv:people\(number).csv", "--rhs", "sqlite:t.db#people", "--yes", "--json")
            #expect(run.status == 0, "\(run.outText)\(run.errText)")
        }
        // Two checks and two runs are four processes that were given an instance; no process got two.
        let files = Scene.files(below: wire).filter { $0.key.hasPrefix("check-") && $0.key.hasSuffix("-0.bin") }
        let instances = files.values.map { frames(of: 2, in: $0) }
        #expect(instances.filter { $0 == 1 }.count == 4 && instances.allSatisfy { $0 <= 1 }, "\(instances)")
    }

    /// How many frames of a type a recorded socket has (docs/runner-protocol.md).
    private func frames(of type: UInt8, in bytes: [UInt8]) -> Int {
        var count = 0
        var at = 0
        while at + 16 <= bytes.count {
            let size = bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
            if bytes[at + 4] == type, bytes[at + 5] == 0 { count += 1 }
            at += 16 + size
        }
        return count
    }
}
