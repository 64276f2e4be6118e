internal import Columnar
internal import Foundations

/// Postgres 15 and newer, in a database of encoding UTF8: plain SQL, nothing installed.
///
/// A text of Postgres cannot hold U+0000: a plan that makes one is refused. Names have at most 63 bytes.
struct PostgresDialect: SQLDialect {
    var engine: Engine { .postgres }
    var maximumColumns: Int { 1600 }
    var integerType: SQL { "bigint" }
    var wideType: SQL { "numeric" }
    var textType: SQL { "text" }
    // A subquery with a limit or an offset is not pulled up: its expressions are computed once a row.
    var fence: String { "\n  offset 0" }

    // MARK: Writing

    func placeholder(_ number: Int, _ value: EmittedValue) -> String { "$\(number)::\(typeName(value))" }

    private func typeName(_ value: EmittedValue) -> String {
        switch value {
        case .text: "text"
        case .integer: "bigint"
        case .wide: "numeric"
        case .float64: "double precision"
        case .texts: "text[]"
        case .integers: "bigint[]"
        case .json: "jsonb"
        }
    }

    /// `E'…'` where there is a backslash, so that no setting of the session changes what it means.
    private func quotedText(_ text: String) -> String {
        let hasBackslash = text.unicodeScalars.contains("\\")
        return (hasBackslash ? "E" : "") + SQLName.between(text, quote: "'", also: hasBackslash ? "\\" : nil)
    }

    func literal(_ value: EmittedValue) -> String {
        switch value {
        case .text(let text): quotedText(text) + "::text"
        case .integer(let number): number < 0 ? "(\(number))::bigint" : "\(number)::bigint"
        case .wide(let number): number < 0 ? "(\(number))::numeric" : "\(number)::numeric"
        case .float64(let number): "'\(number)'::double precision"
        case .texts(let texts):
            "array[" + texts.map { $0.map(quotedText) ?? "null" }.joined(separator: ", ") + "]::text[]"
        case .integers(let numbers): "'{" + numbers.map(String.init).joined(separator: ",") + "}'::bigint[]"
        case .json(let document): quotedText(document) + "::jsonb"
        }
    }

    func mistake(inName name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if name.utf8.contains(0) { return "contains U+0000" }
        return name.utf8.count > 63 ? "has \(name.utf8.count) bytes, and names have at most 63" : nil
    }

    // MARK: Types

    func load(_ column: SQL, _ type: ColumnType) throws(Unsupported.Cause) -> SQL {
        switch type {
        // Another collation would compare, match and change letters by its own rules.
        case .text: "\(column)::text collate \"C\""
        case .int64: "\(column)::bigint"
        case .decimal(_, let scale): "(\(column) * \(.constant(powerOfTen(Int(scale)))))::bigint"
        case .float64: "\(column)::double precision"
        case .bool: "\(column)::boolean"
        // Infinite ones are beyond the calendar like all behind the year 9999.
        case .date:
            "case when isfinite(\(column)) then (\(column) - date '1970-01-01')::bigint when \(column) is not null then 9223372036854775807 end"
        case .timestamp:
            """
            case when isfinite(\(column)) then (extract(epoch from \(column)) * 1000000)::bigint \
            when \(column) is not null then 9223372036854775807 end
            """
        case .binary: column
        }
    }

    func store(_ value: SQL, _ type: ColumnType) throws(Unsupported.Cause) -> SQL {
        switch type {
        case .decimal(let precision, let scale):
            """
            (\(value) * \(unit(scale)))::numeric(\(.constant(precision)), \(.constant(scale)))
            """
        case .date: "date '1970-01-01' + (\(value))::int"
        case .timestamp:
            // Days and the rest apart: a product with an interval is of doubles.
            """
            timestamp '0001-01-01' + make_interval(days => ((\(value) + 62135596800000000) / 86400000000)::int) \
            + interval '1 microsecond' * ((\(value) + 62135596800000000) % 86400000000)
            """
        default: value
        }
    }

