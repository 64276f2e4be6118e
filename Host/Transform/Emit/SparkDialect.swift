internal import Columnar
internal import Foundations

/// Spark SQL 4, ANSI mode on or off, in a session whose `spark.sql.caseSensitive` is off.
///
/// Parameters are named (`spark.sql(text, args=…)`): texts and JSON documents as strings, numbers as numbers. Timestamps
/// are of the type without a zone. Spark replaces `${…}` in the text of a query, names and literals included.
struct SparkDialect: SQLDialect {
    var engine: Engine { .spark }
    var maximumColumns: Int { 10_000 }
    var integerType: SQL { "bigint" }
    var wideType: SQL { "decimal(38, 0)" }
    var textType: SQL { "string" }
    var widest: Int128? { powerOfTen(38) }

    // MARK: Writing

    func placeholder(_ number: Int, _ value: EmittedValue) -> String {
        switch value {
        case .text, .json: ":p\(number)"
        case .integer: "cast(:p\(number) as bigint)"
        case .wide: "cast(:p\(number) as decimal(38, 0))"
        case .float64: "cast(:p\(number) as double)"
        // Lists are JSON documents here.
        case .texts: "from_json(:p\(number), 'array<string>')"
        case .integers: "from_json(:p\(number), 'array<bigint>')"
        }
    }

    /// Raw literals, which no setting of a session reads otherwise; a quote ends one, and `${` is taken apart.
    static func quotedText(_ text: String) -> String {
        var parts: [String] = []
        var raw = ""
        func end() {
            if !raw.isEmpty { parts.append("r'" + raw + "'") }
            raw = ""
        }
        for scalar in text.unicodeScalars {
            if scalar == "'" {
                end()
                parts.append("char(39)")
                continue
            }
            if scalar == "{", raw.unicodeScalars.last == "$" { end() }
            raw.unicodeScalars.append(scalar)
        }
        end()
        if parts.isEmpty { return "''" }
        return parts.count == 1 ? parts[0] : "concat(" + parts.joined(separator: ", ") + ")"
    }

    func literal(_ value: EmittedValue) -> String {
        switch value {
        case .text(let text), .json(let text): Self.quotedText(text)
        case .integer(let number): "cast(\(number) as bigint)"
        case .wide(let number): "cast(\(number) as decimal(38, 0))"
        case .float64(let number): "cast('\(number)' as double)"
        case .texts(let texts):
            "cast(array(" + texts.map { $0.map(Self.quotedText) ?? "null" }.joined(separator: ", ")
                + ") as array<string>)"
        case .integers(let numbers):
            "cast(array(" + numbers.map(String.init).joined(separator: ", ") + ") as array<bigint>)"
        }
    }

    func quoted(_ name: String) -> String { SQLName.quoted(name, quote: "`") }

    func mistake(inName name: String) -> String? {
        if name.isEmpty { return "is empty" }
        // Bytes, since a mark behind the brace would make it another character.
        let isReplaced = zip(name.utf8, name.utf8.dropFirst()).contains { $0 == (0x24, 0x7B) }
        return isReplaced ? "contains ${, which Spark replaces in a query" : nil
    }

    func folded(_ name: String) -> String { name.uppercased().lowercased() }

    // MARK: Types

    func load(_ column: SQL, _ type: ColumnType) throws(Unsupported.Cause) -> SQL {
        switch type {
        // Another collation would compare and cut by its own rules.
        case .text: "collate(cast(\(column) as string), 'UTF8_BINARY')"
        case .int64: "cast(\(column) as bigint)"
        case .decimal(let precision, let scale):
            """
            cast(cast(\(column) as decimal(\(.constant(precision)), \(.constant(scale)))) \
            * \(.constant(powerOfTen(Int(scale)))) as bigint)
            """
        case .float64: "cast(\(column) as double)"
        case .bool: "cast(\(column) as boolean)"
        case .date: "cast(unix_date(cast(\(column) as date)) as bigint)"
        // By its parts, so that no zone of the session is asked.
        case .timestamp:
            """
            unix_date(cast(\(column) as date)) * 86400000000L + hour(\(column)) * 3600000000L \
            + minute(\(column)) * 60000000L + cast(extract(second from \(column)) * 1000000 as bigint)
            """
        case .binary: column
        }
    }

    func store(_ value: SQL, _ type: ColumnType) throws(Unsupported.Cause) -> SQL {
        switch type {
        case .decimal(let precision, let scale):
            """
            cast(cast(\(value) as decimal(18, 0)) * \(unit(scale)) \
            as decimal(\(.constant(precision)), \(.constant(scale))))
            """
        case .date: "date_from_unix_date(cast(\(value) as int))"
        case .timestamp:
            """
            timestamp_ntz'1970-01-01 00:00:00' \
            + make_dt_interval(0, 0, 0, cast(\(value) as decimal(20, 0)) * 0.000001)
            """
        default: value
        }
    }

