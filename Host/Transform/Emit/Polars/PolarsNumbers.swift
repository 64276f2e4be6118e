internal import Columnar

// safe_math and unit_convert: integers of 128 bits whose bounds are known beforehand, rounded once.
extension PolarsLowering {
    /// Beyond it every quotient by a 64-bit number is beyond 64 bits.
    private static let enough = powerOfTen(38) - 1

    func scale(_ type: ColumnType) -> Int { if case .decimal(_, let scale) = type { Int(scale) } else { 0 } }

    /// What is true of a wide number that the type cannot hold.
    func isBeyond(_ value: SQL, _ type: ColumnType) -> SQL {
        if case .decimal(let precision, _) = type {
            return "\(value).abs() >= \(.constant(powerOfTen(Int(precision))))"
        }
        return "(\(value) < \(.constant(Int64.min))) | (\(value) > \(.constant(Int64.max)))"
    }

    /// A wide number of a type, or OVERFLOW.
    func fitted(_ value: SQL, _ type: ColumnType) -> Outcome {
        Outcome(value: Polars.narrow(value), failures: [(isBeyond(value, type), .overflow)])
    }

    func halfAway(_ value: SQL, by divisor: SQL) -> SQL { "half_away(\(value), \(divisor))" }

    /// Wide units of one scale as units of a type.
    func rescaled(_ units: SQL, from: Int, to type: ColumnType, _ builder: inout SQLBuilder) -> Outcome {
        let shift = scale(type) - from
        let units = builder.define(units)
        if shift < 0 {
            return fitted(builder.define(halfAway(units, by: .constant(powerOfTen(-shift)))), type)
        }
        if shift == 0 { return fitted(units, type) }
        let most = (type.isDecimal ? powerOfTen(precision(type)) - 1 : Int128(Int64.max)) / powerOfTen(shift)
        return Outcome(
            value: Polars.narrow("(\(units) * \(.constant(powerOfTen(shift))))"),
            failures: [("\(units).abs() > \(.constant(most))", .overflow)])
    }

    private func precision(_ type: ColumnType) -> Int {
        if case .decimal(let precision, _) = type { Int(precision) } else { 0 }
    }

    func math(_ function: MathFunction, _ builder: inout SQLBuilder) -> Outcome {
        let type = node.type
        let scales = node.sourceTypes.map(scale)
        let numbers = sources.map { builder.define(Polars.wide($0)) }
        let a = numbers[0]
        func raised(_ place: Int, to scale: Int) -> SQL {
            let shift = scale - scales[place]
            return shift == 0 ? numbers[place] : "\(numbers[place]) * \(.constant(powerOfTen(shift)))"
        }
        switch function {
        case .add, .subtract:
            let common = max(scales[0], scales[1])
            let sign: SQL = function == .add ? "+" : "-"
            return rescaled(
                "\(raised(0, to: common)) \(sign) \(raised(1, to: common))", from: common, to: type, &builder)
        case .multiply:
            return rescaled("\(a) * \(numbers[1])", from: scales[0] + scales[1], to: type, &builder)
        case .negate: return rescaled("0 - \(a)", from: scales[0], to: type, &builder)
        case .absolute: return rescaled("\(a).abs()", from: scales[0], to: type, &builder)
        case .divide, .modulo:
            let isZero: SQL = "\(numbers[1]) == 0"
            var outcome: Outcome
            if function == .modulo {
                outcome = fitted(builder.define("\(a).sign() * (\(a).abs() % \(numbers[1]).abs())"), type)
            } else if type.isDecimal || node.sourceTypes.contains(where: \.isDecimal) {
                outcome = divided(numbers, scales, to: type, &builder)
            } else {
                let sign: SQL = "\(a).sign() * \(numbers[1]).sign()"
                outcome = fitted(builder.define("\(sign) * (\(a).abs() // \(numbers[1]).abs())"), type)
            }
            outcome.failures.insert((isZero, .divisionByZero), at: 0)
            return outcome
        }
    }

    /// x·10^-a / (y·10^-b) in units of 10^-scale: x·10^(scale + b - a) / y.
    private func divided(
        _ numbers: [SQL], _ scales: [Int], to type: ColumnType, _ builder: inout SQLBuilder
    ) -> Outcome {
        let shift = scale(type) + scales[1] - scales[0]
        let dividend = builder.define("\(numbers[0]) * \(numbers[1]).sign() * \(.constant(powerOfTen(max(0, shift))))")
        let divisor = builder.define("\(numbers[1]).abs() * \(.constant(powerOfTen(max(0, -shift))))")
        var outcome = fitted(builder.define(halfAway(dividend, by: divisor)), type)
        if shift > 18 {
            let most = Self.enough / powerOfTen(shift)
            outcome.failures.insert(("\(numbers[0]).abs() > \(.constant(most))", .overflow), at: 0)
        }
        return outcome
    }

