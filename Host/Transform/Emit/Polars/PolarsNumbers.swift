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
        guard let line = UnitLine(conversion, from: node.sourceTypes[0]) else { throw Self.tooWide }
        // Nothing fits the type.
        guard let range = line.range else {
            return Outcome(value: source, failures: [("\(source).is_not_null()", .overflow)])
        }
        guard line.fits(below: powerOfTen(38), range), line.divisor < powerOfTen(37) else { throw Self.tooWide }
        // No value that fits is outside the range, so that what wraps around there does not matter.
        var sum = Polars.wide(source)
        if line.multiplier != 1 { sum = "\(sum) * \(.constant(line.multiplier))" }
        if line.addend != 0 { sum = "\(sum) + \(.constant(line.addend))" }
        if line.divisor != 1 { sum = halfAway("(\(sum))", by: .constant(line.divisor)) }
        let isWithin: SQL = "\(source).is_between(\(.constant(range.lowerBound)), \(.constant(range.upperBound)))"
        return Outcome(value: Polars.narrow("(\(sum))"), failures: [("~\(isWithin)", .overflow)])
    }

    private static let tooWide = Unsupported.Cause.never("the factor and the scales together exceed 128 bits")
}
