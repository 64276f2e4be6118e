internal import Foundations

/// A time zone of IANA's database in the version that `ZoneTable` pins; the machine's own zones are never read.
///
/// Instants are seconds since 1970-01-01T00:00:00Z. Local times are the same count on the zone's clock, as if it were
/// UTC's. Before its first change a zone has its local mean time, behind its last its rule, for all years 0001–9999.
struct Zone: Sendable {
    /// Before and behind all time.
    static let past: Int64 = -1 << 60
    static let future: Int64 = 1 << 60

    /// The name that was asked for; links keep theirs.
    let name: String
    /// Instants of the changes that are listed.
    private let starts: InstantIndex
    /// Before the first change, and from each on; seconds, local time minus UTC.
    private let offsets: [Int64]
    /// What makes the changes behind `ruleStart`.
    let rule: Rule?
    let ruleStart: Int64
    /// Begins of the pieces of local time behind the first, and all their readings, as far as changes are listed.
    private var pieceStarts = InstantIndex([])
    private var readings: [Reading] = []

    static let utc = Zone("UTC", starts: [], offsets: [0], rule: nil, ruleStart: past)

    /// The same offset for all time, where the zone never changes it.
    var fixedOffset: Int64? { starts.values.isEmpty && rule == nil ? offsets[0] : nil }

    private init(_ name: String, starts: [Int64], offsets: [Int64], rule: Rule?, ruleStart: Int64) {
        self.name = name
        self.starts = InstantIndex(starts)
        self.offsets = offsets
        self.rule = rule
        self.ruleStart = ruleStart
        var piece = makePiece(local: Self.past)
        var begins: [Int64] = []
        readings = [piece.reading]
        while let last = starts.last, piece.until <= last {
            piece = makePiece(local: piece.until)
            begins.append(piece.from)
            readings.append(piece.reading)
        }
        pieceStarts = InstantIndex(begins)
    }

    // MARK: Instants

    /// Instants from `from` to before `until` that have one offset.
    struct Span: Sendable, Hashable {
        let from: Int64
        let until: Int64
        let offset: Int64
    }

    /// The offset at an instant, and how long it holds.
    func span(at second: Int64) -> Span {
        if rule != nil, second >= ruleStart { return spanByRule(second) }
        let place = starts.count(upTo: second)
        let until =
            place < starts.values.count ? starts.values[place] : rule == nil ? Self.future : spanByRule(ruleStart).until
        return Span(from: place == 0 ? Self.past : starts.values[place - 1], until: until, offset: offsets[place])
    }

    func offset(at second: Int64) -> Int64 { span(at: second).offset }

    private func spanByRule(_ second: Int64) -> Span {
        // The table lists the last change before the rule's begin.
        let start = starts.values.last ?? Self.past
        guard let rule else { return Span(from: start, until: Self.future, offset: offsets[starts.values.count]) }
        let year = CivilTime.date(days: Int(second.flooredDivision(86400))).year
        var from = start
        var offset = offsets[starts.values.count]
        for y in (year - 1)...(year + 1) {
            for change in rule.changes(year: y) where change.instant > ruleStart {
                if change.instant > second { return Span(from: from, until: change.instant, offset: offset) }
                from = change.instant
                offset = change.offset
            }
        }
        // Not reached: every year has its changes, the next one's lie behind the instant.
        return Span(from: from, until: Self.future, offset: offset)
    }

    // MARK: Local times

    /// What a local time is.
    enum Reading: Sendable, Hashable {
        /// One instant: local time minus the offset.
        case offset(Int64)
        /// No instant: the clock went from one offset to a greater one.
        case gap(before: Int64, after: Int64)
        /// Two instants: the clock went from one offset to a smaller one.
        case overlap(before: Int64, after: Int64)
    }

    /// Local times from `from` to before `until` that are read alike.
    struct Piece: Sendable, Hashable {
        let from: Int64
        let until: Int64
        let reading: Reading
    }

    /// How a local time is read, and which others are read so.
    func piece(local second: Int64) -> Piece {
        let place = pieceStarts.count(upTo: second)
        // The last one that is listed may end where the rule says.
        guard place < pieceStarts.values.count else { return makePiece(local: second) }
        return Piece(
            from: place == 0 ? Self.past : pieceStarts.values[place - 1], until: pieceStarts.values[place],
            reading: readings[place])
    }

