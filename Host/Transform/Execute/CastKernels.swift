internal import Columnar

/// Steps that change the type, a block at a time.
enum CastKernels {
    /// Makes values of text; `read` writes one and returns nil, or returns the reason.
    @inline(__always)
    static func parse(
        _ cells: Cells, _ out: Words, _ count: Int, emptyIsError: Bool, _ failures: inout Failures,
        _ read: (UnsafeRawBufferPointer, inout Int64) -> Reason?
    ) {
        for row in 0..<count {
            let cell = cells[row]
            var value: Int64 = 0
            if cell.count == 0 {
                if emptyIsError, cell.base != nil { failures.add(row, .empty) }
                out.setNull(row)
            } else if let reason = read(cell.bytes, &value) {
                failures.add(row, reason)
                out.setNull(row)
            } else {
                out.set(row, value)
            }
        }
    }

    /// Makes values of text by a type's guard.
    static func parse(
        _ source: TextSource, _ cells: Cells, _ out: Words, _ count: Int, emptyIsError: Bool,
        _ failures: inout Failures
    ) {
        switch source {
        case .int64:
            parse(cells, out, count, emptyIsError: emptyIsError, &failures) { TextGuard.int64($0, &$1) }
        case .number(let number):
            parse(cells, out, count, emptyIsError: emptyIsError, &failures) { number.read($0, &$1) }
        case .float64:
            parse(cells, out, count, emptyIsError: emptyIsError, &failures) { bytes, out in
                var value = 0.0
                let reason = TextGuard.float64(bytes, &value)
                out = Int64(bitPattern: value.bitPattern)
                return reason
            }
        case .bool:
            parse(cells, out, count, emptyIsError: emptyIsError, &failures) { bytes, out in
                var value = false
                let reason = TextGuard.bool(bytes, &value)
                out = value ? 1 : 0
                return reason
            }
        case .date:
            parse(cells, out, count, emptyIsError: emptyIsError, &failures) { bytes, out in
                var value: Int32 = 0
                let reason = TextGuard.date(bytes, &value)
                out = Int64(value)
                return reason
            }
        case .timestamp:
            parse(cells, out, count, emptyIsError: emptyIsError, &failures) { TextGuard.timestamp($0, &$1) }
        }
    }

    /// Makes text of values.
    ///
    /// NaN and infinities are NOT_NUMBER; a date or timestamp outside the years 0001–9999 is OVERFLOW.
    static func format(
        _ input: Words, from type: ColumnType, _ out: Cells, _ count: Int, _ arena: Arena,
        _ failures: inout Failures
    ) {
        switch type {
        case .float64:
            format(input, out, count, arena, &failures) { bits, at in
                let value = Double(bitPattern: UInt64(bitPattern: bits))
                return value.isFinite ? .made(ValueText.float64(value, at)) : .failed(.notNumber)
            }
        case .bool: format(input, out, count, arena, &failures) { .made(ValueText.bool($0 != 0, $1)) }
        case .date:
            format(input, out, count, arena, &failures) { day, at in
                Calendar.holds(day: Int32(truncatingIfNeeded: day))
                    ? .made(ValueText.date(Int(day), at)) : .failed(.overflow)
            }
        case .timestamp:
            format(input, out, count, arena, &failures) { time, at in
                Calendar.holds(microseconds: time) ? .made(ValueText.timestamp(time, at)) : .failed(.overflow)
            }
        case .decimal(_, let scale):
            format(input, out, count, arena, &failures) { .made(ValueText.decimal($0, scale: scale, $1)) }
        default: format(input, out, count, arena, &failures) { .made(ValueText.int64($0, $1)) }
        }
    }

    /// How many bytes a value was written in, or why it was not.
    enum Written {
        case made(Int)
        case failed(Reason)
    }

