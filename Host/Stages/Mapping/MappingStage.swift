internal import Columnar
internal import Contracts
internal import Foundations
internal import Policy
internal import Transform

/// Mapping: a pipeline for every target column that has a source, run on the sample, decided by threshold
/// (ROADMAP §12).
struct MappingStage {
    let stage: StageContext
    let embedder: HeaderEmbedder
    let names: DomainNames

    static let maximumExamples = 3

    func run(
        _ ingest: IngestResult, assignments: [DomainAssignment], assignmentsID: SHA256.Digest
    ) throws(SluiceError) -> StageOutcome {
        let table = try Self.targetTable(stage)
        let input = try input(ingest, assignments, table)
        let proposals = try PipelineProposer(input).proposals()
        var samples: [SampleResult] = []
        var examples: [[MappingPlan.Example]] = []
        if let sample = ingest.sample {
            let (results, made) = try SampleResult.run(proposals, on: sample.batch, input: input)
            samples = results
            examples = proposals.indices.map { place in
                self.examples(proposals[place], column: made.columns[place], sample: sample, ingest: ingest)
            }
        }
        let plan = MappingPlan(
            input, proposals: proposals, samples: samples, examples: examples, thresholds: stage.thresholds)
        let artifact = stage.artifact(
            .mappingPlan, plan.json, inputs: [ingest.catalogID, assignmentsID], provider: embedder.providerReference)
        let usage = embedder.takeUsage()
        return StageOutcome(
            artifacts: [artifact], decision: plan.decision.decision, reasons: plan.decision.reasons,
            summary: [
                "mapped": JSON(plan.entries.count), "unmapped_targets": JSON(plan.unmappedTargets.count),
                "unmapped_sources": JSON(plan.unmappedSources.count),
            ],
            maskApplied: embedder.isActive, provider: embedder.providerReference, tokenEstimate: usage.estimate,
            tokenActual: usage.sent, cache: usage.cache)
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
        let sourceVectors = try embedder.vectors(
            ofColumns: ingest.columns.map(\.name), of: ingest.catalogID, stage)
        let targetVectors = try embedder.vectors(
            ofColumns: table.columns.map(\.name), of: ingest.catalogID, stage)
        let scorer = DomainScorer(
            catalog: stage.registry.domains, names: names,
            aliasVectors: targetVectors == nil ? [] : try embedder.aliasVectors(of: ingest.catalogID, stage))
        let hasDates = table.columns.contains { $0.type == .date }
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

    /// A few values before and after, as previews show them.
    private func examples(
        _ proposal: MappingProposal, column: Column, sample: RawSample, ingest: IngestResult
    ) -> [MappingPlan.Example] {
        var made: [MappingPlan.Example] = []
        let inputs = proposal.plan.inputs.compactMap { name in ingest.columns.firstIndex { $0.name == name } }
        let exposures = Dictionary(
            ingest.columns.map { ($0.name, $0.exposure) }, uniquingKeysWith: { first, _ in first })
        let exposure = AnalysisStage.exposure(of: proposal.plan, sources: exposures, type: column.type)
        for row in 0..<column.count where made.count < Self.maximumExamples {
            guard let after = column.withView({ Masker.preview($0, row: row, exposure: exposure) }) else { continue }
            let before = inputs.map { place in
                sample.batch.columns[place].withView {
                    Masker.preview($0, row: row, exposure: ingest.columns[place].exposure) ?? ""
                }
            }
            made.append(MappingPlan.Example(before: before, after: after))
        }
        return made
    }
}
