internal import Columnar
internal import Foundations

/// Runs one program over batches, with registers of its own. One thread at a time.
final class BlockRunner {
    private let program: PlanProgram
    private let arena: Arena
    private let cells: [Cells]
    private let words: [Words]
    private let constants: [Words]
    private var failures = Failures()
    /// Room for `select_when`'s answers and `concat`'s inputs.
    private let answers: UnsafeMutablePointer<UInt8>
    /// Bytes that each node has made of this batch.
    private var made: [Int]
    private let single: Single?

    /// The one computation of a program of one node, laid out for single rows.
    private struct Single {
        /// Of the input columns, in their order.
        let loads: [PlanProgram.Register]
        let work: PlanProgram.Work
        let taken: [PlanProgram.Register]
        let output: PlanProgram.Register

        init?(_ program: PlanProgram) {
            var loads: [PlanProgram.Register] = []
            var found: (work: PlanProgram.Work, taken: [PlanProgram.Register], output: PlanProgram.Register)?
            for instruction in program.instructions {
                switch instruction {
                case .load(let column, let register):
                    guard column == loads.count else { return nil }
                    loads.append(register)
                case .compute(_, let work, let taken, let output):
                    guard found == nil else { return nil }
                    found = (work, taken, output)
                case .store: break
                }
            }
            guard let found else { return nil }
            (self.loads, work, taken, output) = (loads, found.work, found.taken, found.output)
        }
    }

    /// - Parameters:
    ///   - rows: most rows that are run at once.
    ///   - arena: for what is made; runners that share one run one after the other, and each forgets what the last made.
    init(_ program: PlanProgram, rows: Int = Block.rows, arena: Arena = Arena()) {
        self.program = program
        self.arena = arena
        cells = (0..<program.cellRegisters).map { _ in
            let register = Cells.allocate(capacity: rows)
            register.initialize(repeating: .null, count: rows)
            return register
        }
        words = (0..<program.wordRegisters).map { _ in Words(rows) }
        constants = program.constants.map { Words(constant: $0, rows) }
        single = Single(program)
        answers = .allocate(capacity: rows)
        answers.initialize(repeating: 0, count: rows)
        made = Array(repeating: 0, count: program.reports.count)
    }

    deinit {
        for register in cells { register.deallocate() }
        for register in words + constants { register.deallocate() }
        answers.deallocate()
    }

    static func tooLarge() -> SluiceError {
        SluiceError(
            .stageInput, "A column of text would exceed 2147483647 bytes in one batch.", hint: "Use smaller batches.")
    }

    func run(_ batch: Batch) throws(SluiceError) -> (columns: [Column], errors: [RowError]) {
        for place in made.indices { made[place] = 0 }
        let sinks = program.outputs.map { output in
            if case .made(let type) = output { Sink(type, rows: batch.rowCount) } else { Sink?.none }
        }
        var errors: [RowError] = []
        try Column.withViews(batch.columns) { views throws(SluiceError) in
            for first in stride(from: 0, to: batch.rowCount, by: Block.rows) {
                try run(views, first, min(Block.rows, batch.rowCount - first), sinks, &errors)
            }
        }
        var columns: [Column] = []
        for (output, sink) in zip(program.outputs, sinks) {
            if case .column(let column) = output { columns.append(batch.columns[column]) }
            if let sink { columns.append(sink.finish()) }
        }
        return (columns, errors)
    }

    /// One block.
    private func run(
        _ views: [ColumnView], _ first: Int, _ count: Int, _ sinks: [Sink?], _ errors: inout [RowError]
    ) throws(SluiceError) {
        arena.reset()
        let before = errors.count
        var sources = 0
        for (place, instruction) in program.instructions.enumerated() {
            switch instruction {
            case .load(let column, .cells(let place)): views[column].cells(first, count, into: cells[place])
            case .load(let column, .words(let place)):
                views[column].words(first, count, into: words[place].values)
                views[column].validity(first, count, into: words[place].valid)
            case .load(_, .constant): break
            case .compute(let node, let work, let taken, let output):
                let reports = program.reports[node]
                failures.isSilent = reports.isEmpty
                compute(work, taken, output, count, straightInto: sink(behind: place, of: output, sinks))
                if work.growsText, case .cells(let place) = output {
                    made[node] += TextKernels.size(cells[place], count)
                    guard made[node] <= ColumnWriter.maximumBytes else { throw Self.tooLarge() }
                }
                guard !failures.all.isEmpty else { continue }
                sources += reports.count
                for failure in failures.all {
                    for report in reports {
                        errors.append(
                            RowError(
                                row: first + Int(failure.row), plan: report.plan, step: report.step,
                                reason: failure.reason))
                    }
                }
                failures.clear()
            case .store(let output, let register):
                guard let sink = sinks[output] else { continue }
                switch register {
                case .cells(let place):
                    guard sink.append(cells[place], count) else { throw Self.tooLarge() }
                case .words(let place): sink.append(words[place], count)
                case .constant: break
                }
            }
        }
        // One step's errors are in order as they are.
        if sources > 1 {
            errors[before...].sort { ($0.row, $0.plan, $0.step) < ($1.row, $1.plan, $1.step) }
        }
    }

