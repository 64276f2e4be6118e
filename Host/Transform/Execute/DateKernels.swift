internal import Columnar

/// date_parse, ready to read texts.
struct DateReader: Sendable {
    private let patterns: [DatePattern]
    private let isDate: Bool
    private let reason: Reason

    init(_ parsing: DateParsing) {
        patterns = parsing.patterns
        isDate = parsing.type == .date
        reason = isDate ? .notDate : .notTimestamp
    }

    /// Writes days or microseconds and returns nil, or returns the reason.
    @inline(__always)
    func read(_ bytes: UnsafeRawBufferPointer, _ out: inout Int64) -> Reason? {
        for pattern in patterns {
            guard let found = pattern.parse(bytes) else { continue }
            // A pattern of a date has no time: whole days within the calendar's years.
            out = isDate ? found / 86_400_000_000 : found
            return nil
        }
        return reason
    }
}
