public import Columnar
public import Foundations

/// One computation of a program over one row at a time: what functions of a database call, so that an op has one meaning.
///
/// It runs the executor's own kernels over a block of one row. Not thread-safe.
public final class CellKernel {
    /// A value, or null.
    public enum Value {
        case null
        /// Well-formed UTF-8, borrowed; its base is not nil. What a kernel returns is valid until the next use of a
        /// kernel that shares its room.
        case text(Cell)
        /// An int64, units of a decimal, days or microseconds since 1970, 0 and 1, or a double's bits.
        case word(Int64)
    }

    /// What becomes of a row.
    public enum Outcome {
        case value(Value)
        /// There is no value.
        case failed(Reason)
    }

    /// Room for what kernels make, which those of one thread share.
    public final class Room {
        fileprivate let arena = Arena()
        public init() {}
    }

    /// The types of what `apply` takes: the computation's sources without the numbers that stand in the plan.
    public let inputs: [ColumnType]
    /// The type of what it makes.
    public let type: ColumnType
    private let runner: BlockRunner

    /// - Throws: `SluiceError` of kind `dsl.rejected`, for a computation that no type check has passed.
    public convenience init(_ node: TypedProgram.Node, in room: Room) throws(SluiceError) {
        try self.init(node.operation, node.sources, node.sourceTypes, type: node.type, room)
    }

    /// A cast of text, as a plan's `type_cast` with its defaults; an empty text is an error of reason EMPTY.
    public convenience init(reading type: ColumnType, in room: Room) throws(SluiceError) {
        try self.init(.typeCast(Cast(to: type, empty: .error)), [.column(0)], [.text], type: type, room)
    }

    private init(
        _ operation: Operation, _ sources: [TypedProgram.Source], _ types: [ColumnType], type: ColumnType, _ room: Room
    ) throws(SluiceError) {
        var fields: [Field] = []
        var taken: [Step.Input] = []
        for (source, type) in zip(sources, types) {
            switch source {
            case .integer(let value): taken.append(.integer(value))
            case .decimal(let literal): taken.append(.decimal(literal))
            case .column, .node:
                taken.append(.name("x\(fields.count)"))
                fields.append(Field("x\(fields.count)", type))
            }
        }
        inputs = fields.map(\.type)
        self.type = type
        // By its constructors: only the parser makes plans, and this is a step of one that it made.
        let step = Step(operation: operation, inputs: taken, name: "y", onError: .quarantine)
        let plan = Plan(target: "y", steps: [step], result: "y")
        let program = try TypedProgram([plan], inputs: Schema(fields))
        runner = BlockRunner(try PlanProgram(program), rows: 8, arena: room.arena)
    }

    /// The computation's outcome for one row: one value an input, each of the input's type.
    ///
    /// - Throws: `SluiceError` of kind `stage.input` when a text would exceed 2^31 - 1 bytes.
    public func apply(_ row: UnsafeBufferPointer<Value>) throws(SluiceError) -> Outcome {
        precondition(row.count == inputs.count, "a kernel takes one value an input")
        return try runner.run(row)
    }
}

extension ColumnView {
    /// A row as a kernel takes it; a text is valid while the column is.
    public func value(_ row: Int) -> CellKernel.Value {
        guard isValid(row) else { return .null }
        switch type {
        case .text, .binary:
            let bytes = bytes(row)
            return .text(Cell(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
        case .int64, .timestamp, .decimal: return .word(int64(row))
        case .float64: return .word(Int64(bitPattern: float64(row).bitPattern))
        case .bool: return .word(bool(row) ? 1 : 0)
        case .date: return .word(Int64(date(row)))
        }
    }
}

/// The canonical text of decimals, dates and timestamps, in which databases without such types hold them.
public enum CanonicalText {
    /// Most bytes that `write` writes.
    public static let capacity = ValueText.capacity

    /// Writes a decimal's units, a date's days or a timestamp's microseconds; returns how many bytes.
    ///
    /// - Returns: 0 for a date or timestamp outside the years 0001–9999, which has no canonical text.
    public static func write(_ value: Int64, _ type: ColumnType, _ out: UnsafeMutableRawPointer) -> Int {
        switch type {
        case .decimal(_, let scale): return ValueText.decimal(value, scale: scale, out)
        case .date:
            guard let day = Int32(exactly: value), Calendar.holds(day: day) else { return 0 }
            return ValueText.date(Int(day), out)
        case .timestamp:
            return Calendar.holds(microseconds: value) ? ValueText.timestamp(value, out) : 0
        default: return ValueText.int64(value, out)
        }
    }

    /// What `write` wrote: a decimal's units, a date's days, a timestamp's microseconds; nil for any other text.
    public static func read(_ bytes: UnsafeRawBufferPointer, _ type: ColumnType) -> Int64? {
        switch type {
        case .decimal(let precision, let scale): return decimal(bytes, Int(precision), Int(scale))
        case .date:
            var value: Int32 = 0
            return TextGuard.date(bytes, &value) == nil ? Int64(value) : nil
        case .timestamp:
            var value: Int64 = 0
            return TextGuard.timestamp(bytes, &value) == nil ? value : nil
        default: return nil
        }
    }

    /// `-?digits[.digits]` with exactly `scale` digits behind the point and at most `precision` in all.
    private static func decimal(_ bytes: UnsafeRawBufferPointer, _ precision: Int, _ scale: Int) -> Int64? {
        let negative = bytes.count > 0 && bytes[0] == 0x2D
        let point = scale > 0 ? bytes.count - scale - 1 : bytes.count
        let start = negative ? 1 : 0
        // No leading zero but the one before the point, so that a value has one text.
        guard point > start, point == start + 1 || bytes[start] != 0x30, point - start <= 19 else { return nil }
        var units: Int64 = 0
        var digits = 0
        for at in start..<bytes.count {
            if at == point {
                guard bytes[at] == 0x2E else { return nil }
                continue
            }
            let digit = bytes[at] &- 0x30
            guard digit <= 9 else { return nil }
            if units > 0 || digit > 0 { digits += 1 }
            guard digits <= precision else { return nil }
            units = units * 10 + Int64(digit)
        }
        guard !negative || units > 0 else { return nil }
        return negative ? -units : units
    }
}
