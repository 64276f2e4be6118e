internal import Columnar
internal import Contracts
internal import Foundations
internal import Policy
internal import Store
internal import Transform

/// Mapping: a pipeline for every target column that has a source, run on the sample, decided by threshold
/// (ROADMAP §12).
struct MappingStage {
    let stage: StageContext
    let embedder: HeaderEmbedder
    let names: DomainNames

    static let maximumExamples = 3

    func run(
        _ ingest: IngestResult, assignments: [DomainAssignment], assignmentsID: SHA256.Digest, access: ModelAccess
    ) throws(SluiceError) -> StageOutcome {
        let input = try input(ingest, assignments, try Self.targetTable(stage))
        var proposals = try PipelineProposer(input).proposals()
        let interview = stage.interview(.mapping, template: ModelProposer.template, access: access)
        // Names are evidence that policy may withhold.
        if try stage.evidence().contains(.headers) {
            let executes = try stage.granted(.previewTransform, resource: "sample_execution") != nil
            let proposer = ModelProposer(
                input, thresholds: stage.thresholds, sample: executes ? ingest.sample?.batch : nil)
            proposals = try proposer.proposals(beside: proposals, interview: interview)
            try stage.checkpoint()
            stage.tell("Mapping", interview.use, left: ("target column", "target columns"))
        }
        return try outcome(
            input, proposals, ingest, inputs: [ingest.catalogID, assignmentsID],
            provider: embedder.providerReference, models: interview.use)
    }

    /// The transforms of another run's plan instead of proposals, judged as those are; asks no provider.
    ///
    /// - Throws: `artifact.missing`, `artifact.corrupt`; `artifact.reuse` and `target.shape` when it does not fit.
    func run(
        _ ingest: IngestResult, reusing hash: SHA256.Digest, assignmentsID: SHA256.Digest
    ) throws(SluiceError) -> StageOutcome {
        let body = try stage.store.artifacts.body(hash, permit: try stage.permit(.viewArtifactsMasked))
        let reused = try ReusedPlan(hash, body: body)
        let table = try Self.targetTable(stage)
        try reused.require(target: table)
        let input = MappingInput(
            sourceName: nil,
            sources: ingest.columns.map {
                SourceColumn(name: $0.name, type: $0.physicalType, profile: $0.profile)
            }, table: table, targets: table.columns.map { TargetColumn(column: $0) })
        return try outcome(
            input, try reused.proposals(for: input), ingest, inputs: [ingest.catalogID, assignmentsID, hash],
            provider: nil, reusedFrom: hash)
    }

    /// Tries the pipelines on the sample, decides, and writes the plan.
    private func outcome(
        _ input: MappingInput, _ proposals: [MappingProposal], _ ingest: IngestResult, inputs: [SHA256.Digest],
        provider: String?, models: ModelUse = ModelUse(), reusedFrom: SHA256.Digest? = nil
    ) throws(SluiceError) -> StageOutcome {
        var samples: [SampleResult] = []
        var examples: [[MappingPlan.Example]] = []
        let executes = try stage.granted(.previewTransform, resource: "sample_execution") != nil
        if let sample = ingest.sample, executes {
            let (results, made) = try SampleResult.run(proposals, on: sample.batch, input: input)
            samples = results
            if try stage.granted(.showPreview, resource: "masked_slices") != nil {
                examples = proposals.indices.map { place in
                    self.examples(proposals[place], column: made.columns[place], sample: sample, ingest: ingest)
                }
            } else {
                stage.observer.notice("Mapping: policy shows no masked_slices; the plan has no examples.")
            }
        } else {
            _ = try stage.permit(.previewTransform, resource: "symbolic")
            if ingest.sample != nil {
                stage.observer.notice("Mapping: policy executes nothing on samples; the plan is symbolic.")
            }
        }
        let plan = MappingPlan(
            input, proposals: proposals, samples: samples, examples: examples, thresholds: stage.thresholds,
            willMigrate: ingest.sample != nil, reusedFrom: reusedFrom,
            compiled: CompiledPlans.json(
                proposals.map(\.plan), inputs: Schema(input.sources.map { Field($0.name, $0.type) }),
                relation: input.sourceName ?? "source"))
        let artifact = stage.artifact(
            .mappingPlan, plan.json, inputs: inputs, provider: models.providers ?? provider, model: models.allModels,
            promptHash: models.promptHash)
        let usage = embedder.takeUsage()
        return StageOutcome(
            artifacts: [artifact], decision: plan.decision.decision, reasons: plan.decision.reasons,
            summary: .members([
                "mapped": JSON(plan.entries.count), "unmapped_targets": JSON(plan.unmappedTargets.count),
                "unmapped_sources": JSON(plan.unmappedSources.count),
                "reused_from": reusedFrom.map { .string(String($0.hex.prefix(12))) },
            ]),
            maskApplied: provider != nil || models.asked > 0, provider: models.providers ?? provider,
            model: models.allModels,
            tokenEstimate: usage.estimate + models.tokenEstimate, tokenActual: usage.sent + models.tokenActual,
            cache: usage.cache, embedder: provider == nil ? nil : embedder.json,
            models: models.questions > 0 ? models : nil)
    }

