internal import Foundations

/// A pattern of a date, or of a date with a time, for example `MM/dd/yyyy` or `yyyy-MM-dd'T'HH:mm:ssXXX`.
///
/// Fields: `yyyy yy MM dd HH mm ss SSS`, `M d` of one or two digits, and `XXX`, an offset from UTC: `Z` or `±hh:mm`.
/// Letters and digits that are meant literally stand in quotes, a quote is written twice. Years are 0001–9999, the
/// calendar is the proleptic Gregorian (docs/dsl-time.md).
public struct DatePattern: Sendable {
    /// The pattern as it was written.
    public let source: String
    /// Whether it has fields of the time of day.
    public let hasTime: Bool
    /// Whether it has an offset from UTC, so that no zone is asked.
    public let hasOffset: Bool
    /// Whether its year has two digits, which takes a pivot to be read.
    public let hasShortYear: Bool
    /// Lengths in bytes of texts that it reads.
    let minimumLength: Int
    let maximumLength: Int
    /// Below 256: a literal byte; above: a field.
    let items: [UInt16]
    private let isForReading: Bool

    /// Longest pattern in bytes.
    public static let maximumBytes = 64

    enum Field: UInt16, CaseIterable {
        case year = 256
        case month, day, hour, minute, second, milliseconds, shortMonth, shortDay, shortYear, offset

        /// As patterns write it.
        var letters: String {
            switch self {
            case .year: "yyyy"
            case .month: "MM"
            case .day: "dd"
            case .hour: "HH"
            case .minute: "mm"
            case .second: "ss"
            case .milliseconds: "SSS"
            case .shortMonth: "M"
            case .shortDay: "d"
            case .shortYear: "yy"
            case .offset: "XXX"
            }
        }

        /// `MM` and `M` are one meaning, as are `dd` and `d`, `yyyy` and `yy`.
        var meaning: Field {
            switch self {
            case .shortMonth: .month
            case .shortDay: .day
            case .shortYear: .year
            default: self
            }
        }

        /// Whether it is read by as many digits as there are, one or two.
        var isShort: Bool { self == .shortMonth || self == .shortDay }
        /// The least bytes of its text.
        var width: Int {
            switch self {
            case .year: 4
            case .milliseconds: 3
            case .shortMonth, .shortDay, .offset: 1
            default: 2
            }
        }
        /// The most bytes of its text.
        var maximumWidth: Int { isShort ? 2 : self == .offset ? 6 : width }
        var isTime: Bool { self == .hour || self == .minute || self == .second || self == .milliseconds }
    }

    /// What a pattern is made of, in order.
    enum Part: Sendable, Hashable {
        case field(Field)
        case text(String)
    }

    /// What a pattern may not be, in words that end a sentence, and the nearest allowed form.
    struct Mistake: Error, Equatable {
        let reason: String
        let allowed: String
    }

    /// A pattern that texts are read by: one date, each field once.
    init(_ source: String) throws(Mistake) {
        try self.init(source, isForReading: true)
    }

    /// A pattern that values are written by: any fields, at least one.
    init(formatting source: String) throws(Mistake) {
        try self.init(source, isForReading: false)
    }

    private init(_ source: String, isForReading: Bool) throws(Mistake) {
        guard source.utf8.count <= Self.maximumBytes else {
            throw Mistake(reason: "it is longer than \(Self.maximumBytes) bytes", allowed: "Write a shorter pattern.")
        }
        let items = try DatePatternScanner.scan(source)
        let fields = items.compactMap { Field(rawValue: $0) }
        if isForReading {
            try Self.checkReading(items, fields)
        } else if fields.isEmpty {
            throw Mistake(reason: "it has no field", allowed: "Write at least one field, for example yyyy.")
        }
        self.source = source
        self.items = items
        self.isForReading = isForReading
        hasTime = fields.contains(where: \.isTime)
        hasOffset = fields.contains(.offset)
        hasShortYear = fields.contains(.shortYear)
        minimumLength = items.reduce(0) { $0 + (Field(rawValue: $1)?.width ?? 1) }
        maximumLength = items.reduce(0) { $0 + (Field(rawValue: $1)?.maximumWidth ?? 1) }
    }

