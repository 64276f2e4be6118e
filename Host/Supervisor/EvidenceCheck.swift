internal import Contracts
internal import Foundations
internal import Store

/// The store's rows, held against what the ledger proves. Reads only.
extension GateEvidence {
    /// What the run's ledger proves, once all that the store says of the run agrees with it.
    ///
    /// - Throws: `run.mode_immutable` for another contract or other versions; `gate.evidence` that names the first
    ///   difference.
    init(of run: VerifiedRun) throws(SluiceError) {
        let record = run.record
        try self.init(run: record.runID, contract: record.contract, events: run.events)
        guard record.contractHash.hex == contractHash, record.mode == machine.mode else {
            throw Self.refusal(
                runID, "its contract is the one it was created with, and the hash or the mode kept beside it is not")
        }
        try requireVersions(run)
        try requireState(record)
        try requireLane(record)
        try requireSummary(record.summary)
        try requireMigrated(run)
        try requireArtifacts(run.artifacts)
        try requireDecisions(run.decisions)
        try requireApprovals(run.artifacts)
    }

    private func requireVersions(_ run: VerifiedRun) throws(SluiceError) {
        let record = run.record
        guard let created = run.events.first(where: { $0.event.note["event"]?.stringValue == "run_created" }) else {
            return
        }
        let event = created.event
        let isSame =
            event.policyVersion == record.versions.policy && event.dslVersion == record.versions.dsl
            && event.thresholdProfileID == record.versions.thresholdProfile
            // Events of an earlier version have only those three.
            && (event.note["versions"].map { $0 == record.versions.json } ?? true)
        guard isSame else {
            throw SluiceError(
                .runMode,
                """
                The versions that \(runID) is pinned to are not those that it was created with (event \
                \(created.number)).
                """,
                hint:
                    "Restore a backup of the home, or start a new run; `sluice ledger \(runID)` shows what was recorded."
            )
        }
    }

    /// A stage that is being entered is marked as running before it has an event; every other change of the state is in
    /// one transaction with its event.
    private func requireState(_ record: RunRecord) throws(SluiceError) {
        let stored = RunReport.state(of: record)
        if stored == state { return }
        if case .running(let stage) = stored, stage == entry, state != .created { return }
        throw Self.refusal(
            runID,
            "the store says that it is \(Self.words(stored)), and its ledger proves \(Self.words(state)) (event \(number))"
        )
    }

    /// A lane and what it was chosen by change in one transaction with their event.
    private func requireLane(_ record: RunRecord) throws(SluiceError) {
        guard record.lane == lane else {
            throw Self.refusal(
                runID,
                """
                its lane in the store is \(record.lane?.rawValue ?? "none"), and its ledger proves \
                \(lane?.rawValue ?? "none")
                """)
        }
        // A run of an older version has none beside it; the ledger's are used whatever is there.
        guard record.laneInputs == nil || record.laneInputs == laneInputs else {
            throw Self.refusal(runID, "what its lane was chosen by is not what the ledger has recorded")
        }
    }

    /// What `show` and lists say of the stages is what they said when they ended.
    private func requireSummary(_ summary: JSON) throws(SluiceError) {
        var listed: Set<Stage> = []
        for entry in summary["stages"]?.arrayValue ?? [] {
            let name = entry["stage"]?.stringValue ?? "no stage"
            guard let stage = Stage(rawValue: name), let end = outcomes[stage], listed.insert(stage).inserted else {
                throw Self.refusal(runID, "its summary tells of \(name), which the ledger does not, or twice")
            }
            let isSame =
                entry["decision"]?.stringValue == end.decision.rawValue && entry["reasons"] == JSON(end.reasons)
                && (entry["counts"] ?? .null) == end.counts && (entry["cache"] ?? .null) == end.cache
                && (entry["models"] ?? .null) == end.models
                && (entry["human_decision"].map { $0 == end.answer } ?? true)
            guard isSame else {
                throw Self.refusal(runID, "its summary of \(name) is not what the stage ended with")
            }
        }
        if let missing = outcomes.keys.sorted().first(where: { !listed.contains($0) }) {
            throw Self.refusal(runID, "its summary does not tell of \(missing.rawValue), which has ended")
        }
        for key in ["rows_in", "rows_migrated", "rows_quarantined"] where summary[key] != rows[key] {
            throw Self.refusal(runID, "its summary has other \(key) than its stages counted")
        }
        guard (summary["isolation"] ?? .null) == (isolation ?? .null) else {
            throw Self.refusal(runID, "its summary has another sandbox (isolation) than its stages ran in")
        }
    }

    /// What a migration that has ended left in the store: rows in quarantine, and chunks.
    private func requireMigrated(_ run: VerifiedRun) throws(SluiceError) {
        guard machine.state == .done, let kept = run.kept, let read = rows["rows_in"]?.intValue,
            let quarantined = rows["rows_quarantined"]?.intValue
        else { return }
        guard kept.quarantined == quarantined else {
            throw Self.refusal(
                runID, "\(kept.quarantined) rows are in quarantine, and Migration ended with \(quarantined)")
        }
        guard kept.chunkRows == read else {
            throw Self.refusal(
                runID, "its checkpoints in the store have \(kept.chunkRows) rows, and Migration read \(read)")
        }
    }