    /// Makes texts; `write` puts at most `ValueText.capacity` bytes at the pointer.
    @inline(__always)
    static func format(
        _ input: Words, _ out: Cells, _ count: Int, _ arena: Arena, _ failures: inout Failures,
        _ write: (Int64, UnsafeMutableRawPointer) -> Written
    ) {
        for row in 0..<count {
            guard input.valid[row] == 1 else {
                out[row] = .null
                continue
            }
            switch write(input.values[row], UnsafeMutableRawPointer(arena.reserve(ValueText.capacity))) {
            case .made(let count): out[row] = arena.cell(count)
            case .failed(let reason):
                failures.add(row, reason)
                out[row] = .null
            }
        }
    }

    /// Makes numbers of numbers.
    static func convert(
        _ input: Words, _ conversion: NumberConversion, _ out: Words, _ count: Int, _ failures: inout Failures
    ) {
        switch conversion {
        case .integerToDouble:
            convert(input, out, count, .overflow, &failures) { value in
                Double(exactly: value).map { Int64(bitPattern: $0.bitPattern) }
            }
        case .decimalToDouble(let scale):
            convert(input, out, count, .overflow, &failures) {
                Int64(bitPattern: DecimalMath.double($0, scale: scale).bitPattern)
            }
        case .raise(let factor, let bound):
            convert(input, out, count, .overflow, &failures) { value in
                let (raised, overflow) = value.multipliedReportingOverflow(by: factor)
                return overflow ? nil : DecimalMath.fitted(raised, bound)
            }
        case .lower(let divisor, let bound):
            let divisor = FixedDivisor(divisor)
            convert(input, out, count, .overflow, &failures) { DecimalMath.fitted(divisor.rounded($0), bound) }
        case .lowerExactly(let divisor):
            convert(input, out, count, .inexact, &failures) { value in
                let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
                return rest == 0 ? quotient : nil
            }
        }
    }

    @inline(__always)
    private static func convert(
        _ input: Words, _ out: Words, _ count: Int, _ reason: Reason, _ failures: inout Failures,
        _ change: (Int64) -> Int64?
    ) {
        for row in 0..<count {
            guard input.valid[row] == 1 else {
                out.setNull(row)
                continue
            }
            if let value = change(input.values[row]) {
                out.set(row, value)
            } else {
                failures.add(row, reason)
                out.setNull(row)
            }
        }
    }
}

/// Which guard a text goes through.
enum TextSource: Sendable {
    case int64, float64, bool, date, timestamp
    case number(NumberGuard)

    /// nil for text itself.
    init?(_ cast: Cast) {
        let isPlain = cast.grouping == nil && cast.decimalMark == "." && cast.currency.isEmpty
        switch cast.type {
        case .int64: self = isPlain && cast.rounding == .exact ? .int64 : .number(NumberGuard(cast))
        case .decimal: self = .number(NumberGuard(cast))
        case .float64: self = .float64
        case .bool: self = .bool
        case .date: self = .date
        case .timestamp: self = .timestamp
        case .text, .binary: return nil
        }
    }
}

/// From number to number.
enum NumberConversion: Sendable {
    /// The same number, otherwise OVERFLOW.
    case integerToDouble
    /// The nearest double.
    case decimalToDouble(scale: UInt8)
    /// To a scale that is not smaller, within a bound.
    case raise(by: Int64, bound: Int64?)
    /// To a smaller scale, halves away from zero.
    case lower(by: Int64, bound: Int64?)
    /// To an integer that is the same number, otherwise INEXACT.
    case lowerExactly(by: Int64)

    init?(_ cast: Cast, from: ColumnType) {
        let (scaleIn, scaleOut) = (DecimalMath.scale(from), DecimalMath.scale(cast.type))
        let power = DecimalMath.powers[abs(scaleOut - scaleIn)]
        switch (from, cast.type) {
        case (.int64, .float64): self = .integerToDouble
        case (.decimal(_, let scale), .float64): self = .decimalToDouble(scale: scale)
        case (.decimal, .int64) where cast.rounding == .exact: self = .lowerExactly(by: power)
        case (.int64, .decimal), (.decimal, .decimal), (.decimal, .int64):
            let bound = DecimalMath.bound(cast.type)
            self = scaleOut >= scaleIn ? .raise(by: power, bound: bound) : .lower(by: power, bound: bound)
        default: return nil
        }
    }
}
