internal import Columnar

/// What differs between engines that take SQL.
///
/// Between the layers there are only texts, integers, doubles and truth values: a decimal is its units, a date its days
/// and a timestamp its microseconds since 1970. `load` and `store` are where an engine's own types begin and end. Every
/// expression that is made of guarded values must raise no error for any row, whichever the engine evaluates.
protocol SQLDialect: Sendable {
    var engine: Engine { get }

    // MARK: Writing

    /// The place of a bound value, with its type.
    func placeholder(_ number: Int, _ value: EmittedValue) -> String
    /// The value itself, quoted so that no text can end it.
    func literal(_ value: EmittedValue) -> String
    func quoted(_ name: String) -> String
    /// Why a column or relation cannot have this name, in words that end a sentence.
    func mistake(inName name: String) -> String?
    /// Why no value there can be this one.
    func mistake(inValue value: EmittedValue) -> Unsupported.Cause?
    /// Equal for names that the engine takes for one.
    func folded(_ name: String) -> String
    /// Most columns of a select.
    var maximumColumns: Int { get }
    /// Behind a layer, so that its expressions are evaluated once for all that read them.
    var fence: String { get }

    // MARK: Types

    /// Names of types in casts.
    var integerType: SQL { get }
    /// Integers of at least 38 digits.
    var wideType: SQL { get }
    /// What the magnitudes of wide integers stay below; nil for no limit that matters.
    var widest: Int128? { get }
    var textType: SQL { get }
    /// A column as it is read, in the inner form.
    func load(_ column: SQL, _ type: ColumnType) throws(Unsupported.Cause) -> SQL
    /// The inner form as the engine's own type.
    func store(_ value: SQL, _ type: ColumnType) throws(Unsupported.Cause) -> SQL

    // MARK: Numbers

