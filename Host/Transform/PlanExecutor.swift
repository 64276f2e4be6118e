public import Columnar
public import Foundations

/// Runs plans over batches of one schema, column by column, without allocating per row.
///
/// A value: it may be used by several threads at once, each with its own batch.
public struct PlanExecutor: Sendable {
    /// The schema that every batch must have.
    public let inputs: Schema
    /// One field a plan, in the order of the plans.
    public let output: Schema
    private let programs: [PlanProgram]

    /// Type-checks the plans and makes them ready.
    ///
    /// - Throws: `SluiceError` of kind `dsl.rejected`, also when two plans have one target.
    public init(_ plans: [Plan], inputs: Schema) throws(SluiceError) {
        var programs: [PlanProgram] = []
        var fields: [Field] = []
        for plan in plans {
            guard !fields.contains(where: { $0.name == plan.target }) else {
                throw Rejection.error(
                    plan.target, "/target", "another plan makes this column already", allowed: "Keep one plan a column."
                )
            }
            let program = try PlanProgram(plan, inputs: inputs)
            programs.append(program)
            fields.append(Field(plan.target, program.type))
        }
        self.inputs = inputs
        self.programs = programs
        output = Schema(fields)
    }

    /// The columns that the plans make of a batch, and the values that could not be made.
    ///
    /// The result depends on the rows alone, not on how they are cut into batches.
    /// - Throws: `SluiceError` of kind `stage.input` when the batch has another schema, or when a column of text would
    ///   exceed 2^31 - 1 bytes.
    public func run(_ batch: Batch) throws(SluiceError) -> TransformResult {
        guard batch.schema == inputs else {
            throw SluiceError(.stageInput, "A batch does not have the schema that its plans were checked against.")
        }
        let scratch = Scratch()
        var columns: [Column] = []
        var errors: [RowError] = []
        var sources = 0
        for (number, program) in programs.enumerated() {
            var registers: [Column?] = program.inputs.map { batch.columns[$0] }
            registers.append(contentsOf: repeatElement(nil, count: program.registerCount - registers.count))
            for instruction in program.instructions {
                var failures = Failures(plan: number, step: instruction.step, isSilent: !instruction.quarantines)
                registers[instruction.output] = try Self.column(instruction.work, registers, scratch, &failures)
                if !failures.errors.isEmpty { sources += 1 }
                errors.append(contentsOf: failures.errors)
            }
            // A program ends in an input or in a register that one of its instructions wrote.
            guard let column = registers[program.result] else { preconditionFailure("a plan's result was not made") }
            columns.append(column)
        }
        // One step's errors are in order as they are.
        if sources > 1 {
            errors.sort { ($0.row, $0.plan, $0.step) < ($1.row, $1.plan, $1.step) }
        }
        let made = Batch(schema: output, columns: columns, rowCount: batch.rowCount, firstOrdinal: batch.firstOrdinal)
        return TransformResult(batch: made, errors: errors)
    }

    private static func column(
        _ work: PlanProgram.Work, _ registers: [Column?], _ scratch: Scratch, _ failures: inout Failures
    ) throws(SluiceError) -> Column {
        func source(_ register: Int) -> Column {
            // Instructions are ordered as the steps are, and a step reads only what was made before it.
            guard let column = registers[register] else {
                preconditionFailure("a register is read before it is written")
            }
            return column
        }
        switch work {
        case .copy(let register): return source(register)
        case .text(let operand): return try TextKernels.text(operand, source(operand.register), scratch)
        case .concat(let operands, let separator, let skipsNulls):
            return try TextKernels.concat(
                operands, operands.map { source($0.register) }, separator: separator, skipsNulls: skipsNulls, scratch)
        case .parse(let operand, let target, let emptyIsError):
            return CastKernels.parse(
                operand, source(operand.register), target, emptyIsError: emptyIsError, scratch, &failures)
        case .format(let register, let type): return try CastKernels.format(source(register), from: type, &failures)
        case .widen(let register): return CastKernels.widen(source(register), &failures)
        }
    }
}

/// The errors of one step over one batch.
struct Failures {
    let plan: Int
    let step: Int
    let isSilent: Bool
    private(set) var errors: [RowError] = []

    init(plan: Int, step: Int, isSilent: Bool) {
        self.plan = plan
        self.step = step
        self.isSilent = isSilent
    }

    @inline(never)
    mutating func add(_ row: Int, _ reason: Reason) {
        if !isSilent { errors.append(RowError(row: row, plan: plan, step: step, reason: reason)) }
    }
}
