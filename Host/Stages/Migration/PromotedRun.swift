internal import Contracts
internal import Foundations
internal import Policy
internal import Store

/// Behind a promotion: what is left to do is to say so. Source and target table may be gone by then.
extension MigrationStage {
    /// The outcome of a run whose rows were promoted before; nil when they were not.
    ///
    /// The promotion and the chunks in the target are all that is read; nothing is written to it, and an older driver
    /// that still lives finds the promotion as well.
    ///
    /// - Throws: `target.missing`, `target.busy`; as `finish`.
    func promoted(
        _ plan: MappingPlan, inputs: [SHA256.Digest], datasetID: String, totalRows: Int64?
    ) throws(SluiceError) -> StageOutcome? {
        try requireRights()
        do {
            let found = try SQLiteTarget.promoted(
                path: stage.contract.rhs.location.path, run: stage.contract.runID.description)
            guard let found else { return nil }
            return try finish(
                plan, found.promotion, found.chunks, inputs: inputs, datasetID: datasetID, totalRows: totalRows)
        } catch { throw Self.translated(error) }
    }

    /// The outcome of a promotion, once the home holds what it left out.
    ///
    /// - Parameter totalRows: those of the catalog, refused ones among them.
    /// - Throws: `migration.quarantine_lost`; `source.changed` when the rows were not those of the home's catalog;
    ///   `migration.chunks_lost` when the chunks are not all of them. Nothing is recorded then.
    func finish(
        _ plan: MappingPlan, _ promotion: TargetPromotion, _ records: [ChunkRecord], inputs: [SHA256.Digest],
        datasetID: String, totalRows: Int64?
    ) throws(SluiceError) -> StageOutcome {
        guard records.allSatisfy({ $0.sourceFingerprint == datasetID }) else {
            throw SluiceError(
                .sourceChanged,
                """
                The target has \(promotion.rowsStaged) promoted rows of \(stage.contract.runID), made from another state \
                of the source than the one in the home's catalog. Nothing was recorded as done.
                """, hint: restoreHint)
        }
        if let fault = ChunkRecord.fault(in: records, rows: totalRows) {
            throw SluiceError(
                .chunksLost,
                """
                The target has \(promotion.rowsStaged) promoted rows of \(stage.contract.runID), and its chunks are not the \
                whole source: \(fault). Nothing was recorded as done.
                """)
        }
        let rowsIn = records.reduce(Int64(0)) { $0 + Int64($1.rowsIn) }
        let quarantined = try accounted(rowsIn, promotion)
        let reasons = try stage.store.quarantineReasons(stage.contract.runID)
        try mirror(records, status: "promoted")
        let content: JSON = [
            "dataset_id": .string(datasetID), "target": plan.target, "strategy": "ETL",
            "key": Self.keyStrategy(plan), "batch_size": JSON(stage.thresholds.batchSize),
            "chunks": .array(
                records.map {
                    [
                        "chunk": JSON($0.chunk), "first_ordinal": .int($0.firstOrdinal), "rows_in": JSON($0.rowsIn),
                        "rows_out": JSON($0.rowsOut), "content_hash": .string($0.contentHash),
                    ]
                }),
            "rows_in": .int(rowsIn), "rows_migrated": JSON(promotion.rowsStaged), "rows_quarantined": .int(quarantined),
            "quarantine_reasons": .object(reasons.mapValues(JSON.int)), "validations": passed,
        ]
        return StageOutcome(
            artifacts: [stage.artifact(.migrationRun, content, inputs: inputs)], decision: .accept,
            summary: [
                "rows_in": .int(rowsIn), "rows_migrated": JSON(promotion.rowsStaged),
                "rows_quarantined": .int(quarantined),
                "rows_inserted": JSON(promotion.rowsInserted), "rows_updated": JSON(promotion.rowsUpdated),
            ])
    }

    private var restoreHint: String {
        """
        Restore the newest backup of the home, one that has its quarantine, and run \
        `sluice resume \(stage.contract.runID)`; the target was left as it is.
        """
    }

    private var passed: JSON {
        .object(
            Dictionary(
                stage.thresholds.validationChecks.map { ($0, JSON.string("passed")) },
                uniquingKeysWith: { first, _ in first }))
    }

    /// The rows in quarantine, once they are those that the promotion left out: a home that was put back to an earlier
    /// copy has lost them, and no migrated row may stand for them.
    ///
    /// - Throws: `migration.quarantine_lost`.
    private func accounted(_ rowsIn: Int64, _ promotion: TargetPromotion) throws(SluiceError) -> Int64 {
        let run = stage.contract.runID
        let quarantined = try stage.store.quarantineSeal(run)
        let known = promotion.quarantine
        guard known ?? quarantined == quarantined, rowsIn == Int64(promotion.rowsStaged) + quarantined.rows else {
            let said = known.map { "\($0.rows) were in quarantine then" } ?? "\(rowsIn) were read"
            let others = quarantined.rows == known?.rows ? ", and other ones" : ""
            throw SluiceError(
                .quarantineLost,
                """
                The target has \(promotion.rowsStaged) promoted rows of \(run), and \(said); the home has \
                \(quarantined.rows) in quarantine\(others). Nothing was recorded as done.
                """,
                hint: restoreHint)
        }
        return quarantined.rows
    }

    /// Brings the store's copies of the checkpoints up to date with the target.
    private func mirror(_ records: [ChunkRecord], status: String) throws(SluiceError) {
        for record in records {
            try stage.store.record(
                Store.Checkpoint(
                    runID: stage.contract.runID, chunkID: Int64(record.chunk),
                    contentHash: SHA256.Digest(hex: record.contentHash), startedAt: record.startedAt,
                    finishedAt: record.finishedAt, rowCountIn: Int64(record.rowsIn), rowCountOut: Int64(record.rowsOut),
                    validations: passed, status: status, nextAction: nil), permit: writing())
        }
    }
}
