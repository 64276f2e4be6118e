internal import Columnar

// Dates are days and timestamps microseconds since 1970; text is read by patterns of ours and civil days are counted.
extension PolarsLowering {
    static let dayMicroseconds: Int64 = 86_400_000_000

    func isBeyondCalendar(days: SQL) -> SQL {
        "(\(days) < \(.constant(Calendar.firstDay))) | (\(days) > \(.constant(Calendar.lastDay)))"
    }

    func isBeyondCalendar(microseconds: SQL) -> SQL {
        let first = Int64(Calendar.firstDay) * Self.dayMicroseconds
        let behind = (Int64(Calendar.lastDay) + 1) * Self.dayMicroseconds
        return "(\(microseconds) < \(.constant(first))) | (\(microseconds) >= \(.constant(behind)))"
    }

    // MARK: Canonical texts

    private func number(_ text: SQL) -> SQL { "number(\(text))" }

    func isoDate(_ builder: inout SQLBuilder) -> SQL {
        let pattern = "([0-9]{4})-([0-9]{2})-([0-9]{2})"
        let parts = (1...3).map { builder.define(number(group($0, of: pattern, &builder))) }
        return builder.define("days_of(\(.list(parts)))")
    }

    /// RFC 3339, or with a blank for the T and then without a zone.
    func isoTimestamp(_ builder: inout SQLBuilder) -> SQL {
        let pattern = """
            ([0-9]{4})-([0-9]{2})-([0-9]{2})([Tt ])([0-9]{2}):([0-9]{2}):([0-9]{2})\
            (?:[.]([0-9]{1,6})0*)?([Zz]|[+-][0-9]{2}:[0-9]{2})?
            """
        func part(_ place: Int) -> SQL { group(place, of: pattern, &builder) }
        let date = (1...3).map { builder.define(number(part($0))) }
        let days = builder.define("days_of(\(.list(date)))")
        let time = (5...7).map { builder.define(number(part($0))) }
        let fraction = builder.define(number("\(part(8)).str.pad_end(6, \"0\")"))
        let zone = part(9)
        let offset = builder.define(offsetMinutes(zone))
        let isZoned: SQL = "((\(part(4)) == \" \") == (\(zone) == \"\"))"
        let value = builder.define(
            instant(days: days, time: time, fraction: fraction, minutes: offset))
        let isTime = isTimeOfDay(time)
        return builder.define(
            Polars.choose([("\(isZoned) & \(isTime) & ~(\(isBeyondCalendar(microseconds: value)))", value)]))
    }

    private func isTimeOfDay(_ time: [SQL]) -> SQL {
        .list(zip(time, [24, 60, 60]).map { "(\($0) < \(.constant($1)))" }, " & ")
    }

    private func instant(days: SQL, time: [SQL], fraction: SQL?, minutes: SQL?) -> SQL {
        var sum: SQL = "\(days) * \(.constant(Self.dayMicroseconds))"
        for (part, unit) in zip(time, [3_600_000_000, 60_000_000, 1_000_000]) {
            sum = "\(sum) + \(part) * \(.constant(unit))"
        }
        if let fraction { sum = "\(sum) + \(fraction)" }
        if let minutes { sum = "\(sum) - \(minutes) * 60000000" }
        return sum
    }

    /// Minutes of `+hh:mm`; 0 for `Z` and for none, null for more than `most` or beyond the clock's minutes.
    private func offsetMinutes(_ zone: SQL, most: Int = 1439) -> SQL {
        let hours = number("\(zone).str.slice(1, 2)")
        let minutes = number("\(zone).str.slice(4, 2)")
        let size: SQL = "\(hours) * 60 + \(minutes)"
        let isOffset: SQL = "(\(minutes) < 60) & (\(size) <= \(.constant(most)))"
        return Polars.choose([
            ("\(zone).str.len_bytes() < 2", "0"),
            ("\(isOffset) & \(zone).str.starts_with(\"-\")", "-(\(size))"), (isOffset, size),
        ])
    }

    func dateText(_ days: SQL) -> SQL {
        let fields = ["year", "month", "day"].map { dateField($0, days) }
        return "pl.concat_str([\(.list(fields))], separator=\"-\")"
    }

    /// A field of the civil date with its zeros.
    private func dateField(_ name: String, _ days: SQL, width: Int? = nil) -> SQL {
        let field = SQL([.code(name)])
        return "padded(day_of(\(days)).\(field)(), \(.constant(width ?? (name == "year" ? 4 : 2))))"
    }

    /// A field of the time of day: whole units, their number in the next larger one, and digits.
    private func timeField(_ rest: SQL, _ unit: Int64, _ count: Int, width: Int) -> SQL {
        "padded(\(rest) // \(.constant(unit)) % \(.constant(count)), \(.constant(width)))"
    }

