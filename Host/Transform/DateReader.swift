internal import Columnar

/// The zone's offset for times that lie near the last one.
struct ZoneCursor {
    /// Local times for a reader, instants for a writer, in seconds.
    fileprivate var from: Int64 = 1
    fileprivate var until: Int64 = 0
    fileprivate var offset: Int64 = 0
}

/// `date_parse`, ready for rows. A value: every thread has a cursor of its own.
struct DateReader: Sendable {
    let type: ColumnType
    let emptyIsError: Bool
    private let patterns: [DatePattern]
    /// One a pattern; nil for those of another kind.
    private let layouts: [DateLayout?]
    /// By pattern: whether the text says how far it is from UTC.
    private let isUTC: [Bool]
    private let pivot: Int
    private let zone: Zone
    private let gap: DateParsing.FoldRule
    private let overlap: DateParsing.FoldRule

    init(_ parsing: DateParsing) throws(Zone.Mistake) {
        let zone = try Zone.named(parsing.zone)
        let isFixed = parsing.type == .date || zone.fixedOffset == 0
        self.zone = zone
        type = parsing.type
        emptyIsError = parsing.empty == .error
        patterns = parsing.patterns
        layouts = parsing.patterns.map { DateLayout($0) }
        isUTC = parsing.patterns.map { isFixed || $0.hasOffset }
        pivot = parsing.pivot ?? 0
        gap = parsing.gap
        overlap = parsing.overlap
    }

    /// Days or microseconds of a text by the first pattern that fits; a reason where there are none.
    ///
    /// A local time that the clocks skipped or showed twice ends the reading: no later pattern is tried.
    @inline(__always)
    func read(_ bytes: UnsafeRawBufferPointer, _ cursor: inout ZoneCursor, _ out: inout Int64) -> Reason? {
        for place in layouts.indices {
            let value: Int64
            if let layout = layouts[place] {
                value = layout.parse(bytes, pivot: pivot)
            } else {
                value = slow(place, bytes)
            }
            if value == DateLayout.none { continue }
            if type == .date {
                out = value / 86_400_000_000
                return nil
            }
            if !isUTC[place] { return resolve(value, &cursor, &out) }
            if !Calendar.holds(microseconds: value) { continue }
            out = value
            return nil
        }
        return type == .date ? .notDate : .notTimestamp
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

/// `date_format`, ready for rows.
struct DateWriter: Sendable {
    /// Most bytes of a value's text.
    let capacity: Int
    private let isDate: Bool
    private let items: [UInt16]
    private let hasOffset: Bool
    private let zone: Zone

    /// - Parameter type: date or timestamp.
    init(_ pattern: DatePattern, zone name: String, from type: ColumnType) throws(Zone.Mistake) {
        zone = try Zone.named(name)
        isDate = type == .date
        items = pattern.items
        hasOffset = pattern.hasOffset
        capacity = pattern.maximumLength
    }

    /// Writes the text of days or microseconds at `out`, which has room for `capacity` bytes; `count` is how many.
    ///
    /// OVERFLOW outside the years 0001–9999 on the zone's clock; INEXACT where `XXX` is to write an offset that has
    /// seconds.
    @inline(__always)
    func write(
        _ value: Int64, _ cursor: inout ZoneCursor, _ out: UnsafeMutableRawPointer, _ count: inout Int
    ) -> Reason? {
        var days = value
        var time = 0
        if !isDate {
            let instant = value.flooredDivision(1_000_000)
            if instant < cursor.from || instant >= cursor.until {
                let span = zone.span(at: instant)
                (cursor.from, cursor.until, cursor.offset) = (span.from, span.until, span.offset)
            }
            if hasOffset, cursor.offset % 60 != 0 { return .inexact }
            // Values beyond the calendar, as columns of others may hold them, do not wrap around.
            let (local, overflow) = value.addingReportingOverflow(cursor.offset &* 1_000_000)
            guard !overflow else { return .overflow }
            days = local.flooredDivision(86_400_000_000)
            time = Int(local &- days &* 86_400_000_000)
        }
        guard days >= Int64(Calendar.firstDay), days <= Int64(Calendar.lastDay) else { return .overflow }
        let date = CivilDays.date(days: Int(days))
        var at = out
        for item in items {
            if item < 256 {
                at.storeBytes(of: UInt8(truncatingIfNeeded: item), as: UInt8.self)
                at += 1
                continue
            }
            switch item {
            case DatePattern.Field.year.rawValue:
                two(date.year / 100, &at)
                two(date.year % 100, &at)
            case DatePattern.Field.shortYear.rawValue: two(date.year % 100, &at)
            case DatePattern.Field.month.rawValue: two(date.month, &at)
            case DatePattern.Field.day.rawValue: two(date.day, &at)
            case DatePattern.Field.shortMonth.rawValue: short(date.month, &at)
            case DatePattern.Field.shortDay.rawValue: short(date.day, &at)
            case DatePattern.Field.hour.rawValue: two(time / 3_600_000_000, &at)
            case DatePattern.Field.minute.rawValue: two(time / 60_000_000 % 60, &at)
            case DatePattern.Field.second.rawValue: two(time / 1_000_000 % 60, &at)
            case DatePattern.Field.milliseconds.rawValue:
                let milliseconds = time / 1000 % 1000
                one(milliseconds / 100, &at)
                two(milliseconds % 100, &at)
            default: offset(cursor.offset, &at)
            }
        }
        count = at - out
        return nil
    }

    @inline(__always)
    private func offset(_ seconds: Int64, _ at: inout UnsafeMutableRawPointer) {
        if seconds == 0 {
            at.storeBytes(of: 0x5A, as: UInt8.self)
            at += 1
            return
        }
        at.storeBytes(of: seconds < 0 ? 0x2D : 0x2B, as: UInt8.self)
        at += 1
        let minutes = Int(seconds.magnitude / 60)
        two(minutes / 60, &at)
        at.storeBytes(of: 0x3A, as: UInt8.self)
        at += 1
        two(minutes % 60, &at)
    }

    @inline(__always)
    private func one(_ value: Int, _ at: inout UnsafeMutableRawPointer) {
        at.storeBytes(of: 0x30 &+ UInt8(truncatingIfNeeded: value), as: UInt8.self)
        at += 1
    }

    @inline(__always)
    private func two(_ value: Int, _ at: inout UnsafeMutableRawPointer) {
        let value = UInt32(truncatingIfNeeded: value)
        let pair = (value / 10) | (value % 10) << 8 | 0x3030
        at.storeBytes(of: UInt16(truncatingIfNeeded: pair).littleEndian, as: UInt16.self)
        at += 2
    }

    @inline(__always)
    private func short(_ value: Int, _ at: inout UnsafeMutableRawPointer) {
        if value < 10 { one(value, &at) } else { two(value, &at) }
    }
}
