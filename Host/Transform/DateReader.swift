internal import Columnar

/// The zone's offset for times that lie near the last one.
struct ZoneCursor {
    /// Local times for a reader, instants for a writer, in seconds.
    var from: Int64 = 1
    var until: Int64 = 0
    var offset: Int64 = 0
}

/// `date_parse`, ready for rows. A value: every thread has a cursor of its own.
struct DateReader: Sendable {
    let type: ColumnType
    let emptyIsError: Bool
    private let patterns: [DatePattern]
    private let forms: [Form]
    private let isDate: Bool
    private let pivot: Int
    private let zone: Zone
    private let gap: DateParsing.FoldRule
    private let overlap: DateParsing.FoldRule

    /// One a pattern, without a reference in it, so that nothing is counted per row.
    private struct Form {
        /// Of no use where `isFixed` says so.
        let layout: DateLayout
        let isFixed: Bool
        /// Whether the result is an instant, or a date; otherwise it is the zone's local time.
        let isFinal: Bool
    }

    init(_ parsing: DateParsing) throws(Zone.Mistake) {
        let zone = try Zone.named(parsing.zone)
        let isDate = parsing.type == .date
        self.zone = zone
        self.isDate = isDate
        type = parsing.type
        emptyIsError = parsing.empty == .error
        patterns = parsing.patterns
        forms = parsing.patterns.map { pattern in
            let layout = DateLayout(pattern)
            return Form(
                layout: layout ?? .unused, isFixed: layout != nil,
                isFinal: isDate || zone.fixedOffset == 0 || pattern.hasOffset)
        }
        pivot = parsing.pivot ?? 0
        gap = parsing.gap
        overlap = parsing.overlap
    }

    /// Days or microseconds of a text by the first pattern that fits; a reason where there are none.
    ///
    /// A local time that the clocks skipped or showed twice ends the reading: no later pattern is tried.
    @inline(__always)
    func read(_ bytes: UnsafeRawBufferPointer, _ cursor: inout ZoneCursor, _ out: inout Int64) -> Reason? {
        forms.withUnsafeBufferPointer { forms in
            for place in 0..<forms.count {
                let value =
                    forms[place].isFixed ? forms[place].layout.parse(bytes, pivot: pivot) : slow(place, bytes)
                if value == DateLayout.none { continue }
                if isDate {
                    out = value / 86_400_000_000
                    return nil
                }
                if !forms[place].isFinal { return resolve(value, &cursor, &out) }
                if !Calendar.holds(microseconds: value) { continue }
                out = value
                return nil
            }
            return isDate ? .notDate : .notTimestamp
        }
    }

    @inline(never)
    private func slow(_ place: Int, _ bytes: UnsafeRawBufferPointer) -> Int64 {
        patterns[place].parse(bytes, pivot: pivot) ?? DateLayout.none
    }

    /// The instant of a local time.
    @inline(__always)
    private func resolve(_ local: Int64, _ cursor: inout ZoneCursor, _ out: inout Int64) -> Reason? {
        let second = local.flooredDivision(1_000_000)
        if second < cursor.from || second >= cursor.until {
            if let reason = find(second, &cursor) { return reason }
        }
        let value = local &- cursor.offset &* 1_000_000
        guard Calendar.holds(microseconds: value) else { return .notTimestamp }
        out = value
        return nil
    }

    @inline(never)
    private func find(_ second: Int64, _ cursor: inout ZoneCursor) -> Reason? {
        let piece = zone.piece(local: second)
        switch piece.reading {
        case .offset(let offset): cursor.offset = offset
        case .gap(let before, let after):
            guard gap != .error else { return .timeGap }
            cursor.offset = gap == .earlier ? after : before
        case .overlap(let before, let after):
            guard overlap != .error else { return .timeOverlap }
            cursor.offset = overlap == .earlier ? before : after
        }
        cursor.from = piece.from
        cursor.until = piece.until
        return nil
    }
}
