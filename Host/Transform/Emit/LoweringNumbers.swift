internal import Columnar

// Numbers as people write them, safe_math and unit_convert: exact in wide integers, rounded once.
extension Lowering {
    /// `[+-]? SIGN? (DIGITS | DDD GROUP DDD …) (MARK DIGITS)?`, at most 19 digits before the mark, into int64 or units.
    func textToNumber(_ cast: Cast, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Lowered {
        guard !cast.currency.contains(where: { $0.utf8.contains { $0 &- 0x30 <= 9 } }) else {
            throw .notYet("a currency sign has a digit in it")
        }
        let isInteger = cast.type == .int64
        let refused = SQL.reason(isInteger ? .notInteger : .notDecimal)
        let scale = cast.type.scale
        let signs = cast.currency.sorted { $0.utf8.count > $1.utf8.count }.map(GuardPattern.escaped)
        var digits = "[0-9]{1,19}"
        if let grouping = cast.grouping {
            digits += "|[0-9]{1,3}(?:" + GuardPattern.escaped(grouping) + "[0-9]{3}){1,6}"
        }
        let pattern = GuardPattern(parts: [
            "[+-]?", signs.isEmpty ? "" : "(?:" + signs.joined(separator: "|") + ")?", "(" + digits + ")(?:",
            GuardPattern.escaped(cast.decimalMark), "([0-9]+))?",
        ])
        let parts = dialect.numberParts(
            source, guard: pattern, mark: cast.decimalMark, leading: "+-" + cast.currency.joined(), &builder)
        var whole = parts.whole
        if let grouping = cast.grouping {
            let plain = builder.define("replace(\(whole), \(.text(grouping)), '')")
            whole = builder.define(.when("length(\(plain)) <= 19", plain))
        }
        let fraction = builder.define("coalesce(\(parts.fraction), '')")
        let zeros = SQL([.code("'" + String(repeating: "0", count: max(scale, 1)) + "'")])
        let kept = scale == 0 ? whole : "\(whole) || substr(\(fraction) || \(zeros), 1, \(.constant(scale)))"
        var magnitude = dialect.wide(kept)
        let rest = builder.define("substr(\(fraction), \(.constant(scale + 1)))")
        if cast.rounding == .halfAway {
            magnitude = "\(magnitude) + case when substr(\(rest), 1, 1) in ('5', '6', '7', '8', '9') then 1 else 0 end"
        }
        let units = builder.define(
            "(\(magnitude)) * case when substr(\(source), 1, 1) = '-' then -1 else 1 end")
        let most = isInteger ? Int128(Int64.max) : powerOfTen(cast.type.precision) - 1
        let least = isInteger ? Int128(Int64.min) : -most
        let isWithin: SQL = "\(units) between \(dialect.wideConstant(least)) and \(dialect.wideConstant(most))"
        var isExact: SQL?
        if cast.rounding == .exact { isExact = builder.define(dialect.matches(rest, guard: "0*")) }
        var arms: [(when: SQL, then: SQL)] = [("\(whole) is null", refused)]
        if let isExact { arms.append(("not \(isExact)", isInteger ? refused : .reason(.inexact))) }
        arms.append((isWithin, .null))
        return readingText(
            cast.empty,
            value: .when(isExact.map { "\($0) and \(isWithin)" } ?? isWithin, dialect.integer(units)),
            otherwise: arms, last: .reason(.overflow))
    }

    // MARK: safe_math

    func math(
        _ function: MathFunction, to type: ColumnType?, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> Lowered {
        node.sourceTypes.contains(where: \.isDecimal)
            ? decimals(function, &builder) : integers(function, &builder)
    }

    private func integers(_ function: MathFunction, _ builder: inout SQLBuilder) -> Lowered {
        let a = source
        let b = sources.count > 1 ? sources[1] : source
        func checked(_ operation: SQL) -> Lowered {
            let value = builder.define(operation)
            return bounded(value, Int128(Int64.min), Int128(Int64.max), is: dialect.integer(value))
        }
        // Below it no int64 has a counterpart above zero.
        let isLeast: SQL = "\(a) < -9223372036854775807"
        switch function {
        case .add: return checked("\(dialect.wide(a)) + \(dialect.wide(b))")
        case .subtract: return checked("\(dialect.wide(a)) - \(dialect.wide(b))")
        case .multiply: return checked("\(dialect.wide(a)) * \(dialect.wide(b))")
        case .negate:
            return Lowered(
                value: "-(case when not (\(isLeast)) then \(a) end)", reason: .when(isLeast, .reason(.overflow)))
        case .absolute:
            return Lowered(
                value: "abs(case when not (\(isLeast)) then \(a) end)", reason: .when(isLeast, .reason(.overflow)))
        case .divide:
            let isTooLarge: SQL = "\(b) = -1 and \(isLeast)"
            let divisor: SQL = "case when \(b) <> 0 and not (\(isTooLarge)) then \(b) end"
            return Lowered(
                value: dialect.integerQuotient(a, "(\(divisor))"),
                reason: .choose([
                    ("\(a) is not null and \(b) = 0", .reason(.divisionByZero)), (isTooLarge, .reason(.overflow)),
                ]))
        case .modulo:
            // The rest of a division by -1 is 0, also where the quotient does not fit.
            let divisor: SQL = "case when \(b) = -1 then 1 when \(b) <> 0 then \(b) end"
            return Lowered(
                value: dialect.remainder(a, "(\(divisor))"),
                reason: .when("\(a) is not null and \(b) = 0", .reason(.divisionByZero)))
        }
    }

    private func decimals(_ function: MathFunction, _ builder: inout SQLBuilder) -> Lowered {
        let scales = node.sourceTypes.map(\.scale)
        let scale = node.type.scale
        let a = dialect.wide(source)
        let b = dialect.wide(sources.count > 1 ? sources[1] : source)
        func raised(_ value: SQL, _ exponent: Int) -> SQL {
            exponent == 0 ? value : "\(value) * \(dialect.wideConstant(powerOfTen(exponent)))"
        }
        switch function {
        case .add, .subtract, .negate, .absolute:
            let common = max(scales[0], scales.last ?? 0)
            let left = raised(a, common - scales[0])
            let right = raised(b, common - (scales.last ?? 0))
            let sum: SQL =
                switch function {
                case .add: "\(left) + \(right)"
                case .subtract: "\(left) - \(right)"
                case .negate: "-(\(left))"
                default: "abs(\(left))"
                }
            return rescaled(builder.define(sum), from: common, to: scale, &builder)
        case .multiply:
            return rescaled(builder.define("\(a) * \(b)"), from: scales[0] + scales[1], to: scale, &builder)
        case .divide, .modulo:
            return divide(exponent: scale + scales[1] - scales[0], &builder)
        }
    }

    /// A wide integer at another scale, within the node's type.
    private func rescaled(_ value: SQL, from: Int, to: Int, _ builder: inout SQLBuilder) -> Lowered {
        let most = powerOfTen(node.type.precision) - 1
        if from > to {
            let rounded = builder.define(roundedWide(value, by: powerOfTen(from - to)))
            return bounded(rounded, -most, most, is: dialect.integer(rounded))
        }
        let factor = powerOfTen(to - from)
        return bounded(
            value, -(most / factor), most / factor,
            is: dialect.integer(factor == 1 ? value : "\(value) * \(dialect.wideConstant(factor))"))
    }

    /// x·10^exponent / y; what cannot fit is found before it is computed.
    private func divide(exponent: Int, _ builder: inout SQLBuilder) -> Lowered {
        let (x, y) = (source, sources[1])
        let most = powerOfTen(node.type.precision) - 1
        let up = dialect.wideConstant(powerOfTen(max(0, exponent)))
        let down = dialect.wideConstant(powerOfTen(max(0, -exponent)))
        let absolute: SQL = "nullif(abs(\(dialect.wide(y))), 0)"
        let divisor = builder.define(exponent < 0 ? "\(absolute) * \(down)" : absolute)
        let sign: SQL = "case when (\(x) < 0) = (\(y) < 0) then 1 else -1 end"
        var dividend: SQL = "abs(\(dialect.wide(x)))"
        if exponent > 0 {
            // |x|·10^e ≤ (most + 1)·|y| is all that can fit.
            let size = builder.define(dividend)
            let isNear: SQL = """
                \(size) <= \(dialect.quotient("(\(dialect.wideConstant(most + 1)) * \(divisor))", up))
                """
            dividend = "(case when \(isNear) then \(size) end) * \(up)"
        }
        // Both doubled, so that the half needs no quotient of its own.
        let raised = builder.define("\(dividend) * 2 + \(divisor)")
        let doubled = builder.define("\(divisor) * 2")
        let rounded = builder.define("\(dialect.quotient(raised, doubled)) * \(sign)")
        let isWithin: SQL = "\(rounded) between \(dialect.wideConstant(-most)) and \(dialect.wideConstant(most))"
        return Lowered(
            value: .when(isWithin, dialect.integer(rounded)),
            reason: .choose(
                [
                    ("\(x) is null or \(y) is null", .null), ("\(y) = 0", .reason(.divisionByZero)), (isWithin, .null),
                ], otherwise: .reason(.overflow)))
    }

    /// Halves away from zero; room for half the divisor must be there.
    private func roundedWide(_ value: SQL, by divisor: Int128) -> SQL {
        if divisor == 1 { return value }
        let half = dialect.wideConstant(divisor / 2)
        return dialect.quotient(
            "(\(value) + case when \(value) < 0 then -\(half) else \(half) end)", dialect.wideConstant(divisor))
    }

    // MARK: unit_convert

    func convert(_ conversion: UnitConversion, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Lowered {
        if node.sourceTypes[0] == .float64 {
            let (value, reason) = try dialect.convertDouble(source, conversion, &builder)
            return Lowered(value: value, reason: reason)
        }
        guard let line = UnitLine(conversion, from: node.sourceTypes[0]) else {
            throw .never("the factor and the scales together exceed 128 bits")
        }
        guard let range = line.range else {
            // Nothing fits.
            return Lowered(
                value: dialect.integer(.null), reason: .when("\(source) is not null", .reason(.overflow)))
        }
        guard line.fits(below: dialect.widest, range) else {
            throw .notYet("the factor and the scales together exceed its integers")
        }
        // No value that fits is outside the range, so that nothing overflows on the way.
        let isWithin: SQL = """
            \(source) between \(dialect.wideConstant(Int128(range.lowerBound))) \
            and \(dialect.wideConstant(Int128(range.upperBound)))
            """
        let inside = dialect.wide(.when(isWithin, source))
        func bound(_ number: Int128) -> SQL { .value(.wide(number)) }
        var sum: SQL = "\(inside) * \(bound(line.multiplier))"
        if line.addend != 0 { sum = "\(sum) + \(bound(line.addend))" }
        let exact = builder.define(sum)
        let half = bound(line.divisor / 2)
        let rounded =
            line.divisor == 1
            ? exact
            : dialect.quotient(
                "(\(exact) + case when \(exact) < 0 then -\(half) else \(half) end)", bound(line.divisor))
        return Lowered(
            value: dialect.integer(rounded), reason: .when("not (\(isWithin))", .reason(.overflow)))
    }
}

/// A conversion of exact numbers: (units · multiplier + addend) / divisor, in lowest terms.
struct UnitLine {
    let multiplier: Int128
    let addend: Int128
    let divisor: Int128
    private let least: Int128
    private let most: Int128
    private let source: ColumnType

    init?(_ conversion: UnitConversion, from type: ColumnType) {
        // (u / 10^in · n/d + on/od) · 10^out = (u·n·od·10^out + on·d·10^(in+out)) / (d·od·10^in)
        let (scaleIn, scaleOut) = (type.scale, conversion.type.scale)
        let common = min(scaleIn, scaleOut)
        func product(_ factors: Int64..., power: Int) -> Int128? {
            var made: Int128 = 1
            for factor in factors.map({ Int128($0) }) + [powerOfTen(power)] {
                let (next, overflow) = made.multipliedReportingOverflow(by: factor)
                if overflow { return nil }
                made = next
            }
            return made
        }
        guard let multiplier = product(conversion.numerator, conversion.offsetDenominator, power: scaleOut - common),
            let addend = product(
                conversion.offsetNumerator, conversion.denominator, power: scaleIn + scaleOut - common),
            let divisor = product(conversion.denominator, conversion.offsetDenominator, power: scaleIn - common)
        else { return nil }
        var (a, b) = (multiplier, max(addend, -addend))
        while b != 0 { (a, b) = (b, a % b) }
        b = divisor
        while b != 0 { (a, b) = (b, a % b) }
        self.multiplier = multiplier / a
        self.addend = addend / a
        self.divisor = divisor / a
        source = type
        if conversion.type == .int64 {
            (least, most) = (Int128(Int64.min), Int128(Int64.max))
        } else {
            most = powerOfTen(conversion.type.precision) - 1
            least = -most
        }
    }

    /// The units whose conversion fits the type; nil when there are none.
    var range: ClosedRange<Int64>? {
        let most = source == .int64 ? Int64.max : Int64(powerOfTen(source.precision) - 1)
        let least = source == .int64 ? Int64.min : -most
        // The line rises: what is too small lies below what fits, and what is too large above it.
        func first(_ isPast: (Int64) -> Bool) -> Int64? {
            guard isPast(most) else { return nil }
            var (low, high) = (Int128(least), Int128(most))
            while low < high {
                let middle = (low + high) >> 1
                if isPast(Int64(middle)) { high = middle } else { low = middle + 1 }
            }
            return Int64(low)
        }
        guard let lower = first({ units in place(units) >= 0 }) else { return nil }
        let above = first { place($0) > 0 }
        guard above != least, above ?? most >= lower else { return nil }
        let upper = above.map { $0 - 1 } ?? most
        return lower <= upper ? lower...upper : nil
    }

    /// -1 when the conversion is below the type, 1 when it is above, otherwise 0.
    private func place(_ units: Int64) -> Int {
        let (negative, magnitude) = DecimalMath.sum(of: multiplier, times: units, plus: addend)
        let by = divisor.magnitude
        guard magnitude.high < by else { return negative ? -1 : 1 }
        let (quotient, rest) = by.dividingFullWidth((magnitude.high, magnitude.low))
        let rounded = rest >= by - rest ? quotient + 1 : quotient
        if negative { return rounded > least.magnitude ? -1 : 0 }
        return rounded > most.magnitude ? 1 : 0
    }

    /// Whether all that is computed over the range stays below a limit.
    func fits(below limit: Int128?, _ range: ClosedRange<Int64>) -> Bool {
        guard let limit else { return true }
        for units in [range.lowerBound, range.upperBound] {
            let (product, overflow) = multiplier.multipliedReportingOverflow(by: Int128(units))
            let (sum, carry) = product.addingReportingOverflow(addend)
            let (raised, excess) = sum.magnitude.addingReportingOverflow(divisor.magnitude)
            if overflow || carry || excess || max(raised, product.magnitude) >= limit.magnitude { return false }
        }
        return true
    }
}

extension ColumnType {
    /// 0 of a type without one.
    var scale: Int { if case .decimal(_, let scale) = self { Int(scale) } else { 0 } }
    var precision: Int { if case .decimal(let precision, _) = self { Int(precision) } else { 0 } }
}
