internal import Columnar

/// DuckDB 1.4 and newer.
///
/// Identifiers do not mind the case of their ASCII letters there, so that two columns must differ in more.
struct DuckDBDialect: SQLDialect {
    var engine: Engine { .duckdb }
    var maximumColumns: Int { 100_000 }
    var integerType: SQL { "bigint" }
    var wideType: SQL { "hugeint" }
    var textType: SQL { "varchar" }
    var widest: Int128? { Int128.max }

    // MARK: Writing

    func placeholder(_ number: Int, _ value: EmittedValue) -> String { "$p\(number)::\(typeName(value))" }

    private func typeName(_ value: EmittedValue) -> String {
        switch value {
        case .text, .json: "varchar"
        case .integer: "bigint"
        case .wide: "hugeint"
        case .float64: "double"
        case .texts: "varchar[]"
        case .integers: "bigint[]"
        }
    }

    /// U+0000 ends no text, but the parser's: it is put together with chr(0).
    private func quotedText(_ text: String) -> String {
        let parts = text.unicodeScalars.split(separator: "\0", omittingEmptySubsequences: false).map {
            SQLName.between(String($0), quote: "'")
        }
        return parts.count == 1 ? parts[0] : "(" + parts.joined(separator: " || chr(0) || ") + ")"
    }

    func literal(_ value: EmittedValue) -> String {
        switch value {
        case .text(let text), .json(let text): quotedText(text) + "::varchar"
        case .integer(let number): number < 0 ? "(\(number))::bigint" : "\(number)::bigint"
        case .wide(let number): number < 0 ? "(\(number))::hugeint" : "\(number)::hugeint"
        case .float64(let number): "'\(number)'::double"
        case .texts(let texts):
            "[" + texts.map { $0.map(quotedText) ?? "null" }.joined(separator: ", ") + "]::varchar[]"
        case .integers(let numbers): "[" + numbers.map(String.init).joined(separator: ",") + "]::bigint[]"
        }
    }

    func mistake(inName name: String) -> String? {
        if name.isEmpty { return "is empty" }
        return name.utf8.contains(0) ? "contains U+0000" : nil
    }

    func folded(_ name: String) -> String { SQLName.asciiFolded(name) }

    // MARK: Types

    func load(_ column: SQL, _ type: ColumnType) throws(Unsupported.Cause) -> SQL {
        switch type {
        case .text: "\(column)::varchar"
        case .int64: "\(column)::bigint"
        case .decimal(_, let scale): "(\(column)::decimal(38, 18) * \(.constant(powerOfTen(Int(scale)))))::bigint"
        case .float64: "\(column)::double"
        case .bool: "\(column)::boolean"
        case .date:
            "case when isfinite(\(column)) then (\(column) - date '1970-01-01')::bigint when \(column) is not null then 9223372036854775807 end"
        case .timestamp:
            "case when isfinite(\(column)) then epoch_us(\(column)) when \(column) is not null then 9223372036854775807 end"
        case .binary: column
        }
    }

    func store(_ value: SQL, _ type: ColumnType) throws(Unsupported.Cause) -> SQL {
        switch type {
        case .decimal(let precision, let scale):
            """
            ((\(value))::decimal(18, 0) * \(unit(scale)))::decimal(\(.constant(precision)), \(.constant(scale)))
            """
        case .date: "date '1970-01-01' + (\(value))::integer"
        case .timestamp: "make_timestamp(\(value))"
        default: value
        }
    }

    private func unit(_ scale: UInt8) -> SQL {
        guard scale > 0 else { return "1::decimal(1, 0)" }
        let digits = SQL([.code("0." + String(repeating: "0", count: Int(scale) - 1) + "1")])
        return "\(digits)::decimal(\(.constant(scale)), \(.constant(scale)))"
    }

    // MARK: Numbers

    func quotient(_ dividend: SQL, _ divisor: SQL) -> SQL { "(\(dividend) // \(divisor))" }
    func integerQuotient(_ dividend: SQL, _ divisor: SQL) -> SQL { "(\(dividend) // \(divisor))" }
    func wideConstant(_ number: Int128) -> SQL { "\(.constant(number))::hugeint" }
    func double(ofInteger value: SQL) -> SQL { "(\(value))::double" }
    // By way of the number's text, which is read with one rounding.
    func double(ofUnits value: SQL, scale: UInt8) -> SQL {
        "((\(value))::varchar || 'e-\(.constant(scale))')::double"
    }

    func parseDouble(_ text: SQL, _ builder: inout SQLBuilder) -> (value: SQL, reason: SQL) {
        let isNumber = matches(text, guard: "[+-]?[0-9]+(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?")
        let value = builder.define(.when(isNumber, "try_cast(\(text) as double)"))
        return (
            .when("isfinite(\(value))", value),
            .choose([("\(value) is null", .reason(.notNumber)), ("not isfinite(\(value))", .reason(.overflow))])
        )
    }

