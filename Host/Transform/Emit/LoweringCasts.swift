internal import Columnar

// type_cast: text through an anchored guard, numbers through bounds that are known beforehand.
extension Lowering {
    func cast(_ cast: Cast, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Lowered {
        switch (node.sourceTypes[0], cast.type) {
        case (.text, _): return try castText(cast, &builder)
        case (.int64, .text): return Lowered(value: dialect.text(ofInteger: source))
        case (.int64, .float64): return widen()
        case (.int64, .decimal(let precision, let scale)):
            let most = powerOfTen(Int(precision) - Int(scale)) - 1
            return bounded(source, -most, most, is: "\(source) * \(.constant(powerOfTen(Int(scale))))")
        case (.decimal(_, let scale), .text): return Lowered(value: text(ofUnits: source, scale: scale, &builder))
        case (.decimal(_, let scale), .float64):
            return Lowered(value: try dialect.double(ofUnits: source, scale: scale))
        case (.decimal(_, let scale), .int64): return truncate(scale: scale, cast.rounding, &builder)
        case (.decimal(_, let from), .decimal(let precision, let scale)):
            let most = powerOfTen(Int(precision)) - 1
            if scale >= from {
                let factor = powerOfTen(Int(scale - from))
                return bounded(source, -(most / factor), most / factor, is: "\(source) * \(.constant(factor))")
            }
            let rounded = builder.define(roundedInteger(source, by: powerOfTen(Int(from - scale))))
            return bounded(rounded, -most, most, is: rounded)
        case (.float64, .text): return Lowered(value: try dialect.text(ofDouble: source))
        case (.bool, .text): return Lowered(value: dialect.text(ofBool: source))
        case (.date, .text), (.timestamp, .text): return canonicalText(&builder)
        default: return Lowered(value: source)
        }
    }

    private func castText(_ cast: Cast, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Lowered {
        switch cast.type {
        case .int64 where cast.isPlain: return textToInteger(cast, &builder)
        case .int64, .decimal: return try textToNumber(cast, &builder)
        case .float64:
            let (value, reason) = try dialect.parseDouble(source, &builder)
            return readingText(cast.empty, value: value, otherwise: [], last: reason)
        case .bool:
            let word = builder.define("lower(\(source))")
            let value: SQL = """
                case when \(word) in ('true', 't', 'yes', 'y', '1') then true \
                when \(word) in ('false', 'f', 'no', 'n', '0') then false end
                """
            let known: SQL = "\(word) in ('true', 't', 'yes', 'y', '1', 'false', 'f', 'no', 'n', '0')"
            return readingText(cast.empty, value: value, otherwise: [(known, .null)], last: .reason(.notBoolean))
        case .date:
            let value = builder.define(isoDate(&builder))
            return readingText(
                cast.empty, value: value, otherwise: [("\(value) is not null", .null)], last: .reason(.notDate))
        case .timestamp:
            let value = builder.define(isoTimestamp(&builder))
            return readingText(
                cast.empty, value: value, otherwise: [("\(value) is not null", .null)], last: .reason(.notTimestamp))
        default: return Lowered(value: source)
        }
    }

    // MARK: Integers

    private func textToInteger(_ cast: Cast, _ builder: inout SQLBuilder) -> Lowered {
        let value = builder.define(dialect.wide(dialect.integerPart(source, &builder)))
        let isWithin: SQL = """
            \(value) between \(dialect.wideConstant(Int128(Int64.min))) and \(dialect.wideConstant(Int128(Int64.max)))
            """
        return readingText(
            cast.empty, value: .when(isWithin, dialect.integer(value)),
            otherwise: [("\(value) is null", .reason(.notInteger)), (isWithin, .null)], last: .reason(.overflow))
    }

    /// An int64 is a double when it has at most 53 significant bits.
    private func widen() -> Lowered {
        let cases = (0...10).map { shift -> SQL in
            let most = Int128(1) << (53 + shift)
            let isWithin: SQL = """
                \(source) between \(dialect.wideConstant(-most)) and \(dialect.wideConstant(min(most, Int128(Int64.max))))
                """
            return shift == 0 ? isWithin : "\(dialect.remainder(source, .constant(1 << shift))) = 0 and \(isWithin)"
        }
        let isExact = SQL.list(cases.map { "(\($0))" }, " or ")
        return Lowered(
            value: .when(isExact, dialect.double(ofInteger: source)),
            reason: .when("not (\(isExact))", .reason(.overflow)))
    }

    // MARK: Decimals

    /// An integer of at most 18 digits over a power of ten, halves away from zero.
    func roundedInteger(_ value: SQL, by divisor: Int128) -> SQL {
        let half = divisor / 2
        let raised: SQL = """
            (\(value) + case when \(value) < 0 then -\(.constant(half)) else \(.constant(half)) end)
            """
        return dialect.integerQuotient(raised, .constant(divisor))
    }

    private func truncate(scale: UInt8, _ rounding: Cast.Rounding, _ builder: inout SQLBuilder) -> Lowered {
        if scale == 0 { return Lowered(value: source) }
        let unit = powerOfTen(Int(scale))
        if rounding == .halfAway { return Lowered(value: roundedInteger(source, by: unit)) }
        let rest = builder.define(dialect.remainder(source, .constant(unit)))
        return Lowered(
            value: .when("\(rest) = 0", dialect.integerQuotient(source, .constant(unit))),
            reason: .when("\(rest) <> 0", .reason(.inexact)))
    }

    /// `-12.30`, `0.05`: all digits of the fraction, and no point without any.
    func text(ofUnits value: SQL, scale: UInt8, _ builder: inout SQLBuilder) -> SQL {
        if scale == 0 { return dialect.text(ofInteger: value) }
        let size = builder.define("abs(\(value))")
        let unit = SQL.constant(powerOfTen(Int(scale)))
        let whole = dialect.text(ofInteger: dialect.integerQuotient(size, unit))
        let fraction = dialect.padded(dialect.text(ofInteger: dialect.remainder(size, unit)), width: Int(scale))
        return "case when \(value) < 0 then '-' else '' end || \(whole) || '.' || \(fraction)"
    }
}

extension Cast {
    /// Whether numbers are written with no more than a sign, digits and a point.
    var isPlain: Bool { grouping == nil && decimalMark == "." && currency.isEmpty && rounding == .exact }
}