    /// A number or a text of digits as an integer, and as a wide one; no error where it is none.
    func integer(_ value: SQL) -> SQL
    func wide(_ value: SQL) -> SQL
    /// The quotient of two wide integers, truncated. The divisor is never zero where it matters.
    func quotient(_ dividend: SQL, _ divisor: SQL) -> SQL
    /// The same of integers.
    func integerQuotient(_ dividend: SQL, _ divisor: SQL) -> SQL
    /// The remainder of an integer, with the dividend's sign; neither raises nor overflows.
    func remainder(_ dividend: SQL, _ divisor: SQL) -> SQL
    /// A constant of up to 38 digits.
    func wideConstant(_ number: Int128) -> SQL
    /// The double of an integer that is one.
    func double(ofInteger value: SQL) -> SQL
    /// Text → float64: the value (null where there is none) and the reason, over a text that is neither null nor empty.
    func parseDouble(_ text: SQL, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> (value: SQL, reason: SQL)
    func text(ofDouble value: SQL) throws(Unsupported.Cause) -> SQL
    /// Units of a decimal over units of another, correctly rounded: `units / 10^scale`.
    func double(ofUnits value: SQL, scale: UInt8) throws(Unsupported.Cause) -> SQL
    func convertDouble(
        _ value: SQL, _ conversion: UnitConversion, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> (value: SQL, reason: SQL)

    // MARK: Text

    func trim(_ text: SQL) -> SQL
    func collapse(_ text: SQL) -> SQL
    func changeCase(_ text: SQL, _ letters: LetterCase, _ table: CaseLetters) -> SQL
    /// Whether the whole text matches one of our own guards: no value of a plan is in it, no backslash, no quote.
    func matches(_ text: SQL, guard pattern: GuardPattern) -> SQL
    /// The groups of a guard, each null where the text does not match. A group that took no part is null or empty.
    func groups(_ text: SQL, guard pattern: GuardPattern, _ builder: inout SQLBuilder) -> [SQL]
    /// The digits before the point of `[+-]?[0-9]{1,19}(\.0+)?` with their sign; null for another text.
    func integerPart(_ text: SQL, _ builder: inout SQLBuilder) -> SQL
    /// The digits before a number's mark, grouped as they are written and null for another text, and those behind it.
    ///
    /// - Parameter leading: all scalars that may stand before the digits.
    func numberParts(
        _ text: SQL, guard pattern: GuardPattern, mark: String, leading: String, _ builder: inout SQLBuilder
    ) -> (whole: SQL, fraction: SQL)
    /// Year, month, day, `T` or blank, hour, minute, second, fraction and zone of an RFC 3339 text; null for another.
    /// A fraction or zone that there is not is null or empty.
    func timestampParts(_ text: SQL, guard pattern: GuardPattern, _ builder: inout SQLBuilder) -> [SQL]
    func extract(
        _ text: SQL, _ regex: Regex, group: Int, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> SQL
    func finds(_ text: SQL, _ regex: Regex) throws(Unsupported.Cause) -> SQL
    func split(
        _ text: SQL, _ separator: Separator, _ choice: PieceChoice, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> SQL
    /// The texts that are not null with a separator between them.
    func concatSkippingNulls(_ texts: [SQL], separator: SQL) -> SQL
    /// Whether the dictionary has the text (null for null), and its value there.
    func lookUp(
        _ text: SQL, in map: [String: String?], _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> (found: SQL, value: SQL)
    /// So many scalars from a place on, which counts from 1.
    func substring(_ text: SQL, from: SQL, length: SQL) -> SQL
    /// Digits with zeros before them up to a width that they do not exceed.
    func padded(_ text: SQL, width: Int) -> SQL

    // MARK: Dates

    /// Days since 1970 of a date that is known to be one of the calendar's; null where a part is null.
    func days(year: SQL, month: SQL, day: SQL, _ builder: inout SQLBuilder) -> SQL
    /// The value of the last start that is not above the number; null for null.
    func step(
        _ number: SQL, starts: [Int64], values: [Int64], _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> SQL
    /// Year, month and day of days that lie in the years 0001–9999 or are null.
    func civil(days: SQL, _ builder: inout SQLBuilder) -> (year: SQL, month: SQL, day: SQL)
}

/// One of our own patterns: ASCII, greedy, matched against the whole text; engines anchor it in their own words.
///
/// Its first group never matches the empty text, where it has groups.
struct GuardPattern: Sendable, Hashable, ExpressibleByStringLiteral {
    /// A part of a pattern of fixed places: all but the last two kinds have one width.
    enum Piece: Sendable, Hashable {
        case literal(String)
        case digits(Int)
        /// One digit or two, before something that is no digit.
        case shortDigits
        /// `Z` or `±hh:mm`.
        case zone

        fileprivate var source: String {
            switch self {
            case .literal(let text): GuardPattern.escaped(text)
            case .digits(let count): "([0-9]{\(count)})"
            case .shortDigits: "([0-9]{1,2})"
            case .zone: "(Z|[+-][0-9]{2}:[0-9]{2})"
            }
        }
    }

    let source: String
    let groupCount: Int
    /// What it is made of, where that is of fixed places; every piece but a literal is a group.
    let pieces: [Piece]?
    /// Whether no part of it comes from a plan: it may stand in the text.
    let isFixed: Bool

    init(stringLiteral value: String) { self.init(value, isFixed: true) }

    init(pieces: [Piece], isFixed: Bool) {
        self.init(pieces.map(\.source).joined(), isFixed: isFixed, pieces: pieces)
    }

    /// Of fixed parts and of literals that `escaped` has made.
    init(parts: [String]) { self.init(parts.joined(), isFixed: false) }

    private init(_ source: String, isFixed: Bool, pieces: [Piece]? = nil) {
        self.source = source
        self.pieces = pieces
        self.isFixed = isFixed
        let opens = source.utf8.indices.filter { place in
            source.utf8[place] == UInt8(ascii: "(") && source.utf8[source.utf8.index(after: place)] != UInt8(ascii: "?")
                && (place == source.startIndex || source.utf8[source.utf8.index(before: place)] != UInt8(ascii: "["))
        }
        groupCount = opens.count
    }

    /// The pattern with something before and behind, as a text of the engine: a literal of ours, or bound.
    func sql(_ prefix: String, _ suffix: String) -> SQL {
        let whole = prefix + source + suffix
        return isFixed ? SQL([.code("'\(whole)'")]) : .text(whole)
    }

    /// A literal of a date pattern within a guard: every scalar that means something stands in brackets.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "^": "\\^"
            case "\\": "\\\\"
            case "[": "\\["
            case "]": "\\]"
            case "(", ")", "{", "}", ".", "*", "+", "?", "$", "|": "[\(scalar)]"
            default: String(scalar)
            }
        }.joined()
    }
}

extension SQLDialect {
    var fence: String { "" }
    var widest: Int128? { nil }
    func text(ofDouble value: SQL) throws(Unsupported.Cause) -> SQL { throw .never("it has no text of a float64") }
    func mistake(inValue value: EmittedValue) -> Unsupported.Cause? { nil }

    /// Seconds of `Z`, an empty text or `±hh:mm`; null beyond a limit or where the minutes are more than 59.
    func offset(of zone: SQL, limit: Int) -> SQL {
        let hours = integer("substr(\(zone), 2, 2)")
        let minutes = integer("substr(\(zone), 5, 2)")
        return """
            case when \(zone) in ('', 'Z', 'z') then 0 \
            when \(minutes) < 60 and \(hours) * 60 + \(minutes) <= \(.constant(limit)) then \
            (\(hours) * 3600 + \(minutes) * 60) * case when substr(\(zone), 1, 1) = '-' then -1 else 1 end end
            """
    }

    func folded(_ name: String) -> String { name }
    func quoted(_ name: String) -> String { SQLName.quoted(name) }

    func integerPart(_ text: SQL, _ builder: inout SQLBuilder) -> SQL {
        groups(text, guard: "([+-]?[0-9]{1,19})(?:[.]0+)?", &builder)[0]
    }

    func numberParts(
        _ text: SQL, guard pattern: GuardPattern, mark: String, leading: String, _ builder: inout SQLBuilder
    ) -> (whole: SQL, fraction: SQL) {
        let parts = groups(text, guard: pattern, &builder)
        return (parts[0], parts[1])
    }

    func timestampParts(_ text: SQL, guard pattern: GuardPattern, _ builder: inout SQLBuilder) -> [SQL] {
        groups(text, guard: pattern, &builder)
    }

    func integer(_ value: SQL) -> SQL { "cast(\(value) as \(integerType))" }
    func wide(_ value: SQL) -> SQL { "cast(\(value) as \(wideType))" }
    func text(ofInteger value: SQL) -> SQL { "cast(\(value) as \(textType))" }
    func text(ofBool value: SQL) -> SQL { "case when \(value) then 'true' when not \(value) then 'false' end" }
    func wideConstant(_ number: Int128) -> SQL { .constant(number) }
    func quotient(_ dividend: SQL, _ divisor: SQL) -> SQL { "div(\(dividend), \(divisor))" }
    func remainder(_ dividend: SQL, _ divisor: SQL) -> SQL { "(\(dividend) % \(divisor))" }
    func substring(_ text: SQL, from: SQL, length: SQL) -> SQL { "substr(\(text), \(from), \(length))" }
    func padded(_ text: SQL, width: Int) -> SQL { "lpad(\(text), \(.constant(width)), '0')" }
    func concatSkippingNulls(_ texts: [SQL], separator: SQL) -> SQL { "concat_ws(\(.list([separator] + texts)))" }

    func days(year: SQL, month: SQL, day: SQL, _ builder: inout SQLBuilder) -> SQL {
        // Years that begin in March; the era of 400 years is folded into three quotients.
        let early = builder.define("case when \(month) > 2 then 0 when \(month) <= 2 then 1 end")
        let years = builder.define("\(year) - \(early)")
        let months = "\(month) + 12 * \(early) - 3" as SQL
        let leaps: SQL = """
            \(integerQuotient(years, "4")) - \(integerQuotient(years, "100")) + \(integerQuotient(years, "400"))
            """
        return "(\(day) + \(integerQuotient("(153 * (\(months)) + 2)", "5")) + 365 * \(years) + \(leaps) - 719469)"
    }

    func civil(days: SQL, _ builder: inout SQLBuilder) -> (year: SQL, month: SQL, day: SQL) {
        // Hinnant, "chrono-Compatible Low-Level Date Algorithms", for days from 0000-03-01 on.
        let z = builder.define("\(days) + 719468")
        let era = builder.define(integerQuotient(z, "146097"))
        let dayOfEra = builder.define("\(z) - 146097 * \(era)")
        let leaps: SQL = """
            \(dayOfEra) - \(integerQuotient(dayOfEra, "1460")) + \(integerQuotient(dayOfEra, "36524")) \
            - \(integerQuotient(dayOfEra, "146096"))
            """
        let year = builder.define(integerQuotient("(\(leaps))", "365"))
        let dayOfYear = builder.define(
            "\(dayOfEra) - (365 * \(year) + \(integerQuotient(year, "4")) - \(integerQuotient(year, "100")))")
        let month = builder.define(integerQuotient("(5 * \(dayOfYear) + 2)", "153"))
        return (
            builder.define(
                "\(year) + 400 * \(era) + case when \(month) >= 10 then 1 when \(month) < 10 then 0 end"),
            builder.define("\(month) + case when \(month) < 10 then 3 when \(month) >= 10 then -9 end"),
            builder.define("\(dayOfYear) - \(integerQuotient("(153 * \(month) + 2)", "5")) + 1")
        )
    }

    /// The texts of the steps' reasons in one: at most 50 arguments a call, which every engine takes.
    func joinErrors(_ errors: [SQL]) -> SQL {
        var parts = errors
        repeat {
            parts = stride(from: 0, to: parts.count, by: 50).map { start in
                let some = Array(parts[start..<min(start + 50, parts.count)])
                return "nullif(\(concatSkippingNulls(some, separator: "';'")), '')"
            }
        } while parts.count > 1
        return parts[0]
    }
}