    func convertDouble(
        _ value: SQL, _ conversion: UnitConversion, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> (value: SQL, reason: SQL) {
        guard let range = DoubleRange(conversion) else { throw .never("the offset is as large as a double can be") }
        func bound(_ number: Double) -> SQL { .value(.float64(number)) }
        var result: SQL = "\(value) * \(bound(range.numerator)) / \(bound(range.denominator))"
        if range.offset != 0 { result = "\(result) + \(bound(range.offset))" }
        let made = builder.define(result)
        return (.when("isfinite(\(made))", made), .when("not isfinite(\(made))", .reason(.overflow)))
    }

    // MARK: Text

    func trim(_ text: SQL) -> SQL { "trim(\(text), \(.text(SQLText.whiteSpace)))" }
    func collapse(_ text: SQL) -> SQL {
        "regexp_replace(\(text), \(.text("[" + SQLText.whiteSpace + "]+")), ' ', 'g')"
    }

    func changeCase(_ text: SQL, _ letters: LetterCase, _ table: CaseLetters) -> SQL {
        let simple: SQL = letters == .upper ? "upper(\(text))" : "lower(\(text))"
        // Of texts in ASCII the engine's own function says the same. A table costs by its length, for every text.
        var arms: [(when: SQL, then: SQL)] = [("strlen(\(text)) = length(\(text))", simple)]
        for block in SQLText.blocks(letters, table) {
            arms.append(("not regexp_matches(\(text), \(.text(block.beyond)))", translated(text, block.pairs)))
        }
        return .choose(arms, otherwise: translated(text, SQLText.pairs(letters, table)))
    }

    private func translated(_ text: SQL, _ pairs: (from: String, to: String)) -> SQL {
        "translate(\(text), \(.text(pairs.from)), \(.text(pairs.to)))"
    }

    func matches(_ text: SQL, guard pattern: GuardPattern) -> SQL {
        "regexp_full_match(\(text), \(pattern.sql("", "")))"
    }

    func groups(_ text: SQL, guard pattern: GuardPattern, _ builder: inout SQLBuilder) -> [SQL] {
        let names = (1...pattern.groupCount).map { "'g\($0)'" }.joined(separator: ", ")
        let match = builder.define(
            "regexp_extract(\(text), \(pattern.sql("^(?:", ")$")), [\(SQL([.code(names)]))])")
        // Without a match every group is empty, and the first is never empty with one.
        return (1...pattern.groupCount).map { .when("(\(match)).g1 <> ''", "(\(match)).g\(.constant($0))") }
    }

    func extract(
        _ text: SQL, _ regex: Regex, group: Int, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> SQL {
        let found: SQL = """
            regexp_extract(\(text), \(.text(RegexText.render(regex, dialect: .re2))), \(.constant(group)))
            """
        // It gives the empty text for no match and for a group without a part in it. Such a group is never empty.
        if group == 1, regex.groupCanBeAbsent { return "nullif(\(found), '')" }
        if group == 0, !regex.canMatchEmpty { return "nullif(\(found), '')" }
        return .when(finds(text, regex), found)
    }

    func finds(_ text: SQL, _ regex: Regex) -> SQL {
        "regexp_matches(\(text), \(.text(RegexText.render(regex, dialect: .re2))))"
    }

    func split(
        _ text: SQL, _ separator: Separator, _ choice: PieceChoice, _ builder: inout SQLBuilder
    ) -> SQL {
        let pieces: SQL
        switch (separator, choice) {
        case (.text(let separator), .join(let joint)):
            return "replace(\(text), \(.text(separator)), \(.text(joint)))"
        case (.text(let separator), _): pieces = "string_split(\(text), \(.text(separator)))"
        case (.pattern(let regex), _):
            pieces = "string_split_regex(\(text), \(.text(RegexText.render(regex, dialect: .re2))))"
        }
        switch choice {
        case .join(let joint): return "array_to_string(\(pieces), \(.text(joint)))"
        case .index(let index):
            // From the end they count from -1 here too.
            return "(\(pieces))[\(.value(.integer(Int64(index >= 0 ? index + 1 : index))))]"
        }
    }

    func lookUp(
        _ text: SQL, in map: [String: String?], _ builder: inout SQLBuilder
    ) -> (found: SQL, value: SQL) {
        if map.isEmpty { return ("false", .null) }
        // A hash join: a map of the engine's is searched from its beginning.
        let keys = map.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let values = keys.map { map[$0] ?? nil }
        let columns = builder.joined(["k", "v"]) { alias in
            """
            left join (select unnest(\(.value(.texts(keys)))) as k, unnest(\(.value(.texts(values)))) as v) \
            as \(alias) on \(alias).k = \(text)
            """
        }
        return ("\(columns[0]) is not null", columns[1])
    }

    // MARK: Dates

    func days(year: SQL, month: SQL, day: SQL, _ builder: inout SQLBuilder) -> SQL {
        "(make_date(\(year), \(month), \(day)) - date '1970-01-01')::bigint"
    }

    func step(_ number: SQL, starts: [Int64], values: [Int64], _ builder: inout SQLBuilder) -> SQL {
        builder.joined(["v"]) { alias in
            """
            asof left join (select unnest(\(.value(.integers(starts)))) as s, unnest(\(.value(.integers(values)))) as v) \
            as \(alias) on \(alias).s <= \(number)
            """
        }[0]
    }

    func civil(days: SQL, _ builder: inout SQLBuilder) -> (year: SQL, month: SQL, day: SQL) {
        let date = builder.define("date '1970-01-01' + (\(days))::integer")
        return ("year(\(date))", "month(\(date))", "day(\(date))")
    }
}