    func timestampText(_ builder: inout SQLBuilder) -> Outcome {
        let days = builder.define("\(source) // \(.constant(Self.dayMicroseconds))")
        let rest = builder.define("\(source) % \(.constant(Self.dayMicroseconds))")
        let parts: [SQL] = [
            dateText(days), "pl.lit(\"T\")", timeField(rest, 3_600_000_000, 24, width: 2), "pl.lit(\":\")",
            timeField(rest, 60_000_000, 60, width: 2), "pl.lit(\":\")", timeField(rest, 1_000_000, 60, width: 2),
            "pl.lit(\".\")", timeField(rest, 1, 1_000_000, width: 6), "pl.lit(\"Z\")",
        ]
        return Outcome(
            value: "pl.concat_str([\(.list(parts))])",
            failures: [(isBeyondCalendar(microseconds: source), .overflow)])
    }

    // MARK: Patterns

    func parseDate(_ parsing: DateParsing, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Outcome {
        let reason: Reason = parsing.type == .date ? .notDate : .notTimestamp
        let zone = try Self.zone(parsing.type == .date ? "UTC" : parsing.zone)
        // Where a pattern fits, and the local time or instant that it reads.
        var fits: [(value: SQL, isLocal: Bool)] = []
        for pattern in parsing.patterns {
            let (value, hasOffset) = try read(pattern, parsing, &builder)
            fits.append((builder.define(value), !hasOffset && zone.fixedOffset != 0))
        }
        guard fits.contains(where: \.isLocal) else {
            let value = fits.count == 1 ? fits[0].value : "pl.coalesce(\(.list(fits.map(\.value))))"
            let made = builder.define(value)
            return reading(parsing.empty, Outcome(value: made, failures: [("\(made).is_null()", reason)]))
        }
        func choose(_ value: ((value: SQL, isLocal: Bool)) -> SQL) -> SQL {
            builder.define(Polars.choose(fits.map { ("\($0.value).is_not_null()", value($0)) }))
        }
        let local = choose { $0.isLocal ? $0.value : "None" }
        let instant = choose { $0.isLocal ? "None" : $0.value }
        let steps = ZoneSteps.local(zone, gap: parsing.gap, overlap: parsing.overlap)
        let offset = builder.define(self.offset("\(local) // 1000000", steps, &builder))
        let resolved = builder.define("\(local) - \(offset) * 1000000")
        let value = builder.define(
            Polars.choose([("\(local).is_null()", instant)], otherwise: resolved))
        let isLocal: SQL = "\(local).is_not_null()"
        let failures: [(when: SQL, reason: Reason?)] = [
            ("\(local).is_null() & \(instant).is_null()", reason),
            ("\(isLocal) & (\(offset) == \(.constant(ZoneSteps.gap)))", .timeGap),
            ("\(isLocal) & (\(offset) == \(.constant(ZoneSteps.overlap)))", .timeOverlap),
            (isBeyondCalendar(microseconds: value), reason),
        ]
        return reading(parsing.empty, Outcome(value: value, failures: failures))
    }

    static func zone(_ name: String) throws(Unsupported.Cause) -> Zone {
        do { return try Zone.named(name) } catch { throw .never(error.reason) }
    }

    /// Days, or the microseconds of an instant or of a local time; null where the text is not of the pattern.
    private func read(
        _ pattern: DatePattern, _ parsing: DateParsing, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> (value: SQL, hasOffset: Bool) {
        var source = ""
        var fields: [String] = []
        for piece in DatePiece.pieces(of: pattern) {
            switch piece {
            case .literal(let text): source += NumberPattern.escaped(text)
            case .field(let name):
                fields.append(name)
                switch name {
                case "yyyy": source += "([0-9]{4})"
                case "SSS": source += "([0-9]{3})"
                case "M", "d": source += "([0-9]{1,2})"
                case "XXX": source += "(Z|[+-][0-9]{2}:[0-9]{2})"
                default: source += "([0-9]{2})"
                }
            }
        }
        func text(_ names: String...) -> SQL? {
            fields.firstIndex(where: names.contains).map { group($0 + 1, of: source, &builder) }
        }
        func part(_ names: String...) -> SQL? {
            guard let place = fields.firstIndex(where: names.contains) else { return nil }
            return builder.define(number(group(place + 1, of: source, &builder)))
        }
        guard var year = part("yyyy", "yy"), let month = part("MM", "M"), let day = part("dd", "d") else {
            throw .never("a pattern has no date")
        }
        if fields.contains("yy") {
            let isOld: SQL = "\(year) >= \(.constant(parsing.pivot ?? 0))"
            year = builder.define("\(year) + \(Polars.choose([(isOld, "1900")], otherwise: "2000"))")
        }
        let days = builder.define("days_of(\(.list([year, month, day])))")
        if parsing.type == .date { return (days, true) }
        let time = [part("HH"), part("mm"), part("ss")].compactMap { $0 }
        let fraction = part("SSS").map { milliseconds -> SQL in "\(milliseconds) * 1000" }
        let minutes = text("XXX").map { builder.define(offsetMinutes($0, most: 1080)) }
        let value = builder.define(instant(days: days, time: time, fraction: fraction, minutes: minutes))
        var conditions: [SQL] = time.isEmpty ? [] : [isTimeOfDay(time)]
        if minutes != nil { conditions.append("~(\(isBeyondCalendar(microseconds: value)))") }
        if conditions.isEmpty { return (value, false) }
        return (Polars.choose([(.list(conditions, " & "), value)]), minutes != nil)
    }

    func formatDate(
        _ pattern: DatePattern, zone name: String, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> Outcome {
        let isDate = node.sourceTypes[0] == .date
        let zone = try Self.zone(isDate ? "UTC" : name)
        let pieces = DatePiece.pieces(of: pattern)
        var local = source
        var offset: SQL?
        if let fixed = zone.fixedOffset {
            if fixed != 0 {
                local = builder.define("\(source) + \(.constant(fixed * 1_000_000))")
                offset = "pl.lit(\(.constant(fixed)), dtype=pl.Int64)"
            }
        } else {
            let found = builder.define(
                self.offset("\(source) // 1000000", ZoneSteps.instants(of: zone), &builder))
            local = builder.define("\(source) + \(found) * 1000000")
            offset = found
        }
        let days = isDate ? local : builder.define("\(local) // \(.constant(Self.dayMicroseconds))")
        let rest = isDate ? local : builder.define("\(local) % \(.constant(Self.dayMicroseconds))")
        var texts: [SQL] = []
        for piece in pieces {
            switch piece {
            case .literal(let text): texts.append(Polars.text(text))
            case .field("yyyy"): texts.append(dateField("year", days))
            case .field("yy"): texts.append("padded(day_of(\(days)).year() % 100, 2)")
            case .field("MM"): texts.append(dateField("month", days))
            case .field("dd"): texts.append(dateField("day", days))
            case .field("M"): texts.append(dateField("month", days, width: 1))
            case .field("d"): texts.append(dateField("day", days, width: 1))
            case .field("HH"): texts.append(timeField(rest, 3_600_000_000, 24, width: 2))
            case .field("mm"): texts.append(timeField(rest, 60_000_000, 60, width: 2))
            case .field("ss"): texts.append(timeField(rest, 1_000_000, 60, width: 2))
            case .field("SSS"): texts.append(timeField(rest, 1000, 1000, width: 3))
            case .field: texts.append(offset.map(offsetText) ?? "pl.lit(\"Z\")")
            }
        }
        var failures: [(when: SQL, reason: Reason?)] = [
            (isDate ? isBeyondCalendar(days: local) : isBeyondCalendar(microseconds: local), .overflow)
        ]
        if let offset, pieces.contains(.field("XXX")) {
            failures.insert(("\(offset) % 60 != 0", .inexact), at: 0)
        }
        return Outcome(value: "pl.concat_str([\(.list(texts))])", failures: failures)
    }

    /// `Z` or `±hh:mm` of seconds.
    private func offsetText(_ seconds: SQL) -> SQL {
        let minutes: SQL = "\(seconds).abs() // 60"
        let sign = Polars.choose([("\(seconds) < 0", "pl.lit(\"-\")")], otherwise: "pl.lit(\"+\")")
        let text: SQL = """
            pl.concat_str([\(sign), padded(\(minutes) // 60, 2), pl.lit(":"), padded(\(minutes) % 60, 2)])
            """
        return Polars.choose([("\(seconds) == 0", "pl.lit(\"Z\")")], otherwise: text)
    }

    /// The step that a second lies in.
    private func offset(_ second: SQL, _ steps: ZoneSteps, _ builder: inout SQLBuilder) -> SQL {
        let second = builder.define(second)
        var folded = second
        if let from = steps.repeatsFrom {
            let begin = SQL.constant(from)
            let rest: SQL = "(\(second) - \(begin)) % \(.constant(ZoneSteps.cycle))"
            folded = Polars.choose([("\(second) >= \(begin)", "\(rest) + \(begin)")], otherwise: second)
        }
        return "at(\(.value(.integers(steps.starts))), \(.value(.integers(steps.values))), \(folded))"
    }
}
