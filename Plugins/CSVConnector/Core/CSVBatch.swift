internal import Glibc

/// One utf8 column of a batch in `malloc`ed blocks; freed here unless `surrender` gave them away.
public final class CSVColumn {
    public private(set) var values: UnsafeMutableRawPointer?
    public let valueBytes: Int
    /// `length + 1` Int32.
    public private(set) var offsets: UnsafeMutableRawPointer
    /// A bitmap with 1 for a value; nil without nulls.
    public private(set) var validity: UnsafeMutableRawPointer?
    public let length: Int
    public let nullCount: Int
    private var isOwner = true

    init(_ buffer: ColumnBuffer, rows: Int) {
        values = UnsafeMutableRawPointer(buffer.values)
        valueBytes = Int(buffer.offsets[rows])
        offsets = UnsafeMutableRawPointer(buffer.offsets)
        length = rows
        nullCount = buffer.nullCount(rows: rows)
        if nullCount > 0 {
            validity = UnsafeMutableRawPointer(buffer.validity)
        } else {
            free(buffer.validity)
        }
    }

    deinit {
        guard isOwner else { return }
        free(values)
        free(offsets)
        free(validity)
    }

    /// The receiver of the three blocks frees them with `free` from now on.
    public func surrender() { isOwner = false }

    /// A copy of a value; nil for null.
    public func bytes(_ row: Int) -> [UInt8]? {
        precondition(row >= 0 && row < length, "A row is outside its batch.")
        if let validity, validity.load(fromByteOffset: row / 8, as: UInt8.self) & (1 << UInt8(row & 7)) == 0 {
            return nil
        }
        let low = Int(offsets.load(fromByteOffset: row * 4, as: Int32.self))
        let high = Int(offsets.load(fromByteOffset: row * 4 + 4, as: Int32.self))
        return Array(UnsafeRawBufferPointer(start: values.map { $0 + low }, count: high - low))
    }
}

/// One column of 64-bit numbers without nulls, owned like `CSVColumn`.
public final class CSVNumbers {
    public let values: UnsafeMutableRawPointer
    public let length: Int
    private var isOwner = true

    init(_ values: UnsafeMutablePointer<Int64>, rows: Int) {
        self.values = UnsafeMutableRawPointer(values)
        length = rows
    }

    deinit { if isOwner { free(values) } }

    /// The receiver of the block frees it with `free` from now on.
    public func surrender() { isOwner = false }

    public subscript(row: Int) -> Int64 {
        precondition(row >= 0 && row < length, "A row is outside its batch.")
        return values.load(fromByteOffset: row * 8, as: Int64.self)
    }
}

/// Consecutive records of a source: the wanted columns, and where each record stands.
public struct CSVBatch {
    public let rowCount: Int
    /// The wanted columns, in the wanted order.
    public let columns: [CSVColumn]
    /// Line of each record's first byte, from 1.
    public let lines: CSVNumbers
    /// Offset of each record's first byte in the source.
    public let byteOffsets: CSVNumbers
    /// Null, or a `RejectReason`; the record's columns are then null.
    public let rejects: CSVColumn
}

/// Collects rows into a batch and starts the next one with memory of the size that the last one took.
final class BatchWriter {
    let columnCount: Int
    let rowCapacity: Int
    private(set) var rowCount = 0
    private(set) var columns: UnsafeMutablePointer<ColumnBuffer>
    private var rejects: ColumnBuffer
    private var lines: UnsafeMutablePointer<Int64>
    private var byteOffsets: UnsafeMutablePointer<Int64>

    init(columnCount: Int, rowCapacity: Int) {
        self.columnCount = columnCount
        self.rowCapacity = rowCapacity
        columns = .allocate(capacity: max(1, columnCount))
        for index in 0..<columnCount {
            (columns + index).initialize(to: ColumnBuffer(rows: rowCapacity, valueBytes: min(1 << 16, rowCapacity * 8)))
        }
        rejects = ColumnBuffer(rows: rowCapacity, valueBytes: 0)
        lines = ColumnBuffer.block(rowCapacity * 8).assumingMemoryBound(to: Int64.self)
        byteOffsets = ColumnBuffer.block(rowCapacity * 8).assumingMemoryBound(to: Int64.self)
    }

    deinit {
        for index in 0..<columnCount { columns[index].deallocate() }
        columns.deallocate()
        rejects.deallocate()
        free(lines)
        free(byteOffsets)
    }

    /// Make the cells that were put a row; with a reason they are dropped for nulls.
    func commit(line: Int64, byteOffset: UInt64, reject: RejectReason?) {
        let row = rowCount
        lines[row] = line
        byteOffsets[row] = Int64(clamping: byteOffset)
        if let reject {
            for index in 0..<columnCount {
                columns[index].rollBack(row: row)
                columns[index].endNull(row: row)
            }
            // Short copies read behind their source: give them room.
            var text = Array(reject.rawValue.utf8)
            let count = text.count
            text.append(contentsOf: repeatElement(0, count: 16))
            text.withUnsafeBufferPointer { bytes in
                if let base = bytes.baseAddress { rejects.append(base, count) }
            }
            rejects.endValue(row: row)
        } else {
            rejects.endNull(row: row)
        }
        rowCount += 1
    }

    /// Forget the cells that were put since the last row.
    func rollBack() {
        for index in 0..<columnCount { columns[index].rollBack(row: rowCount) }
    }

    /// The batch so far; the writer is empty afterwards.
    func finish() -> CSVBatch {
        let rows = rowCount
        let done = (0..<columnCount).map { index in
            let buffer = columns[index]
            columns[index] = ColumnBuffer(rows: rowCapacity, valueBytes: buffer.used + buffer.used / 8)
            return CSVColumn(buffer, rows: rows)
        }
        let rejected = CSVColumn(rejects, rows: rows)
        rejects = ColumnBuffer(rows: rowCapacity, valueBytes: 0)
        let batch = CSVBatch(
            rowCount: rows, columns: done, lines: CSVNumbers(lines, rows: rows),
            byteOffsets: CSVNumbers(byteOffsets, rows: rows), rejects: rejected)
        lines = ColumnBuffer.block(rowCapacity * 8).assumingMemoryBound(to: Int64.self)
        byteOffsets = ColumnBuffer.block(rowCapacity * 8).assumingMemoryBound(to: Int64.self)
        rowCount = 0
        return batch
    }
}
