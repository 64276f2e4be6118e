internal import Columnar
internal import Contracts
internal import Databases
internal import Foundations
internal import Policy
internal import Store
internal import Transform

/// Migration: chunk by chunk into staging, validated, then promoted in one transaction (ROADMAP §§14, 34, 37).
struct MigrationStage {
    let stage: StageContext

    func run(
        _ plan: ExecutablePlan, reportID: SHA256.Digest, datasetID: String, totalRows: Int64?
    ) throws(SluiceError) -> StageOutcome {
        try requireRights()
        // Who was asked said yes, or the run would not have come here; who was not must be able to say it.
        _ = try stage.permit(.writeTarget, humanConfirmed: stage.contract.humanConfirmRequired)
        guard !plan.plans.isEmpty else {
            throw SluiceError(
                .stageInput, "No target column has a source; there is nothing to migrate.",
                hint: "Name a target whose columns the source can fill, and start a new run.")
        }
        guard let lease = stage.store.lease, lease.runID == stage.contract.runID else {
            throw SluiceError(.runState, "Nobody holds the lease of \(stage.contract.runID); nothing was written.")
        }
        let location = stage.contract.rhs.location
        let reader = try SourceReader(stage: stage, dataset: datasetID)
        do {
            let target = try SQLiteTarget(
                path: location.path, table: location.table ?? plan.table.name, lease: lease,
                columns: plan.plans.map(\.target))
            guard target.shape == plan.table else {
                throw SluiceError(
                    .targetShape, "The target table \(plan.table.name) has changed since it was mapped.",
                    hint: "Start a new run.")
            }
            return try migrate(
                plan, into: target, reader, inputs: [plan.id, reportID], datasetID: datasetID, totalRows: totalRows)
        } catch { throw Self.translated(error) }
    }

    func requireRights() throws(SluiceError) {
        _ = try writing()
        if !stage.contract.humanConfirmRequired { _ = try stage.permit(.approveDestructive) }
    }

    /// The permit under which rows, their checkpoints and their quarantine are written.
    func writing() throws(SluiceError) -> Permit { try stage.permit(.migrate) }

    /// metadata_only: what Migration would do.
    func dryRun(_ plan: ExecutablePlan, reportID: SHA256.Digest, datasetID: String) throws(SluiceError) -> StageOutcome
    {
        _ = try stage.permit(.planMigration)
        let content: JSON = [
            "dataset_id": .string(datasetID), "target": plan.table.json, "strategy": "ETL",
            "strategy_reason": "the plans run in the columnar executor; nothing was executed in metadata_only",
            "key": Self.keyStrategy(plan.plan),
            "chunking": ["by": "ordinal", "rows": JSON(stage.thresholds.batchSize)],
            "mapped_columns": JSON(plan.plans.map(\.target)), "missing_required": JSON(plan.missingRequired),
            "validations": JSON(stage.thresholds.validationChecks),
            "steps": [
                "open the source and check its dataset id", "stage the rows chunk by chunk, each with its checkpoint",
                "put rows at fault into quarantine", "validate the staged rows", "promote them in one transaction",
            ],
        ]
        return StageOutcome(
            artifacts: [stage.artifact(.migrationDryRun, content, inputs: [plan.id, reportID])], decision: .accept,
            summary: ["mapped_columns": JSON(plan.plans.count)])
    }

    static func keyStrategy(_ plan: MappingPlan) -> JSON {
        let key = (plan.target["columns"]?.arrayValue ?? [])
            .map { (name: $0["name"]?.stringValue ?? "", position: $0["key_position"]?.intValue ?? 0) }
            .filter { $0.position > 0 }.sorted { $0.position < $1.position }.map(\.name)
        let mapped = Set(plan.plans.map(\.target))
        let kind: String
        if key.isEmpty {
            kind = "none"
        } else if key.allSatisfy(mapped.contains) {
            kind = key.count == 1 ? "natural" : "composite"
        } else {
            kind = "surrogate"
        }
        return ["columns": JSON(key), "strategy": .string(kind)]
    }

    // MARK: Chunks

    private func migrate(
        _ plan: ExecutablePlan, into target: SQLiteTarget, _ reader: SourceReader, inputs: [SHA256.Digest],
        datasetID: String, totalRows: Int64?
    ) throws -> StageOutcome {
        try claim(target)
        // From here on no other driver can promote; one that was overtaken may have, since it was asked for first.
        let promotion: TargetPromotion
        do {
            let known = try target.records.promotion()
            promotion = try known ?? promote(plan, into: target, reader, datasetID, totalRows)
        } catch let done as SQLiteTarget.Promoted { promotion = done.promotion }
        return try finish(
            plan.plan, promotion, try target.records.checkpoints(), inputs: inputs, datasetID: datasetID,
            totalRows: totalRows)
    }