    // MARK: Units

    func convert(_ conversion: UnitConversion, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Outcome {
        if node.sourceTypes[0] == .float64 {
            func number(_ value: Int64) -> SQL { .value(.float64(Double(value))) }
            // Polars multiplies by the inverse of a literal: only a column is divided by.
            let divisor: SQL = "(\(source) * 0.0 + \(number(conversion.denominator)))"
            var value: SQL = "\(source) * \(number(conversion.numerator)) / \(divisor)"
            if conversion.offsetNumerator != 0 {
                let offset = Double(conversion.offsetNumerator) / Double(conversion.offsetDenominator)
                value = "\(value) + \(.value(.float64(offset)))"
            }
            let made = builder.define(value)
            return Outcome(value: made, failures: [("~\(made).is_finite()", .overflow)])
        }
        let line = try ExactLine(conversion, from: node.sourceTypes[0])
        let units = builder.define(Polars.wide(source))
        var sum: SQL = units
        if line.multiplier != 1 { sum = "\(sum) * \(.constant(line.multiplier))" }
        if line.addend != 0 { sum = "\(sum) + \(.constant(line.addend))" }
        let made = line.divisor == 1 ? sum : halfAway("(\(sum))", by: .constant(line.divisor))
        var outcome = fitted(builder.define(made), node.type)
        if let most = line.most {
            outcome.failures.insert(("\(units).abs() > \(.constant(most))", .overflow), at: 0)
        }
        return outcome
    }
}

/// A conversion between exact types: (units · multiplier + addend) / divisor, in lowest terms.
struct ExactLine: Equatable {
    let multiplier: Int128
    let addend: Int128
    let divisor: Int128
    /// Units beyond this magnitude have no result in the type; nil where all may have one.
    let most: Int128?

    /// - Throws: where a value that has a result needs more than 38 digits on its way.
    init(_ conversion: UnitConversion, from type: ColumnType) throws(Unsupported.Cause) {
        let beyond = Unsupported.Cause.never("the factor needs more than 38 digits")
        func product(_ factors: [Int128]) throws(Unsupported.Cause) -> Int128 {
            var made: Int128 = 1
            for factor in factors {
                let (next, overflow) = made.multipliedReportingOverflow(by: factor)
                guard !overflow else { throw beyond }
                made = next
            }
            return made
        }
        func scale(_ type: ColumnType) -> Int { if case .decimal(_, let scale) = type { Int(scale) } else { 0 } }
        func precision(_ type: ColumnType) -> Int? {
            if case .decimal(let precision, _) = type { Int(precision) } else { nil }
        }
        let shift = scale(conversion.type) - scale(type)
        let (up, down) = (powerOfTen(max(0, shift)), powerOfTen(max(0, -shift)))
        let numerator = Int128(conversion.numerator)
        let denominator = Int128(conversion.denominator)
        let offset = Int128(conversion.offsetNumerator)
        let offsetDenominator = Int128(conversion.offsetDenominator)
        var a = try product([numerator, offsetDenominator, up])
        var b = try product([offset, denominator, powerOfTen(scale(conversion.type)), down])
        var c = try product([denominator, offsetDenominator, down])
        var (x, y) = (a.magnitude, b.magnitude)
        while y != 0 { (x, y) = (y, x % y) }
        y = c.magnitude
        while y != 0 { (x, y) = (y, x % y) }
        let shared = Int128(max(x, 1))
        (a, b, c) = (a / shared, b / shared, c / shared)
        (multiplier, addend, divisor) = (a, b, c)
        // Results are below this, so that |units · a| is below results · c + |b|.
        let results = precision(conversion.type).map(powerOfTen) ?? Int128(1) << 63
        let inputs = precision(type).map(powerOfTen) ?? Int128(1) << 63
        let (high, overflow) = (results + 1).multipliedReportingOverflow(by: c)
        let limit = overflow ? nil : high.addingReportingOverflow(Int128(b.magnitude))
        let bound = limit.flatMap { $0.overflow ? nil : $0.partialValue / Int128(a.magnitude) + 1 } ?? inputs
        most = bound < inputs ? bound : nil
        let (product, tooLarge) = min(bound, inputs).multipliedReportingOverflow(by: Int128(a.magnitude))
        // Twice the divisor: the remainder is doubled to be compared with it.
        guard !tooLarge, c < powerOfTen(37), b.magnitude < powerOfTen(37), product < powerOfTen(37) * 8 else {
            throw beyond
        }
    }
}
