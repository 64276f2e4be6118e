internal import Columnar
internal import Foundations

/// unit_convert, a block at a time.
///
/// Integers and decimals are exact: units·multiplier + addend over one divisor, rounded once.
struct UnitKernel: Sendable {
    private let multiplier: Int128
    private let addend: Int128
    private let divisor: Int128
    private let bound: Int64?
    private let conversion: UnitConversion

    /// - Throws: `SluiceError` of kind `dsl.rejected` when the factor and the scales together exceed 128 bits.
    init(_ conversion: UnitConversion, from type: ColumnType) throws(SluiceError) {
        self.conversion = conversion
        bound = DecimalMath.bound(conversion.type)
        guard type != .float64 else {
            (multiplier, addend, divisor) = (1, 0, 1)
            return
        }
        // (u / 10^in · n/d + on/od) · 10^out = (u·n·od·10^out + on·d·10^(in+out)) / (d·od·10^in)
        let scaleIn = DecimalMath.scale(type)
        let scaleOut = DecimalMath.scale(conversion.type)
        let common = min(scaleIn, scaleOut)
        func product(_ factors: Int64..., power: Int) -> Int128? {
            var made: Int128? = 1
            for factor in factors.map({ Int128($0) }) + [DecimalMath.wide(power)] {
                made = made.flatMap { made in
                    let (next, overflow) = made.multipliedReportingOverflow(by: factor)
                    return overflow ? nil : next
                }
            }
            return made
        }
        guard
            let multiplier = product(
                conversion.numerator, conversion.offsetDenominator, power: scaleOut - common),
            let addend = product(
                conversion.offsetNumerator, conversion.denominator, power: scaleIn + scaleOut - common),
            let divisor = product(
                conversion.denominator, conversion.offsetDenominator, power: scaleIn - common)
        else {
            throw Rejection.error(
                nil, "/type", "the factor from \(conversion.from) to \(conversion.to) does not fit these scales",
                allowed: "Use fewer digits behind the point.")
        }
        let shared = Self.divisor(Self.divisor(multiplier.magnitude, addend.magnitude), divisor.magnitude)
        self.multiplier = multiplier / Int128(shared)
        self.addend = addend / Int128(shared)
        self.divisor = divisor / Int128(shared)
    }

    /// The greatest common divisor.
    private static func divisor(_ a: UInt128, _ b: UInt128) -> UInt128 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return max(a, 1)
    }

    func exact(_ input: Words, _ out: Words, _ count: Int, _ failures: inout Failures) {
        let narrow = narrow
        for row in 0..<count {
            guard input.valid[row] == 1 else {
                out.setNull(row)
                continue
            }
            if let value = narrow?.convert(input.values[row]) ?? exact(input.values[row]) {
                out.set(row, value)
            } else {
                failures.add(row, .overflow)
                out.setNull(row)
            }
        }
    }

    /// The same in 64 bits, for what fits them.
    private struct Narrow {
        let multiplier: Int64
        let addend: Int64
        let divisor: FixedDivisor
        let bound: Int64?

        /// nil where it does not fit, and where there is no value.
        @inline(__always)
        func convert(_ units: Int64) -> Int64? {
            let (product, overflow) = multiplier.multipliedReportingOverflow(by: units)
            let (sum, carry) = product.addingReportingOverflow(addend)
            return overflow || carry ? nil : DecimalMath.fitted(divisor.rounded(sum), bound)
        }
    }

    private var narrow: Narrow? {
        guard let multiplier = Int64(exactly: multiplier), let addend = Int64(exactly: addend),
            let divisor = Int64(exactly: divisor)
        else { return nil }
        return Narrow(multiplier: multiplier, addend: addend, divisor: FixedDivisor(divisor), bound: bound)
    }

    @inline(__always)
    func exact(_ units: Int64) -> Int64? {
        let (product, overflow) = multiplier.multipliedReportingOverflow(by: Int128(units))
        let (sum, carry) = product.addingReportingOverflow(addend)
        guard !overflow, !carry else { return wide(units) }
        return DecimalMath.fitted(DecimalMath.rounded(sum, by: divisor), bound)
    }

    /// The same where the dividend needs more than 128 bits.
    @inline(never)
    private func wide(_ units: Int64) -> Int64? {
        let (negative, magnitude) = DecimalMath.sum(of: multiplier, times: units, plus: addend)
        let by = divisor.magnitude
        // A quotient beyond 128 bits fits no type.
        guard magnitude.high < by else { return nil }
        let (quotient, rest) = by.dividingFullWidth((magnitude.high, magnitude.low))
        guard quotient < UInt128(1) << 64 else { return nil }
        let up = rest >= by - rest ? quotient + 1 : quotient
        return DecimalMath.fitted(negative ? -Int128(up) : Int128(up), bound)
    }

    /// IEEE operations in this order: times the numerator, by the denominator, plus the offset where there is one.
    func floating(_ input: Words, _ out: Words, _ count: Int, _ failures: inout Failures) {
        let (numerator, denominator) = (Double(conversion.numerator), Double(conversion.denominator))
        let offset = Double(conversion.offsetNumerator) / Double(conversion.offsetDenominator)
        for row in 0..<count {
            guard input.valid[row] == 1 else {
                out.setNull(row)
                continue
            }
            var value = Double(bitPattern: UInt64(bitPattern: input.values[row])) * numerator / denominator
            if conversion.offsetNumerator != 0 { value += offset }
            if value.isFinite {
                out.set(row, Int64(bitPattern: value.bitPattern))
            } else {
                failures.add(row, .overflow)
                out.setNull(row)
            }
        }
    }
}
