/// Cuts one record after the other out of a window and puts its cells into columns; the hot path.
///
/// It must agree with `RecordSplitter` on every input and every cut of the input into blocks; tests hold them equal.
struct RecordParser {
    /// What became of a record.
    enum Outcome {
        /// The text ends inside the record and more may follow; cells that were put must be rolled back.
        case needsMore
        /// No further record.
        case atEnd
        /// A record without a byte of its own, which is no row.
        case blank
        /// A record; its cells were put unless it has a reject reason.
        case record(reject: RejectReason?)
    }

    let delimiter: UInt8
    let terminator: UInt8
    /// A quote is never looked for when `hasQuote` is false.
    let quote: UInt8
    let hasQuote: Bool
    let hasBackslash: Bool
    /// Cells that a record must have.
    let width: Int
    let cellBytes: Int

    /// Where the record in hand begins, behind a line feed that belongs to the carriage return before.
    private(set) var start = 0
    /// Where the next one begins.
    private(set) var next = 0
    /// Line ends inside the record, its own included.
    private(set) var lineEnds = 0

    init(dialect: Dialect, width: Int, cellBytes: Int) {
        terminator = dialect.lineEnding.byte
        delimiter = dialect.delimiter ?? dialect.lineEnding.byte
        quote = dialect.quote ?? 0
        hasQuote = dialect.quote != nil
        hasBackslash = dialect.escape == .backslash && hasQuote
        self.width = width
        self.cellBytes = cellBytes
    }

    /// Parse the record at `from`; `slots[c]` is the output column of source column `c`, or -1.
    mutating func parse(
        _ text: UnsafePointer<UInt8>, from: Int, end: Int, isFinal: Bool, slots: UnsafePointer<Int>,
        columns: UnsafeMutablePointer<ColumnBuffer>, row: Int
    ) -> Outcome {
        start = from
        if terminator == 0x0D, start < end, text[start] == 0x0A { start += 1 }
        if start == end { return isFinal ? .atEnd : .needsMore }
        if width > 1, let blank = blank(text, end: end, isFinal: isFinal) { return blank }

        let delimiters = ByteScan.pattern(delimiter)
        let terminators = ByteScan.pattern(terminator)
        var at = start
        var column = 0
        var isTooLarge = false
        lineEnds = 0
        while true {
            let slot = column < width ? slots[column] : -1
            var cellSize = 0
            let wasQuoted = hasQuote && at < end && text[at] == quote
            if wasQuoted {
                let first = at + 1
                let place = quoted(text, from: first, end: end, isFinal: isFinal, slot: slot, columns: columns)
                if place.next < 0 { return .needsMore }
                lineEnds += ByteScan.count(terminator, in: text, from: first, to: min(place.next, end))
                if place.next > end {
                    next = end
                    return .record(reject: .unclosedQuote)
                }
                cellSize = place.size
                at = place.next
            }
            let plain = at
            at = ByteScan.first(of: delimiters, or: terminators, in: text, from: at, to: end)
            if at == end, !isFinal { return .needsMore }
            let isEnd = at == end || text[at] == terminator
            var count = at - plain
            if isEnd, count > 0, terminator == 0x0A, text[at - 1] == 0x0D { count -= 1 }
            cellSize += count
            if slot >= 0 {
                if wasQuoted {
                    if count > 0 { columns[slot].append(text + plain, count) }
                    columns[slot].endValue(row: row)
                } else if count == 0 {
                    columns[slot].endNull(row: row)
                } else {
                    columns[slot].append(text + plain, count)
                    columns[slot].endValue(row: row)
                }
            }
            if cellSize > cellBytes { isTooLarge = true }
            column += 1
            if isEnd { break }
            at += 1
        }
        lineEnds += 1
        next = min(at + 1, end)
        if isTooLarge { return .record(reject: .cellTooLarge) }
        return .record(reject: column == width ? nil : .raggedRow)
    }

    /// Whether the record is blank, or too little is known to say so; nil when it is not.
    private mutating func blank(_ text: UnsafePointer<UInt8>, end: Int, isFinal: Bool) -> Outcome? {
        if text[start] == terminator {
            next = start + 1
        } else if terminator == 0x0A, text[start] == 0x0D {
            if start + 1 == end {
                guard isFinal else { return .needsMore }
                next = end
            } else if text[start + 1] == 0x0A {
                next = start + 2
            } else {
                return nil
            }
        } else {
            return nil
        }
        lineEnds = 1
        return .blank
    }

    /// Put the inside of a quoted cell; `next` is the place behind the closing quote, -1 when more text is needed,
    /// and beyond `end` when the quote is never closed. `size` counts decoded bytes.
    private func quoted(
        _ text: UnsafePointer<UInt8>, from: Int, end: Int, isFinal: Bool, slot: Int,
        columns: UnsafeMutablePointer<ColumnBuffer>
    ) -> (next: Int, size: Int) {
        let quotes = ByteScan.pattern(quote)
        let backslashes = hasBackslash ? ByteScan.pattern(UInt8(ascii: "\\")) : quotes
        var at = from
        var piece = from
        var size = 0
        while true {
            at = ByteScan.first(of: quotes, or: backslashes, in: text, from: at, to: end)
            if at == end { return isFinal ? (end + 1, size) : (-1, size) }
            if at + 1 == end, !isFinal { return (-1, size) }
            let follower: UInt8? = at + 1 < end ? text[at + 1] : nil
            if text[at] != quote {
                // A backslash: before a quote or another backslash it goes, otherwise both bytes stay.
                if let follower, follower == quote || follower == text[at] {
                    size += put(text, piece, at, slot, columns)
                    piece = at + 1
                }
                at = min(at + 2, end)
            } else if follower == quote {
                size += put(text, piece, at + 1, slot, columns)
                at += 2
                piece = at
            } else {
                size += put(text, piece, at, slot, columns)
                return (at + 1, size)
            }
        }
    }

    private func put(
        _ text: UnsafePointer<UInt8>, _ low: Int, _ high: Int, _ slot: Int,
        _ columns: UnsafeMutablePointer<ColumnBuffer>
    ) -> Int {
        if slot >= 0, high > low { columns[slot].append(text + low, high - low) }
        return high - low
    }
}
