internal import Columnar

/// What the calendar's years 0001–9999 are in days and microseconds.
private let firstDay: Int128 = -719_162
private let lastDay: Int128 = 2_932_896
private let dayLength: Int128 = 86_400_000_000

/// A field of a date pattern, or what stands between two.
enum DatePiece: Equatable {
    case literal(String)
    /// `yyyy`, `MM`, …
    case field(String)

    /// The pieces of a pattern that was accepted.
    static func pieces(of pattern: DatePattern) -> [DatePiece] {
        var pieces: [DatePiece] = []
        var rest = pattern.source.unicodeScalars[...]
        func literal(_ scalar: Unicode.Scalar) {
            if case .literal(let text)? = pieces.last {
                pieces[pieces.count - 1] = .literal(text + String(scalar))
            } else {
                pieces.append(.literal(String(scalar)))
            }
        }
        while let scalar = rest.popFirst() {
            if scalar == "'" {
                if rest.first == "'" {
                    rest.removeFirst()
                    literal("'")
                    continue
                }
                while let inner = rest.popFirst() {
                    guard inner == "'" else {
                        literal(inner)
                        continue
                    }
                    guard rest.first == "'" else { break }
                    rest.removeFirst()
                    literal("'")
                }
            } else if scalar.properties.isAlphabetic, scalar.isASCII {
                var name = String(scalar)
                while rest.first == scalar {
                    rest.removeFirst()
                    name.unicodeScalars.append(scalar)
                }
                pieces.append(.field(name))
            } else {
                literal(scalar)
            }
        }
        return pieces
    }
}

// Dates and times: guards, the civil calendar, and nothing of an engine's own reading.
extension Lowering {
    // MARK: Reading

    /// The days of `YYYY-MM-DD`, null for another text.
    func isoDate(_ builder: inout SQLBuilder) -> SQL {
        let pieces: [GuardPattern.Piece] = [.digits(4), .literal("-"), .digits(2), .literal("-"), .digits(2)]
        let parts = dialect.groups(source, guard: GuardPattern(pieces: pieces, isFixed: true), &builder)
        return days(parts[0], parts[1], parts[2], &builder)
    }

    /// The microseconds of RFC 3339's form, or of one with a space and without a zone.
    func isoTimestamp(_ builder: inout SQLBuilder) -> SQL {
        let parts = dialect.timestampParts(
            source,
            guard: """
                ([0-9]{4})-([0-9]{2})-([0-9]{2})([Tt ])([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.]([0-9]{1,6})0*)?\
                ([Zz]|[+-][0-9]{2}:[0-9]{2})?
                """, &builder)
        let zone = builder.define("coalesce(\(parts[8]), '')")
        let seconds = builder.define(dialect.offset(of: zone, limit: 24 * 60 - 1))
        let time = timeOfDay(hour: parts[4], minute: parts[5], second: parts[6], &builder)
        let fraction = dialect.integer("substr(coalesce(\(parts[7]), '') || '000000', 1, 6)")
        let instant = builder.define(
            """
            case when (\(parts[3]) = ' ') = (\(zone) = '') then \
            \(days(parts[0], parts[1], parts[2], &builder)) * \(.constant(dayLength)) \
            + \(time) + \(fraction) - \(seconds) * 1000000 end
            """)
        return withinCalendar(instant)
    }

    func withinCalendar(_ instant: SQL) -> SQL {
        .when(
            """
            \(instant) between \(.constant(firstDay * dayLength)) and \(.constant((lastDay + 1) * dayLength - 1))
            """, instant)
    }

    /// Days of digits; null where a part is, or where the calendar has no such date.
    private func days(_ year: SQL, _ month: SQL, _ day: SQL, _ builder: inout SQLBuilder) -> SQL {
        let y = builder.define(dialect.integer(year))
        let m = builder.define(dialect.integer(month))
        let d = builder.define(dialect.integer(day))
        let isLeap: SQL = """
            \(dialect.remainder(y, "4")) = 0 and (\(dialect.remainder(y, "100")) <> 0 \
            or \(dialect.remainder(y, "400")) = 0)
            """
        let length: SQL = """
            case when \(m) in (4, 6, 9, 11) then 30 when \(m) <> 2 then 31 when \(isLeap) then 29 else 28 end
            """
        // One day that is there stands for all that are not, so that nothing is raised for them.
        let isCivil: SQL = "\(y) >= 1 and \(m) between 1 and 12 and \(d) >= 1 and \(d) <= \(length)"
        let known = builder.define(.when(isCivil, d))
        let days = dialect.days(
            year: .when("\(known) is not null", y), month: .when("\(known) is not null", m), day: known, &builder)
        return days
    }

