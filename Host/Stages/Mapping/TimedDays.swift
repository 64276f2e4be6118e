internal import Columnar
internal import Transform

/// What a sample of a column says of the days in its timestamps: whether they are whole days, and how to read them.
///
/// No op cuts a time of day off. A pattern with midnight as its literal end reads whole days and nothing else, so that
/// every other value is an error of its row instead of a loss. It holds no value: of a time of day, only how it is
/// written.
struct TimedDays: Sendable, Equatable {
    /// Values that are not blank.
    let values: Int
    /// Of them, days with a time of day that is not midnight in UTC.
    let timed: Int
    /// Of them, what the patterns read.
    let whole: Int
    /// Patterns of days, with midnight behind them where there is a time of day; the most frequent first.
    let patterns: [String]
    /// Whether the other order of day and month fits the values as well.
    let isAmbiguous: Bool

    var rate: Double { values == 0 ? 0 : Double(whole) / Double(values) }
    var timedRate: Double { values == 0 ? 0 : Double(timed) / Double(values) }

    /// What a plan takes.
    private static let mostPatterns = 16

    /// Nil for a column of another type, and when no value has a day and a time of day.
    init?(_ column: Column) {
        switch column.type {
        case .timestamp: self.init(timestamps: column)
        case .text: self.init(texts: column)
        default: return nil
        }
    }

    private init?(timestamps column: Column) {
        let microsecondsADay: Int64 = 86_400_000_000
        var (values, timed) = (0, 0)
        column.withView { view in
            for row in 0..<view.count where view.isValid(row) {
                values += 1
                if view.int64(row) % microsecondsADay != 0 { timed += 1 }
            }
        }
        guard values > 0 else { return nil }
        self.values = values
        self.timed = timed
        whole = values - timed
        patterns = []
        isAmbiguous = false
    }

    private init?(texts column: Column) {
        var (values, timed) = (0, 0)
        var clocks: [String: Int] = [:]
        var days = ColumnBuilder(.text, capacity: column.count)
        column.withView { view in
            for row in 0..<view.count where view.isValid(row) {
                let value = Array(view.bytes(row)).trimmed
                guard !value.isEmpty else { continue }
                values += 1
                let clock = Clock(endOf: value)
                days.append(text: String(decoding: clock.map { value[..<$0.start] } ?? value, as: UTF8.self))
                clocks[clock?.midnight ?? "", default: 0] += 1
                if clock?.isMidnight == false { timed += 1 }
            }
        }
        var profiler = ColumnProfiler(.text)
        profiler.add(days.finish())
        guard clocks.contains(where: { !$0.key.isEmpty }), let forms = DateForms.choose(profiler.finish(), for: .date)
        else { return nil }
        self.values = values
        self.timed = timed
        whole = max(0, forms.fits - timed)
        let ranked = clocks.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.map(\.key)
        let dayPatterns = forms.patterns.isEmpty ? [DateForms.standardDate] : forms.patterns
        patterns = Array(
            ranked.flatMap { clock in dayPatterns.map { clock.isEmpty ? $0 : "\($0)'\(clock)'" } }
                .prefix(Self.mostPatterns))
        isAmbiguous = forms.isAmbiguous
    }
}

extension SourceColumn {
    /// Days to be read out of timestamps; nil when the values are plain days as they are.
    var daysToRead: TimedDays? {
        guard let timedDays, let profile, profile.values > 0 else { return timedDays }
        return Feasibility.rate(profile, .date) >= Feasibility.possibleRate ? nil : timedDays
    }
}

/// A time of day at the end of a text: `T09:30:00Z`, ` 9:30`, ` 09:30:00.000`.
private struct Clock {
    /// Where the day ends.
    let start: Int
    /// Midnight, written the same way.
    let midnight: String
    let isMidnight: Bool

    /// A day has at least this many characters: `1/2/2020`.
    private static let shortestDay = 8
    private static let longest = 24

    /// Nil when the text ends in no time of day.
    init?(endOf text: ArraySlice<UInt8>) {
        let separators = [UInt8(ascii: " "), UInt8(ascii: "T"), UInt8(ascii: "t")]
        guard let start = text.firstIndex(where: separators.contains), start - text.startIndex >= Self.shortestDay,
            text.endIndex - start <= Self.longest
        else { return nil }
        var rest = text[(start + 1)...]
        guard let hour = Self.digits(&rest, 1...2), hour < 24, Self.skip(&rest, ":"),
            let minute = Self.digits(&rest, 2...2), minute < 60
        else { return nil }
        if Self.skip(&rest, ":") {
            guard let second = Self.digits(&rest, 2...2), second < 60 else { return nil }
            if Self.skip(&rest, ".") { guard Self.digits(&rest, 1...9) != nil else { return nil } }
        }
        if Self.skip(&rest, "+") || Self.skip(&rest, "-") {
            guard Self.digits(&rest, 2...2) != nil, Self.skip(&rest, ":"), Self.digits(&rest, 2...2) != nil else {
                return nil
            }
        } else if !Self.skip(&rest, "Z") {
            _ = Self.skip(&rest, "z")
        }
        guard rest.isEmpty else { return nil }
        let isDigit = { (byte: UInt8) in byte &- 0x30 <= 9 }
        let clock = text[start...]
        self.start = start
        midnight = String(decoding: clock.map { isDigit($0) ? 0x30 : $0 }, as: UTF8.self)
        isMidnight = !clock.contains { isDigit($0) && $0 != 0x30 }
    }

    private static func digits(_ rest: inout ArraySlice<UInt8>, _ width: ClosedRange<Int>) -> Int? {
        let run = rest.prefix { $0 &- 0x30 <= 9 }
        guard width.contains(run.count) else { return nil }
        rest = rest.dropFirst(run.count)
        return run.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func skip(_ rest: inout ArraySlice<UInt8>, _ mark: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == mark.value else { return false }
        rest.removeFirst()
        return true
    }
}
