/// A zone as a function in steps, for engines that look a second up in a list.
struct ZoneSteps: Sendable {
    /// Ascending; the first is before all time.
    let starts: [Int64]
    /// One a start: an offset in seconds, or one of the codes.
    let values: [Int64]
    /// From this second on everything repeats every ``cycle`` seconds; nil when nothing changes any more.
    let repeatsFrom: Int64?

    /// 400 years of the Gregorian calendar, whole weeks.
    static let cycle: Int64 = 12_622_780_800
    /// A local time that the clock skips, and one that it shows twice, where either is an error.
    static let gap: Int64 = 1_000_000
    static let overlap: Int64 = 2_000_000

    /// 2104-01-01: every change behind it is by a rule.
    private static let ruled: Int64 = 4_228_675_200
    /// A day before the year 0001 and behind the year 9999.
    private static let begin: Int64 = -62_135_683_200
    private static let end: Int64 = 253_402_387_200

    /// Offsets by the instant.
    static func instants(of zone: Zone) -> ZoneSteps {
        let last = zone.rule == nil ? end : ruled + cycle
        let spans = zone.spans(from: begin, until: last, limit: .max) ?? []
        return ZoneSteps(spans.map { ($0.from, $0.offset) }, repeatsFrom: zone.rule == nil ? nil : ruled)
    }

    /// Offsets by the time on the zone's clock.
    static func local(_ zone: Zone, gap: DateParsing.FoldRule, overlap: DateParsing.FoldRule) -> ZoneSteps {
        let last = zone.rule == nil ? end : ruled + cycle
        let pieces = zone.pieces(from: begin, until: last, limit: .max) ?? []
        let steps = pieces.map { piece -> (Int64, Int64) in
            switch piece.reading {
            case .offset(let offset): (piece.from, offset)
            case .gap(let before, let after):
                (piece.from, gap == .error ? Self.gap : gap == .earlier ? after : before)
            case .overlap(let before, let after):
                (piece.from, overlap == .error ? Self.overlap : overlap == .earlier ? before : after)
            }
        }
        return ZoneSteps(steps, repeatsFrom: zone.rule == nil ? nil : ruled)
    }

    private init(_ steps: [(start: Int64, value: Int64)], repeatsFrom: Int64?) {
        var starts: [Int64] = []
        var values: [Int64] = []
        for step in steps where values.last != step.value {
            starts.append(starts.isEmpty ? -1 << 60 : step.start)
            values.append(step.value)
        }
        self.starts = starts
        self.values = values
        self.repeatsFrom = repeatsFrom
    }

    /// The value for a second, as engines compute it.
    func value(at second: Int64) -> Int64 {
        var second = second
        if let from = repeatsFrom, second >= from { second = from + (second - from) % Self.cycle }
        let place = starts.lastIndex { $0 <= second } ?? 0
        return values[place]
    }
}
