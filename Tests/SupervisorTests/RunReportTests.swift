import Contracts
import Foundations
import Testing

@testable import Supervisor

/// What is stored of a run's state for lists and for a resume.
@Suite("The run report")
struct RunReportTests {
    private let failed: JSON = [
        "error": ["code": "TRANSIENT_ERROR", "message": "The target is busy."],
        "stages": [["stage": "INGEST", "decision": "accept"], ["stage": "MIGRATION", "decision": "reject"]],
        "rows_in": 50,
    ]

    @Test("a stage that ends takes an earlier attempt's error away", arguments: Stage.work)
    func noOldError(stage: Stage) {
        let summary = RunReport.summary(
            failed, stage: stage, decision: .accept, reasons: [], counts: [:], seconds: 1)
        #expect(summary["error"] == nil)
        #expect(summary["rows_in"] == 50)
        let entries = summary["stages"]?.arrayValue ?? []
        let named = entries.filter { $0["stage"]?.stringValue == stage.rawValue }
        #expect(named.count == 1)
        #expect(named.first?["decision"] == "accept")
    }

    @Test("a hold is there as long as the run is held, and a decision stands at its stage")
    func holds() {
        let held = RunReport.summary(failed, with: .held(.analysis, .fix), reasons: ["too many"])
        #expect(held["hold"] == ["stage": "ANALYSIS", "kind": "fix", "reasons": ["too many"]])
        for state: RunMachine.State in [.ready(.analysis), .failed(.analysis), .running(.migration), .done] {
            #expect(RunReport.summary(held, with: state, reasons: [])["hold"] == nil)
        }
        let decided = RunReport.summary(held, stage: .migration, decidedBy: "ann", .accept)
        let entries = decided["stages"]?.arrayValue ?? []
        #expect(entries.first?["human_decision"] == nil)
        #expect(entries.last?["human_decision"] == ["actor": "ann", "decision": "accept"])
    }

    @Test("the next command is the one that the state takes")
    func next() {
        let run = Context.system.ulid()
        let fix = RunReport.next(.held(.mapping, .fix), run: run, token: "ab12")
        #expect(fix == .string("sluice decide \(run) mapping fix --seen ab12"))
        let accept = RunReport.next(.held(.migration, .confirmation), run: run, token: nil)
        #expect(accept == .string("sluice decide \(run) migration accept"))
        #expect(RunReport.next(.stopped(.mapping), run: run, token: nil) == .string("sluice resume \(run)"))
        #expect(RunReport.next(.done, run: run, token: nil) == .null)
    }
}