    /// Microseconds since midnight; null where a part is beyond its clock.
    private func timeOfDay(hour: SQL, minute: SQL?, second: SQL?, _ builder: inout SQLBuilder) -> SQL {
        func part(_ digits: SQL, below limit: Int, unit: Int128) -> SQL {
            let value = builder.define(dialect.integer(digits))
            return "(\(SQL.when("\(value) < \(.constant(limit))", value))) * \(.constant(unit))"
        }
        var sum = part(hour, below: 24, unit: 3_600_000_000)
        if let minute { sum = "\(sum) + \(part(minute, below: 60, unit: 60_000_000))" }
        if let second { sum = "\(sum) + \(part(second, below: 60, unit: 1_000_000))" }
        return "(\(sum))"
    }

    func parseDate(_ parsing: DateParsing, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> Lowered {
        let zone = try Self.zone(parsing.zone)
        let reason: Reason = parsing.type == .date ? .notDate : .notTimestamp
        var values: [(sql: SQL, isLocal: Bool)] = []
        for pattern in parsing.patterns {
            let isLocal = parsing.type == .timestamp && zone.fixedOffset != 0 && !pattern.hasOffset
            values.append((builder.define(try value(of: pattern, parsing, &builder)), isLocal))
        }
        guard values.contains(where: \.isLocal) else {
            let all = values.map(\.sql)
            let value = all.count == 1 ? all[0] : builder.define("coalesce(\(.list(all)))")
            return readingText(
                parsing.empty, value: value, otherwise: [("\(value) is not null", .null)], last: .reason(reason))
        }
        // A local time ends the reading, whatever becomes of it.
        func first(_ isLocal: Bool) -> SQL {
            builder.define(.choose(values.map { ("\($0.sql) is not null", $0.isLocal == isLocal ? $0.sql : .null) }))
        }
        let local = first(true)
        let utc = values.allSatisfy(\.isLocal) ? nil : first(false)
        let steps = ZoneSteps.local(zone, gap: parsing.gap, overlap: parsing.overlap)
        let offset = builder.define(try self.offset(at: local, steps, &builder))
        let instant = builder.define(
            withinCalendar(
                builder.define(
                    "\(local) - case when \(offset) < \(.constant(ZoneSteps.gap)) then \(offset) end * 1000000")))
        return readingText(
            parsing.empty, value: utc.map { "coalesce(\($0), \(instant))" } ?? instant,
            otherwise: (utc.map { [("\($0) is not null", .null)] } ?? []) + [
                ("\(instant) is not null", .null),
                ("\(offset) = \(.constant(ZoneSteps.gap))", .reason(.timeGap)),
                ("\(offset) = \(.constant(ZoneSteps.overlap))", .reason(.timeOverlap)),
            ], last: .reason(reason))
    }

    private static func zone(_ name: String) throws(Unsupported.Cause) -> Zone {
        // The plan's check has found the zone.
        guard let zone = Zone(name: name) else { throw .never("there is no zone \(Rejection.quoted(name))") }
        return zone
    }

    /// The step that the second of a time lies in; the time is at most a day outside the calendar's years.
    private func offset(at time: SQL, _ steps: ZoneSteps, _ builder: inout SQLBuilder) throws(Unsupported.Cause) -> SQL
    {
        if steps.values.count == 1 { return .when("\(time) is not null", .value(.integer(steps.values[0]))) }
        // Above zero, so that the quotient is the floor.
        let shift = Int128(62_135_683_200)
        let shifted = dialect.integerQuotient("(\(time) + \(.constant(shift * 1_000_000)))", "1000000")
        var second = builder.define("\(shifted) - \(.constant(shift))")
        if let from = steps.repeatsFrom {
            let rest = dialect.remainder("(\(second) - \(.constant(from)))", .constant(ZoneSteps.cycle))
            second = builder.define(
                """
                case when \(second) < \(.constant(from)) then \(second) \
                when \(second) >= \(.constant(from)) then \(.constant(from)) + \(rest) end
                """)
        }
        return try dialect.step(second, starts: steps.starts, values: steps.values, &builder)
    }

    private func value(
        of pattern: DatePattern, _ parsing: DateParsing, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> SQL {
        let pieces = DatePiece.pieces(of: pattern)
        var parts: [GuardPattern.Piece] = []
        var fields: [String] = []
        for piece in pieces {
            switch piece {
            case .literal(let text): parts.append(.literal(text))
            case .field(let name):
                fields.append(name)
                switch name {
                case "yyyy": parts.append(.digits(4))
                case "SSS": parts.append(.digits(3))
                case "M", "d": parts.append(.shortDigits)
                case "XXX": parts.append(.zone)
                default: parts.append(.digits(2))
                }
            }
        }
        let groups = dialect.groups(source, guard: GuardPattern(pieces: parts, isFixed: false), &builder)
        func group(_ names: String...) -> SQL? { fields.firstIndex(where: names.contains).map { groups[$0] } }
        guard let month = group("MM", "M"), let day = group("dd", "d") else { throw .never("a pattern has no date") }
        let year: SQL
        if let full = group("yyyy") {
            year = full
        } else if let short = group("yy"), let pivot = parsing.pivot {
            let value = builder.define(dialect.integer(short))
            year = "\(value) + case when \(value) >= \(.value(.integer(Int64(pivot)))) then 1900 else 2000 end"
        } else {
            throw .never("a pattern has no year")
        }
        let days = days(year, month, day, &builder)
        if parsing.type == .date { return days }
        var sum: SQL = "\(days) * \(.constant(dayLength))"
        if let hour = group("HH") {
            sum = "\(sum) + \(timeOfDay(hour: hour, minute: group("mm"), second: group("ss"), &builder))"
        }
        if let fraction = group("SSS") { sum = "\(sum) + \(dialect.integer(fraction)) * 1000" }
        guard let zone = group("XXX") else { return sum }
        return withinCalendar(
            builder.define("\(sum) - \(builder.define(dialect.offset(of: zone, limit: 18 * 60))) * 1000000"))
    }

    // MARK: Writing

    /// The form of ``type_cast``: `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
    func canonicalText(_ builder: inout SQLBuilder) -> Lowered {
        let form = node.sourceTypes[0] == .date ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'"
        var fields: [DatePiece] = []
        for part in form == "yyyy-MM-dd"
            ? ["yyyy", "-", "MM", "-", "dd"]
            : ["yyyy", "-", "MM", "-", "dd", "T", "HH", ":", "mm", ":", "ss", ".", "ffffff", "Z"]
        {
            fields.append(["-", "T", ":", ".", "Z"].contains(part) ? .literal(part) : .field(part))
        }
        return text(of: fields, from: source, offset: nil, fixed: true, &builder)
    }

    func formatDate(
        _ pattern: DatePattern, zone: String, _ builder: inout SQLBuilder
    ) throws(Unsupported.Cause) -> Lowered {
        let pieces = DatePiece.pieces(of: pattern)
        let zone = try Self.zone(zone)
        guard node.sourceTypes[0] == .timestamp, zone.fixedOffset != 0 else {
            return text(of: pieces, from: source, offset: nil, fixed: false, &builder)
        }
        // A time further outside than a day is outside on every clock.
        let near = builder.define(
            .when(
                """
                \(source) between \(.constant((firstDay - 1) * dayLength)) and \(.constant((lastDay + 2) * dayLength - 1))
                """, source))
        let offset = builder.define(try self.offset(at: near, ZoneSteps.instants(of: zone), &builder))
        let local = builder.define("\(near) + \(offset) * 1000000")
        var made = text(of: pieces, from: local, offset: offset, fixed: false, &builder)
        var arms: [(when: SQL, then: SQL)] = [("\(source) is null", .null)]
        var value = made.value
        if pieces.contains(.field("XXX")) {
            let isUneven: SQL = "\(dialect.remainder(offset, "60")) <> 0"
            arms.append((isUneven, .reason(.inexact)))
            value = .when("not (\(isUneven))", value)
        }
        made = Lowered(
            value: value,
            reason: .choose(
                arms + [("\(near) is null", .reason(.overflow))], otherwise: made.reason ?? .null))
        return made
    }

    /// - Parameters:
    ///   - source: days, or microseconds on the clock that is written.
    ///   - offset: what the clock is ahead of UTC in seconds; nil for UTC's.
    ///   - fixed: whether the literals are ours; otherwise they are bound.
    private func text(
        of pieces: [DatePiece], from source: SQL, offset: SQL?, fixed: Bool, _ builder: inout SQLBuilder
    ) -> Lowered {
        let isDate = node.sourceTypes[0] == .date
        let unit: Int128 = isDate ? 1 : dayLength
        let isWithin: SQL = """
            \(source) between \(.constant(firstDay * unit)) and \(.constant((lastDay + 1) * unit - 1))
            """
        let inside = builder.define(.when(isWithin, source))
        var days = inside
        var time: SQL = "0"
        if !isDate {
            // Above zero, so that the quotient is the floor.
            let since = builder.define("\(inside) - \(.constant(firstDay * dayLength))")
            let whole = builder.define(dialect.integerQuotient(since, .constant(dayLength)))
            days = builder.define("\(whole) - \(.constant(-firstDay))")
            time = builder.define("\(since) - \(whole) * \(.constant(dayLength))")
        }
        let civil = dialect.civil(days: days, &builder)
        func clock(_ unit: Int128, _ modulus: Int?) -> SQL {
            let quotient = dialect.integerQuotient(time, .constant(unit))
            return modulus.map { dialect.remainder(quotient, .constant($0)) } ?? quotient
        }
        var texts: [SQL] = []
        for piece in pieces {
            let (number, width): (SQL, Int)
            switch piece {
            case .literal(let text):
                texts.append(fixed ? SQL([.code("'\(text)'")]) : .text(text))
                continue
            case .field("yyyy"): (number, width) = (civil.year, 4)
            case .field("yy"): (number, width) = (dialect.remainder(civil.year, "100"), 2)
            case .field("MM"): (number, width) = (civil.month, 2)
            case .field("dd"): (number, width) = (civil.day, 2)
            case .field("M"): (number, width) = (civil.month, 0)
            case .field("d"): (number, width) = (civil.day, 0)
            case .field("HH"): (number, width) = (clock(3_600_000_000, nil), 2)
            case .field("mm"): (number, width) = (clock(60_000_000, 60), 2)
            case .field("ss"): (number, width) = (clock(1_000_000, 60), 2)
            case .field("SSS"): (number, width) = (clock(1000, 1000), 3)
            case .field("ffffff"): (number, width) = (clock(1, 1_000_000), 6)
            case .field:
                texts.append(offset.map { self.text(ofOffset: $0) } ?? "'Z'")
                continue
            }
            let digits = dialect.text(ofInteger: number)
            texts.append(width == 0 ? digits : dialect.padded(digits, width: width))
        }
        return Lowered(
            value: .when("\(inside) is not null", .list(texts, " || ")),
            reason: .when("not (\(isWithin))", .reason(.overflow)))
    }
    /// `Z` or `±hh:mm` of whole minutes.
    private func text(ofOffset offset: SQL) -> SQL {
        let size: SQL = "abs(\(offset))"
        let hours = dialect.padded(dialect.text(ofInteger: dialect.integerQuotient(size, "3600")), width: 2)
        let minutes = dialect.padded(
            dialect.text(ofInteger: dialect.remainder(dialect.integerQuotient(size, "60"), "60")), width: 2)
        return """
            case when \(offset) = 0 then 'Z' when \(offset) < 0 then '-' else '+' end \
            || case when \(offset) = 0 then '' else \(hours) || ':' || \(minutes) end
            """
    }
}
