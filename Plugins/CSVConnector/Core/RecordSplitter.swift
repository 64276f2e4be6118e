/// Splits text into records and cells one byte at a time: the plain twin of `RecordParser`.
///
/// It serves the header and the sniffer, which need cells as ranges, and the tests, which hold both parsers equal.
public struct RecordSplitter {
    /// One cell as it stands in the text.
    public struct Cell: Equatable {
        /// The text inside the quotes, escapes and all; for a plain cell all of it.
        public var content: Range<Int>
        /// Text between the closing quote and the delimiter; empty when the cell is well-formed.
        public var tail: Range<Int>
        public var wasQuoted: Bool
    }

    /// One record.
    public struct Record: Equatable {
        public var cells: [Cell]
        /// Where the next record begins.
        public var end: Int
        /// Whether the text ended inside quotes.
        public var isUnclosed: Bool
        /// A record without any byte of its own.
        public var isBlank: Bool
    }

    public let dialect: Dialect

    public init(dialect: Dialect) { self.dialect = dialect }

    /// The record at `start`; nil when the text ends inside it and more may follow.
    public func record(in text: UnsafeRawBufferPointer, at start: Int, isFinal: Bool) -> Record? {
        let terminator = dialect.lineEnding.byte
        var at = start
        if terminator == 0x0D, at < text.count, text[at] == 0x0A { at += 1 }
        let first = at
        var cells: [Cell] = []
        while true {
            var content = at..<at
            let wasQuoted = at < text.count && text[at] == dialect.quote
            if wasQuoted {
                guard let (inside, next) = quoted(text, at + 1, isFinal: isFinal) else { return nil }
                guard next <= text.count else {
                    cells.append(Cell(content: inside, tail: text.count..<text.count, wasQuoted: true))
                    return Record(cells: cells, end: text.count, isUnclosed: true, isBlank: false)
                }
                content = inside
                at = next
            }
            let plain = at
            while at < text.count, text[at] != terminator, text[at] != dialect.delimiter { at += 1 }
            if at == text.count, !isFinal { return nil }
            let isEnd = at == text.count || text[at] == terminator
            var stop = at
            if isEnd, terminator == 0x0A, stop > plain, text[stop - 1] == 0x0D { stop -= 1 }
            cells.append(
                Cell(
                    content: wasQuoted ? content : plain..<stop, tail: wasQuoted ? plain..<stop : stop..<stop,
                    wasQuoted: wasQuoted))
            if isEnd {
                let isBlank = cells.count == 1 && !wasQuoted && stop == first
                return Record(cells: cells, end: min(at + 1, text.count), isUnclosed: false, isBlank: isBlank)
            }
            at += 1
        }
    }

    /// The range inside the quotes and the place behind them, which is `count + 1` when they are not closed.
    private func quoted(
        _ text: UnsafeRawBufferPointer, _ start: Int, isFinal: Bool
    ) -> (inside: Range<Int>, next: Int)? {
        var at = start
        while at < text.count {
            if text[at] == UInt8(ascii: "\\"), dialect.escape == .backslash {
                if at + 1 == text.count, !isFinal { return nil }
                at = min(at + 2, text.count)
            } else if text[at] == dialect.quote {
                if at + 1 == text.count, !isFinal { return nil }
                if at + 1 < text.count, text[at + 1] == dialect.quote {
                    at += 2
                } else {
                    return (start..<at, at + 1)
                }
            } else {
                at += 1
            }
        }
        return isFinal ? (start..<text.count, text.count + 1) : nil
    }

    /// The value of a cell without quotes and escapes; nil for an empty plain cell, which is a null.
    public func value(_ cell: Cell, in text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard cell.wasQuoted else { return cell.content.isEmpty ? nil : Array(text[cell.content]) }
        var out: [UInt8] = []
        var at = cell.content.lowerBound
        while at < cell.content.upperBound {
            let byte = text[at]
            let next = at + 1 < cell.content.upperBound ? text[at + 1] : nil
            let isEscape = byte == UInt8(ascii: "\\") && dialect.escape == .backslash
            if isEscape, let next, next == dialect.quote || next == byte {
                out.append(next)
                at += 2
            } else if isEscape, let next {
                out.append(byte)
                out.append(next)
                at += 2
            } else if byte == dialect.quote, next == byte {
                out.append(byte)
                at += 2
            } else {
                out.append(byte)
                at += 1
            }
        }
        out.append(contentsOf: text[cell.tail])
        return out
    }
}
