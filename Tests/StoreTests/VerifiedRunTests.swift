import Contracts
import Foundations
import Policy
import Testing

@testable import Store

@Suite struct `What a home keeps of a run` {
    private func store(_ body: (StoreDatabase, ULID) throws -> Void) throws {
        try withStore { store in
            let contract = try makeContract()
            let run = contract.runID
            _ = try store.createRun(
                contract, lane: nil, versions: versions, event: makeEvent(run, .supervisor), permit: permit(.createRun))
            try body(store, run)
        }
    }

    @Test func `is read as one state, its ledger verified`() throws {
        try store { store, run in
            let artifact = makeArtifact(.catalog, ["a": 1])
            try store.commitStage(
                runID: run, artifacts: [artifact], event: makeEvent(run), state: .running, stage: .domains)
            let found = try store.verifiedRun(run)
            #expect(found.record.stage == .domains && found.dropped == 0)
            #expect(found.events.map(\.number) == [1, 2] && found.artifacts.map(\.hash) == [artifact.id])
            #expect(try store.eventCount(run) == 2)
            try store.change("DROP TRIGGER supervisor_ledger_no_delete")
            try store.change("DELETE FROM supervisor_ledger WHERE number = 2")
            expectFailure("store.ledger", "sluice ledger \(run) --verify") { try store.verifiedRun(run) }
            expectFailure("store.ledger", "tail cut") {
                try store.enter(run, .domains) { (_) throws(SluiceError) in 1 }
            }
            let absent = Context.system.ulid()
            expectFailure("run.missing") { try store.verifiedRun(absent) }
        }
    }

    @Test func `changes only as whoever looks at it lets it`() throws {
        try store { store, run in
            let before = try store.verifiedRun(run)
            expectFailure("gate.evidence", "not so") {
                try store.enter(run, .ingest) { (found) throws(SluiceError) -> Int in
                    #expect(found == before)
                    throw SluiceError(.gateEvidence, "not so")
                }
            }
            expectFailure("gate.seen") {
                try store.recording(run) { (_) throws(SluiceError) -> (decision: RecordedDecision, result: Int) in
                    throw SluiceError(.gateSeen, "not this")
                }
            }
            #expect(try store.verifiedRun(run) == before)
            let judged = try store.enter(run, .ingest) { (found) throws(SluiceError) in found.events.count }
            let entered = try store.run(run)
            #expect(judged == 1 && entered.state == .running && entered.stage == .ingest)
            let gate = GateRecord(
                runID: run, stage: .ingest, decision: .hold, actor: "ann", reason: "r", timestampUTC: "t",
                artifactHash: nil)
            let result = try store.recording(run) { (_) throws(SluiceError) in
                (
                    RecordedDecision(
                        gate: gate, event: makeEvent(run, .ingest, .hold), change: RunChange(state: .held)), 7
                )
            }
            let after = try store.verifiedRun(run)
            #expect(result == 7 && after.decisions == [gate] && after.events.count == 2 && after.record.state == .held)
        }
    }

    @Test func `is not entered by a driver that was overtaken`() throws {
        try store { store, run in
            let other = try StoreDatabase(home: store.home, context: .system)
            try store.driving(run) { () throws(SluiceError) in
                try other.change("UPDATE runs SET lease_token = lease_token + 1")
                var refusal: SluiceError?
                do throws(SluiceError) { try store.enter(run, .ingest) { (_) throws(SluiceError) in } } catch {
                    refusal = error
                }
                #expect(refusal?.detail == "run.state")
            }
            #expect(try store.run(run).state == .created)
        }
    }
}
