public import Columnar
public import Foundations

/// Runs plans over batches of one schema, block by block, without allocating per row.
///
/// A value: it may be used by several threads at once, each with its own batch.
public struct PlanExecutor: Sendable {
    /// The schema that every batch must have.
    public let inputs: Schema
    /// One field a plan, in the order of the plans.
    public let output: Schema
    private let program: PlanProgram

    /// Type-checks the plans and makes them ready.
    ///
    /// - Throws: `SluiceError` of kind `dsl.rejected`, also when two plans have one target.
    public init(_ plans: [Plan], inputs: Schema) throws(SluiceError) {
        try self.init(TypedProgram(plans, inputs: inputs))
    }

    /// Makes a program ready that has been type-checked.
    ///
    /// - Throws: `SluiceError` of kind `dsl.rejected` when numbers of the plans do not fit together.
    public init(_ program: TypedProgram) throws(SluiceError) {
        inputs = program.inputs
        output = Schema(program.outputs.map { Field($0.target, $0.type) })
        self.program = try PlanProgram(program)
    }

    /// The columns that the plans make of a batch, and the values that could not be made.
    ///
    /// The result depends on the rows alone, not on how they are cut into batches.
    /// - Throws: `SluiceError` of kind `stage.input` when the batch has another schema, or when a column of text would
    ///   exceed 2^31 - 1 bytes.
    public func run(_ batch: Batch) throws(SluiceError) -> TransformResult {
        try run(batch, with: BlockRunner(program))
    }

    /// The results of several batches, in their order, by as many threads.
    ///
    /// They are the same for every number of threads.
    /// - Parameter threads: at least 1, this one among them. Fewer where the machine has no more.
    /// - Throws: as ``run(_:)``, the error of the first batch that has one.
    public func run(_ batches: [Batch], threads: Int) throws(SluiceError) -> [TransformResult] {
        let queue = BatchQueue(batches.count)
        let work = { @Sendable in
            let runner = BlockRunner(program)
            while let place = queue.next() {
                do throws(SluiceError) {
                    queue.put(place, .success(try run(batches[place], with: runner)))
                } catch {
                    queue.put(place, .failure(error))
                }
            }
        }
        for _ in 1..<max(1, min(threads, batches.count)) { queue.start(work) }
        work()
        var results: [TransformResult] = []
        results.reserveCapacity(batches.count)
        for result in queue.wait() { results.append(try result.get()) }
        return results
    }

    private func run(_ batch: Batch, with runner: BlockRunner) throws(SluiceError) -> TransformResult {
        guard batch.schema == inputs else {
            throw SluiceError(.stageInput, "A batch does not have the schema that its plans were checked against.")
        }
        let (columns, errors) = try runner.run(batch)
        let made = Batch(schema: output, columns: columns, rowCount: batch.rowCount, firstOrdinal: batch.firstOrdinal)
        return TransformResult(batch: made, errors: errors)
    }
}
