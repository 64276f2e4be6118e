internal import Columnar
internal import Contracts
internal import Foundations
internal import Transform

/// What a pipeline made of the sample, in counts.
struct SampleResult: Sendable, Equatable {
    let rows: Int
    /// Rows with an error, or without a value where one is needed.
    let failed: Int
    /// Failed rows by the reason of their first failure.
    let errors: [String: Int]

    /// The reason of rows that have no value in a column that needs one.
    static let missingValue = "NOT_NULL"

    /// Share of the rows that succeed, rounded to four digits but never up to 1; nil without rows.
    var successRate: Double? {
        guard rows > 0 else { return nil }
        if failed == 0 { return 1 }
        return min(0.9999, PipelineProposer.rounded(Double(rows - failed) / Double(rows)))
    }

    /// Runs the pipelines over a sample.
    ///
    /// - Returns: one result a proposal, in their order, and the batch that was made.
    /// - Throws: `dsl.rejected`, and `stage.input` for a sample of another schema.
    static func run(
        _ proposals: [MappingProposal], on sample: Batch, input: MappingInput
    ) throws(SluiceError) -> (results: [SampleResult], made: Batch) {
        let executor = try PlanExecutor(proposals.map(\.plan), inputs: sample.schema)
        let outcome = try executor.run(sample)
        var failedRows = [Set<Int>](repeating: [], count: proposals.count)
        var errors = [[String: Int]](repeating: [:], count: proposals.count)
        for error in outcome.errors where failedRows[error.plan].insert(error.row).inserted {
            errors[error.plan][error.reason.rawValue, default: 0] += 1
        }
        for (place, proposal) in proposals.enumerated() where input.needsValue(proposal.target) {
            let column = outcome.columns[place]
            guard column.nullCount > 0 else { continue }
            column.withView { view in
                for row in 0..<view.count where !view.isValid(row) && failedRows[place].insert(row).inserted {
                    errors[place][Self.missingValue, default: 0] += 1
                }
            }
        }
        let results = proposals.indices.map {
            SampleResult(rows: sample.rowCount, failed: failedRows[$0].count, errors: errors[$0])
        }
        return (results, outcome.batch)
    }
}

/// How much of one table a plan reaches.
struct Coverage: Sendable, Equatable {
    enum Side: String, Sendable {
        case source, target
    }

    let side: Side
    let columns: Int
    /// By name, in the table's order.
    let unmapped: [String]

    /// Below this share of either table's columns a person should look: such tables seldom belong together.
    static let leastShare = 0.5
    private static let mostNames = 10

    /// Nil when enough of the columns are mapped.
    var reason: String? {
        let mapped = columns - unmapped.count
        guard Double(mapped) < Self.leastShare * Double(columns) else { return nil }
        let rest = unmapped.count - Self.mostNames
        let names = unmapped.prefix(Self.mostNames).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
        return "\(mapped) of \(columns) \(side.rawValue) columns are mapped, fewer than half; not mapped: \(names)."
    }
}

/// What becomes of one mapping, or of the stage: a decision and what it rests on.
struct MappingDecision: Sendable, Equatable {
    /// Accept, hold or fix.
    let decision: GateDecision
    /// In words, for the gate; empty for an acceptance.
    let reasons: [String]

    static let accepted = MappingDecision(decision: .accept, reasons: [])

    /// Without a sample a mapping of at least this confidence is accepted, and held otherwise.
    ///
    /// Equal names of known types reach it, and so do synonyms whose domains agree; half-alike names do not.
    static let symbolicConfidence = 0.70
    /// Sums and differences of thresholds are not exact.
    private static let tolerance = 1e-9

    /// Decides one mapping by threshold (ROADMAP §12, §29).
    ///
    /// - Parameter sample: nil, or without rows, when nothing was run: then the confidence alone decides.
    static func judge(
        _ proposal: MappingProposal, name: String, sample: SampleResult?, thresholds: ThresholdProfile
    ) -> MappingDecision {
        if let obstacle = proposal.obstacle {
            return MappingDecision(decision: .fix, reasons: ["\(name): \(obstacle)"])
        }
        if let sample, let rate = sample.successRate {
            let success = "\(name): \(sample.rows - sample.failed) of \(sample.rows) sample rows succeed"
            if rate + tolerance < thresholds.acceptRateMin - thresholds.nearMatchWindow {
                return MappingDecision(decision: .fix, reasons: ["\(success), too few."])
            }
            if rate + tolerance < thresholds.acceptRateMin {
                return MappingDecision(decision: .hold, reasons: ["\(success), which is near."])
            }
        } else if proposal.confidence < symbolicConfidence {
            return MappingDecision(
                decision: .hold,
                reasons: ["\(name): the confidence is \(proposal.confidence), below \(symbolicConfidence)."])
        }
        return proposal.doubt.map { MappingDecision(decision: .hold, reasons: ["\(name): \($0)"]) } ?? accepted
    }

    /// Decides the stage: the gravest of its mappings' decisions, and of what is missing.
    ///
    /// - Parameters:
    ///   - missing: required target columns without a source.
    ///   - coverage: how much of both tables the mappings reach.
    ///   - willMigrate: whether rows are to follow. Then every one of them would fail, and only a fix helps; a plan of
    ///     metadata_only may be looked at all the same.
    static func stage(
        _ mappings: [MappingDecision], missing: [String], coverage: [Coverage] = [], willMigrate: Bool
    ) -> MappingDecision {
        if mappings.isEmpty {
            return MappingDecision(decision: .fix, reasons: ["No target column has a source column."])
        }
        var reasons = mappings.filter { $0.decision == .fix }.flatMap(\.reasons)
        let needsFix = !reasons.isEmpty || (willMigrate && !missing.isEmpty)
        if !missing.isEmpty {
            reasons.append("Required target columns have no source column: \(missing.joined(separator: ", ")).")
        }
        reasons += coverage.compactMap(\.reason)
        reasons += mappings.filter { $0.decision == .hold }.flatMap(\.reasons)
        if needsFix { return MappingDecision(decision: .fix, reasons: reasons) }
        return reasons.isEmpty ? accepted : MappingDecision(decision: .hold, reasons: reasons)
    }
}
