internal import Columnar
internal import Databases
internal import Foundations
internal import Transform

/// The executor's kernels as functions of a SQLite connection: what emitted queries call.
///
/// A program's computations are made ready once; a call finds its own by its first argument, and from the second row of
/// a statement on by what was kept for that argument. Not thread-safe, as the connection is not.
final class SQLiteKernels {
    private let bound: [Key: BoundKernel]

    /// By bytes: Swift takes two spellings of one letter for equal texts.
    private struct Key: Hashable {
        let name: String
        let argument: [UInt8]
    }

    /// - Throws: `SluiceError` of kind `dsl.rejected`.
    init(_ program: TypedProgram) throws(SluiceError) {
        var bound: [Key: BoundKernel] = [:]
        let room = CellKernel.Room()
        for routine in SQLiteRoutine.all(of: program) {
            let key = Key(name: routine.name, argument: Array(routine.argument.utf8))
            if bound[key] == nil { bound[key] = try BoundKernel(routine, in: room) }
        }
        self.bound = bound
    }

    /// Registers every function of emitted queries. They know the computations of this program alone.
    func register(on database: SQLiteConnection) throws(DatabaseError) {
        let joiner = ErrorJoiner()
        try database.register(SQLiteRoutine.errors, arity: -1) { joiner.answer($0) }
        for name in SQLiteRoutine.names {
            try database.register(name, arity: -1) { [self] call in
                guard call.count > 0 else { return call.fail("\(name) needs arguments") }
                if let kernel = call.kept(BoundKernel.self, 0) { return kernel.answer(call) }
                let key = Key(name: name, argument: Array(call.text(0)))
                guard let kernel = bound[key] else {
                    return call.fail(
                        "\(name) does not know its first argument: it takes what its query was emitted with")
                }
                call.keep(kernel, 0)
                kernel.answer(call)
            }
        }
    }
}

/// Makes one text of the reasons among a row's values.
private final class ErrorJoiner {
    /// Grows to the longest text and is reused for every row.
    private var joined: [UInt8] = []

    func answer(_ call: SQLiteCall) {
        joined.removeAll(keepingCapacity: true)
        for index in stride(from: 0, to: call.count - 1, by: 2) {
            switch call.storage(index + 1) {
            case .blob: append(call.text(index), call.blob(index + 1))
            case .text where call.text(index).count == 0: append(call.text(index), call.text(index + 1))
            case .text, .null, .integer, .real: break
            }
        }
        if joined.isEmpty { call.returnNull() } else { joined.withUnsafeBytes { call.return(text: $0) } }
    }

    private func append(_ place: UnsafeRawBufferPointer, _ words: UnsafeRawBufferPointer) {
        if !joined.isEmpty { joined.append(UInt8(ascii: ";")) }
        if place.count > 0 {
            joined.append(contentsOf: place)
            joined.append(UInt8(ascii: ":"))
        }
        joined.append(contentsOf: words)
    }
}

/// One computation, ready to be called with the values of a row.
final class BoundKernel {
    private enum Work {
        case compute(CellKernel)
        /// With the kernel that reads the type from text; nil for types that SQLite has itself.
        case read(ColumnType, CellKernel?)
        case write(ColumnType)
    }

    private let work: Work
    private let name: String
    private let inputs: [ColumnType]
    private let values: UnsafeMutableBufferPointer<CellKernel.Value>

    init(_ routine: SQLiteRoutine, in room: CellKernel.Room) throws(SluiceError) {
        name = routine.name
        switch routine.work {
        case .compute(let node):
            let kernel = try CellKernel(node, in: room)
            work = .compute(kernel)
            inputs = kernel.inputs
        case .read(let type):
            switch type {
            case .decimal, .date, .timestamp: work = .read(type, try CellKernel(reading: type, in: room))
            case .text, .int64, .float64, .bool, .binary: work = .read(type, nil)
            }
            inputs = [type]
        case .write(let type):
            work = .write(type)
            inputs = [type]
        }
        values = .allocate(capacity: inputs.count)
        values.initialize(repeating: .null)
    }

    deinit {
        values.deinitialize()
        values.deallocate()
    }

    func answer(_ call: SQLiteCall) {
        guard call.count == inputs.count + 1 else {
            return call.fail("\(name) takes \(inputs.count + 1) arguments here, not \(call.count)")
        }
        switch work {
        case .read(let type, let kernel): read(call, type, kernel)
        case .write(let type): write(call, type)
        case .compute(let kernel):
            for (place, type) in inputs.enumerated() {
                guard let value = Self.value(call, place + 1, type) else {
                    return call.fail("\(name) takes \(type.name) in place \(place + 1)")
                }
                values[place] = value
            }
            do throws(SluiceError) {
                let outcome = try kernel.apply(UnsafeBufferPointer(values))
                Self.give(outcome, kernel.type, call)
            } catch { call.fail(error.message) }
        }
    }

