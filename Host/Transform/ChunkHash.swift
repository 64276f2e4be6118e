public import Columnar
public import Foundations

/// The content hash of a chunk: SHA-256 over its rows in the order given (ROADMAP §37).
///
/// A row is its key columns in key order, then its selected columns in target order. A value is one type byte, its
/// length in bytes as four bytes, big-endian, and the bytes:
///
///     0x00 null       no bytes                     0x04 bool       t or f
///     0x01 text       UTF-8                        0x05 date       YYYY-MM-DD
///     0x02 int64      decimal digits               0x06 timestamp  YYYY-MM-DDTHH:MM:SS.ffffffZ
///     0x03 float64    shortest, as ECMAScript      0x07 binary     as it is
///                                                  0x08 decimal    digits with a point before the last `scale`
///
/// Nothing stands between values or rows. The hash does not depend on how rows are cut into batches.
public struct ChunkHash: ~Copyable {
    private static let capacity = 1 << 16
    private static let head = 5

    private var hasher = SHA256()
    private let buffer: UnsafeMutableRawPointer
    private var used = 0
    /// Rows so far.
    public private(set) var rowCount = 0

    public init() { buffer = .allocate(byteCount: Self.capacity, alignment: 64) }

    deinit { buffer.deallocate() }

    /// Adds all rows, or the rows named in the order named.
    ///
    /// - Parameters:
    ///   - keys, columns: places in the batch's columns.
    ///   - rows: each below the batch's row count.
    public mutating func add(_ batch: Batch, keys: [Int], columns: [Int], rows: [Int]? = nil) {
        add((keys + columns).map { batch.columns[$0] }, rowCount: batch.rowCount, rows: rows)
    }

    /// As `add(_:keys:columns:rows:)`, over columns of one length: the key's, then the selected ones.
    public mutating func add(_ columns: [Column], rowCount: Int, rows: [Int]? = nil) {
        precondition(columns.allSatisfy { $0.count == rowCount }, "columns of one chunk have one length")
        Column.withViews(columns) { views in
            if let rows {
                for row in rows { add(views, row: row) }
            } else {
                for row in 0..<rowCount { add(views, row: row) }
            }
        }
        self.rowCount += rows?.count ?? rowCount
    }

    /// The hash of all rows so far; more may follow.
    public mutating func digest() -> SHA256.Digest {
        flush()
        return hasher.digest()
    }

    @inline(__always)
    private mutating func add(_ views: [ColumnView], row: Int) {
        for view in views {
            // Room for the head and any value that is not text.
            if used + Self.head + ValueText.capacity > Self.capacity { flush() }
            guard view.isValid(row) else {
                head(0x00, count: 0)
                used += Self.head
                continue
            }
            let out = buffer + (used + Self.head)
            switch view.type {
            case .text: put(0x01, view.bytes(row))
            case .int64: end(0x02, count: ValueText.int64(view.int64(row), out))
            case .float64: end(0x03, count: ValueText.float64(view.float64(row), out))
            case .bool:
                out.storeBytes(of: view.bool(row) ? UInt8(ascii: "t") : UInt8(ascii: "f"), as: UInt8.self)
                end(0x04, count: 1)
            case .date: end(0x05, count: ValueText.date(Int(view.date(row)), out))
            case .timestamp: end(0x06, count: ValueText.timestamp(view.int64(row), out))
            case .decimal(_, let scale):
                end(0x08, count: ValueText.decimal(view.int64(row), scale: scale, out))
            case .binary: put(0x07, view.bytes(row))
            }
        }
    }

    /// Ends a value that was written behind the place of its head.
    @inline(__always)
    private mutating func end(_ type: UInt8, count: Int) {
        head(type, count: count)
        used += Self.head + count
    }

    @inline(__always)
    private func head(_ type: UInt8, count: Int) {
        (buffer + used).storeBytes(of: type, as: UInt8.self)
        (buffer + (used + 1)).storeBytes(of: UInt32(truncatingIfNeeded: count).bigEndian, as: UInt32.self)
    }

    @inline(__always)
    private mutating func put(_ type: UInt8, _ bytes: UnsafeRawBufferPointer) {
        head(type, count: bytes.count)
        used += Self.head
        guard let base = bytes.baseAddress else { return }
        if used + bytes.count <= Self.capacity {
            (buffer + used).copyMemory(from: base, byteCount: bytes.count)
            used += bytes.count
        } else {
            flush()
            hasher.update(bytes)
        }
    }

    private mutating func flush() {
        hasher.update(UnsafeRawBufferPointer(start: buffer, count: used))
        used = 0
    }
}