    /// 10^-scale as a number of exactly so many digits.
    private func unit(_ scale: UInt8) -> SQL {
        scale == 0 ? "1" : SQL([.code("0." + String(repeating: "0", count: Int(scale) - 1) + "1")])
    }

    // MARK: Numbers

    func integerQuotient(_ dividend: SQL, _ divisor: SQL) -> SQL { "(\(dividend) / \(divisor))" }
    func double(ofInteger value: SQL) -> SQL { "\(value)::double precision" }
    // By way of the number's text, which is read with one rounding.
    func double(ofUnits value: SQL, scale: UInt8) -> SQL { "(\(value) * \(unit(scale)))::double precision" }

    /// The cast of a text raises an error where the number is too large, and where it is too small to be told from
    /// zero. Both are found by the digits: `0.digits · 10^point` is compared with the limits as a text.
    func parseDouble(_ text: SQL, _ builder: inout SQLBuilder) -> (value: SQL, reason: SQL) {
        let isNumber = matches(text, guard: "[+-]?[0-9]+(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?")
        let number = builder.define(.when(isNumber, "replace(\(text), 'E', 'e')"))
        let mantissa = builder.define("ltrim(split_part(\(number), 'e', 1), '+-')")
        let exponent = builder.define("split_part(\(number), 'e', 2)")
        let whole: SQL = "split_part(\(mantissa), '.', 1)"
        let fraction = builder.define("split_part(\(mantissa), '.', 2)")
        let written = builder.define("ltrim(\(whole) || \(fraction), '0')")
        let digits = builder.define("rtrim(\(written), '0') collate \"C\"")
        // More than 11 digits of an exponent mean no more than 11 nines.
        let size = builder.define("ltrim(\(exponent), '+-0')")
        let power: SQL = """
            case when \(size) = '' then 0 when length(\(size)) > 11 then 99999999999 else (\(size))::bigint end \
            * case when \(exponent) like '-%' then -1 else 1 end
            """
        let point = builder.define("length(\(written)) - length(\(fraction)) + \(power)")
        let (most, least) = (SQL.text(DoubleLimits.overflow), SQL.text(DoubleLimits.underflow))
        let isZero = builder.define(
            "\(digits) = '' or \(point) < -323 or (\(point) = -323 and \(digits) <= \(least))")
        let isTooLarge = builder.define(
            "\(digits) <> '' and (\(point) > 309 or (\(point) = 309 and \(digits) >= \(most)))")
        return (
            """
            case when \(isTooLarge) then null when \(isZero) then \
            (case when \(text) like '-%' then '-0' else '0' end)::double precision \
            else (\(number))::double precision end
            """,
            .choose([("\(number) is null", .reason(.notNumber)), (isTooLarge, .reason(.overflow))])
        )
    }