    // MARK: Between the layers

    /// A value of an earlier step. A blob is the reason why there is none.
    private static func value(_ call: SQLiteCall, _ place: Int, _ type: ColumnType) -> CellKernel.Value? {
        switch (call.storage(place), type) {
        case (.null, _), (.blob, _): .null
        case (.text, .text): text(call, place)
        case (.integer, .int64), (.integer, .decimal), (.integer, .date), (.integer, .timestamp), (.integer, .bool):
            .word(call.int64(place))
        case (.real, .float64): .word(Int64(bitPattern: call.double(place).bitPattern))
        default: nil
        }
    }

    private static func text(_ call: SQLiteCall, _ place: Int) -> CellKernel.Value {
        let bytes = call.text(place)
        return .text(Cell(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
    }

    private static func give(_ outcome: CellKernel.Outcome, _ type: ColumnType, _ call: SQLiteCall) {
        switch outcome {
        case .failed(let reason): give(reason, call)
        case .value(.null): call.returnNull()
        case .value(.text(let cell)): call.return(text: cell.bytes)
        case .value(.word(let word)) where type == .float64:
            call.return(double: Double(bitPattern: UInt64(bitPattern: word)))
        case .value(.word(let word)): call.return(int64: word)
        }
    }

    private static func give(_ reason: Reason, _ call: SQLiteCall) {
        var text = reason.rawValue
        text.withUTF8 { call.return(blob: UnsafeRawBufferPointer($0)) }
    }

    // MARK: At the edges

    /// A value as SQLite stores it, strictly: no storage class stands for another, but where the number is the same.
    private func read(_ call: SQLiteCall, _ type: ColumnType, _ kernel: CellKernel?) {
        let storage = call.storage(1)
        if storage == .null { return call.returnNull() }
        switch type {
        case .text:
            guard storage == .text else { return Self.give(.notText, call) }
            guard isValidUTF8(call.text(1)) else { return Self.give(.notText, call) }
            call.return(argument: 1)
        case .binary:
            // Where a value is a blob, the reason is a text.
            guard storage == .blob else {
                var text = Reason.notBinary.rawValue
                return text.withUTF8 { call.return(text: UnsafeRawBufferPointer($0)) }
            }
            call.return(argument: 1)
        case .int64:
            guard storage == .integer else { return Self.give(.notInteger, call) }
            call.return(argument: 1)
        case .bool:
            guard storage == .integer, case let value = call.int64(1), value == 0 || value == 1 else {
                return Self.give(.notBoolean, call)
            }
            call.return(argument: 1)
        case .float64:
            // A column without a type of numbers with a fraction may hold 1 for 1.0.
            if storage == .real { return call.return(argument: 1) }
            guard storage == .integer, let value = Double(exactly: call.int64(1)) else {
                return Self.give(.notNumber, call)
            }
            call.return(double: value)
        case .decimal(let precision, let scale) where storage == .integer:
            // So does a column of numbers with a text without a fraction.
            guard let units = Self.units(call.int64(1), precision, scale) else {
                return Self.give(.overflow, call)
            }
            call.return(int64: units)
        case .decimal, .date, .timestamp:
            guard storage == .text, let kernel, isValidUTF8(call.text(1)) else {
                return Self.give(type == .date ? .notDate : type == .timestamp ? .notTimestamp : .notDecimal, call)
            }
            values[0] = Self.text(call, 1)
            do throws(SluiceError) {
                let outcome = try kernel.apply(UnsafeBufferPointer(values))
                Self.give(outcome, type, call)
            } catch { call.fail(error.message) }
        }
    }

    /// The units of a whole number; nil when it has too many digits.
    private static func units(_ value: Int64, _ precision: UInt8, _ scale: UInt8) -> Int64? {
        var bound: Int64 = 1
        for _ in 0..<precision { bound *= 10 }
        var units = value
        for _ in 0..<scale {
            let (next, overflow) = units.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            units = next
        }
        return units.magnitude < UInt64(bound) ? units : nil
    }

    private func write(_ call: SQLiteCall, _ type: ColumnType) {
        guard let given = Self.value(call, 1, type) else { return call.fail("\(name) takes \(type.name)") }
        guard case .word(let value) = given else { return call.returnNull() }
        withUnsafeTemporaryAllocation(byteCount: CanonicalText.capacity, alignment: 8) { buffer in
            // The buffer has bytes, so that it has a base.
            guard let out = buffer.baseAddress else { return }
            call.return(text: UnsafeRawBufferPointer(start: out, count: CanonicalText.write(value, type, out)))
        }
    }
}
