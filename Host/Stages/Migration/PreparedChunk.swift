internal import Columnar
internal import Foundations
internal import Policy
internal import Transform

/// A row that will not reach the target, and why.
struct RowFault: Sendable, Equatable {
    /// Place in the source batch.
    let row: Int
    let reasons: [String]
    /// The target column where it shows; nil when the row as a whole is at fault.
    let target: String?
}

/// One batch of the source after the plans: clean rows in target shape, and the rows at fault.
struct PreparedChunk {
    let source: SourceBatch
    /// Clean rows, one column a plan.
    let batch: Batch
    /// Their ordinals.
    let ordinals: [Int64]
    /// Their places in the source batch.
    let rows: [Int]
    let faults: [RowFault]
}

/// Turns source batches into target rows: what Analysis looks at and what Migration writes are made by the same code.
struct ChunkPreparer {
    private let plans: [Plan]
    /// Places of plans whose column may not be null.
    private let required: [Int]
    private var executor: PlanExecutor?

    init(plans: [Plan], required: Set<String>) {
        self.plans = plans
        self.required = plans.indices.filter { required.contains(plans[$0].target) }
    }

    private mutating func ready(for schema: Schema) throws(SluiceError) -> PlanExecutor {
        if let executor { return executor }
        let made = try PlanExecutor(plans, inputs: schema)
        executor = made
        return made
    }

    mutating func prepare(_ emitted: Batch) throws(SluiceError) -> PreparedChunk {
        let source = SourceBatch(emitted)
        let executor = try ready(for: source.batch.schema)
        let result = try executor.run(source.batch)
        var reasons: [Int: (Set<String>, String?)] = [:]
        for error in result.errors where source.rejected[error.row] == nil {
            reasons[error.row, default: ([], plans[error.plan].target)].0.insert(error.reason.rawValue)
        }
        for place in required where result.columns[place].nullCount > 0 {
            result.columns[place].withView { view in
                for row in 0..<view.count where !view.isValid(row) && source.rejected[row] == nil && reasons[row] == nil
                {
                    reasons[row] = (["NULL_IN_REQUIRED"], plans[place].target)
                }
            }
        }
        for (row, reason) in source.rejected { reasons[row] = ([reason], nil) }
        let faults = reasons.keys.sorted().map { row in
            RowFault(row: row, reasons: (reasons[row]?.0 ?? []).sorted(), target: reasons[row]?.1)
        }
        guard !faults.isEmpty else {
            let ordinals = (0..<source.rowCount).map { source.firstOrdinal + Int64($0) }
            return PreparedChunk(
                source: source, batch: result.batch, ordinals: ordinals, rows: Array(0..<source.rowCount), faults: [])
        }
        let clean = (0..<source.rowCount).filter { reasons[$0] == nil }
        return PreparedChunk(
            source: source, batch: result.batch.gather(clean), ordinals: clean.map { source.firstOrdinal + Int64($0) },
            rows: clean, faults: faults)
    }
}