    /// Stages what is not staged yet, validates and promotes it.
    ///
    /// - Throws: `SQLiteTarget.Promoted` when somebody else has.
    private func promote(
        _ plan: ExecutablePlan, into target: SQLiteTarget, _ reader: SourceReader, _ datasetID: String,
        _ totalRows: Int64?
    ) throws -> TargetPromotion {
        if try mustStageAnew(target, totalRows) {
            try target.abandon()
            try target.prepare()
        }
        let done = try target.records.checkpoints()
        if let foreign = done.first(where: { $0.sourceFingerprint != datasetID }) {
            throw SluiceError(.sourceChanged, "Chunk \(foreign.chunk) was made from another state of the source.")
        }
        if try target.validation() == .none {
            // What an earlier attempt that was given up put into quarantine is not this one's.
            if done.isEmpty { try stage.store.clearQuarantine(stage.contract.runID, permit: writing()) }
            try stageRows(plan, into: target, reader, done, datasetID, totalRows)
        }
        let records = try target.records.checkpoints()
        try SQLiteTarget.requireWhole(records, totalRows)
        return try promote(plan, records, in: target, reader, totalRows)
    }

    /// Validates what is staged and promotes it; again, when the target changed in between.
    private func promote(
        _ plan: ExecutablePlan, _ records: [ChunkRecord], in target: SQLiteTarget, _ reader: SourceReader,
        _ totalRows: Int64?
    ) throws -> TargetPromotion {
        let rowsIn = records.reduce(Int64(0)) { $0 + Int64($1.rowsIn) }
        for _ in 0..<Self.mostAttempts {
            if try target.validation() != .done { try validate(records, in: target, plan: plan, reader) }
            let quarantined = try withinBudget(rowsIn, target)
            do {
                return try target.promote(
                    expected: rowsIn - quarantined.rows, sourceRows: totalRows, quarantine: quarantined,
                    checkForeignKeys: checksForeignKeys, at: stage.timestamp)
            } catch is SQLiteTarget.Stale {
                // Somebody changed the target between validation and promotion: what it breaks now is withdrawn too.
                try target.invalidate()
            }
        }
        throw SluiceError(
            .targetBusy,
            "The target changed \(Self.mostAttempts) times while its rows were validated. Nothing was promoted.")
    }

    private static let mostAttempts = 3

    private var checksForeignKeys: Bool { stage.thresholds.validationChecks.contains("fk_check") }

    /// The rows in quarantine, if they are within the error budget; else what was staged is given up.
    private func withinBudget(_ rowsIn: Int64, _ target: SQLiteTarget) throws -> QuarantineSeal {
        let quarantined = try stage.store.quarantineSeal(stage.contract.runID)
        let share = rowsIn == 0 ? 0 : Double(quarantined.rows) / Double(rowsIn)
        guard share > stage.thresholds.errorBudget else { return quarantined }
        try target.abandon()
        throw SluiceError(
            .errorBudget,
            "\(quarantined.rows) of \(rowsIn) rows (\(AnalysisStage.percent(share))) are in quarantine; "
                + "the error budget is \(AnalysisStage.percent(stage.thresholds.errorBudget)). Nothing was promoted.")
    }

    private func stageRows(
        _ plan: ExecutablePlan, into target: SQLiteTarget, _ reader: SourceReader, _ done: [ChunkRecord],
        _ datasetID: String, _ totalRows: Int64?
    ) throws {
        var preparer = ChunkPreparer(plans: plan.plans, required: plan.requiredTargets)
        // A scan throws errors of the taxonomy alone.
        var promoted: SQLiteTarget.Promoted?
        var rows = done.reduce(Int64(0)) { $0 + Int64($1.rowsIn) }
        var number = done.count
        let quarantine = QuarantineMaker(plan: plan, source: reader.source)
        let keys = plan.keyPlaces
        func write(_ emitted: Batch) throws(SluiceError) {
            let started = stage.timestamp
            let chunk = try preparer.prepare(emitted)
            do {
                try target.write(chunk.batch, ordinals: chunk.ordinals) { refused throws in
                    let refusedRows = Set(refused.map(\.row))
                    let kept = refused.isEmpty ? nil : chunk.ordinals.indices.filter { !refusedRows.contains($0) }
                    var hash = ChunkHash()
                    hash.add(chunk.batch, keys: keys, columns: Array(chunk.batch.columns.indices), rows: kept)
                    let digest = hash.digest()
                    let record = ChunkRecord(
                        chunk: number, firstOrdinal: chunk.source.firstOrdinal, rowsIn: chunk.source.rowCount,
                        rowsOut: kept?.count ?? chunk.ordinals.count, contentHash: digest.hex,
                        sourceFingerprint: datasetID, startedAt: started, finishedAt: stage.timestamp, status: "staged")
                    try stage.store.record(
                        Store.Checkpoint(
                            runID: stage.contract.runID, chunkID: Int64(number), contentHash: digest,
                            startedAt: record.startedAt, finishedAt: record.finishedAt,
                            rowCountIn: Int64(record.rowsIn),
                            rowCountOut: Int64(record.rowsOut), status: "staged", nextAction: "validate"),
                        quarantine: quarantine.rows(of: chunk, refused: refused, chunkID: number), permit: writing())
                    return record
                }
            } catch {
                promoted = error as? SQLiteTarget.Promoted
                throw Self.translated(error)
            }
            number += 1
            rows += Int64(chunk.source.rowCount)
            stage.observer.progress(.migration, rows: rows, totalRows: totalRows)
            try stage.checkpoint()
        }
        do { try reader.scan(.migrate, skipRows: rows, each: write) } catch {
            if let promoted { throw promoted }
            throw error
        }
    }

