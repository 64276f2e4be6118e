/// Finds the end of a record that is too large to be held, one byte at a time and across blocks.
struct RecordSkipper {
    private enum State {
        case cellStart, plain, quoted, behindQuote, behindBackslash
    }

    private let dialect: Dialect
    private var state = State.cellStart
    /// Line ends seen.
    private(set) var lineEnds = 0

    init(dialect: Dialect) { self.dialect = dialect }

    /// Whether the text that was shown ends inside quotes.
    var isInsideQuotes: Bool { state == .quoted || state == .behindBackslash }

    /// Go through `text`; returns the place behind the record's end, or nil when it lies further on.
    mutating func skip(_ text: UnsafeRawBufferPointer) -> Int? {
        let terminator = dialect.lineEnding.byte
        for (index, byte) in text.enumerated() {
            if byte == terminator { lineEnds += 1 }
            switch state {
            case .quoted:
                if byte == UInt8(ascii: "\\"), dialect.escape == .backslash {
                    state = .behindBackslash
                } else if byte == dialect.quote {
                    state = .behindQuote
                }
            case .behindBackslash: state = .quoted
            case .cellStart where byte == dialect.quote, .behindQuote where byte == dialect.quote: state = .quoted
            case .cellStart, .plain, .behindQuote:
                if byte == terminator { return index + 1 }
                state = byte == dialect.delimiter ? .cellStart : .plain
            }
        }
        return nil
    }
}
