import Foundations
import TestSupport
import Testing

/// A check that dies, hangs or lies costs the run its stage, never the host or the target.
@Suite("Plugins that misbehave", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct MisbehavingPluginTests {
    /// What a check of this kind must lead to.
    struct Case: Sendable, CustomTestStringConvertible {
        let fixture: String
        let code: String
        let detail: String
        var wall: Double = 30
        var says: String = ""

        var testDescription: String { fixture }
    }

    static let cases = [
        Case(fixture: "abort_on_load", code: "DETERMINISTIC_FAILURE", detail: "plugin.crashed"),
        Case(fixture: "abort_in_call", code: "DETERMINISTIC_FAILURE", detail: "plugin.crashed"),
        Case(fixture: "hang", code: "TIMEOUT", detail: "plugin.timeout", wall: 2),
        Case(fixture: "hang_on_load", code: "TIMEOUT", detail: "plugin.timeout", wall: 2),
        Case(fixture: "wrong_id", code: "DETERMINISTIC_FAILURE", detail: "plugin.load"),
        Case(fixture: "socket_check", code: "DETERMINISTIC_FAILURE", detail: "plugin.failed", says: "no socket: errno"),
        Case(fixture: "loud_verdict", code: "DETERMINISTIC_FAILURE", detail: "plugin.verdict"),
    ]

    @Test("It fails in time, leaves nothing behind, and the run goes on when it is mended", arguments: cases)
    func misbehaves(_ misbehaviour: Case) throws {
        let scene = try Scene()
        try scene.copyStage()
        let runner = try scene.nameRunner()
        try scene.database("t.db", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        let rows = (1...50).map { "\($0),Person \($0),p\($0)@example.com" }.joined(separator: "\n")
        try scene.write("people.csv", "id,name,email\n\(rows)\n")
        try scene.replacePlugin("sluice.check.completeness", byFixture: misbehaviour.fixture, wall: misbehaviour.wall)
        let targetBefore = try Files.read(scene.path("t.db"))

        let clock = ContinuousClock()
        let began = clock.now
        let run = try scene.sluice(
            "run", "--lhs", "csv:people.csv", "--rhs", "sqlite:t.db#people", "--yes", "--json", limit: 60)
        let seconds = (clock.now - began) / .seconds(1)
        #expect(seconds < misbehaviour.wall + 10)
        let error = run.json["error"]
        #expect(run.status == 1)
        #expect(error?["code"]?.stringValue == misbehaviour.code)
        #expect(error?["detail_id"]?.stringValue == misbehaviour.detail)
        let message = error?["message"]?.stringValue ?? ""
        #expect(message.contains(misbehaviour.says) && message.contains("sluice.check.completeness"))
        let leaks = run.outText.contains("ada@example.com")
        #expect(!leaks)
        #expect(error?["hint"]?.stringValue?.isEmpty == false)
        #expect(run.json["state"]?.stringValue == "failed")
        let left = processes(named: runner)
        #expect(left == [])
        let targetAfter = try Files.read(scene.path("t.db"))
        #expect(targetBefore == targetAfter)

        let id = try #require(run.json["run_id"]?.stringValue)
        let shown = try scene.sluice("show", id, "--json")
        #expect(shown.status == 0 && shown.json["state"]?.stringValue == "failed")
        let last = try scene.sluice("ledger", id, "--json").jsonLines.last
        #expect(last?["error_code"]?.stringValue == misbehaviour.code && last?["stage"]?.stringValue == "ANALYSIS")

        try scene.restorePlugins()
        let resumed = try scene.sluice("resume", id, "--yes", "--json")
        #expect(resumed.status == 0 && resumed.json["rows_migrated"]?.intValue == 50, "\(resumed.outText)")
        let migrated = try scene.count("t.db", "people")
        #expect(migrated == 50)
    }
}
