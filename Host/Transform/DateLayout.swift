extension DatePattern {
    /// Microseconds since 1970-01-01T00:00:00Z, or nil when the bytes are not of this pattern or no civil time.
    ///
    /// A text without an offset is read as UTC. The result may lie up to 18 hours outside the years 0001–9999.
    /// The slow twin of ``DateLayout``, for every pattern.
    /// - Parameter pivot: years of two digits from it on are 19yy, the others 20yy.
    func parse(_ bytes: UnsafeRawBufferPointer, pivot: Int = 0) -> Int64? {
        guard bytes.count >= minimumLength, bytes.count <= maximumLength else { return nil }
        var (year, month, day) = (0, 0, 0)
        var seconds = 0
        var milliseconds = 0
        var at = 0
        for item in items {
            guard let field = Field(rawValue: item) else {
                guard at < bytes.count, UInt16(bytes[at]) == item else { return nil }
                at += 1
                continue
            }
            if field == .offset {
                guard let (offset, width) = Self.offset(bytes, at: at) else { return nil }
                seconds -= offset
                at += width
                continue
            }
            let isWide = field.isShort && at + 1 < bytes.count && bytes[at + 1] &- 0x30 <= 9
            let width = isWide ? 2 : field.width
            let value = Digits.fixed(bytes, at: at, width: width)
            guard value >= 0 else { return nil }
            at += width
            switch field {
            case .year: year = value
            case .shortYear: year = value + (value >= pivot ? 1900 : 2000)
            case .month, .shortMonth: month = value
            case .day, .shortDay: day = value
            case .hour:
                guard value < 24 else { return nil }
                seconds += value * 3600
            case .minute:
                guard value < 60 else { return nil }
                seconds += value * 60
            case .second:
                guard value < 60 else { return nil }
                seconds += value
            case .milliseconds: milliseconds = value
            case .offset: break
            }
        }
        let days = CivilDays.days(year: year, month: month, day: day)
        guard at == bytes.count, days != CivilDays.none else { return nil }
        return Int64(days * 86400 + seconds) * 1_000_000 + Int64(milliseconds) * 1000
    }

    /// Seconds of `Z` or `±hh:mm` up to 18:00, and its width in bytes.
    @inline(__always)
    fileprivate static func offset(_ bytes: UnsafeRawBufferPointer, at: Int) -> (seconds: Int, width: Int)? {
        guard at < bytes.count else { return nil }
        let sign = bytes[at]
        if sign == 0x5A { return (0, 1) }
        guard sign == 0x2B || sign == 0x2D, at + 6 <= bytes.count, bytes[at + 3] == 0x3A else { return nil }
        let hours = Digits.fixed(bytes, at: at + 1, width: 2)
        let minutes = Digits.fixed(bytes, at: at + 4, width: 2)
        guard hours >= 0, minutes >= 0, minutes < 60 else { return nil }
        let seconds = hours * 3600 + minutes * 60
        guard seconds <= 64800 else { return nil }
        return (sign == 0x2D ? -seconds : seconds, 6)
    }
}

/// A pattern whose fields lie at fixed places, with the offset at its end or without one: literals and digits are
/// compared eight bytes at a time.
struct DateLayout: Sendable {
    /// Bytes in front of the offset: 6–32.
    private let count: Int
    private let hasOffset: Bool
    /// For each eight bytes what they are compared with: zeros where digits are to be, and what is added so that the
    /// highest bit shows a byte above 9 there, or any difference at a literal.
    private let expected: (UInt64, UInt64, UInt64, UInt64)
    private let slack: (UInt64, UInt64, UInt64, UInt64)
    /// Places of the fields, -1 for those that there are not.
    private let year: Int
    private let shortYear: Int
    private let month: Int
    private let day: Int
    private let hour: Int
    private let minute: Int
    private let second: Int
    private let milliseconds: Int

    /// Stands where there is none.
    static let unused = DateLayout()

    private init() {
        (count, hasOffset) = (0, false)
        (expected, slack) = ((0, 0, 0, 0), (0, 0, 0, 0))
        (year, shortYear, month, day) = (0, 0, 0, 0)
        (hour, minute, second, milliseconds) = (0, 0, 0, 0)
    }

