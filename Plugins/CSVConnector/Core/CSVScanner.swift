/// Streams the rows of a source in batches, with memory that does not depend on its size.
///
/// Use it from one thread at a time. After an error it must not be used again.
public final class CSVScanner {
    /// Cells that a batch holds at most, so that wide tables do not need long columns.
    private static let batchCells = 4 << 20

    private let table: CSVTable
    private let limits: CSVLimits
    private let window: TextWindow
    private let writer: BatchWriter
    private var parser: RecordParser
    /// For each source column its place in the batch, or -1.
    private let slots: [Int]
    private var position = 0
    private var line: Int64
    private var byteOffset: UInt64
    private var rowsToSkip: UInt64
    private var isAtEnd = false

    /// `positions` names the wanted columns in the wanted order; `skipRows` rows are left out at the beginning.
    public init(
        _ table: CSVTable, read: @escaping ReadAt, positions: [Int], batchRows: Int = 16384, skipRows: UInt64 = 0,
        limits: CSVLimits = CSVLimits()
    ) {
        self.table = table
        self.limits = limits
        window = TextWindow(
            read: read, encoding: table.encoding, offset: table.dataOffset, blockBytes: limits.blockBytes)
        var slots = [Int](repeating: -1, count: table.columnNames.count)
        for (slot, position) in positions.enumerated() { slots[position] = slot }
        self.slots = slots
        let rows = min(max(1, batchRows), max(64, CSVScanner.batchCells / max(1, positions.count)))
        writer = BatchWriter(columnCount: positions.count, rowCapacity: rows)
        parser = RecordParser(
            dialect: table.dialect, width: table.columnNames.count, cellBytes: limits.cellBytes)
        line = table.dataLine
        byteOffset = table.dataOffset
        rowsToSkip = skipRows
    }

    /// The next batch, which has at least one row; nil at the end.
    public func next() throws(CSVFailure) -> CSVBatch? {
        var batchBytes = 0
        while !isAtEnd, writer.rowCount < writer.rowCapacity, batchBytes < limits.batchBytes {
            let text = UnsafePointer(window.base)
            let outcome = slots.withUnsafeBufferPointer { slots in
                // A table has at least one column, so the array has an element.
                slots.baseAddress.map { base in
                    parser.parse(
                        text, from: position, end: window.end, isFinal: window.isFinal, slots: base,
                        columns: writer.columns, row: writer.rowCount)
                } ?? .atEnd
            }
            switch outcome {
            case .atEnd: isAtEnd = true
            case .needsMore:
                writer.rollBack()
                if window.end - parser.start > limits.recordBytes {
                    try skipRecord()
                } else {
                    try window.fill(keepingFrom: position)
                    position = 0
                }
            case .blank: pass()
            case .record(let reject):
                batchBytes += parser.next - parser.start
                finish(reject)
            }
        }
        return writer.rowCount > 0 ? writer.finish() : nil
    }

    /// Go behind the record in hand, and count its lines and source bytes.
    private func pass() {
        advance(to: parser.next)
        line += Int64(parser.lineEnds)
    }

    private func advance(to next: Int) {
        if table.encoding == .utf8 {
            byteOffset += UInt64(next - position)
        } else {
            let own = UnsafeRawBufferPointer(rebasing: window.text[position..<next])
            byteOffset += UInt64(window.transcoder.sourceBytes(of: own))
        }
        position = next
    }

    /// Make the record that was parsed a row.
    private func finish(_ reject: RejectReason?) {
        advance(to: parser.start)
        var reason = reject
        if reject != .unclosedQuote {
            if contentBytes() > limits.recordBytes {
                reason = .cellTooLarge
            } else if reject != .cellTooLarge, window.mayHoldNonASCII {
                let own = UnsafeRawBufferPointer(rebasing: window.text[parser.start..<parser.next])
                if !UTF8Check.isWellFormed(own) { reason = .invalidEncoding }
            }
        }
        commit(reason)
        pass()
    }

    /// Bytes of the record without the byte that ends it.
    private func contentBytes() -> Int {
        let endsProperly =
            parser.next > parser.start && window.base[parser.next - 1] == table.dialect.lineEnding.byte
        return parser.next - parser.start - (endsProperly ? 1 : 0)
    }

    private func commit(_ reject: RejectReason?) {
        if rowsToSkip > 0 {
            rowsToSkip -= 1
            writer.rollBack()
        } else {
            writer.commit(line: line, byteOffset: byteOffset, reject: reject)
        }
    }

    /// Go behind a record that is too large to be held, and make it a rejected row.
    private func skipRecord() throws(CSVFailure) {
        advance(to: parser.start)
        let start = (line: line, byteOffset: byteOffset)
        var skipper = RecordSkipper(dialect: table.dialect)
        var found: Int?
        while found == nil {
            found = skipper.skip(UnsafeRawBufferPointer(rebasing: window.text[position...]))
            if let found {
                advance(to: position + found)
            } else {
                advance(to: window.end)
                if window.isFinal { break }
                try window.fill(keepingFrom: window.end)
                position = 0
            }
        }
        let isUnclosed = found == nil && skipper.isInsideQuotes
        let end = (line: line + Int64(skipper.lineEnds), byteOffset: byteOffset)
        (line, byteOffset) = start
        commit(isUnclosed ? .unclosedQuote : .cellTooLarge)
        (line, byteOffset) = end
    }
}
