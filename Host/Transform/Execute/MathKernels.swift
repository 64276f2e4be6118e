internal import Columnar

/// safe_math, a block at a time: checked, exact, and without a value where there is none.
struct MathKernel: Sendable {
    let function: MathFunction
    /// int64 or a decimal.
    let type: ColumnType
    private let bound: Int64?
    private let scale: Int
    private let scales: [Int]

    init(_ function: MathFunction, from types: [ColumnType], to type: ColumnType) {
        self.function = function
        self.type = type
        bound = DecimalMath.bound(type)
        scale = DecimalMath.scale(type)
        scales = types.map(DecimalMath.scale)
        isInteger = type == .int64 && !types.contains(where: \.isDecimal)
    }

    /// All is int64: 64 bits are enough.
    private let isInteger: Bool

    /// - Parameter b: the second input; the first once more where there is none.
    func run(_ a: Words, _ b: Words, _ out: Words, _ count: Int, _ failures: inout Failures) {
        if isInteger {
            switch function {
            case .add: integers(a, b, out, count, &failures) { $0.addingReportingOverflow($1) }
            case .subtract: integers(a, b, out, count, &failures) { $0.subtractingReportingOverflow($1) }
            case .multiply: integers(a, b, out, count, &failures) { $0.multipliedReportingOverflow(by: $1) }
            case .negate: integers(a, a, out, count, &failures) { x, _ in Int64(0).subtractingReportingOverflow(x) }
            case .absolute:
                integers(a, a, out, count, &failures) { x, _ in
                    x < 0 ? Int64(0).subtractingReportingOverflow(x) : (x, false)
                }
            case .divide:
                divisions(a, b, out, count, &failures) { $0.dividedReportingOverflow(by: $1) }
            case .modulo:
                divisions(a, b, out, count, &failures) { x, y in
                    // The rest of a division by -1 is 0, also where the quotient does not fit.
                    y == -1 ? (0, false) : x.remainderReportingOverflow(dividingBy: y)
                }
            }
            return
        }
        switch function {
        case .multiply: multiply(a, b, out, count, &failures)
        case .divide, .modulo: divide(a, b, out, count, &failures)
        case .add: sums(a, b, out, count, &failures) { $0 + $1 }
        case .subtract: sums(a, b, out, count, &failures) { $0 - $1 }
        case .negate: sums(a, a, out, count, &failures) { x, _ in 0 - x }
        case .absolute: sums(a, a, out, count, &failures) { x, _ in x < 0 ? 0 - x : x }
        }
    }

    @inline(__always)
    private func integers(
        _ a: Words, _ b: Words, _ out: Words, _ count: Int, _ failures: inout Failures,
        _ compute: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
    ) {
        for row in 0..<count {
            let valid = a.valid[row] & b.valid[row]
            let (value, overflow) = compute(a.values[row], b.values[row])
            if valid == 1, !overflow {
                out.set(row, value)
            } else {
                if valid == 1 { failures.add(row, .overflow) }
                out.setNull(row)
            }
        }
    }

    @inline(__always)
    private func divisions(
        _ a: Words, _ b: Words, _ out: Words, _ count: Int, _ failures: inout Failures,
        _ compute: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
    ) {
        for row in 0..<count {
            guard a.valid[row] & b.valid[row] == 1 else {
                out.setNull(row)
                continue
            }
            let divisor = b.values[row]
            guard divisor != 0 else {
                failures.add(row, .divisionByZero)
                out.setNull(row)
                continue
            }
            let (value, overflow) = compute(a.values[row], divisor)
            if overflow {
                failures.add(row, .overflow)
                out.setNull(row)
            } else {
                out.set(row, value)
            }
        }
    }

    /// Both at the larger of their scales, which fits: 10^19 · 10^18 is below 2^127.
    @inline(__always)
    private func sums(
        _ a: Words, _ b: Words, _ out: Words, _ count: Int, _ failures: inout Failures,
        _ compute: (Int128, Int128) -> Int128
    ) {
        let scaleB = scales.count > 1 ? scales[1] : scales[0]
        let common = max(scales[0], scaleB)
        let factorA = DecimalMath.wide(common - scales[0])
        let factorB = DecimalMath.wide(common - scaleB)
        let (up, down) = (DecimalMath.wide(max(0, scale - common)), DecimalMath.wide(max(0, common - scale)))
        for row in 0..<count {
            guard a.valid[row] & b.valid[row] == 1 else {
                out.setNull(row)
                continue
            }
            let sum = compute(Int128(a.values[row]) * factorA, Int128(b.values[row]) * factorB)
            put(sum, up, down, out, row, &failures)
        }
    }

    private func multiply(_ a: Words, _ b: Words, _ out: Words, _ count: Int, _ failures: inout Failures) {
        let made = scales[0] + scales[1]
        let (up, down) = (DecimalMath.wide(max(0, scale - made)), DecimalMath.wide(max(0, made - scale)))
        let narrow = up == 1 ? Int64(exactly: down).map { FixedDivisor($0) } : nil
        for row in 0..<count {
            guard a.valid[row] & b.valid[row] == 1 else {
                out.setNull(row)
                continue
            }
            let (x, y) = (a.values[row], b.values[row])
            let (product, overflow) = x.multipliedReportingOverflow(by: y)
            if let narrow, !overflow {
                if let value = DecimalMath.fitted(narrow.rounded(product), bound) {
                    out.set(row, value)
                } else {
                    failures.add(row, .overflow)
                    out.setNull(row)
                }
                continue
            }
            put(Int128(x) * Int128(y), up, down, out, row, &failures)
        }
    }

    /// x·10^-a / (y·10^-b) in units of 10^-scale: x·10^(scale + b - a) / y.
    private func divide(_ a: Words, _ b: Words, _ out: Words, _ count: Int, _ failures: inout Failures) {
        let exponent = scale + scales[1] - scales[0]
        let (up, down) = (DecimalMath.wide(max(0, exponent)), DecimalMath.wide(max(0, -exponent)))
        for row in 0..<count {
            guard a.valid[row] & b.valid[row] == 1 else {
                out.setNull(row)
                continue
            }
            let divisor = b.values[row]
            guard divisor != 0 else {
                failures.add(row, .divisionByZero)
                out.setNull(row)
                continue
            }
            // What does not fit 128 bits is, divided by 64, beyond every type.
            let (dividend, overflow) = Int128(a.values[row]).multipliedReportingOverflow(by: up)
            guard !overflow,
                let value = DecimalMath.fitted(
                    DecimalMath.rounded(dividend, by: Int128(divisor) * down), bound)
            else {
                failures.add(row, .overflow)
                out.setNull(row)
                continue
            }
            out.set(row, value)
        }
    }

    /// Writes a value at another scale: times `up`, by `down`, one of which is 1.
    @inline(__always)
    private func put(
        _ value: Int128, _ up: Int128, _ down: Int128, _ out: Words, _ row: Int, _ failures: inout Failures
    ) {
        let (raised, overflow) = value.multipliedReportingOverflow(by: up)
        guard !overflow, let value = DecimalMath.fitted(DecimalMath.rounded(raised, by: down), bound) else {
            failures.add(row, .overflow)
            out.setNull(row)
            return
        }
        out.set(row, value)
    }
}