    /// The table that the contract names.
    static func targetTable(_ stage: StageContext) throws(SluiceError) -> TargetTable {
        let location = stage.contract.rhs.location
        guard let table = location.table else {
            throw SluiceError(.locationInvalid, "The target names no table.", hint: "Use sqlite:PATH#TABLE.")
        }
        do { return try SQLiteTarget.inspect(path: location.path, table: table) } catch {
            throw MigrationStage.translated(error)
        }
    }

    private func input(
        _ ingest: IngestResult, _ assignments: [DomainAssignment], _ table: TargetTable
    ) throws(SluiceError) -> MappingInput {
        let kinds = try stage.evidence()
        func vectors(_ names: [String]) throws(SluiceError) -> [[Float]]? {
            guard kinds.contains(.headers) else { return nil }
            return try embedder.vectors(ofColumns: names, of: ingest.catalogID, stage)
        }
        let sourceVectors = try vectors(ingest.columns.map(\.name))
        let targetVectors = try vectors(table.columns.map(\.name))
        let scorer = DomainScorer(
            catalog: stage.registry.domains, names: names,
            aliasVectors: targetVectors == nil ? [] : try embedder.aliasVectors(of: ingest.catalogID, stage),
            kinds: kinds)
        // Their days are values.
        let hasDates = kinds.contains(.valueSketches) && table.columns.contains { $0.type == .date }
        let sources = ingest.columns.indices.map { place in
            let column = ingest.columns[place]
            return SourceColumn(
                name: column.name, type: column.physicalType, profile: column.profile,
                timedDays: hasDates ? ingest.sample.flatMap { TimedDays($0.batch.columns[place]) } : nil,
                domain: assignments[place].best, band: assignments[place].band, vector: sourceVectors?[place])
        }
        let targets = table.columns.indices.map { place in
            let column = table.columns[place]
            let candidates = scorer.candidates(
                header: column.name, type: nil, vector: targetVectors?[place], values: nil)
            return TargetColumn(
                column: column, candidates: candidates,
                band: candidates.first.map { scorer.band($0.score, stage.thresholds) } ?? .low,
                vector: targetVectors?[place])
        }
        let source = try Source(stage.contract.lhs.location)
        return MappingInput(sourceName: source.tableName, sources: sources, table: table, targets: targets)
    }

    /// A few values before and after, as previews show them: the most frequent ones, with what is rare suppressed.
    private func examples(
        _ proposal: MappingProposal, column: Column, sample: RawSample, ingest: IngestResult
    ) -> [MappingPlan.Example] {
        let inputs = proposal.plan.inputs.compactMap { name in ingest.columns.firstIndex { $0.name == name } }
        let exposures = Dictionary(
            ingest.columns.map { ($0.name, $0.exposure) }, uniquingKeysWith: { first, _ in first })
        let exposure = AnalysisStage.exposure(of: proposal.plan, sources: exposures, type: column.type)
        var rows: [[String?]] = []
        for row in 0..<column.count {
            guard let after = column.withView({ Masker.preview($0, row: row, exposure: exposure) }) else { continue }
            let before = inputs.map { place in
                sample.batch.columns[place].withView {
                    Masker.preview($0, row: row, exposure: ingest.columns[place].exposure)
                }
            }
            rows.append(before + [after])
        }
        let kinds =
            inputs.map { place in
                let input = ingest.columns[place]
                return SafePreview.kind(of: input.exposure, input.type ?? input.physicalType)
            }
            + [SafePreview.kind(of: exposure, column.type)]
        let shown = KAnonymity.suppress(rows, columns: kinds, k: stage.engine.manifest.previewsK)
        return SafePreview.mostFrequent(shown.rows, limit: Self.maximumExamples).compactMap { row in
            guard let after = row.last ?? nil, after != KAnonymity.hidden else { return nil }
            return MappingPlan.Example(before: row.dropLast().map { $0 ?? "" }, after: after)
        }
    }
}
