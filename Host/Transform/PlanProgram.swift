internal import Columnar
internal import Foundations

/// A typed program made ready to run: registers instead of nodes, in the order in which they are filled.
///
/// A register is free again behind its last reader, so that a block's registers stay in the processor's caches.
struct PlanProgram: Sendable {
    /// A place for one block's values.
    enum Register: Sendable, Equatable {
        case cells(Int)
        case words(Int)
        /// A number of the plan.
        case constant(Int)
    }

    enum Instruction: Sendable {
        /// Fills a register from a column of the batch.
        case load(column: Int, Register)
        /// Computes a node.
        case compute(node: Int, Work, [Register], Register)
        /// Appends a register to an output's column.
        case store(output: Int, Register)
    }

    /// What a node does, with its arguments prepared.
    enum Work: Sendable {
        case trim
        case collapse
        case changeCase(LetterCase, CaseLetters)
        case extract(Finder, group: Int)
        case split(Splitter, PieceChoice)
        case concat(ConcatBytes)
        case map(MapKernel)
        case parse(TextSource, emptyIsError: Bool)
        case parseDate(DateReader)
        case format(ColumnType)
        case formatDate(DateWriter)
        case convert(NumberConversion)
        case math(MathKernel)
        case convertUnit(UnitKernel)
        case convertFloat(UnitKernel)
        case select(Finder)

        /// Whether the bytes of the cells that it makes may be new ones.
        var growsText: Bool {
            switch self {
            case .collapse, .changeCase, .split, .concat, .map, .select, .formatDate: true
            default: false
            }
        }
    }

    /// What an output is.
    enum Output: Sendable {
        /// A column of the batch as it is.
        case column(Int)
        /// Stored block by block.
        case made(ColumnType)
    }

    let instructions: [Instruction]
    let outputs: [Output]
    /// How many registers of either kind.
    let cellRegisters: Int
    let wordRegisters: Int
    let constants: [Int64]
    /// The steps that report a node's failures, a node each.
    let reports: [[TypedProgram.StepPlace]]

    init(_ program: TypedProgram) throws(SluiceError) {
        var layout = Layout(program)
        var instructions: [Instruction] = []
        for (number, node) in program.nodes.enumerated() {
            for case .column(let column) in node.sources {
                if let register = layout.load(column, program.inputs.fields[column].type) {
                    instructions.append(.load(column: column, register))
                }
            }
            let taken = node.sources.map { layout.register($0) }
            layout.release(node.sources, behind: number)
            let made = layout.make(number, node.type)
            instructions.append(.compute(node: number, try Self.work(node), taken, made))
            for (place, output) in program.outputs.enumerated() where output.source == .node(number) {
                instructions.append(.store(output: place, made))
            }
            layout.release([.node(number)], behind: number)
        }
        self.instructions = instructions
        outputs = program.outputs.map { output in
            if case .column(let column) = output.source { .column(column) } else { .made(output.type) }
        }
        cellRegisters = layout.cells.count
        wordRegisters = layout.words.count
        constants = layout.constants
        reports = program.nodes.map(\.reports)
    }

    private static func work(_ node: TypedProgram.Node) throws(SluiceError) -> Work {
        switch node.operation {
        case .trim: return .trim
        case .collapseWhitespace: return .collapse
        case .changeCase(let to, let letters): return .changeCase(to, letters)
        case .regexExtract(let regex, let group): return .extract(Finder(regex), group: group)
        case .regexSplit(.text(let text), let choice): return .split(Splitter(text), choice)
        case .regexSplit(.pattern(let regex), let choice): return .split(.pattern(Finder(regex)), choice)
        case .concat(let concat): return .concat(ConcatBytes(concat))
        case .mapDict(let mapping): return .map(MapKernel(mapping))
        case .unitConvert(let conversion):
            let kernel = try UnitKernel(conversion, from: node.sourceTypes[0])
            return node.type == .float64 ? .convertFloat(kernel) : .convertUnit(kernel)
        case .dateParse(let parsing):
            do { return .parseDate(try DateReader(parsing)) } catch { throw unknown(error) }
        case .dateFormat(let pattern, let zone):
            do {
                return .formatDate(try DateWriter(pattern, zone: zone, from: node.sourceTypes[0]))
            } catch { throw unknown(error) }
        case .typeCast(let cast):
            let from = node.sourceTypes[0]
            if from == .text, let source = TextSource(cast) {
                return .parse(source, emptyIsError: cast.empty == .error)
            }
            if cast.type == .text { return .format(from) }
            if let conversion = NumberConversion(cast, from: from) { return .convert(conversion) }
            // The type check lets nothing else through.
            preconditionFailure("there is no cast from \(from.name) to \(cast.type.name)")
        case .safeMath(let function, _): return .math(MathKernel(function, from: node.sourceTypes, to: node.type))
        case .selectWhen(let regex): return .select(Finder(regex))
        }
    }

    /// A zone that the reader of plans has not seen.
    private static func unknown(_ mistake: Zone.Mistake) -> SluiceError {
        Rejection.error(nil, "/zone", mistake.reason, allowed: mistake.allowed)
    }

    /// Which register holds what, while instructions are written.
    private struct Layout {
        private var places: [TypedProgram.Source: Register] = [:]
        /// The last node that reads a value.
        private var lastReaders: [TypedProgram.Source: Int] = [:]
        /// Whether each register holds something.
        private(set) var cells: [Bool] = []
        private(set) var words: [Bool] = []
        private(set) var constants: [Int64] = []

        init(_ program: TypedProgram) {
            for (number, node) in program.nodes.enumerated() {
                for source in node.sources { lastReaders[source] = number }
            }
        }

        /// A register for a column that has none yet.
        mutating func load(_ column: Int, _ type: ColumnType) -> Register? {
            guard places[.column(column)] == nil else { return nil }
            return take(.column(column), type)
        }

        mutating func make(_ node: Int, _ type: ColumnType) -> Register { take(.node(node), type) }

        private mutating func take(_ source: TypedProgram.Source, _ type: ColumnType) -> Register {
            func free(_ registers: inout [Bool]) -> Int {
                let place = registers.firstIndex(of: false) ?? registers.count
                if place == registers.count { registers.append(true) } else { registers[place] = true }
                return place
            }
            let register: Register = type.hasOffsets ? .cells(free(&cells)) : .words(free(&words))
            places[source] = register
            return register
        }

        mutating func register(_ source: TypedProgram.Source) -> Register {
            switch source {
            case .column, .node:
                // A node stands behind all that it takes.
                guard let register = places[source] else { preconditionFailure("a value is read before it is made") }
                return register
            case .integer(let value): return constant(value)
            case .decimal(let literal): return constant(literal.units)
            }
        }

        private mutating func constant(_ value: Int64) -> Register {
            let place = constants.firstIndex(of: value) ?? constants.count
            if place == constants.count { constants.append(value) }
            return .constant(place)
        }

        /// Frees what no node behind this one reads.
        mutating func release(_ sources: [TypedProgram.Source], behind node: Int) {
            for source in sources where (lastReaders[source] ?? 0) <= node {
                switch places[source] {
                case .cells(let place): cells[place] = false
                case .words(let place): words[place] = false
                case .constant, nil: break
                }
            }
        }
    }
}
