/// Dates in digits, and whether the calendar has them.
enum CalendarDate {
    /// Whether a date in digits is one of the Gregorian calendar, with a time of day behind it or not.
    ///
    /// Read are `1990-03-31`, `31.03.1990`, `03/31/90` (day or month first: one reading that holds is enough) and
    /// `19900331`. Nil for what is written otherwise.
    static func isValid(_ text: [UInt8]) -> Bool? {
        var parts: [(value: Int, count: Int)] = []
        var separators: [UInt8] = []
        var at = 0
        while at < text.count, parts.count < 3 {
            let start = at
            var value = 0
            while at < text.count, text[at] &- 0x30 < 10 {
                guard at - start < 8 else { return nil }
                value = value * 10 + Int(text[at] - 0x30)
                at += 1
            }
            guard at > start else { return nil }
            parts.append((value, at - start))
            guard parts.count < 3, at < text.count, isSeparator(text[at]) else { break }
            separators.append(text[at])
            at += 1
        }
        let time = text[at...]
        if parts.count == 1, parts[0].count == 8 {
            let value = parts[0].value
            return isDay(value / 10_000, value / 100 % 100, value % 100) && isTime(time) ?? false
        }
        guard parts.count == 3, separators[0] == separators[1], parts.allSatisfy({ $0.count <= 4 }) else { return nil }
        guard let isTime = isTime(time) else { return nil }
        let (a, b, c) = (parts[0], parts[1], parts[2])
        if a.count == 4 { return isDay(a.value, b.value, c.value) && isTime }
        guard c.count == 4 || c.count == 2, a.count <= 2, b.count <= 2 else { return nil }
        // Of two digits for a year, 2000 is the one whose February is longest: no right date is called wrong.
        let years = c.count == 4 ? [c.value] : [1900 + c.value, 2000 + c.value]
        return years.contains { isDay($0, b.value, a.value) || isDay($0, a.value, b.value) } && isTime
    }

    /// Whether the calendar has a day.
    static func isDay(_ year: Int, _ month: Int, _ day: Int) -> Bool {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return day <= days[month - 1]
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == 0x2D || byte == 0x2F || byte == 0x2E }

    /// `T08:30`, ` 08:30:59.25Z`, or nothing; nil for anything else behind a date.
    private static func isTime(_ text: ArraySlice<UInt8>) -> Bool? {
        guard let first = text.first else { return true }
        guard first == 0x54 || first == 0x74 || first == 0x20 else { return nil }
        let body = text.dropFirst().prefix { $0 &- 0x30 < 10 || $0 == 0x3A }
        let fields = body.split(separator: 0x3A, omittingEmptySubsequences: false).map { field in
            field.reduce(0) { min($0 * 10 + Int($1 - 0x30), 100) }
        }
        guard (2...3).contains(fields.count) else { return nil }
        // 23:59:60 is a leap second.
        return fields[0] <= 24 && fields[1] <= 59 && (fields.count < 3 || fields[2] <= 60)
    }
}
