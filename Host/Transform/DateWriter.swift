internal import Columnar

/// `date_format`, ready for rows.
struct DateWriter: Sendable {
    /// Most bytes of a value's text.
    let capacity: Int
    private let isDate: Bool
    private let hasOffset: Bool
    private let zone: Zone
    private let items: [UInt16]
    /// Nil for a pattern whose fields have no place of their own.
    private let slots: DateSlots?

    /// - Parameters:
    ///   - type: date or timestamp.
    ///   - isSlow: whether the way of all patterns is taken; for tests.
    init(
        _ pattern: DatePattern, zone name: String, from type: ColumnType, isSlow: Bool = false
    ) throws(Zone.Mistake) {
        zone = try Zone.named(name)
        isDate = type == .date
        items = pattern.items
        hasOffset = pattern.hasOffset
        slots = isSlow ? nil : DateSlots(pattern)
        capacity = max(pattern.maximumLength, DateSlots.room)
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
        let moment = Moment(CivilDays.date(days: Int(days)), time, cursor.offset)
        if let slots {
            count = slots.write(moment, out)
            return nil
        }
        var at = out
        for item in items {
            guard let field = DatePattern.Field(rawValue: item) else {
                DateText.byte(item, &at)
                continue
            }
            switch field {
            case .year:
                DateText.two(moment.year / 100, &at)
                DateText.two(moment.year % 100, &at)
            case .shortYear: DateText.two(moment.year % 100, &at)
            case .month: DateText.two(moment.month, &at)
            case .day: DateText.two(moment.day, &at)
            case .shortMonth: DateText.short(moment.month, &at)
            case .shortDay: DateText.short(moment.day, &at)
            case .hour: DateText.two(moment.second / 3600, &at)
            case .minute: DateText.two(moment.second / 60 % 60, &at)
            case .second: DateText.two(moment.second % 60, &at)
            case .milliseconds: DateText.three(moment.millisecond, &at)
            case .offset: DateText.offset(moment.offset, &at)
            }
        }
        count = at - out
        return nil
    }
}

/// A value in its fields.
private struct Moment {
    let year: Int
    let month: Int
    let day: Int
    /// Seconds of the day, and milliseconds of the second.
    let second: Int
    let millisecond: Int
    let offset: Int64

    @inline(__always)
    init(_ date: (year: Int, month: Int, day: Int), _ microseconds: Int, _ offset: Int64) {
        (year, month, day) = date
        second = microseconds / 1_000_000
        millisecond = (microseconds - second * 1_000_000) / 1000
        self.offset = offset
    }
}

/// A pattern whose fields lie at fixed places, each once at most, with the offset at its end or without one: the
/// literals are written at once, and the fields between them.
private struct DateSlots: Sendable {
    /// Bytes that must be there to be written: four words, and an offset.
    static let room = 40

    private let words: (UInt64, UInt64, UInt64, UInt64)
    /// Bytes in front of the offset: at most 32.
    private let count: Int
    private let hasOffset: Bool
    private let hasTime: Bool
    /// Places of the fields, -1 for those that there are not.
    private let year: Int
    private let shortYear: Int
    private let month: Int
    private let day: Int
    private let hour: Int
    private let minute: Int
    private let second: Int
    private let milliseconds: Int