    /// Nil for a pattern of another kind, which ``DatePattern/parse(_:pivot:)`` reads.
    init?(_ pattern: DatePattern) {
        var bytes: [(expected: UInt8, slack: UInt8)] = []
        var places: [DatePattern.Field: Int] = [:]
        for (number, item) in pattern.items.enumerated() {
            guard let field = DatePattern.Field(rawValue: item) else {
                // Differences from a literal are below 128 when both are; other literals are rare.
                guard item < 0x80 else { return nil }
                bytes.append((UInt8(truncatingIfNeeded: item), 0x7F))
                continue
            }
            if field == .offset {
                guard number == pattern.items.count - 1 else { return nil }
                continue
            }
            guard !field.isShort else { return nil }
            places[field] = bytes.count
            for _ in 0..<field.width { bytes.append((0x30, 0x76)) }
        }
        guard bytes.count >= 6, bytes.count <= 32 else { return nil }
        func word(_ at: Int, _ byte: ((expected: UInt8, slack: UInt8)) -> UInt8) -> UInt64 {
            (0..<8).reduce(0) { $0 | UInt64(byte(bytes[Self.place($1, of: at, bytes.count)])) << (8 * UInt64($1)) }
        }
        expected = (word(0, \.expected), word(1, \.expected), word(2, \.expected), word(3, \.expected))
        slack = (word(0, \.slack), word(1, \.slack), word(2, \.slack), word(3, \.slack))
        count = bytes.count
        hasOffset = pattern.hasOffset
        year = places[.year] ?? -1
        shortYear = places[.shortYear] ?? -1
        month = places[.month] ?? 0
        day = places[.day] ?? 0
        hour = places[.hour] ?? -1
        minute = places[.minute] ?? -1
        second = places[.second] ?? -1
        milliseconds = places[.milliseconds] ?? -1
    }

    /// Where the byte `place` of the word `number` lies: the last word ends with the text, and below eight bytes the
    /// word's halves lie at both ends.
    private static func place(_ place: Int, of number: Int, _ count: Int) -> Int {
        if count < 8 { return place < 4 ? place : count - 8 + place }
        return min(number * 8, count - 8) + place
    }

    @inline(__always)
    private static func differs(_ word: UInt64, _ expected: UInt64, _ slack: UInt64) -> UInt64 {
        let difference = word ^ expected
        return (difference &+ slack) | difference
    }

    /// Whether literals and digits are where they are to be.
    @inline(__always)
    private func fits(_ base: UnsafeRawPointer) -> Bool {
        func word(_ at: Int) -> UInt64 {
            UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        }
        let found: UInt64
        if count < 8 {
            let low = UInt32(littleEndian: base.loadUnaligned(as: UInt32.self))
            let high = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            found = Self.differs(UInt64(low) | UInt64(high) << 32, expected.0, slack.0)
        } else {
            var all = Self.differs(word(0), expected.0, slack.0)
            if count > 8 { all |= Self.differs(word(min(8, count &- 8)), expected.1, slack.1) }
            if count > 16 { all |= Self.differs(word(min(16, count &- 8)), expected.2, slack.2) }
            if count > 24 { all |= Self.differs(word(count &- 8), expected.3, slack.3) }
            found = all
        }
        return found & 0x8080_8080_8080_8080 == 0
    }

    /// As ``DatePattern/parse(_:pivot:)``; ``none`` for nil.
    @inline(__always)
    func parse(_ bytes: UnsafeRawBufferPointer, pivot: Int) -> Int64 {
        guard let base = bytes.baseAddress, hasOffset ? bytes.count > count : bytes.count == count, fits(base) else {
            return Self.none
        }
        func two(_ at: Int) -> Int {
            Int(base.load(fromByteOffset: at, as: UInt8.self)) &* 10
                &+ Int(base.load(fromByteOffset: at &+ 1, as: UInt8.self)) &- 528
        }
        let years: Int
        if year >= 0 {
            years = two(year) &* 100 &+ two(year &+ 2)
        } else {
            let value = two(shortYear)
            years = value &+ (value >= pivot ? 1900 : 2000)
        }
        let days = CivilDays.days(year: years, month: two(month), day: two(day))
        guard days != CivilDays.none else { return Self.none }
        if hour < 0 { return Int64(days) &* 86_400_000_000 }
        let hours = two(hour)
        let minutes = minute < 0 ? 0 : two(minute)
        let seconds = second < 0 ? 0 : two(second)
        guard hours < 24, minutes < 60, seconds < 60 else { return Self.none }
        var total = days &* 86400 &+ hours &* 3600 &+ minutes &* 60 &+ seconds
        if hasOffset {
            guard let (offset, width) = DatePattern.offset(bytes, at: count), count &+ width == bytes.count else {
                return Self.none
            }
            total &-= offset
        }
        var microseconds = Int64(total) &* 1_000_000
        if milliseconds >= 0 {
            let last = Int64(base.load(fromByteOffset: milliseconds &+ 2, as: UInt8.self)) &- 0x30
            microseconds &+= (Int64(two(milliseconds)) &* 10 &+ last) &* 1000
        }
        return microseconds
    }

    /// What ``parse(_:pivot:)`` gives where there is no time.
    static let none = Int64.min
}