    // MARK: Validation

    /// row_count, checksum and fk_check over what is staged; rows that break a foreign key go to quarantine.
    private func validate(
        _ records: [ChunkRecord], in target: SQLiteTarget, plan: ExecutablePlan, _ reader: SourceReader
    ) throws {
        // Once rows were withdrawn, staging is no longer what the chunks were; it was compared before that.
        if try target.validation() == .none {
            try compare(records, in: target, plan: plan)
            // A validation that was cut off may have put rows into quarantine that are still staged.
            for reason in SQLiteTarget.withdrawalReasons {
                try stage.store.clearQuarantine(stage.contract.runID, reason: reason, permit: writing())
            }
        }
        let violations = try target.violations(checkForeignKeys: checksForeignKeys, checkpoint: stage.checkpoint)
        if !violations.isEmpty {
            let reasons = Dictionary(
                violations.map { ($0.ordinal, $0.reason) }, uniquingKeysWith: { first, _ in first })
            try quarantineStaged(reasons, records: records, plan: plan, reader)
        }
        try target.withdraw(violations.map(\.ordinal), at: stage.timestamp)
    }

    /// row_count and checksum: what is staged is what was written.
    private func compare(_ records: [ChunkRecord], in target: SQLiteTarget, plan: ExecutablePlan) throws {
        let checks = Set(stage.thresholds.validationChecks)
        let expected = records.reduce(0) { $0 + $1.rowsOut }
        let staged = try target.stagedRows()
        if checks.contains("row_count"), staged != expected {
            throw SluiceError(.validation, "row_count: \(expected) rows were staged and \(staged) are there.")
        }
        if checks.contains("checksum") {
            try target.readBack(records) { record, batch in
                // Staging keeps the target's column order; the hash has the plans' order.
                let places = try plan.plans.map { column throws(SluiceError) in
                    guard let place = batch.schema.index(of: column.target) else {
                        throw SluiceError(.validation, "checksum: the column \(column.target) is not in staging.")
                    }
                    return place
                }
                var hash = ChunkHash()
                hash.add(batch, keys: plan.keyPlaces.map { places[$0] }, columns: places)
                guard hash.digest().hex == record.contentHash else {
                    throw SluiceError(
                        .validation,
                        "checksum: chunk \(record.chunk) reads back with other values than were written; "
                            + "a declared type of the target changes them (\(target.shape.name)).",
                        hint: "Declare the target's columns TEXT, INTEGER, REAL, DATE, TIMESTAMP or BOOLEAN.")
                }
                try stage.checkpoint()
            }
        }
    }

    /// Reads the source again for the rows named, so that quarantine holds them as they came.
    private func quarantineStaged(
        _ reasons: [Int64: String], records: [ChunkRecord], plan: ExecutablePlan, _ reader: SourceReader
    ) throws(SluiceError) {
        var preparer = ChunkPreparer(plans: plan.plans, required: plan.requiredTargets)
        let quarantine = QuarantineMaker(plan: plan, source: reader.source)
        var number = 0
        try reader.scan(.migrate, skipRows: 0) { (emitted) throws(SluiceError) in
            let chunk = try preparer.prepare(emitted)
            let refused = chunk.ordinals.enumerated().compactMap { place, ordinal in
                reasons[ordinal].map { RefusedRow(row: place, reason: $0) }
            }
            if !refused.isEmpty {
                try stage.store.quarantine(
                    quarantine.rows(of: chunk, refused: refused, chunkID: number, faults: false),
                    runID: stage.contract.runID, permit: writing())
            }
            number += 1
            try stage.checkpoint()
        }
    }

    /// What a target refuses, as a user meets it.
    static func translated(_ error: any Error) -> SluiceError {
        if let known = error as? SluiceError { return known }
        guard let database = error as? DatabaseError else {
            return SluiceError(.targetWrite, "The target could not be written.")
        }
        if database.isBusy { return database.asError(.targetBusy) }
        if database.isCorrupt { return database.asError(.targetShape) }
        if database.isConstraint {
            return SluiceError(
                .validation,
                "The target refused the promotion: \(database.message) (SQLite \(database.code)). Nothing was promoted."
            )
        }
        return database.asError(.targetWrite)
    }
}
