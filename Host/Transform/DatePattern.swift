internal import Foundations

/// A fixed-width pattern of a date or a date with a time, for example `MM/dd/yyyy` or `yyyy-MM-dd'T'HH:mm:ss'Z'`.
///
/// Fields: `yyyy MM dd HH mm ss SSS`, and `M d` of one or two digits. Letters that are meant literally stand in
/// quotes, a quote is written twice. Years are 0001–9999, the calendar is the proleptic Gregorian, the zone is UTC.
public struct DatePattern: Sendable, Hashable {
    /// The pattern as it was written.
    public let source: String
    /// Whether it has fields of the time of day.
    public let hasTime: Bool
    let minimumLength: Int
    let maximumLength: Int
    /// Below 256: a literal byte; above: a field.
    private let items: [UInt16]

    /// Longest pattern in bytes.
    public static let maximumBytes = 64

    private enum Field: UInt16, CaseIterable {
        case year = 256
        case month, day, hour, minute, second, milliseconds, shortMonth, shortDay

        init?(_ letters: Substring.UTF8View) {
            switch String(Substring(letters)) {
            case "yyyy": self = .year
            case "MM": self = .month
            case "dd": self = .day
            case "HH": self = .hour
            case "mm": self = .minute
            case "ss": self = .second
            case "SSS": self = .milliseconds
            case "M": self = .shortMonth
            case "d": self = .shortDay
            default: return nil
            }
        }

        /// `MM` and `M` are one meaning.
        var meaning: Field { self == .shortMonth ? .month : self == .shortDay ? .day : self }
        var isShort: Bool { self == .shortMonth || self == .shortDay }
        var width: Int {
            switch self {
            case .year: 4
            case .milliseconds: 3
            case .shortMonth, .shortDay: 1
            default: 2
            }
        }
    }

    /// What a pattern may not be, in words that end a sentence.
    struct Mistake: Error, Equatable {
        let reason: String
    }

    init(_ source: String) throws(Mistake) {
        guard source.utf8.count <= Self.maximumBytes else {
            throw Mistake(reason: "it is longer than \(Self.maximumBytes) bytes")
        }
        let items = try Self.scan(source)
        let fields = items.compactMap { Field(rawValue: $0) }
        let meanings = fields.map(\.meaning)
        for field in Field.allCases where meanings.filter({ $0 == field }).count > 1 {
            throw Mistake(reason: "it names a field twice")
        }
        guard Set(meanings).isSuperset(of: [.year, .month, .day]) else {
            throw Mistake(reason: "it needs yyyy, MM (or M) and dd (or d)")
        }
        for (finer, coarser) in [(Field.minute, Field.hour), (.second, .minute), (.milliseconds, .second)]
        where meanings.contains(finer) && !meanings.contains(coarser) {
            throw Mistake(reason: "it has mm without HH, ss without mm, or SSS without ss")
        }
        for (item, next) in zip(items, items.dropFirst())
        where Field(rawValue: item)?.isShort == true
            && (Field(rawValue: next) != nil || (next >= 0x30 && next <= 0x39))
        {
            throw Mistake(reason: "a digit follows M or d, whose width is then unknown")
        }
        self.source = source
        self.items = items
        hasTime = meanings.contains(.hour)
        minimumLength = items.reduce(0) { $0 + (Field(rawValue: $1)?.width ?? 1) }
        maximumLength = minimumLength + fields.filter(\.isShort).count
    }

    private static func scan(_ source: String) throws(Mistake) -> [UInt16] {
        var items: [UInt16] = []
        var rest = source.utf8[...]
        let quote = UInt8(ascii: "'")
        func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
        while let byte = rest.first {
            if byte == quote {
                rest.removeFirst()
                if rest.first == quote {
                    rest.removeFirst()
                    items.append(UInt16(quote))
                    continue
                }
                var closed = false
                while let inner = rest.popFirst() {
                    if inner != quote {
                        items.append(UInt16(inner))
                    } else if rest.first == quote {
                        rest.removeFirst()
                        items.append(UInt16(quote))
                    } else {
                        closed = true
                        break
                    }
                }
                guard closed else { throw Mistake(reason: "a quote is not closed") }
            } else if isLetter(byte) {
                let run = rest.prefix { $0 == byte }
                guard let field = Field(run) else {
                    throw Mistake(
                        reason: "a letter is no field and not in quotes")
                }
                items.append(field.rawValue)
                rest = rest.dropFirst(run.count)
            } else {
                guard byte &- 0x30 > 9 else { throw Mistake(reason: "a digit is not in quotes") }
                items.append(UInt16(byte))
                rest.removeFirst()
            }
        }
        return items
    }

    /// Microseconds since 1970-01-01T00:00:00Z, or nil when the bytes are not of this pattern or no civil time.
    func parse(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard bytes.count >= minimumLength, bytes.count <= maximumLength else { return nil }
        var year = 0
        var month = 0
        var day = 0
        var time: Int64 = 0
        var at = 0
        let end = bytes.count
        for item in items {
            if item < 256 {
                guard at < end, UInt16(bytes[at]) == item else { return nil }
                at += 1
                continue
            }
            let width: Int
            switch item {
            case Field.year.rawValue: width = 4
            case Field.milliseconds.rawValue: width = 3
            case Field.shortMonth.rawValue, Field.shortDay.rawValue:
                width = at + 1 < end && bytes[at + 1] &- 0x30 <= 9 ? 2 : 1
            default: width = 2
            }
            let value = Digits.fixed(bytes, at: at, width: width)
            guard value >= 0 else { return nil }
            at += width
            switch item {
            case Field.year.rawValue: year = value
            case Field.month.rawValue, Field.shortMonth.rawValue: month = value
            case Field.day.rawValue, Field.shortDay.rawValue: day = value
            case Field.hour.rawValue:
                guard value < 24 else { return nil }
                time += Int64(value) * 3_600_000_000
            case Field.minute.rawValue:
                guard value < 60 else { return nil }
                time += Int64(value) * 60_000_000
            case Field.second.rawValue:
                guard value < 60 else { return nil }
                time += Int64(value) * 1_000_000
            default: time += Int64(value) * 1000
            }
        }
        guard at == end, CivilTime.isValid(year: year, month: month, day: day) else { return nil }
        return Int64(CivilTime.days(year: year, month: month, day: day)) * 86_400_000_000 + time
    }
}

/// Decimal digits at a place.
enum Digits {
    /// The value of `width` digits, or -1 when there are not so many.
    @inline(__always)
    static func fixed(_ bytes: UnsafeRawBufferPointer, at: Int, width: Int) -> Int {
        guard at + width <= bytes.count else { return -1 }
        var value = 0
        for place in at..<(at + width) {
            let digit = bytes[place] &- 0x30
            guard digit <= 9 else { return -1 }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }
}
