internal import Columnar
internal import Foundations

/// A plan made ready for one schema: registers instead of names, and text steps fused into their only reader.
struct PlanProgram: Sendable {
    /// One piece of work over a whole column.
    struct Instruction: Sendable {
        /// Index of the plan's step, for errors.
        let step: Int
        let quarantines: Bool
        let work: Work
        let output: Int
    }

    enum Work: Sendable {
        /// Text steps whose value is needed as a column.
        case text(Operand)
        case concat([Operand], separator: [UInt8], skipsNulls: Bool)
        /// From text, through a guard or patterns.
        case parse(Operand, Target, emptyIsError: Bool)
        /// To text.
        case format(Int, from: ColumnType)
        /// int64 to float64.
        case widen(Int)
        /// The same column under another name.
        case copy(Int)
    }

    enum Target: Sendable {
        case int64, float64, bool, date, timestamp
        case pattern([DatePattern], ColumnType)

        var type: ColumnType {
            switch self {
            case .int64: .int64
            case .float64: .float64
            case .bool: .bool
            case .date: .date
            case .timestamp: .timestamp
            case .pattern(_, let type): type
            }
        }
    }

    /// Places in the schema of the registers 0, 1, ….
    let inputs: [Int]
    let registerCount: Int
    let instructions: [Instruction]
    let result: Int
    let type: ColumnType

    init(_ plan: Plan, inputs schema: Schema) throws(SluiceError) {
        let types: [String: ColumnType]
        (types, type) = try plan.checked(inputs: schema, at: "")
        for (place, step) in plan.steps.enumerated() where !Self.executes(step.operation) {
            throw Rejection.error(
                plan.target, "/steps/\(place)/op", "\(step.operation.name) is not executed with these arguments yet",
                allowed: "Use trim, case, collapse_whitespace, concat, date_parse or type_cast.")
        }
        var registers: [String: Int] = [:]
        var operands: [String: Operand] = [:]
        var places: [Int] = []
        for name in plan.inputs {
            guard let place = schema.index(of: name) else { continue }
            registers[name] = places.count
            operands[name] = Operand(register: places.count, chain: [])
            places.append(place)
        }
        inputs = places
        var uses: [String: Int] = [plan.result: 1]
        for step in plan.steps { for name in step.names { uses[name, default: 0] += 1 } }

        var instructions: [Instruction] = []
        var next = places.count
        for (place, step) in plan.steps.enumerated() {
            // Every name is defined: the type check has just passed.
            let taken = step.names.compactMap { operands[$0] }
            let count = uses[step.name] ?? 0
            if let op = TextOp(step.operation) {
                let operand = Operand(register: taken[0].register, chain: taken[0].chain + [op])
                if count == 0 { continue }
                if count == 1, step.name != plan.result {
                    operands[step.name] = operand
                    continue
                }
                instructions.append(
                    Instruction(step: place, quarantines: false, work: .text(operand), output: next))
            } else {
                let types = step.names.compactMap { types[$0] }
                let work = Self.work(step.operation, taken, from: types[0])
                instructions.append(
                    Instruction(step: place, quarantines: step.onError == .quarantine, work: work, output: next))
            }
            operands[step.name] = Operand(register: next, chain: [])
            next += 1
        }
        self.instructions = instructions
        registerCount = next
        result = operands[plan.result]?.register ?? 0
    }

    private static func executes(_ operation: Operation) -> Bool {
        switch operation {
        case .trim, .collapseWhitespace, .changeCase(_, .unicode): true
        case .concat(let concat): concat.prefix.isEmpty && concat.suffix.isEmpty
        case .dateParse(let parsing): parsing.zone == "UTC" && parsing.pivot == nil
        case .typeCast(let cast): !cast.type.isDecimal && cast.grouping == nil && cast.currency.isEmpty
        default: false
        }
    }

    /// The work of a step that is not a unary text step.
    private static func work(_ operation: Operation, _ taken: [Operand], from type: ColumnType) -> Work {
        let first = taken[0]
        switch operation {
        case .concat(let concat):
            return .concat(
                taken, separator: Array(concat.separator.utf8), skipsNulls: concat.nulls == .skip)
        case .dateParse(let parsing):
            return .parse(
                first, .pattern(parsing.patterns, parsing.type), emptyIsError: parsing.empty == .error)
        case .typeCast(let cast):
            let to = cast.type
            if type == .text, let target = Target(to) {
                return .parse(first, target, emptyIsError: cast.empty == .error)
            }
            if type == .text { return .text(first) }
            if type == to { return .copy(first.register) }
            return to == .text ? .format(first.register, from: type) : .widen(first.register)
        default: return .text(first)
        }
    }
}

extension PlanProgram.Target {
    init?(_ type: ColumnType) {
        switch type {
        case .int64: self = .int64
        case .float64: self = .float64
        case .bool: self = .bool
        case .date: self = .date
        case .timestamp: self = .timestamp
        case .text, .binary, .decimal: return nil
        }
    }
}

extension TextOp {
    init?(_ operation: Operation) {
        switch operation {
        case .trim: self = .trim
        case .collapseWhitespace: self = .collapse
        case .changeCase(.upper, _): self = .upper
        case .changeCase(.lower, _): self = .lower
        default: return nil
        }
    }
}
