public import Contracts
internal import Databases
internal import Foundations

/// All that a home keeps of one run's gates: one state of the database, its ledger verified with the home's key.
///
/// The ledger is believed. Whether the rest says the same is for the reader to find out.
public struct VerifiedRun: Sendable, Equatable {
    public let record: RunRecord
    /// The events that are there, in order.
    public let events: [LedgerEntry]
    /// How many events retention dropped.
    public let dropped: Int64
    /// In the order of their stages.
    public let artifacts: [ArtifactReference]
    /// In the order in which they were made.
    public let decisions: [GateRecord]
    /// nil before the run is done.
    public let kept: KeptRows?
    /// How many of its events the mark outside the database proves; nil when there is no mark.
    public let marked: Int64?

    public init(
        record: RunRecord, events: [LedgerEntry], dropped: Int64 = 0, artifacts: [ArtifactReference],
        decisions: [GateRecord], kept: KeptRows? = nil, marked: Int64? = nil
    ) {
        self.record = record
        self.events = events
        self.dropped = dropped
        self.artifacts = artifacts
        self.decisions = decisions
        self.kept = kept
        self.marked = marked
    }
}

/// What the store has of a run's migration.
public struct KeptRows: Sendable, Equatable {
    /// Rows in quarantine.
    public let quarantined: Int64
    /// Rows that were read, by the checkpoints.
    public let chunkRows: Int64

    public init(quarantined: Int64, chunkRows: Int64) {
        self.quarantined = quarantined
        self.chunkRows = chunkRows
    }
}

/// What is to be written of a decision, all of it or nothing.
public struct RecordedDecision: Sendable {
    public let gate: GateRecord
    public let event: LedgerEvent
    public let change: RunChange

    public init(gate: GateRecord, event: LedgerEvent, change: RunChange) {
        precondition(event.runID == gate.runID)
        self.gate = gate
        self.event = event
        self.change = change
    }
}

extension StoreDatabase {
    /// What the home keeps of a run's gates; writes nothing.
    ///
    /// - Throws: `store.ledger` as `verifyLedger`; `run.missing`; `store.failed` for a row that cannot be read.
    func verifiedRun(_ run: ULID) throws(SluiceError) -> VerifiedRun {
        try ledgerSnapshot(run) { (mark) throws(SluiceError) in try look(run, mark) }
    }

    /// Marks a stage as running when `judge` lets it, in the transaction that shows it what the home keeps.
    ///
    /// - Throws: as `verifiedRun`, and what `judge` throws; then nothing was written.
    func enter<R>(
        _ run: ULID, _ stage: Stage, judging judge: (VerifiedRun) throws(SluiceError) -> R
    ) throws(SluiceError) -> R {
        try write(.updateRun) { () throws(SluiceError) in
            let judged = try judge(try look(run, marks.read(run.description)))
            try apply(RunChange(state: .running, stage: stage), to: run)
            return judged
        }
    }

    /// Records the decision that `body` makes of what the home keeps, in the transaction that shows it that.
    ///
    /// - Throws: as `verifiedRun`, and what `body` throws; then nothing was written.
    @discardableResult
    func recording<R>(
        _ run: ULID, _ body: (VerifiedRun) throws(SluiceError) -> (decision: RecordedDecision, result: R)
    ) throws(SluiceError) -> R {
        try write(.decision) { () throws(SluiceError) in
            let made = try body(try look(run, marks.read(run.description)))
            try insert(made.decision.gate, made.decision.event, made.decision.change)
            return made.result
        }
    }

    /// Inside a transaction.
    func look(_ run: ULID, _ mark: LedgerHead?) throws(SluiceError) -> VerifiedRun {
        let record = try self.run(run)
        let ledger = try checkedLedger(run, mark: mark)
        return VerifiedRun(
            record: record, events: ledger.entries, dropped: ledger.state.dropped, artifacts: try artifacts(of: run),
            decisions: try gateDecisions(run), kept: record.state == .done ? try keptRows(run) : nil,
            marked: mark?.count)
    }

    private func keptRows(_ run: ULID) throws(SluiceError) -> KeptRows {
        let read = try rows("SELECT sum(row_count_in) FROM migration_runs WHERE run_id = ?", [SQLiteValue(run)]) {
            $0.int(0)
        }
        return KeptRows(quarantined: try quarantineCount(run), chunkRows: read.first ?? 0)
    }
}