    /// 10^-scale as a number of exactly so many digits.
    private func unit(_ scale: UInt8) -> SQL {
        scale == 0 ? "1" : SQL([.code("0." + String(repeating: "0", count: Int(scale) - 1) + "1BD")])
    }

    // MARK: Numbers

    // In ANSI mode a cast of a text raises an error for all that is no number.
    func integer(_ value: SQL) -> SQL { "try_cast(\(value) as bigint)" }
    func wide(_ value: SQL) -> SQL { "try_cast(\(value) as decimal(38, 0))" }
    func wideConstant(_ number: Int128) -> SQL { "\(.constant(number))BD" }

    /// Quotients of decimals are rounded behind the sixth digit and have at most 32 before the point. A dividend
    /// without its remainder has an exact one, and what has more than 32 digits fits no type: it stays out of reach.
    func quotient(_ dividend: SQL, _ divisor: SQL) -> SQL {
        """
        case when \(divisor) <> 0 and \(dividend) is not null then coalesce(cast(try_divide(\(dividend) \
        - try_mod(\(dividend), \(divisor)), \(divisor)) as decimal(38, 0)), \
        case when \(dividend) < 0 then -\(farAway) else \(farAway) end) end
        """
    }

    private var farAway: SQL { wideConstant(powerOfTen(36)) }

    func integerQuotient(_ dividend: SQL, _ divisor: SQL) -> SQL { "(\(dividend) div \(divisor))" }
    func double(ofInteger value: SQL) -> SQL { "cast(\(value) as double)" }
    // By way of the number's text, which is read with one rounding.
    func double(ofUnits value: SQL, scale: UInt8) -> SQL {
        "try_cast(cast(\(value) as string) || 'e-\(.constant(scale))' as double)"
    }

    private func isFinite(_ value: SQL) -> SQL { "abs(\(value)) < double('infinity')" }

    func parseDouble(_ text: SQL, _ builder: inout SQLBuilder) -> (value: SQL, reason: SQL) {
        let isNumber = matches(text, guard: "[+-]?[0-9]+(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?")
        let value = builder.define(.when(isNumber, "try_cast(\(text) as double)"))
        return (
            .when(isFinite(value), value),
            .choose([
                ("\(value) is null", .reason(.notNumber)), ("not (\(isFinite(value)))", .reason(.overflow)),
            ])
        )
    }

