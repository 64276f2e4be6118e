public import Contracts
internal import Databases
public import Foundations

/// Which artifact of a kind a run has now.
public struct ArtifactReference: Sendable, Equatable {
    public let runID: ULID
    public let stage: Stage
    public let kind: ArtifactKind
    public let hash: SHA256.Digest
    public let envelope: JSON
    public let createdAt: String
}

/// What somebody decided at a gate, about which artifact.
public struct GateRecord: Sendable, Equatable {
    public let runID: ULID
    public let stage: Stage
    public let decision: GateDecision
    /// The actor's id.
    public let actor: String
    public let reason: String
    /// RFC 3339, UTC, milliseconds.
    public let timestampUTC: String
    /// What the actor saw; nil when the stage had made nothing.
    public let artifactHash: SHA256.Digest?

    public init(
        runID: ULID, stage: Stage, decision: GateDecision, actor: String, reason: String, timestampUTC: String,
        artifactHash: SHA256.Digest?
    ) {
        self.runID = runID
        self.stage = stage
        self.decision = decision
        self.actor = actor
        self.reason = reason
        self.timestampUTC = timestampUTC
        self.artifactHash = artifactHash
    }
}

extension StoreDatabase {
    /// Ends a stage: its artifacts, its event and the run's new state become visible together, or not at all.
    ///
    /// Bodies are on disk before the transaction begins; a crash leaves at most files that no run refers to. What a
    /// garbage collection took away in between is written again inside. A stage that runs again replaces its artifacts.
    ///
    /// - Returns: the hashes, in the order given.
    @discardableResult
    func commitStage(
        runID: ULID, artifacts made: [Artifact], event: LedgerEvent, state: RunState, stage: Stage,
        summary: JSON? = nil
    ) throws(SluiceError) -> [SHA256.Digest] {
        precondition(event.runID == runID)
        var hashes: [SHA256.Digest] = []
        for artifact in made { hashes.append(try artifacts.put(artifact)) }
        try write(.commitStage) { () throws(SluiceError) in
            for (artifact, hash) in zip(made, hashes) where !artifacts.isStored(hash) { try artifacts.put(artifact) }
            try apply(RunChange(state: state, stage: stage, summary: summary), to: runID)
            for (artifact, hash) in zip(made, hashes) {
                try change(
                    """
                    INSERT INTO run_artifacts (run_id, stage, kind, artifact_hash, envelope, created_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (run_id, kind) DO UPDATE SET stage = excluded.stage,
                      artifact_hash = excluded.artifact_hash, envelope = excluded.envelope,
                      created_at = excluded.created_at
                    """,
                    [
                        SQLiteValue(runID), .text(artifact.kind.stage.rawValue), .text(artifact.kind.rawValue),
                        .text(hash.hex),
                        SQLiteValue(artifact.envelope), .text(timestamp),
                    ])
            }
            try insert(event)
        }
        return hashes
    }

    /// The artifacts of a run, in the order of their stages.
    func artifacts(of run: ULID) throws(SluiceError) -> [ArtifactReference] {
        try references("run_id = ?", SQLiteValue(run)).sorted {
            ($0.stage, $0.kind.rawValue) < ($1.stage, $1.kind.rawValue)
        }
    }

    /// The runs that have an artifact of this hash, each with its envelope; oldest first.
    func references(to hash: SHA256.Digest) throws(SluiceError) -> [ArtifactReference] {
        try references("artifact_hash = ?", .text(hash.hex)).sorted {
            ($0.createdAt, $0.runID) < ($1.createdAt, $1.runID)
        }
    }

    private func references(_ condition: String, _ value: SQLiteValue) throws(SluiceError) -> [ArtifactReference] {
        try rows(
            "SELECT run_id, stage, kind, artifact_hash, envelope, created_at FROM run_artifacts WHERE \(condition)",
            [value]
        ) { (row) throws(SluiceError) in
            guard let run = row.text(0).flatMap(ULID.init), let stage = row.text(1).flatMap(Stage.init(rawValue:)),
                let kind = row.text(2).flatMap(ArtifactKind.init),
                let hash = row.text(3).flatMap(SHA256.Digest.init(hex:))
            else { throw malformed("an artifact's reference") }
            return ArtifactReference(
                runID: run, stage: stage, kind: kind, hash: hash, envelope: try json(row, 4, "an envelope"),
                createdAt: row.text(5) ?? "")
        }
    }

    /// Records a decision at a gate with its event and what it makes of the run, in one transaction.
    ///
    /// - Throws: `run.missing`.
    func record(_ decision: GateRecord, event: LedgerEvent, change run: RunChange) throws(SluiceError) {
        precondition(event.runID == decision.runID)
        try write(.decision) { () throws(SluiceError) in try insert(decision, event, run) }
    }

    /// Inside a transaction.
    func insert(_ decision: GateRecord, _ event: LedgerEvent, _ run: RunChange) throws(SluiceError) {
        try apply(run, to: decision.runID)
        try change(
            """
            INSERT INTO gate_decisions (run_id, stage, decision, actor, reason, timestamp_utc, artifact_hash)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                SQLiteValue(decision.runID), .text(decision.stage.rawValue), .text(decision.decision.rawValue),
                .text(decision.actor), .text(decision.reason), .text(decision.timestampUTC),
                SQLiteValue(decision.artifactHash?.hex),
            ])
        try insert(event)
    }

    /// The decisions at a run's gates, in the order in which they were made.
    func gateDecisions(_ run: ULID) throws(SluiceError) -> [GateRecord] {
        try rows(
            """
            SELECT stage, decision, actor, reason, timestamp_utc, artifact_hash FROM gate_decisions
            WHERE run_id = ? ORDER BY seq
            """, [SQLiteValue(run)]
        ) { (row) throws(SluiceError) in
            guard let stage = row.text(0).flatMap(Stage.init(rawValue:)),
                let decision = row.text(1).flatMap(GateDecision.init), let actor = row.text(2),
                let reason = row.text(3), let timestamp = row.text(4)
            else { throw malformed("a gate decision") }
            return GateRecord(
                runID: run, stage: stage, decision: decision, actor: actor, reason: reason, timestampUTC: timestamp,
                artifactHash: row.text(5).flatMap(SHA256.Digest.init(hex:)))
        }
    }
}
