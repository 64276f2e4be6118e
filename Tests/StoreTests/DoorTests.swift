import Contracts
import Foundations
import Glibc
import Policy
import Testing

@testable import Store

/// Every call of the store that takes a permit, with one for something else. `scripts/check-doors` knows which there are.
@Suite("A door of the store") struct DoorTests {
    private func doors(
        _ store: StoreDatabase, _ run: ULID, _ wrong: Permit
    ) throws -> [(name: String, call: () throws -> Void)] {
        let hash = SHA256.hash("x")
        let event = makeEvent(run)
        let chunk = Checkpoint(
            runID: run, chunkID: 0, contentHash: nil, startedAt: "then", finishedAt: nil, rowCountIn: 1,
            rowCountOut: 1, status: "staged")
        let row = QuarantineRow(chunkID: 0, ordinal: 1, reasonCodes: [], maskedBefore: [:], raw: [:])
        let act = PluginAct(.removed, target: .lock, stateHash: hash)
        let contract = try makeContract(idempotencyKey: "other")
        let decision = RecordedDecision(
            gate: GateRecord(
                runID: run, stage: .mapping, decision: .accept, actor: "ann", reason: "", timestampUTC: "t",
                artifactHash: nil), event: event, change: RunChange(state: .ready))
        return [
            ("run", { _ = try store.run(run, permit: wrong) }),
            ("run named", { _ = try store.run(named: run.description, permit: wrong) }),
            ("runs", { _ = try store.runs(permit: wrong) }),
            ("listedRuns", { _ = try store.listedRuns(permit: wrong) }),
            ("runIDs", { _ = try store.runIDs(permit: wrong) }),
            ("verifiedRun", { _ = try store.verifiedRun(run, permit: wrong) }),
            ("artifacts", { _ = try store.artifacts(of: run, permit: wrong) }),
            ("references", { _ = try store.references(to: hash, permit: wrong) }),
            ("gateDecisions", { _ = try store.gateDecisions(run, permit: wrong) }),
            ("checkpoints", { _ = try store.checkpoints(run, permit: wrong) }),
            ("promotions", { _ = try store.promotions(of: hash, permit: wrong) }),
            ("promotion", { _ = try store.promotion(of: hash, to: versions, permit: wrong) }),
            ("events", { _ = try store.events(run, permit: wrong) }),
            ("verifyLedger", { _ = try store.verifyLedger(run, permit: wrong) }),
            ("exportLedger", { _ = try store.exportLedger(run, to: store.home.path + "/x", permit: wrong) }),
            ("body", { _ = try store.artifacts.body(hash, permit: wrong) }),
            ("find", { _ = try store.artifacts.find(prefix: hash.hex, permit: wrong) }),
            ("quarantined", { _ = try store.quarantined(run, permit: wrong) }),
            ("unmasked", { _ = try store.unmasked(run, limit: 1, permit: wrong) { _ in event } }),
            ("driving", { try store.driving(run, permit: wrong) {} }),
            ("drivingUnlessDriven", { _ = try store.drivingUnlessDriven(run, permit: wrong) {} }),
            ("enter", { try store.enter(run, .ingest, permit: wrong) { _ in } }),
            ("update", { try store.update(run, RunChange(state: .failed), permit: wrong) }),
            (
                "commitStage",
                {
                    try store.commitStage(
                        runID: run, artifacts: [], event: event, state: .failed, stage: .ingest, permit: wrong)
                }
            ),
            (
                "changeLane",
                {
                    try store.changeLane(run, from: .interactive, to: .batch, inputs: [:], permit: wrong) { _ in event }
                }
            ),
            ("requestStop", { try store.requestStop(run, permit: wrong) }),
            ("recording", { try store.recording(run, permit: wrong) { _ in (decision, ()) } }),
            ("record a chunk", { try store.record(chunk, quarantine: [row], permit: wrong) }),
            ("quarantine", { try store.quarantine([row], runID: run, permit: wrong) }),
            ("clearQuarantine", { try store.clearQuarantine(run, permit: wrong) }),
            ("raiseLease", { _ = try store.raiseLease(above: 1, permit: wrong) }),
            ("createRun", { _ = try store.createRun(contract, lane: nil, versions: versions, permit: wrong) }),
            ("collect", { _ = try store.collectArtifacts(grace: 0, dryRun: false, permit: wrong) }),
            ("collect dry", { _ = try store.collectArtifacts(grace: 0, dryRun: true, permit: wrong) }),
            (
                "promote",
                {
                    _ = try store.promote(
                        hash, from: versions, to: versions, role: .admin, reason: "", permit: wrong)
                }
            ),
            ("dropSegment", { try store.dropSegment(1, of: run, actor: "ann", permit: wrong) }),
            ("record an act", { try store.record(act, role: .admin, permit: wrong) }),
            ("reconcile", { try store.reconcile(.lock, state: hash, role: .admin, permit: wrong) }),
            ("retryPlugin", { _ = try store.retryPlugin(hash, role: .admin, permit: wrong) }),
            ("masterKey", { _ = try store.home.masterKey(permit: wrong) }),
            ("cache", { _ = try ResponseCache(store, permit: wrong) }),
        ]
    }

