internal import Columnar

/// One node in the words of a dialect. What is the same in all of them is here: nulls, reasons and their order,
/// integers, decimals and the calendar.
struct Lowering {
    let dialect: any SQLDialect
    let node: TypedProgram.Node
    let sources: [SQL]

    var source: SQL { sources[0] }

    func lower(_ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Lowered {
        switch node.operation {
        case .trim: return Lowered(value: dialect.trim(source))
        case .collapseWhitespace: return Lowered(value: dialect.collapse(source))
        case .changeCase(let to, let letters): return Lowered(value: dialect.changeCase(source, to, letters))
        case .regexExtract(let regex, let group):
            return Lowered(value: try dialect.extract(source, regex, group: group, &builder))
        case .regexSplit(let separator, let choice):
            return Lowered(value: try dialect.split(source, separator, choice, &builder))
        case .concat(let concat): return Lowered(value: self.concat(concat))
        case .mapDict(let mapping): return try mapDict(mapping, &builder)
        case .unitConvert(let conversion): return try convert(conversion, &builder)
        case .dateParse(let parsing): return try parseDate(parsing, &builder)
        case .dateFormat(let pattern, let zone): return try formatDate(pattern, zone: zone, &builder)
        case .typeCast(let cast): return try self.cast(cast, &builder)
        case .safeMath(let function, let type): return try math(function, to: type, &builder)
        case .selectWhen(let regex):
            return Lowered(
                value: "case when \(try dialect.finds(source, regex)) then \(sources[1]) else \(sources[2]) end")
        }
    }

    // MARK: Texts

    private func concat(_ concat: Concatenation) -> SQL {
        let prefix = concat.prefix.isEmpty ? [] : [SQL.text(concat.prefix)]
        let suffix = concat.suffix.isEmpty ? [] : [SQL.text(concat.suffix)]
        if concat.nulls == .propagate || sources.count == 1 {
            var parts = prefix
            for (place, source) in sources.enumerated() {
                if place > 0, !concat.separator.isEmpty { parts.append(.text(concat.separator)) }
                parts.append(source)
            }
            return .list(parts + suffix, " || ")
        }
        let joined = dialect.concatSkippingNulls(sources, separator: .text(concat.separator))
        let whole = SQL.list(prefix + [joined] + suffix, " || ")
        return .when(.list(sources.map { "\($0) is not null" }, " or "), whole)
    }

    private func mapDict(_ mapping: Mapping, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Lowered {
        let (found, value) = try dialect.lookUp(source, in: mapping.map, &builder)
        func text(_ text: String?) -> SQL { text.map(SQL.text) ?? .null }
        let otherwise: SQL =
            switch mapping.otherwise {
            case .null, .error: .null
            case .text(let text): .text(text)
            case .keep: source
            }
        var arms: [(SQL, SQL)] = []
        if let null = mapping.null { arms.append(("\(source) is null", .text(null))) }
        arms.append((found, value))
        if case .null = mapping.otherwise {} else { arms.append(("\(source) is not null", otherwise)) }
        let isMissing: SQL = "\(source) is not null and not \(found)"
        return Lowered(
            value: .choose(arms),
            reason: mapping.otherwise == .error ? .when(isMissing, .reason(.notInMap)) : nil)
    }

    // MARK: Reasons

    /// A text that becomes something else: an empty one is null or an error, before anything else is asked.
    func readingText(
        _ empty: EmptyRule, value: SQL, otherwise arms: [(when: SQL, then: SQL)], last: SQL
    ) -> Lowered {
        let whenEmpty: SQL = empty == .error ? .reason(.empty) : .null
        let reason = SQL.choose(
            [("\(source) is null", .null), ("\(source) = ''", whenEmpty)] + arms, otherwise: last)
        return Lowered(value: value, reason: reason)
    }

    /// A number that is valid only between two bounds, and OVERFLOW outside.
    func bounded(_ value: SQL, _ least: Int128, _ most: Int128, is number: SQL) -> Lowered {
        let isWithin: SQL = "\(value) between \(dialect.wideConstant(least)) and \(dialect.wideConstant(most))"
        return Lowered(value: .when(isWithin, number), reason: .when("not (\(isWithin))", .reason(.overflow)))
    }
}

/// Powers of ten that fit.
func powerOfTen(_ exponent: Int) -> Int128 {
    var power: Int128 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
}