    /// One row of a program of one node, given as a value an input column; no step's report is looked at.
    func run(_ row: UnsafeBufferPointer<CellKernel.Value>) throws(SluiceError) -> CellKernel.Outcome {
        guard let single, single.loads.count == row.count else {
            preconditionFailure("only a program of one node is run by rows")
        }
        arena.reset()
        for (value, register) in zip(row, single.loads) {
            switch (value, register) {
            case (.text(let cell), .cells(let place)): cells[place][0] = cell
            case (_, .cells(let place)): cells[place][0] = .null
            case (.word(let word), .words(let place)): words[place].set(0, word)
            case (_, .words(let place)): words[place].setNull(0)
            case (_, .constant): break
            }
        }
        failures.clear()
        compute(single.work, single.taken, single.output, 1)
        if let failure = failures.all.first { return .failed(failure.reason) }
        switch single.output {
        case .cells(let place):
            let cell = cells[place][0]
            guard cell.count <= ColumnWriter.maximumBytes else { throw Self.tooLarge() }
            return .value(cell.base == nil ? .null : .text(cell))
        case .words(let place):
            return .value(words[place].valid[0] == 1 ? .word(words[place].values[0]) : .null)
        case .constant: return .value(.null)
        }
    }

    /// The column that takes what an instruction makes as the next thing.
    private func sink(behind place: Int, of register: PlanProgram.Register, _ sinks: [Sink?]) -> Sink? {
        guard place + 1 < program.instructions.count,
            case .store(let output, register) = program.instructions[place + 1]
        else { return nil }
        return sinks[output]
    }

    private func texts(_ register: PlanProgram.Register) -> Cells {
        guard case .cells(let place) = register else { preconditionFailure("a register holds no text") }
        return cells[place]
    }

    private func numbers(_ register: PlanProgram.Register) -> Words {
        switch register {
        case .words(let place): words[place]
        case .constant(let place): constants[place]
        case .cells: preconditionFailure("a register holds text")
        }
    }

    private func compute(
        _ work: PlanProgram.Work, _ taken: [PlanProgram.Register], _ output: PlanProgram.Register, _ count: Int,
        straightInto sink: Sink? = nil
    ) {
        switch work {
        case .trim: TextKernels.trim(texts(taken[0]), texts(output), count)
        case .collapse: TextKernels.collapse(texts(taken[0]), texts(output), count, arena)
        case .changeCase(let to, let letters):
            TextKernels.changeCase(to, letters, texts(taken[0]), texts(output), count, arena)
        case .extract(let finder, let group):
            PatternKernels.extract(finder, group: group, texts(taken[0]), texts(output), count)
        case .split(let splitter, let choice):
            SplitKernel.run(splitter, choice, texts(taken[0]), texts(output), count, arena)
        case .concat(let concat):
            taken.map { texts($0) }.withUnsafeBufferPointer { inputs in
                let bound = TextKernels.bound(concat, inputs, count)
                if let room = sink?.room(bound) {
                    _ = TextKernels.concat(concat, inputs, texts(output), count, room)
                } else {
                    arena.commit(TextKernels.concat(concat, inputs, texts(output), count, arena.reserve(bound)))
                }
            }
        case .map(let kernel): kernel.run(texts(taken[0]), texts(output), count, &failures)
        case .parse(let source, let emptyIsError):
            CastKernels.parse(
                source, texts(taken[0]), numbers(output), count, emptyIsError: emptyIsError, &failures)
        case .parseDate(let reader):
            DateKernels.parse(reader, texts(taken[0]), numbers(output), count, &failures)
        case .format(let type):
            CastKernels.format(numbers(taken[0]), from: type, texts(output), count, arena, &failures)
        case .formatDate(let writer):
            DateKernels.format(writer, numbers(taken[0]), texts(output), count, arena, &failures)
        case .convert(let conversion):
            CastKernels.convert(numbers(taken[0]), conversion, numbers(output), count, &failures)
        case .math(let kernel):
            kernel.run(numbers(taken[0]), numbers(taken[taken.count - 1]), numbers(output), count, &failures)
        case .convertUnit(let kernel): kernel.exact(numbers(taken[0]), numbers(output), count, &failures)
        case .convertFloat(let kernel): kernel.floating(numbers(taken[0]), numbers(output), count, &failures)
        case .select(let finder): select(finder, taken, output, count)
        }
    }

    /// select_when: the second where the pattern matches in the first, otherwise the third.
    private func select(
        _ finder: Finder, _ taken: [PlanProgram.Register], _ output: PlanProgram.Register, _ count: Int
    ) {
        PatternKernels.matches(finder, texts(taken[0]), answers, count)
        if case .cells = output {
            let (then, otherwise, out) = (texts(taken[1]), texts(taken[2]), texts(output))
            for row in 0..<count { out[row] = answers[row] == 1 ? then[row] : otherwise[row] }
            return
        }
        let (then, otherwise, out) = (numbers(taken[1]), numbers(taken[2]), numbers(output))
        for row in 0..<count {
            let from = answers[row] == 1 ? then : otherwise
            let (value, valid) = (from.values[row], from.valid[row])
            out.values[row] = value
            out.valid[row] = valid
        }
    }
}

/// A column under way.
private final class Sink {
    private var writer: ColumnWriter?

    init(_ type: ColumnType, rows: Int) { writer = ColumnWriter(type, rows: rows, valueBytes: rows * 12) }

    func room(_ bytes: Int) -> UnsafeMutablePointer<UInt8>? { writer?.room(bytes) }

    func append(_ cells: Cells, _ count: Int) -> Bool { writer?.append(cells, count: count) ?? false }

    func append(_ words: Words, _ count: Int) {
        writer?.append(words: words.values, valid: words.valid, count: count)
    }

    func finish() -> Column {
        guard let writer = writer.take() else { preconditionFailure("a column is finished once") }
        return writer.finish()
    }
}