    /// Products and quotients that leave the range raise an error, so that the values for which they do are known first.
    func convertDouble(
        _ value: SQL, _ conversion: UnitConversion, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> (value: SQL, reason: SQL) {
        guard let range = DoubleRange(conversion) else { throw .never("the offset is as large as a double can be") }
        func bound(_ number: Double) -> SQL { .value(.float64(number)) }
        let isTooLarge: SQL = "abs(\(value)) > \(bound(range.most))"
        var result: SQL = """
            case when abs(\(value)) < \(bound(range.least)) then \(value) * 0::double precision \
            else \(value) * \(bound(range.numerator)) / \(bound(range.denominator)) end
            """
        if range.offset != 0 { result = "(\(result)) + \(bound(range.offset))" }
        return (.when("not (\(isTooLarge))", result), .when(isTooLarge, .reason(.overflow)))
    }

    // MARK: Text

    func trim(_ text: SQL) -> SQL { "btrim(\(text), \(.text(SQLText.whiteSpace)))" }
    func collapse(_ text: SQL) -> SQL {
        "regexp_replace(\(text), \(.text("[" + SQLText.whiteSpace + "]+")), ' ', 'g')"
    }

    func changeCase(_ text: SQL, _ letters: LetterCase, _ table: CaseLetters) -> SQL {
        // Of ASCII letters the collation C knows the same; the long tables are for texts that have others.
        let simple: SQL = letters == .upper ? "upper(\(text) collate \"C\")" : "lower(\(text) collate \"C\")"
        if table == .ascii { return simple }
        var arms: [(when: SQL, then: SQL)] = [("octet_length(\(text)) = length(\(text))", simple)]
        for block in SQLText.blocks(letters, table) {
            arms.append(("\(text) !~ \(.text(block.beyond))", translated(text, block.pairs)))
        }
        return .choose(arms, otherwise: translated(text, SQLText.pairs(letters, table)))
    }

    private func translated(_ text: SQL, _ pairs: (from: String, to: String)) -> SQL {
        "translate(\(text), \(.text(pairs.from)), \(.text(pairs.to)))"
    }

    func matches(_ text: SQL, guard pattern: GuardPattern) -> SQL { "(\(text) ~ \(pattern.sql("^(?:", ")$")))" }

    // Groups that are captured cost a hundred times what a match costs: parts are found by their places instead.
    func groups(_ text: SQL, guard pattern: GuardPattern, _ builder: inout SQLBuilder) -> [SQL] {
        guard let pieces = pattern.pieces else {
            let match = builder.define("regexp_match(\(text), \(pattern.sql("^(?:", ")$")))")
            return (1...pattern.groupCount).map { "(\(match))[\(.constant($0))]" }
        }
        let isMatch = builder.define(matches(text, guard: pattern))
        var groups: [SQL] = []
        var place = 1
        var widths: [SQL] = []
        func at(_ offset: Int) -> SQL { .list([.constant(place + offset)] + widths, " + ") }
        for piece in pieces {
            switch piece {
            case .literal(let text): place += text.unicodeScalars.count
            case .digits(let count):
                groups.append(.when(isMatch, "substr(\(text), \(at(0)), \(.constant(count)))"))
                place += count
            case .shortDigits:
                let next: SQL = "substr(\(text), \(at(1)), 1)"
                let width = builder.define(
                    "case when \(next) <> '' and ltrim(\(next), '0123456789') = '' then 2 else 1 end")
                groups.append(.when(isMatch, "substr(\(text), \(at(0)), \(width))"))
                widths.append(width)
            case .zone:
                let width = builder.define("case when substr(\(text), \(at(0)), 1) = 'Z' then 1 else 6 end")
                groups.append(.when(isMatch, "substr(\(text), \(at(0)), \(width))"))
                widths.append(width)
            }
        }
        return groups
    }

    func integerPart(_ text: SQL, _ builder: inout SQLBuilder) -> SQL {
        .when(matches(text, guard: "[+-]?[0-9]{1,19}(?:[.]0+)?"), "split_part(\(text), '.', 1)")
    }

    func numberParts(
        _ text: SQL, guard pattern: GuardPattern, mark: String, leading: String, _ builder: inout SQLBuilder
    ) -> (whole: SQL, fraction: SQL) {
        let number = builder.define(.when(matches(text, guard: pattern), "ltrim(\(text), \(.text(leading)))"))
        let parts = [1, 2].map { "split_part(\(number), \(.text(mark)), \(.constant($0)))" as SQL }
        return (parts[0], parts[1])
    }

    func timestampParts(_ text: SQL, guard pattern: GuardPattern, _ builder: inout SQLBuilder) -> [SQL] {
        let whole = builder.define(.when(matches(text, guard: pattern), text))
        let zone = builder.define(
            """
            case when right(\(whole), 1) in ('Z', 'z') then 'Z' \
            when length(\(whole)) >= 25 and substr(\(whole), length(\(whole)) - 5, 1) in ('+', '-') then right(\(whole), 6) \
            when \(whole) is not null then '' end
            """)
        let parts = [(1, 4), (6, 2), (9, 2), (11, 1), (12, 2), (15, 2), (18, 2)].map { place, width -> SQL in
            "substr(\(whole), \(.constant(place)), \(.constant(width)))"
        }
        let fraction: SQL = "substr(\(whole), 21, greatest(length(\(whole)) - 20 - length(\(zone)), 0))"
        return parts + [fraction, zone]
    }

    func extract(_ text: SQL, _ regex: Regex, group: Int, _ builder: inout SQLBuilder) -> SQL {
        "regexp_substr(\(text), \(.text(RegexText.render(regex, dialect: .postgres))), 1, 1, '', \(.constant(group)))"
    }

    func finds(_ text: SQL, _ regex: Regex) -> SQL {
        "(\(text) ~ \(.text(RegexText.render(regex, dialect: .postgres))))"
    }

    func split(
        _ text: SQL, _ separator: Separator, _ choice: PieceChoice, _ builder: inout SQLBuilder
    ) -> SQL {
        let pieces: SQL
        switch (separator, choice) {
        case (.text(let separator), .join(let text_)):
            return "replace(\(text), \(.text(separator)), \(.text(text_)))"
        case (.text(let separator), _):
            // Of the empty text it makes no piece at all.
            pieces = """
                case when \(text) = '' then array[''] else string_to_array(\(text), \(.text(separator))) end
                """
        case (.pattern(let regex), _):
            pieces = "regexp_split_to_array(\(text), \(.text(RegexText.render(regex, dialect: .postgres))))"
        }
        switch choice {
        case .join(let text): return "array_to_string(\(pieces), \(.text(text)))"
        case .index(let index) where index >= 0: return "(\(pieces))[1 + \(.value(.integer(Int64(index))))]"
        case .index(let index):
            let all = builder.define(pieces)
            return "(\(all))[1 + cardinality(\(all)) + \(.value(.integer(Int64(index))))]"
        }
    }

    func lookUp(
        _ text: SQL, in map: [String: String?], _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> (found: SQL, value: SQL) {
        // No text here has U+0000, so that no entry with one can be meant.
        let entries = map.filter { !$0.key.utf8.contains(0) }
        guard !entries.values.contains(where: { $0?.utf8.contains(0) == true }) else { throw Self.zero }
        let document = JSON.object(entries.mapValues { $0.map(JSON.string) ?? .null })
        let dictionary = SQL.value(.json(document.canonicalText))
        let value = builder.define("\(dictionary) -> \(text)")
        return ("\(value) is not null", "(\(value)) #>> '{}'")
    }

    private static let zero = Unsupported.Cause.never("a text there cannot hold U+0000")

    func mistake(inValue value: EmittedValue) -> Unsupported.Cause? {
        if case .text(let text) = value, text.utf8.contains(0) { Self.zero } else { nil }
    }

    // MARK: Dates

    func days(year: SQL, month: SQL, day: SQL, _ builder: inout SQLBuilder) -> SQL {
        """
        (make_date((\(year))::int, (\(month))::int, (\(day))::int) - date '1970-01-01')::bigint
        """
    }

    func step(_ number: SQL, starts: [Int64], values: [Int64], _ builder: inout SQLBuilder) -> SQL {
        "(\(.value(.integers(values))))[width_bucket(\(number), \(.value(.integers(starts))))]"
    }

    func civil(days: SQL, _ builder: inout SQLBuilder) -> (year: SQL, month: SQL, day: SQL) {
        let date = builder.define("date '1970-01-01' + (\(days))::int")
        return (
            "extract(year from \(date))::bigint", "extract(month from \(date))::bigint",
            "extract(day from \(date))::bigint"
        )
    }
}
