internal import Columnar

/// A divisor of many numbers: a multiplication and a shift instead of a division.
///
/// After T. Granlund and P. L. Montgomery, "Division by Invariant Integers using Multiplication" (1994), figure 4.1.
struct FixedDivisor: Sendable {
    let value: UInt64
    private let multiplier: UInt64
    private let shift: UInt64

    /// - Parameter value: at least 1.
    init(_ value: Int64) {
        self.value = value.magnitude
        let bits = UInt64(64 - (value.magnitude - 1).leadingZeroBitCount)
        // 2^64 · (2^bits - value) / value + 1
        let high = (bits == 64 ? 0 : 1 << bits) &- self.value
        multiplier = self.value.dividingFullWidth((high, 0)).quotient &+ 1
        shift = bits
    }

    @inline(__always)
    func quotient(_ dividend: UInt64) -> UInt64 {
        if shift == 0 { return dividend }
        let high = multiplier.multipliedFullWidth(by: dividend).high
        return (high &+ ((dividend &- high) >> 1)) >> (shift &- 1)
    }

    /// The quotient, halves away from zero.
    @inline(__always)
    func rounded(_ dividend: Int64) -> Int64 {
        let magnitude = dividend.magnitude
        let down = quotient(magnitude)
        let rest = magnitude &- down &* value
        // The rest is below the divisor: no difference of the two overflows.
        let up = rest >= value &- rest ? down &+ 1 : down
        return Int64(truncatingIfNeeded: dividend < 0 ? 0 &- up : up)
    }
}

/// Exact arithmetic of decimals: units of 10^-scale in 128 bits, rounded once, halves away from zero.
enum DecimalMath {
    /// `factor` · `units` + `addend` in 256 bits: its sign and its magnitude.
    static func sum(
        of factor: Int128, times units: Int64, plus addend: Int128
    ) -> (isNegative: Bool, magnitude: (high: UInt128, low: UInt128)) {
        var (high, low) = factor.multipliedFullWidth(by: Int128(units))
        let (sum, carry) = low.addingReportingOverflow(UInt128(truncatingIfNeeded: addend))
        low = sum
        high = high &+ (addend < 0 ? -1 : 0) &+ (carry ? 1 : 0)
        var magnitude = (high: UInt128(truncatingIfNeeded: high), low: low)
        if high < 0 {
            magnitude.low = ~magnitude.low &+ 1
            magnitude.high = ~magnitude.high &+ (magnitude.low == 0 ? 1 : 0)
        }
        return (high < 0, magnitude)
    }

    /// 10^n for n from 0 to 18.
    static let powers: [Int64] = {
        var powers: [Int64] = [1]
        for _ in 0..<18 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    /// 10^n for n from 0 to 38.
    static func wide(_ n: Int) -> Int128 {
        var power: Int128 = 1
        for _ in 0..<n { power *= 10 }
        return power
    }

    /// What the magnitudes of a type's values stay below; nil for int64, which takes all 64 bits.
    static func bound(_ type: ColumnType) -> Int64? {
        if case .decimal(let precision, _) = type { powers[Int(precision)] } else { nil }
    }

    static func scale(_ type: ColumnType) -> Int { if case .decimal(_, let scale) = type { Int(scale) } else { 0 } }

    /// The quotient, halves away from zero. The divisor is positive.
    @inline(__always)
    static func rounded(_ dividend: Int64, by divisor: Int64) -> Int64 {
        if divisor == 1 { return dividend }
        let magnitude = dividend.magnitude
        let (quotient, rest) = magnitude.quotientAndRemainder(dividingBy: UInt64(divisor))
        // The rest is below the divisor: no difference of the two overflows.
        let up = rest >= UInt64(divisor) - rest ? quotient + 1 : quotient
        return dividend < 0 ? 0 &- Int64(truncatingIfNeeded: up) : Int64(truncatingIfNeeded: up)
    }

    /// The quotient, halves away from zero. The divisor is not 0.
    @inline(__always)
    static func rounded(_ dividend: Int128, by divisor: Int128) -> Int128 {
        if let dividend = Int64(exactly: dividend), let divisor = Int64(exactly: divisor), divisor > 0 {
            return Int128(rounded(dividend, by: divisor))
        }
        return roundedWide(dividend, by: divisor)
    }

    @inline(never)
    private static func roundedWide(_ dividend: Int128, by divisor: Int128) -> Int128 {
        let (quotient, rest) = dividend.magnitude.quotientAndRemainder(dividingBy: divisor.magnitude)
        let up = rest >= divisor.magnitude - rest ? quotient + 1 : quotient
        // Behind a division by at least 2 there is room for the sign; by 1 nothing was rounded.
        let signed = Int128(truncatingIfNeeded: up)
        return (dividend < 0) != (divisor < 0) ? 0 &- signed : signed
    }

    /// A value within a type, or nil.
    @inline(__always)
    static func fitted(_ value: Int128, _ bound: Int64?) -> Int64? {
        guard let value = Int64(exactly: value) else { return nil }
        return fitted(value, bound)
    }

    @inline(__always)
    static func fitted(_ value: Int64, _ bound: Int64?) -> Int64? {
        if let bound, value >= bound || value <= -bound { return nil }
        return value
    }

    /// Units of one scale in another one.
    @inline(__always)
    static func rescaled(_ units: Int128, from: Int, to: Int) -> Int128? {
        if from == to { return units }
        if from > to { return rounded(units, by: wide(from - to)) }
        let (product, overflow) = units.multipliedReportingOverflow(by: wide(to - from))
        return overflow ? nil : product
    }

    /// The double nearest to `units` of 10^-scale, ties to even.
    @inline(__always)
    static func double(_ units: Int64, scale: UInt8) -> Double {
        // Both are exact, so that the one operation rounds correctly.
        if units.magnitude <= 1 << 53 { return Double(units) / Double(powers[Int(scale)]) }
        return slowDouble(units, scale: scale)
    }

    @inline(never)
    private static func slowDouble(_ units: Int64, scale: UInt8) -> Double {
        if scale == 0 { return Double(units) }
        return withUnsafeTemporaryAllocation(byteCount: ValueText.capacity, alignment: 8) { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            let count = ValueText.decimal(units, scale: scale, base)
            var value = 0.0
            // Its text passes the guard, and no decimal is beyond what a double holds.
            _ = TextGuard.float64(UnsafeRawBufferPointer(start: base, count: count), &value)
            return value
        }
    }
}
