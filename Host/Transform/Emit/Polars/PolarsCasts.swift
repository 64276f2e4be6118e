internal import Columnar

// type_cast: text through an anchored guard, numbers through bounds.
extension PolarsLowering {
    func cast(_ cast: Cast, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Outcome {
        switch (node.sourceTypes[0], cast.type) {
        case (.text, _): return reading(cast.empty, try castText(cast, &builder))
        case (.int64, .text): return Outcome(value: "\(source).cast(pl.String)")
        case (.int64, .float64):
            let value = builder.define("\(source).cast(pl.Float64)")
            let back: SQL = "\(value).cast(pl.Int128, strict=False)"
            return Outcome(value: value, failures: [("\(back) != \(Polars.wide(source))", .overflow)])
        case (.int64, .decimal), (.decimal, .decimal):
            return rescaled(Polars.wide(source), from: scale(node.sourceTypes[0]), to: cast.type, &builder)
        case (.decimal, .text): return Outcome(value: decimalText(source, node.sourceTypes[0]))
        // A text of digits is read to the nearest double.
        case (.decimal, .float64):
            return Outcome(value: "\(decimalText(source, node.sourceTypes[0])).cast(pl.Float64)")
        case (.decimal(_, let scale), .int64):
            let outcome = rescaled(Polars.wide(source), from: Int(scale), to: .int64, &builder)
            guard cast.rounding == .exact, scale > 0 else { return outcome }
            let rest: SQL = "\(source) % \(.constant(powerOfTen(Int(scale)))) != 0"
            return Outcome(value: outcome.value, failures: [(rest, .inexact)])
        case (.bool, .text): return Outcome(value: "\(source).cast(pl.String)")
        case (.date, .text):
            return Outcome(value: dateText(source), failures: [(isBeyondCalendar(days: source), .overflow)])
        case (.timestamp, .text): return timestampText(&builder)
        default: return Outcome(value: source)
        }
    }

    func decimalText(_ units: SQL, _ type: ColumnType) -> SQL { "\(Self.decimal(units, type)).cast(pl.String)" }

    /// Units as Polars' own decimal.
    static func decimal(_ units: SQL, _ type: ColumnType) -> SQL {
        guard case .decimal(let precision, let scale) = type else { return units }
        return """
            \(Polars.wide(units)).reinterpret(dtype=pl.Decimal(\(.constant(precision)), \(.constant(scale))))
            """
    }

    // MARK: Text

    /// An empty text is null or an error, before anything else is asked.
    func reading(_ empty: EmptyRule, _ outcome: Outcome) -> Outcome {
        var outcome = outcome
        outcome.failures.insert(("\(source) == \"\"", empty == .error ? .empty : nil), at: 0)
        return outcome
    }

    /// Whether the whole text is of a pattern of ours.
    func isOf(_ pattern: String, _ text: SQL) -> SQL { "\(text).str.contains(\(.text("^(?:\(pattern))$")))" }

    /// The groups of a pattern of ours by place, from 1; empty texts where the text is not of it.
    func group(_ place: Int, of pattern: String, _ builder: inout SQLBuilder) -> SQL {
        let groups = builder.define("\(source).str.extract_groups(\(.text("^(?:\(pattern))$")))")
        return builder.define("\(groups).struct.field(\"\(.constant(place))\").fill_null(\"\")")
    }

    private func castText(_ cast: Cast, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Outcome {
        switch cast.type {
        case .int64, .decimal: return try castNumber(cast, &builder)
        case .float64:
            let isNumber = isOf("[+-]?[0-9]+(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", source)
            let value = builder.define("\(Polars.choose([(isNumber, source)])).cast(pl.Float64, strict=False)")
            return Outcome(
                value: value,
                failures: [("\(value).is_null()", .notNumber), ("\(value).is_infinite()", .overflow)])
        case .bool:
            let yes = isOf("[Tt][Rr][Uu][Ee]|[Yy][Ee][Ss]|[TtYy1]", source)
            let isKnown = isOf(
                "[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[TtFfYyNn10]", source)
            return Outcome(value: yes, failures: [("~\(isKnown)", .notBoolean)])
        case .date:
            let value = isoDate(&builder)
            return Outcome(value: value, failures: [("\(value).is_null()", .notDate)])
        case .timestamp:
            let value = isoTimestamp(&builder)
            return Outcome(value: value, failures: [("\(value).is_null()", .notTimestamp)])
        default: return Outcome(value: source)
        }
    }

    /// As `NumberGuard` reads: sign, currency, at most 19 digits in groups or not, a mark and more digits.
    private func castNumber(_ cast: Cast, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Outcome {
        let scale = scale(cast.type)
        let pattern = try NumberPattern.source(cast)
        let whole = group(2, of: pattern, &builder)
        let fraction = group(3, of: pattern, &builder)
        var digits = whole
        if let grouping = cast.grouping { digits = "\(whole).str.replace_all(\(.text(grouping)), \"\", literal=True)" }
        let places: SQL = .constant(scale)
        if scale > 0 { digits = "(\(digits) + \(fraction).str.slice(0, \(places)).str.pad_end(\(places), \"0\"))" }
        var units: SQL = "\(digits).cast(pl.Int128, strict=False)"
        let rest: SQL = "\(fraction).str.slice(\(places))"
        if cast.rounding == .halfAway { units = "\(units) + \(rest).str.contains(\"^[5-9]\").cast(pl.Int128)" }
        let magnitude = builder.define(units)
        let isNegative: SQL = "\(group(1, of: pattern, &builder)) == \"-\""
        let value = builder.define(Polars.choose([(isNegative, "0 - \(magnitude)")], otherwise: magnitude))
        var outcome = fitted(value, cast.type)
        if cast.rounding == .exact {
            outcome.failures.insert(
                ("\(rest).str.contains(\"[1-9]\")", cast.type == .int64 ? .notInteger : .inexact), at: 0)
        }
        outcome.failures.insert(("\(whole) == \"\"", cast.type == .int64 ? .notInteger : .notDecimal), at: 0)
        return outcome
    }
}

/// The guard of numbers in text as a pattern with three groups: sign, whole digits, digits of the fraction.
enum NumberPattern {
    static func source(_ cast: Cast) throws(Unsupported.Cause) -> String {
        let mark = escaped(cast.decimalMark)
        var sign = ""
        if !cast.currency.isEmpty {
            // A sign with a digit could end within a number: the executor takes the longest sign and never looks back.
            guard !cast.currency.contains(where: { $0.utf8.contains { $0 &- 0x30 <= 9 } }) else {
                throw .never("a currency sign holds a digit")
            }
            let signs = cast.currency.sorted { $0.utf8.count > $1.utf8.count }
            sign = "(?:" + signs.map(escaped).joined(separator: "|") + ")?"
        }
        var whole = "[0-9]{1,19}"
        if let grouping = cast.grouping.map(escaped) {
            whole += "|[0-9]{1,3}(?:\(grouping)[0-9]{3}){1,5}|[0-9](?:\(grouping)[0-9]{3}){6}"
        }
        return "([+-]?)\(sign)(\(whole))(?:\(mark)([0-9]+))?"
    }

    /// A literal in a pattern of Rust's or Java's: what means something there has a `\`.
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            if "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) { out += "\\" }
            out.unicodeScalars.append(scalar)
        }
        return out
    }
}
