internal import Columnar

/// One node as Polars expressions.
///
/// Between the layers there are only texts, 64-bit integers, doubles and truth values: a decimal is its units, a date its
/// days and a timestamp its microseconds since 1970. No expression raises an error for any row, since Polars evaluates
/// all arms of a choice.
struct PolarsLowering {
    /// What a node becomes: a value, and when it has none. The first condition that is true counts; a reason of nil is
    /// null without an error. Where a source is null, neither is asked.
    struct Outcome {
        var value: SQL
        var failures: [(when: SQL, reason: Reason?)] = []
        /// map_dict, concat and select_when have values for nulls.
        var takesNulls = false
    }

    let node: TypedProgram.Node
    let sources: [SQL]

    var source: SQL { sources[0] }

    func lower(_ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Outcome {
        switch node.operation {
        case .trim: return Outcome(value: "\(source).str.strip_chars(\(.text(SQLText.whiteSpace)))")
        case .collapseWhitespace:
            return Outcome(value: "\(source).str.replace_all(\(.text("[" + SQLText.whiteSpace + "]+")), \" \")")
        case .changeCase(let to, let letters): return Outcome(value: changeCase(to, letters))
        case .regexExtract(let regex, let group):
            return Outcome(value: "\(source).str.extract(\(Self.pattern(regex)), \(.constant(group)))")
        case .regexSplit(let separator, let choice): return Outcome(value: split(separator, choice))
        case .concat(let concat): return self.concat(concat)
        case .mapDict(let mapping): return mapDict(mapping)
        case .unitConvert(let conversion): return try convert(conversion, &builder)
        case .dateParse(let parsing): return try parseDate(parsing, &builder)
        case .dateFormat(let pattern, let zone): return try formatDate(pattern, zone: zone, &builder)
        case .typeCast(let cast): return try self.cast(cast, &builder)
        case .safeMath(let function, _): return math(function, &builder)
        case .selectWhen(let regex):
            let isMatch: SQL = "\(source).str.contains(\(Self.pattern(regex)))"
            return Outcome(
                value: Polars.choose([(isMatch, sources[1])], otherwise: sources[2]), takesNulls: true)
        }
    }

    // MARK: Texts

    static func pattern(_ regex: Regex) -> SQL { .text(RegexText.render(regex, dialect: .rust)) }

    /// One scalar for another: no two of them share a byte, so that nothing overlaps.
    private func changeCase(_ to: LetterCase, _ letters: CaseLetters) -> SQL {
        let (from, into) = SQLText.pairs(to, letters)
        return "\(source).str.replace_many(list(\(.text(from))), list(\(.text(into))))"
    }

    private func split(_ separator: Separator, _ choice: PieceChoice) -> SQL {
        let pieces: SQL =
            switch separator {
            case .text(let text): "\(source).str.split(\(.text(text)))"
            case .pattern(let regex): "\(source).str.split(\(Self.pattern(regex)), literal=False)"
            }
        switch choice {
        case .index(let index): return "\(pieces).list.get(\(.constant(index)), null_on_oob=True)"
        case .join(let text): return "\(pieces).list.join(\(.text(text)))"
        }
    }

    private func concat(_ concat: Concatenation) -> Outcome {
        func affixed(_ text: SQL) -> SQL {
            var parts = [text]
            if !concat.prefix.isEmpty { parts.insert(Polars.text(concat.prefix), at: 0) }
            if !concat.suffix.isEmpty { parts.append(Polars.text(concat.suffix)) }
            return .list(parts, " + ")
        }
        let separator: SQL = concat.separator.isEmpty ? "" : ", separator=\(.text(concat.separator))"
        if concat.nulls == .propagate {
            return Outcome(value: affixed("pl.concat_str([\(.list(sources))]\(separator))"))
        }
        let some = SQL.list(sources.map { "\($0).is_not_null()" }, " | ")
        let joined: SQL = "pl.concat_str([\(.list(sources))]\(separator), ignore_nulls=True)"
        return Outcome(value: Polars.choose([(some, affixed(joined))]), takesNulls: true)
    }

    private func mapDict(_ mapping: Mapping) -> Outcome {
        // Sorted, so that one plan has one text.
        let keys = mapping.map.keys.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
        let known: SQL = .value(.texts(keys))
        let otherwise: SQL =
            switch mapping.otherwise {
            case .null, .error: Polars.noText
            case .text(let text): Polars.text(text)
            case .keep: source
            }
        var value = otherwise
        if !keys.isEmpty {
            let values: SQL = .value(.texts(keys.map { mapping.map[$0] ?? nil }))
            value = "\(source).replace_strict(\(known), \(values), default=\(otherwise), return_dtype=pl.String)"
        }
        value = Polars.choose(
            [("\(source).is_null()", mapping.null.map(Polars.text) ?? Polars.noText)], otherwise: value)
        guard mapping.otherwise == .error else { return Outcome(value: value, takesNulls: true) }
        let isMissing: SQL = keys.isEmpty ? "\(source).is_not_null()" : "~\(source).is_in(\(known))"
        return Outcome(value: value, failures: [(isMissing, .notInMap)], takesNulls: true)
    }
}

/// Small pieces of Polars programs.
enum Polars {
    static func text(_ text: String) -> SQL { "pl.lit(\(.text(text)))" }
    static let noText: SQL = "pl.lit(None, dtype=pl.String)"

    /// The first value whose condition is true; null counts as false.
    static func choose(_ arms: [(when: SQL, then: SQL)], otherwise: SQL? = nil) -> SQL {
        let chain = SQL.list(arms.map { "when(\($0.when)).then(\($0.then))" }, ".")
        guard let otherwise else { return "pl.\(chain)" }
        return "pl.\(chain).otherwise(\(otherwise))"
    }

    static func reason(_ reason: Reason?) -> SQL {
        guard let reason else { return noText }
        return SQL([.code("pl.lit(\"\(reason.rawValue)\")")])
    }

    /// A wide integer.
    static func wide(_ value: SQL) -> SQL { "\(value).cast(pl.Int128)" }
    /// A wide integer that is known to fit.
    static func narrow(_ value: SQL) -> SQL { "\(value).cast(pl.Int64, strict=False)" }
}