    init?(_ pattern: DatePattern) {
        var bytes: [UInt8] = []
        var places: [DatePattern.Field: Int] = [:]
        for (number, item) in pattern.items.enumerated() {
            guard let field = DatePattern.Field(rawValue: item) else {
                bytes.append(UInt8(truncatingIfNeeded: item))
                continue
            }
            guard places[field] == nil, !field.isShort else { return nil }
            if field == .offset {
                guard number == pattern.items.count - 1 else { return nil }
                continue
            }
            places[field] = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: field.width))
        }
        guard bytes.count <= 32 else { return nil }
        count = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: 32 - count))
        func word(_ number: Int) -> UInt64 {
            (0..<8).reduce(0) { $0 | UInt64(bytes[number * 8 + $1]) << (8 * UInt64($1)) }
        }
        words = (word(0), word(1), word(2), word(3))
        hasOffset = pattern.hasOffset
        hasTime = pattern.hasTime
        year = places[.year] ?? -1
        shortYear = places[.shortYear] ?? -1
        month = places[.month] ?? -1
        day = places[.day] ?? -1
        hour = places[.hour] ?? -1
        minute = places[.minute] ?? -1
        second = places[.second] ?? -1
        milliseconds = places[.milliseconds] ?? -1
    }

    /// Writes the text where there is `room`, and returns its length.
    @inline(__always)
    func write(_ moment: Moment, _ out: UnsafeMutableRawPointer) -> Int {
        out.storeBytes(of: words.0.littleEndian, as: UInt64.self)
        out.storeBytes(of: words.1.littleEndian, toByteOffset: 8, as: UInt64.self)
        if count > 16 {
            out.storeBytes(of: words.2.littleEndian, toByteOffset: 16, as: UInt64.self)
            out.storeBytes(of: words.3.littleEndian, toByteOffset: 24, as: UInt64.self)
        }
        func two(_ value: UInt32, _ place: Int) {
            if place < 0 { return }
            var at = out + place
            DateText.two(value, &at)
        }
        let years = UInt32(truncatingIfNeeded: moment.year)
        if year >= 0 {
            let century = years / 100
            two(century, year)
            two(years &- century &* 100, year &+ 2)
        }
        if shortYear >= 0 { two(years % 100, shortYear) }
        two(UInt32(truncatingIfNeeded: moment.month), month)
        two(UInt32(truncatingIfNeeded: moment.day), day)
        if hasTime {
            let time = UInt32(truncatingIfNeeded: moment.second)
            let minutes = time / 60
            two(minutes / 60, hour)
            two(minutes % 60, minute)
            two(time &- minutes &* 60, second)
            if milliseconds >= 0 {
                var at = out + milliseconds
                DateText.three(moment.millisecond, &at)
            }
        }
        guard hasOffset else { return count }
        var at = out + count
        DateText.offset(moment.offset, &at)
        return at - out
    }
}

/// Digits at a place, which moves behind them.
private enum DateText {
    @inline(__always)
    static func byte(_ byte: UInt16, _ at: inout UnsafeMutableRawPointer) {
        at.storeBytes(of: UInt8(truncatingIfNeeded: byte), as: UInt8.self)
        at += 1
    }

    @inline(__always)
    static func two(_ value: UInt32, _ at: inout UnsafeMutableRawPointer) {
        let tens = value / 10
        let pair = tens | (value &- tens &* 10) << 8 | 0x3030
        at.storeBytes(of: UInt16(truncatingIfNeeded: pair).littleEndian, as: UInt16.self)
        at += 2
    }

    @inline(__always)
    static func two(_ value: Int, _ at: inout UnsafeMutableRawPointer) {
        two(UInt32(truncatingIfNeeded: value), &at)
    }

    @inline(__always)
    static func three(_ value: Int, _ at: inout UnsafeMutableRawPointer) {
        byte(0x30 + UInt16(truncatingIfNeeded: value / 100), &at)
        two(value % 100, &at)
    }

    @inline(__always)
    static func short(_ value: Int, _ at: inout UnsafeMutableRawPointer) {
        if value < 10 { byte(0x30 + UInt16(truncatingIfNeeded: value), &at) } else { two(value, &at) }
    }

    /// `Z` or `±hh:mm` of whole minutes.
    @inline(__always)
    static func offset(_ seconds: Int64, _ at: inout UnsafeMutableRawPointer) {
        if seconds == 0 {
            byte(0x5A, &at)
            return
        }
        byte(seconds < 0 ? 0x2D : 0x2B, &at)
        let minutes = UInt32(truncatingIfNeeded: seconds.magnitude) / 60
        two(minutes / 60, &at)
        byte(0x3A, &at)
        two(minutes % 60, &at)
    }
}