    private func requireArtifacts(_ rows: [ArtifactReference]) throws(SluiceError) {
        if let row = rows.first(where: { $0.stage != $0.kind.stage }) {
            throw Self.refusal(runID, "the store has its \(row.kind.rawValue) at \(row.stage.rawValue)")
        }
        let stored = Dictionary(rows.map { ($0.kind, $0.hash.hex) }, uniquingKeysWith: { first, _ in first })
        for kind in ArtifactKind.allCases {
            if let all = artifacts[kind.stage.rawValue] {
                // An event that names no kinds: the stage's artifacts as one.
                let made = ArtifactKind.allCases.filter { $0.stage == kind.stage }.compactMap { stored[$0] }
                guard JSON(made).canonicalHash.hex == all else {
                    throw Self.refusal(
                        runID, "its artifacts of \(kind.stage.rawValue) are not those that the ledger has recorded")
                }
            } else if stored[kind] != artifacts[kind.rawValue] {
                func named(_ hash: String?) -> String { hash.map { "\($0.prefix(12))…" } ?? "none" }
                throw Self.refusal(
                    runID,
                    """
                    its \(kind.rawValue) in the store is \(named(stored[kind])), and \(kind.stage.rawValue) ended with \
                    \(named(artifacts[kind.rawValue])) as the ledger has it
                    """)
            }
        }
    }

    /// Each decision has its event and each event its decision, in the same order.
    private func requireDecisions(_ rows: [GateRecord]) throws(SluiceError) {
        for (row, event) in zip(rows, decisions) {
            let isSame =
                row.stage == event.stage && row.decision == event.decision && row.actor == event.actor
                && row.reason == event.reason && row.timestampUTC == event.timestampUTC
                && row.artifactHash?.hex == event.artifact
            guard isSame else {
                throw Self.refusal(
                    runID,
                    """
                    the store has the decision “\(row.decision.rawValue)” at \(row.stage.rawValue) by \(row.actor) in \
                    the place of event \(event.number), which says something else
                    """)
            }
        }
        if rows.count > decisions.count {
            let row = rows[decisions.count]
            throw Self.refusal(
                runID,
                "the decision “\(row.decision.rawValue)” at \(row.stage.rawValue) by \(row.actor) has no event in its ledger"
            )
        }
        if decisions.count > rows.count {
            let event = decisions[rows.count]
            throw Self.refusal(
                runID, "the decision of event \(event.number), at \(event.stage.rawValue), is not in the store")
        }
    }

    /// A decision counts for the artifacts that it was made about.
    private func requireApprovals(_ rows: [ArtifactReference]) throws(SluiceError) {
        for approval in approvals.values.sorted(by: { $0.number < $1.number }) {
            guard let artifact = approval.artifact else { continue }
            let isThere = rows.contains { $0.hash.hex == artifact && $0.stage <= approval.stage }
            guard isThere else {
                throw Self.refusal(
                    runID,
                    """
                    the decision of event \(approval.number), at \(approval.stage.rawValue), is about the artifact \
                    \(artifact.prefix(12))…, which is not the run's
                    """)
            }
        }
    }

    /// The artifacts that a stage may work with, once the ledger lets the run enter it.
    ///
    /// - Parameter run: what this evidence was made of.
    /// - Throws: `gate.evidence`.
    func inputs(
        entering stage: Stage, of run: VerifiedRun
    ) throws(SluiceError) -> [ArtifactKind: SHA256.Digest] {
        guard entry == stage, state != .created else {
            throw Self.refusal(
                runID, "\(stage.rawValue) cannot be entered: its ledger proves \(Self.words(state)) (event \(number))")
        }
        let found = Dictionary(run.artifacts.map { ($0.kind, $0.hash) }, uniquingKeysWith: { first, _ in first })
        if stage == .migration, machine.mode == .dataMode, machine.confirmationRequired {
            try requireConfirmation(found)
        }
        return found
    }

    /// Rows are written only under a person's yes to this very report, and to the plan that it rests on.
    private func requireConfirmation(_ found: [ArtifactKind: SHA256.Digest]) throws(SluiceError) {
        guard let confirmation else {
            throw Self.refusal(runID, "MIGRATION needs a confirmation, and its ledger has none that still counts")
        }
        guard let report = found[.analysisReport], confirmation.artifact == report.hex else {
            throw Self.refusal(
                runID,
                "the confirmation of event \(confirmation.number) is about another Analysis Report than the run's")
        }
        guard let seen = confirmation.artifacts else { return }
        for kind in [ArtifactKind.mappingPlan, .analysisReport] where seen[kind.rawValue] != found[kind]?.hex {
            throw Self.refusal(
                runID,
                "the confirmation of event \(confirmation.number) is about another \(kind.rawValue) than the run's")
        }
    }

    /// What `show` says of it.
    var json: JSON {
        [
            "holds": true,
            // What was held against the ledger. Names, previews, times and the error beside it were not.
            "covers": [
                "contract", "versions", "state", "lane", "stages", "rows", "isolation", "artifacts", "decisions",
                "quarantine.rows", "checkpoints.row_count_in",
            ],
            "state": .string(state.name), "stage": JSON(state.stage?.rawValue),
            "may_enter": JSON(entry?.rawValue), "event": .int(number), "confirmed_by": JSON(confirmation?.actor),
            "stage_ends": .object(
                Dictionary(
                    ends.map { ($0.key.rawValue, JSON.int(Int64($0.value))) }, uniquingKeysWith: { first, _ in first })),
        ]
    }
}