    private func makePiece(local second: Int64) -> Piece {
        // An offset is below a day, so that this span begins before the one that is looked for.
        var span = span(at: max(second - 86400, Self.past))
        var from = Self.past
        if span.from > Self.past {
            from = span.from + max(span.offset, offset(at: span.from - 1))
        }
        while span.until < Self.future {
            let next = self.span(at: span.until)
            let change = span.until + min(span.offset, next.offset)
            if second < change { return Piece(from: from, until: change, reading: .offset(span.offset)) }
            let settled = span.until + max(span.offset, next.offset)
            if second < settled {
                return Piece(
                    from: change, until: settled,
                    reading: next.offset > span.offset
                        ? .gap(before: span.offset, after: next.offset)
                        : .overlap(before: span.offset, after: next.offset))
            }
            span = next
            from = settled
        }
        return Piece(from: from, until: Self.future, reading: .offset(span.offset))
    }

    // MARK: Lists

    /// Most pieces that an emitter should write into one expression.
    static let maximumPieces = 400

    /// All spans that meet the instants from `from` to before `until`, the first and last whole; nil when there are more
    /// than `limit`.
    func spans(from: Int64, until: Int64, limit: Int = maximumPieces) -> [Span]? {
        var spans: [Span] = []
        var at = from
        while at < until {
            guard spans.count < limit else { return nil }
            let span = span(at: at)
            spans.append(span)
            at = span.until
        }
        return spans
    }

    /// All pieces that meet the local times from `from` to before `until`; nil when there are more than `limit`.
    func pieces(from: Int64, until: Int64, limit: Int = maximumPieces) -> [Piece]? {
        var pieces: [Piece] = []
        var at = from
        while at < until {
            guard pieces.count < limit else { return nil }
            let piece = piece(local: at)
            pieces.append(piece)
            at = piece.until
        }
        return pieces
    }
}

/// Rising instants, and how many of them do not lie behind another.
struct InstantIndex: Sendable {
    let values: [Int64]
    /// For every stretch of 2^23 seconds from the first value on: how many values lie before it.
    private let before: [UInt16]

    init(_ values: [Int64]) {
        self.values = values
        guard let first = values.first, let last = values.last else {
            before = []
            return
        }
        var before: [UInt16] = []
        var count = 0
        for stretch in 0...((last - first) >> 23) {
            while count < values.count, values[count] < first + stretch << 23 { count += 1 }
            before.append(UInt16(count))
        }
        self.before = before
    }

    @inline(__always)
    func count(upTo second: Int64) -> Int {
        guard let first = values.first, second >= first else { return 0 }
        let stretch = (second &- first) >> 23
        guard stretch < before.count else { return values.count }
        var count = Int(before[Int(stretch)])
        while count < values.count, values[count] <= second { count += 1 }
        return count
    }
}

extension Zone {
    /// A zone's last rule, for every year behind the list of its changes (POSIX's TZ, forms `Mm.w.d/time`).
    struct Rule: Sendable, Hashable {
        /// A weekday of a month and a time on the clock that is about to change.
        struct Day: Sendable, Hashable {
            let month: Int
            /// 1–4 from the month's begin; 5 is its last.
            let week: Int
            /// From Sunday, 0.
            let weekday: Int
            /// From the day's begin; it may be negative, or beyond the day.
            let second: Int64

            /// Days since 1970.
            func day(year: Int) -> Int {
                let first = CivilTime.days(year: year, month: month, day: 1)
                // 1970-01-01 was a Thursday.
                let place = 1 + (weekday - (first + 4) % 7 + 14) % 7 + 7 * (week - 1)
                return first - 1 + (place > CivilTime.daysInMonth(year: year, month: month) ? place - 7 : place)
            }
        }

        let standard: Int64
        /// From `begin` to before `end`; it may be the smaller of the two.
        let other: Int64
        let begin: Day
        let end: Day

        init(
            _ standard: Int64, _ other: Int64, from begin: (Int, Int, Int, Int64), until end: (Int, Int, Int, Int64)
        ) {
            self.standard = standard
            self.other = other
            self.begin = Day(month: begin.0, week: begin.1, weekday: begin.2, second: begin.3)
            self.end = Day(month: end.0, week: end.1, weekday: end.2, second: end.3)
        }

        /// The two changes of a year, and the offset from each on.
        func changes(year: Int) -> [(instant: Int64, offset: Int64)] {
            let begin = (Int64(begin.day(year: year)) * 86400 + begin.second - standard, other)
            let end = (Int64(end.day(year: year)) * 86400 + end.second - other, standard)
            return begin.0 < end.0 ? [begin, end] : [end, begin]
        }
    }
}

