import Contracts
import Databases
import Foundations
import Testing

@testable import Store

@Suite struct LedgerTests {
    /// An event with a value in every field.
    private func full(_ run: ULID) -> LedgerEvent {
        var event = makeEvent(run, .mapping, .hold, note: ["why": "score 0.5", "list": [1, 2.5, nil, true]])
        event.inputsHash = String(repeating: "a", count: 64)
        event.outputsHash = String(repeating: "b", count: 64)
        event.provider = "local"
        event.model = "m"
        event.paramsHash = String(repeating: "c", count: 64)
        event.tokenEstimate = 10
        event.tokenActual = 9
        event.usdEstimate = 1
        event.usdActual = 0.125
        event.retries = 2
        event.fallbackChain = ["local:m", "other:n"]
        event.piiMaskApplied = true
        event.localOnlyOverride = true
        event.errorCode = "TIMEOUT"
        event.errorDetailID = "plugin.timeout"
        event.confirmation = .init(required: true, actor: "ann", timestampUTC: "2026-01-31T12:00:00.000Z")
        return event
    }

    @Test func `every field of an event comes back`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let events = [full(run), makeEvent(run)]
            for event in events { try store.append(event) }
            #expect(try store.events(run).map(\.event) == events)
            #expect(try store.events(Context.system.ulid()).isEmpty)
        }
    }

    @Test func `an event can be neither changed, removed nor replaced`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let event = makeEvent(run)
            try store.append(event)
            let attempts = [
                "UPDATE supervisor_ledger SET decision = 'reject'", "UPDATE supervisor_ledger SET seq = 7",
                "DELETE FROM supervisor_ledger",
                """
                INSERT OR REPLACE INTO supervisor_ledger (run_id, event_id, timestamp_utc, stage, decision, event)
                VALUES ('r', '\(event.eventID)', 't', 's', 'd', '{}')
                """,
                """
                INSERT OR REPLACE INTO supervisor_ledger (seq, run_id, event_id, timestamp_utc, stage, decision, event)
                VALUES (1, 'r', 'e', 't', 's', 'd', '{}')
                """,
            ]
            for attempt in attempts {
                expectFailure("store.ledger") { try store.change(attempt) }
            }
            // Another program's connection meets the same triggers.
            let foreign = try SQLiteConnection(path: store.home.databasePath, access: .readWrite)
            do throws(DatabaseError) {
                try foreign.execute("DELETE FROM supervisor_ledger")
                Issue.record("the ledger was emptied")
            } catch { #expect(error.message == "the ledger is append-only") }
            #expect(try store.events(run).map(\.event) == [event])
        }
    }

    @Test func `the same event twice is in the ledger once, and another under its id is refused`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let event = makeEvent(run)
            let place = try store.append(event)
            #expect(try store.append(event) == place)
            var other = event
            other.retries = 1
            expectFailure("store.ledger") { try store.append(other) }
            #expect(try store.events(run).count == 1)
            #expect(try store.decisionSummary(run).first?.events == 1)
        }
    }

    @Test func `a row that was changed behind the triggers is found`() throws {
        try withStore { store in
            let run = try store.makeRun()
            try store.append(makeEvent(run))
            try store.change("DROP TRIGGER supervisor_ledger_no_update")
            try store.change("UPDATE supervisor_ledger SET decision = 'reject'")
            expectFailure("store.ledger") { try store.events(run) }
            try store.change(
                "UPDATE supervisor_ledger SET decision = 'accept', event = replace(event, '\"retries\":0,', '')")
            expectFailure("store.ledger") { try store.events(run) }
        }
    }

    @Test func `the decision summary follows the last event of each stage`() throws {
        try withStore { store in
            let run = try store.makeRun()
            try store.append(makeEvent(run, .mapping, .hold))
            try store.append(makeEvent(run, .ingest, .accept))
            var last = makeEvent(run, .mapping, .accept)
            last.outputsHash = "ff"
            try store.append(last)
            let summary = try store.decisionSummary(run)
            #expect(summary.map(\.stage) == [.ingest, .mapping])
            #expect(summary.map(\.decision) == [.accept, .accept] && summary.map(\.events) == [1, 2])
            #expect(summary.last?.eventID == last.eventID && summary.last?.outputsHash == "ff")
        }
    }

    @Test func `a stage ends with artifacts, event and state together`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let made = [makeArtifact(.catalog, ["a": 1]), makeArtifact(.samplePack, ["b": 2])]
            let event = makeEvent(run)
            let hashes = try store.commitStage(
                runID: run, artifacts: made, event: event, state: .running, stage: .ingest, summary: ["n": 1])
            #expect(hashes == made.map(\.id))
            let kept = try store.artifacts(of: run)
            #expect(kept.map(\.kind) == [.catalog, .samplePack] && kept.map(\.hash) == hashes)
            #expect(kept.map(\.envelope) == [["run": "somebody's"], ["run": "somebody's"]])
            #expect(kept.map(\.stage) == [.ingest, .ingest])
            #expect(try store.references(to: made[0].id).map(\.runID) == [run])
            #expect(try store.events(run).map(\.event) == [event])
            let record = try store.run(run)
            #expect(record.state == .running && record.stage == .ingest && record.summary == ["n": 1])
        }
    }

    @Test func `a stage that fails to end leaves no row of it`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let event = makeEvent(run)
            try store.append(event)
            var clash = event
            clash.retries = 9
            expectFailure("store.ledger") {
                try store.commitStage(
                    runID: run, artifacts: [makeArtifact(.catalog, ["a": 1])], event: clash, state: .done,
                    stage: .ingest)
            }
            #expect(try store.artifacts(of: run).isEmpty)
            #expect(try store.run(run).state == .created)
        }
    }

    @Test func `a stage that runs again replaces its artifact and keeps both events`() throws {
        try withStore { store in
            let run = try store.makeRun()
            for number in 1...2 {
                try store.commitStage(
                    runID: run, artifacts: [makeArtifact(.catalog, ["a": JSON(number)])], event: makeEvent(run),
                    state: .running, stage: .ingest)
            }
            #expect(try store.artifacts(of: run).map(\.hash) == [makeArtifact(.catalog, ["a": 2]).id])
            #expect(try store.events(run).count == 2)
        }
    }

    @Test func `a gate decision can be neither changed, removed nor replaced`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let decision = GateRecord(
                runID: run, stage: .mapping, decision: .accept, actor: "ann", reason: "fine",
                timestampUTC: "2026-01-31T12:00:00.000Z", artifactHash: nil)
            try store.record(decision, event: makeEvent(run, .mapping), change: RunChange(state: .running))
            for attempt in [
                "UPDATE gate_decisions SET decision = 'reject'", "UPDATE gate_decisions SET seq = 7",
                "DELETE FROM gate_decisions",
                """
                INSERT OR REPLACE INTO gate_decisions (seq, run_id, stage, decision, actor, reason, timestamp_utc)
                VALUES (1, '\(run)', 'mapping', 'reject', 'bob', 'no', 't')
                """,
            ] { expectFailure("store.ledger", "gate decisions are append-only") { try store.change(attempt) } }
            #expect(try store.gateDecisions(run) == [decision])
            try store.record(decision, event: makeEvent(run, .mapping), change: RunChange(state: .running))
            #expect(try store.gateDecisions(run) == [decision, decision])
        }
    }

    @Test func `a gate decision is kept with what it was about`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let decision = GateRecord(
                runID: run, stage: .mapping, decision: .accept, actor: "ann", reason: "looks right",
                timestampUTC: "2026-01-31T12:00:00.000Z", artifactHash: SHA256.hash("x"))
            try store.record(decision, event: makeEvent(run, .mapping, .accept), change: RunChange(state: .running))
            #expect(try store.gateDecisions(run) == [decision])
            #expect(try store.run(run).state == .running && store.events(run).count == 1)
        }
    }

    @Test func `a gate decision, its event and what it makes of the run are seen together or not at all`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let held = RunChange(state: .held, stage: .mapping, summary: ["hold": ["stage": "MAPPING"]])
            try store.update(run, held)
            let event = makeEvent(run, .mapping)
            try store.append(event)
            var clash = event
            clash.retries = 9
            let decision = GateRecord(
                runID: run, stage: .mapping, decision: .accept, actor: "ann", reason: "",
                timestampUTC: "2026-01-31T12:00:00.000Z", artifactHash: nil)
            let change = RunChange(state: .ready, stage: .analysis, summary: ["hold": nil])
            expectFailure("store.ledger") { try store.record(decision, event: clash, change: change) }
            let before = try store.run(run)
            #expect(before.state == .held && before.stage == .mapping && before.summary == held.summary)
            #expect(try store.gateDecisions(run).isEmpty)
            try store.record(decision, event: makeEvent(run, .mapping), change: change)
            let after = try store.run(run)
            #expect(after.state == .ready && after.stage == .analysis && after.summary == change.summary)
            #expect(try store.gateDecisions(run) == [decision])
            #expect(try store.events(run).count == 2)
        }
    }

    @Test func `an artifact is listed under the stage that makes its kind`() throws {
        try withStore { store in
            let run = try store.makeRun()
            // The run stands at the next stage already when one has ended.
            try store.commitStage(
                runID: run, artifacts: [makeArtifact(.catalog, ["a": 1]), makeArtifact(.samplePack, ["b": 1])],
                event: makeEvent(run), state: .running, stage: .domains)
            try store.commitStage(
                runID: run, artifacts: [makeArtifact(.analysisReport, ["c": 1])], event: makeEvent(run, .analysis),
                state: .held, stage: .migration)
            let kept = try store.artifacts(of: run)
            #expect(kept.map(\.kind) == [.catalog, .samplePack, .analysisReport])
            #expect(kept.map(\.stage) == [.ingest, .ingest, .analysis])
            #expect(try store.run(run).stage == .migration)
        }
    }
}
