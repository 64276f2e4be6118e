internal import Contracts
internal import Foundations
internal import Transform

/// The result of the Mapping stage: which pipeline makes which target column, and what was decided (ROADMAP §12).
///
/// The same input gives the same JSON: rates and confidences are rounded to four digits, and nothing depends on time.
struct MappingPlan: Sendable, Equatable {
    /// A value before and after, masked by the one who gives it.
    struct Example: Sendable, Equatable {
        /// One text a source column.
        let before: [String]
        let after: String
    }

    /// One target column that has a pipeline.
    struct Entry: Sendable, Equatable {
        let target: String
        /// The columns that the plan reads, in its order.
        let sources: [String]
        let strategy: MappingStrategy
        let plan: Plan
        let confidence: Double
        let rationale: String
        /// Nil when nothing was run.
        let sample: SampleResult?
        let examples: [Example]
        let decision: MappingDecision
        /// The model that proposed it; nil when the rules did.
        var origin: ModelOrigin?
    }

    /// A target column without a pipeline.
    struct UnmappedTarget: Sendable, Equatable {
        let name: String
        /// Whether no row can be written without it.
        let isRequired: Bool
    }

    /// `TargetTable.json` of the table that the plan was made for.
    let target: JSON
    /// Ascending by position in the target table.
    let entries: [Entry]
    /// Source columns that no plan reads, in the source's order.
    let unmappedSources: [String]
    /// In the target table's order.
    let unmappedTargets: [UnmappedTarget]
    /// The stage's own decision.
    let decision: MappingDecision
    /// The Mapping Plan of another run whose transforms these are; nil when they were proposed.
    let reusedFrom: SHA256.Digest?
    /// What `CompiledPlans` makes of the pipelines: for people, nothing runs by it.
    let compiled: JSON?

    init(
        target: JSON, entries: [Entry], unmappedSources: [String], unmappedTargets: [UnmappedTarget],
        decision: MappingDecision, reusedFrom: SHA256.Digest? = nil, compiled: JSON? = nil
    ) {
        self.reusedFrom = reusedFrom
        self.compiled = compiled
        self.target = target
        self.entries = entries
        self.unmappedSources = unmappedSources
        self.unmappedTargets = unmappedTargets
        self.decision = decision
    }

    /// Puts proposals and what the sample said of them together, and decides.
    ///
    /// - Parameters:
    ///   - samples: one a proposal; empty when nothing was run.
    ///   - examples: one list a proposal, masked; empty when there are none.
    ///   - willMigrate: whether rows are to follow; nil when they are as soon as there are samples.
    ///   - compiled: the pipelines in the words of engines.
    ///   - reusedFrom: the Mapping Plan that the proposals were taken from.
    init(
        _ input: MappingInput, proposals: [MappingProposal], samples: [SampleResult], examples: [[Example]],
        thresholds: ThresholdProfile, willMigrate: Bool? = nil, reusedFrom: SHA256.Digest? = nil,
        compiled: JSON? = nil
    ) {
        precondition(samples.isEmpty || samples.count == proposals.count, "a sample result belongs to a proposal")
        precondition(examples.isEmpty || examples.count == proposals.count, "examples belong to a proposal")
        let entries = proposals.enumerated().map { place, proposal in
            let name = input.targets[proposal.target].name
            let sample = samples.isEmpty ? nil : samples[place]
            return Entry(
                target: name, sources: proposal.plan.inputs, strategy: proposal.strategy, plan: proposal.plan,
                confidence: proposal.confidence, rationale: proposal.rationale, sample: sample,
                examples: examples.isEmpty ? [] : examples[place],
                decision: .judge(proposal, name: name, sample: sample, thresholds: thresholds),
                origin: proposal.origin)
        }
        let mapped = Set(proposals.map(\.target))
        let used = Set(proposals.flatMap(\.sources))
        let unmapped = input.targets.indices.filter { !mapped.contains($0) }.map { place in
            UnmappedTarget(name: input.targets[place].name, isRequired: Self.isRequired(place, input))
        }
        let unused = input.sources.indices.filter { !used.contains($0) }.map { input.sources[$0].name }
        let empty = input.targets.filter { target in
            unmapped.contains { $0.name == target.name } && !Self.fillsItself(target.column, input)
        }
        self.init(
            target: input.table.json, entries: entries, unmappedSources: unused, unmappedTargets: unmapped,
            decision: .stage(
                entries.map(\.decision), missing: unmapped.filter(\.isRequired).map(\.name),
                coverage: [
                    Coverage(side: .target, columns: input.targets.count, unmapped: empty.map(\.name)),
                    Coverage(side: .source, columns: input.sources.count, unmapped: unused),
                ],
                willMigrate: willMigrate ?? !samples.isEmpty), reusedFrom: reusedFrom, compiled: compiled)
    }

    /// A key that SQLite counts up, and a column with a default.
    private static func fillsItself(_ column: TargetTable.Column, _ input: MappingInput) -> Bool {
        column.name == input.table.rowIDAlias || column.hasDefault
    }

    /// A key that SQLite fills by itself may lack a source; every other key may not.
    private static func isRequired(_ target: Int, _ input: MappingInput) -> Bool {
        input.needsValue(target) && !fillsItself(input.targets[target].column, input)
    }

    /// The pipelines, ready for an executor.
    var plans: [Plan] { entries.map(\.plan) }

    /// The artifact's content.
    var json: JSON {
        .members([
            "target": target, "mappings": .array(entries.map(\.json)), "unmapped_sources": JSON(unmappedSources),
            "unmapped_targets": .array(
                unmappedTargets.map { ["name": .string($0.name), "required": .bool($0.isRequired)] }),
            "decision": .string(decision.decision.rawValue), "reasons": JSON(decision.reasons),
            "reused_from": reusedFrom.map { .string($0.hex) }, "compiled": compiled,
        ])
    }
}

extension MappingPlan.Entry {
    var json: JSON {
        .members([
            "target": .string(target), "sources": JSON(sources), "strategy": .string(strategy.rawValue),
            "plan": plan.json, "plan_hash": .string(plan.hash.hex), "confidence": .double(confidence),
            "rationale": .string(rationale), "sample": sample?.json,
            "examples": .array(examples.map { ["before": JSON($0.before), "after": .string($0.after)] }),
            "decision": .string(decision.decision.rawValue), "reasons": JSON(decision.reasons),
            "proposed_by": origin.map { .object($0.members) },
        ])
    }
}

extension SampleResult {
    var json: JSON {
        .members([
            "rows": JSON(rows), "failed": JSON(failed), "success_rate": successRate.map { .double($0) },
            "errors": .object(errors.mapValues { JSON($0) }),
        ])
    }
}