    func convertDouble(
        _ value: SQL, _ conversion: UnitConversion, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> (value: SQL, reason: SQL) {
        func number(_ number: Int64) -> SQL { .value(.float64(Double(number))) }
        var result: SQL = "\(value) * \(number(conversion.numerator)) / \(number(conversion.denominator))"
        if conversion.offsetNumerator != 0 {
            let offset = Double(conversion.offsetNumerator) / Double(conversion.offsetDenominator)
            result = "\(result) + \(.value(.float64(offset)))"
        }
        let made = builder.define(result)
        // A comparison of NaN is true where that is the larger one.
        return (.when(isFinite(made), made), .when("not (\(isFinite(made)))", .reason(.overflow)))
    }

    // MARK: Text

    func trim(_ text: SQL) -> SQL { "trim(both \(.text(SQLText.whiteSpace)) from \(text))" }
    func collapse(_ text: SQL) -> SQL {
        "regexp_replace(\(text), \(.text("[" + SQLText.whiteSpace + "]+")), ' ')"
    }

    func changeCase(_ text: SQL, _ letters: LetterCase, _ table: CaseLetters) -> SQL {
        let pairs = SQLText.pairs(letters, table)
        let whole: SQL = "translate(\(text), \(.text(pairs.from)), \(.text(pairs.to)))"
        if table == .ascii { return whole }
        // Of texts in ASCII the engine's own function says the same.
        let simple: SQL = letters == .upper ? "upper(\(text))" : "lower(\(text))"
        return "case when octet_length(\(text)) = char_length(\(text)) then \(simple) else \(whole) end"
    }

    // `$` also matches before a line's end at the end of the text, and a literal's backslash is the parser's.
    private func anchored(_ pattern: GuardPattern) -> SQL { .text("^(?:" + pattern.source + ")\\z") }

    func matches(_ text: SQL, guard pattern: GuardPattern) -> SQL { "(\(text) rlike \(anchored(pattern)))" }

    func groups(_ text: SQL, guard pattern: GuardPattern, _ builder: inout SQLBuilder) -> [SQL] {
        func group(_ place: Int) -> SQL { "regexp_extract(\(text), \(anchored(pattern)), \(.constant(place)))" }
        // Without a match every group is empty, and the first is never empty with one.
        let first = builder.define("nullif(\(group(1)), '')")
        return [first] + (1..<max(1, pattern.groupCount)).map { .when("\(first) is not null", group($0 + 1)) }
    }

    private func pattern(_ regex: Regex) -> SQL { .text(RegexText.render(regex, dialect: .java)) }

    func finds(_ text: SQL, _ regex: Regex) -> SQL { "(\(text) rlike \(pattern(regex)))" }

    func extract(_ text: SQL, _ regex: Regex, group: Int, _ builder: inout SQLBuilder) -> SQL {
        let found: SQL = "regexp_extract(\(text), \(pattern(regex)), \(.constant(group)))"
        // A group that took no part is empty there, and no pattern has one that may also match the empty text.
        if group == 1, regex.groupCanBeAbsent { return "nullif(\(found), '')" }
        return .when(finds(text, regex), found)
    }

    func split(
        _ text: SQL, _ separator: Separator, _ choice: PieceChoice, _ builder: inout SQLBuilder
    ) -> SQL {
        let pieces: SQL
        switch (separator, choice) {
        case (.text(let separator), .join(let joint)):
            return "replace(\(text), \(.text(separator)), \(.text(joint)))"
        case (.text(let separator), _):
            pieces = "split(\(text), \(.text(NumberPattern.escaped(separator))), -1)"
        case (.pattern(let regex), _): pieces = "split(\(text), \(pattern(regex)), -1)"
        }
        switch choice {
        case .join(let joint): return "array_join(\(pieces), \(.text(joint)))"
        case .index(let index):
            // From 1, and from the end from -1.
            return "try_element_at(\(pieces), \(.constant(index >= 0 ? index + 1 : index)))"
        }
    }

    func lookUp(
        _ text: SQL, in map: [String: String?], _ builder: inout SQLBuilder
    ) -> (found: SQL, value: SQL) {
        if map.isEmpty { return ("false", .null) }
        let keys = map.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let values = keys.map { map[$0] ?? nil }
        func list(_ texts: [String?]) -> SQL {
            let document = JSON.array(texts.map { $0.map(JSON.string) ?? .null })
            return "from_json(\(.value(.json(document.canonicalText))), 'array<string>')"
        }
        guard keys.count > Self.searched else {
            let table: SQL = "map_from_arrays(\(list(keys)), \(list(values)))"
            return ("map_contains_key(\(table), \(text))", "try_element_at(\(table), \(text))")
        }
        // A map is searched from its beginning, a relation is hashed.
        let columns = builder.joined(["k", "v"]) { alias in
            """
            left join (select explode(map_from_arrays(\(list(keys)), \(list(values)))) as (k, v)) as \(alias) \
            on \(alias).k = \(text)
            """
        }
        return ("\(columns[0]) is not null", columns[1])
    }

    /// Entries that are found fast enough one after another.
    private static let searched = 64

    // MARK: Dates

    func days(year: SQL, month: SQL, day: SQL, _ builder: inout SQLBuilder) -> SQL {
        let parts = [year, month, day].map { part -> SQL in "cast(\(part) as int)" }
        return "cast(unix_date(make_date(\(.list(parts)))) as bigint)"
    }

    func civil(days: SQL, _ builder: inout SQLBuilder) -> (year: SQL, month: SQL, day: SQL) {
        let date = builder.define("date_from_unix_date(cast(\(days) as int))")
        return ("year(\(date))", "month(\(date))", "day(\(date))")
    }

    /// A binary search, a column a step.
    func step(_ number: SQL, starts: [Int64], values: [Int64], _ builder: inout SQLBuilder) -> SQL {
        func list(_ numbers: [Int64]) -> SQL {
            let document = JSON.array(numbers.map { .int($0) })
            return "from_json(\(.value(.json(document.canonicalText))), 'array<bigint>')"
        }
        let (starts, values, count) = (list(starts), list(values), starts.count)
        var bit = 1
        while bit * 2 < count { bit *= 2 }
        var place: SQL = "0"
        while bit > 0 {
            let next = SQL.constant(bit)
            place = builder.define(
                "\(place) + case when get(\(starts), \(place) + \(next)) <= \(number) then \(next) else 0 end")
            bit /= 2
        }
        return .when("\(number) is not null", "get(\(values), \(place))")
    }
}