    private static func checkReading(_ items: [UInt16], _ fields: [Field]) throws(Mistake) {
        let meanings = fields.map(\.meaning)
        for field in Field.allCases where meanings.filter({ $0 == field }).count > 1 {
            throw Mistake(reason: "it names a field twice", allowed: "Name \(field.letters) once.")
        }
        guard Set(meanings).isSuperset(of: [.year, .month, .day]) else {
            throw Mistake(
                reason: "it needs yyyy (or yy), MM (or M) and dd (or d)", allowed: "For example yyyy-MM-dd.")
        }
        for (finer, coarser) in [(Field.minute, Field.hour), (.second, .minute), (.milliseconds, .second)]
        where meanings.contains(finer) && !meanings.contains(coarser) {
            throw Mistake(
                reason: "it has mm without HH, ss without mm, or SSS without ss",
                allowed: "Add \(coarser.letters), or leave \(finer.letters) out.")
        }
        guard !meanings.contains(.offset) || meanings.contains(.hour) else {
            throw Mistake(reason: "it has XXX without HH", allowed: "Add HH, or leave XXX out.")
        }
        for (item, next) in zip(items, items.dropFirst()) where Field(rawValue: item)?.isShort == true {
            // A sign or Z may follow, a digit not.
            guard let field = Field(rawValue: next) else {
                if next < 0x30 || next > 0x39 { continue }
                throw shortBeforeDigit
            }
            if field != .offset { throw shortBeforeDigit }
        }
    }

    private static let shortBeforeDigit = Mistake(
        reason: "a digit follows M or d, whose width is then unknown",
        allowed: "Write MM and dd, or a separator behind M and d.")

    /// Fields and literals, literals as long as they come.
    var parts: [Part] {
        var parts: [Part] = []
        var literal: [UInt8] = []
        for item in items {
            guard let field = Field(rawValue: item) else {
                literal.append(UInt8(truncatingIfNeeded: item))
                continue
            }
            if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
            literal = []
            parts.append(.field(field))
        }
        if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
        return parts
    }
}

extension DatePattern: Hashable {
    public static func == (a: DatePattern, b: DatePattern) -> Bool {
        a.source == b.source && a.isForReading == b.isForReading
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

/// Cuts a pattern into its items.
private enum DatePatternScanner {
    private static let quote = UInt8(ascii: "'")

    static func scan(_ source: String) throws(DatePattern.Mistake) -> [UInt16] {
        var items: [UInt16] = []
        var rest = source.utf8[...]
        while let byte = rest.first {
            if byte == quote {
                rest.removeFirst()
                try literal(&rest, &items)
            } else if (byte | 0x20) &- 0x61 < 26 {
                let run = rest.prefix { $0 == byte }
                items.append(try field(String(decoding: run, as: UTF8.self)).rawValue)
                rest = rest.dropFirst(run.count)
            } else {
                guard byte &- 0x30 > 9 else {
                    throw DatePattern.Mistake(
                        reason: "a digit is not in quotes", allowed: "Write '\(Character(Unicode.Scalar(byte)))'.")
                }
                items.append(UInt16(byte))
                rest.removeFirst()
            }
        }
        return items
    }

    /// What stands behind an opening quote.
    private static func literal(
        _ rest: inout Substring.UTF8View.SubSequence, _ items: inout [UInt16]
    ) throws(DatePattern.Mistake) {
        if rest.first == quote {
            rest.removeFirst()
            items.append(UInt16(quote))
            return
        }
        while let inner = rest.popFirst() {
            if inner != quote {
                items.append(UInt16(inner))
            } else if rest.first == quote {
                rest.removeFirst()
                items.append(UInt16(quote))
            } else {
                return
            }
        }
        throw DatePattern.Mistake(reason: "a quote is not closed", allowed: "Close it; a quote itself is ''.")
    }

    private static func field(_ letters: String) throws(DatePattern.Mistake) -> DatePattern.Field {
        let fields = DatePattern.Field.allCases
        if let field = fields.first(where: { $0.letters == letters }) { return field }
        let reason = "\(Rejection.quoted(letters)) is no field and not in quotes"
        let allowed =
            switch letters {
            case "Y", "y", "yyy", "YYYY", "u", "uuuu": "Nearest allowed form: yyyy."
            case "YY": "Nearest allowed form: yy."
            case "D", "DD": "Nearest allowed form: dd."
            case "h", "hh", "H", "k", "kk": "Nearest allowed form: HH, hours from 00 to 23."
            case "m": "Nearest allowed form: mm for minutes, or M for months."
            case "s": "Nearest allowed form: ss."
            case "S", "SS", "SSSS", "SSSSSS", "f", "fff", "ffffff": "Nearest allowed form: SSS, milliseconds."
            case "X", "XX", "x", "xxx", "Z", "ZZ", "ZZZ", "z", "VV", "O":
                "Nearest allowed form: XXX, an offset as Z or +01:00; a literal Z is 'Z'."
            case "MMM", "MMMM", "EEE", "E", "EEEE", "a":
                "Names of months and days are not read: MM, M, dd, d and HH are."
            case "T": "Nearest allowed form: 'T' in quotes."
            default:
                "Fields: \(fields.map(\.letters).joined(separator: ", ")); what is meant literally stands in quotes."
            }
        throw DatePattern.Mistake(reason: reason, allowed: allowed)
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