// MARK: The table

extension Zone {
    /// Rules are written out up to this instant, 2100-01-01, so that only what lies behind it is computed.
    private static let listed: Int64 = 4_102_444_800

    /// The zone of a name of IANA's, links among them, in its letters' case; nil for another.
    init?(name: String) {
        guard let number = Self.names.first(where: { $0.name == name })?.body else { return nil }
        var reader = ZoneReader(ZoneTable.bodies)
        for _ in 0..<number { reader.skip(past: UInt8(ascii: ";")) }
        let ruleNumber = reader.unsigned()
        let known = (0..<reader.unsigned()).map { _ in reader.signed() }
        var starts: [Int64] = []
        var offsets = [known[0]]
        var last: Int64 = -5_000_000_000
        for _ in 0..<reader.unsigned() {
            last += reader.gap()
            starts.append(last)
            offsets.append(known[Int(reader.unsigned())])
        }
        guard ruleNumber > 0 else {
            self.init(name, starts: starts, offsets: offsets, rule: nil, ruleStart: Self.future)
            return
        }
        let rule = ZoneTable.rules[Int(ruleNumber) - 1]
        last += reader.gap()
        var year = CivilTime.date(days: Int(last.flooredDivision(86400))).year
        let begin = last
        while last < Self.listed {
            for change in rule.changes(year: year) where change.instant > begin {
                last = change.instant
                starts.append(last)
                offsets.append(change.offset)
            }
            year += 1
        }
        self.init(name, starts: starts, offsets: offsets, rule: rule, ruleStart: last)
    }

    /// All names, sorted, with the number of their body.
    static let names: [(name: String, body: Int)] = {
        var reader = ZoneReader(ZoneTable.names)
        var names: [(String, Int)] = []
        while let name = reader.text(until: UInt8(ascii: " ")), let body = reader.text(until: UInt8(ascii: ";")) {
            names.append((name, Int(body) ?? 0))
        }
        return names
    }()

    /// A zone that there is not, in words that end a sentence, and the nearest allowed form.
    struct Mistake: Error, Equatable {
        let reason: String
        let allowed: String
    }

    /// The zone of a name.
    static func named(_ name: String) throws(Mistake) -> Zone {
        if let zone = Zone(name: name) { return zone }
        let near = Rejection.near(name, of: names.map(\.name)) ?? "Europe/Berlin"
        throw Mistake(
            reason: "there is no zone \(Rejection.quoted(name)) in IANA's \(ZoneTable.version)",
            allowed: "Nearest allowed form: \(Rejection.quoted(near)). Zones are named as IANA names them.")
    }
}

/// Reads what scripts/make-zones.py writes.
private struct ZoneReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    /// The text is a constant of the program: it outlives every reader.
    init(_ text: StaticString) { bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount) }

    mutating func skip(past byte: UInt8) {
        while at < bytes.count, bytes[at] != byte { at += 1 }
        at += 1
    }

    mutating func text(until byte: UInt8) -> String? {
        let start = at
        skip(past: byte)
        return at <= bytes.count ? String(decoding: bytes[start..<(at - 1)], as: UTF8.self) : nil
    }

    mutating func unsigned() -> Int64 {
        var value: Int64 = 0
        var shift: Int64 = 0
        while at < bytes.count {
            let digit = Self.value(bytes[at])
            at += 1
            value |= (digit & 31) << shift
            shift += 5
            if digit < 32 { break }
        }
        return value
    }

    mutating func signed() -> Int64 {
        let value = unsigned()
        return value & 1 == 0 ? value >> 1 : -(value >> 1)
    }

    /// Seconds, written in quarter hours where they are such.
    mutating func gap() -> Int64 {
        let value = unsigned()
        return value & 1 == 0 ? (value >> 1) * 900 : value >> 1
    }

    /// A digit of base 64 (RFC 4648).
    private static func value(_ byte: UInt8) -> Int64 {
        switch byte {
        case 0x41...0x5A: Int64(byte) - 0x41
        case 0x61...0x7A: Int64(byte) - 0x61 + 26
        case 0x30...0x39: Int64(byte) - 0x30 + 52
        case 0x2B: 62
        default: 63
        }
    }
}

extension Int64 {
    /// The quotient rounded down.
    @inline(__always)
    func flooredDivision(_ divisor: Int64) -> Int64 {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }
}