    @Test func `refuses a permit for something else, and nothing was read or written`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let before = try Files.read(store.home.databasePath)
            // No door of the store asks for this one.
            for (name, call) in try doors(store, run, permit(.promoteDomain)) {
                do {
                    try call()
                    Issue.record("\(name) was open")
                } catch let error as SluiceError {
                    #expect(error.detail == "policy.denied", "\(name)")
                    #expect(error.message.contains("promote_domain"), "\(name)")
                }
            }
            #expect(try Files.read(store.home.databasePath) == before)
            #expect(try store.run(run).state == .created && store.quarantineCount(run) == 0)
        }
    }

    @Test func `of a decision asks for the permit of its own stage`() throws {
        try withStore { store in
            let run = try store.makeRun()
            try store.append(makeEvent(run))
            func decision(_ stage: Stage) -> RecordedDecision {
                RecordedDecision(
                    gate: GateRecord(
                        runID: run, stage: stage, decision: .accept, actor: "ann", reason: "", timestampUTC: "t",
                        artifactHash: nil), event: makeEvent(run, stage), change: RunChange(state: .ready))
            }
            for (stage, given) in [(Stage.migration, Action.createRun), (.mapping, .approveDestructive)] {
                let permit = try permit(given)
                expectFailure("policy.denied") {
                    try store.recording(run, permit: permit) { _ in (decision(stage), ()) }
                }
            }
            #expect(try store.gateDecisions(run).isEmpty)
            try store.recording(run, permit: permit(.approveDestructive)) { _ in (decision(.migration), ()) }
            #expect(try store.gateDecisions(run).map(\.stage) == [.migration])
        }
    }

    @Test func `to raw values opens behind an event, and stays shut when it cannot be written`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let rows = (1...3).map {
                QuarantineRow(
                    chunkID: 0, ordinal: $0, reasonCodes: ["RAGGED_ROW"], maskedBefore: [:], raw: ["name": "Ada \($0)"])
            }
            try store.quarantine(rows, runID: run)
            let allowed = try permit(.viewPIIUnmasked)
            var shown: [Int64] = []
            let page = try store.unmasked(run, limit: 2, permit: allowed) { records in
                shown = records.map(\.ordinal)
                return makeEvent(run, .supervisor, note: ["event": "viewed_unmasked", "rows": JSON(records.count)])
            }
            #expect(shown == [1, 2] && page.map(\.record.ordinal) == [1, 2])
            let names = page.map { $0.raw["name"] }
            #expect(names == ["Ada 1", "Ada 2"])
            #expect(try store.events(run).last?.event.note["rows"] == 2)
            // The page behind the last row has nothing to tell of.
            let beyond = try store.unmasked(run, after: (0, 3), limit: 2, permit: allowed) { _ in
                Issue.record("an event was asked for")
                return makeEvent(run)
            }
            #expect(beyond.isEmpty)
            let count = try store.eventCount(run)
            // Another process raises a mark all the while: the event could be taken back with the database.
            store.markMilliseconds = 0
            try DurableFile.locked(store.home.locksFolder + "/ledgers.lock", milliseconds: 5000) {
                () throws(SluiceError) in
                expectFailure("store.failed") {
                    try store.unmasked(run, limit: 1, permit: allowed) { _ in makeEvent(run) }
                }
            }
            #expect(try store.eventCount(run) == count + 1)
            let marks = store.home.ledgerMarksFolder
            try #require(rename(marks, marks + ".aside") == 0)
            try Files.writeAtomically([], to: marks)
            expectFailure("file.failed", "\(marks)/\(run)") {
                try store.unmasked(run, limit: 1, permit: allowed) { _ in makeEvent(run) }
            }
            unlink(marks)
            try #require(rename(marks + ".aside", marks) == 0)
            #expect(try store.eventCount(run) == count + 1)
            let again = try store.unmasked(run, limit: 1, permit: allowed) { _ in makeEvent(run) }
            #expect(again.count == 1)
        }
    }
}
