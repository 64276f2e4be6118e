internal import Glibc

/// The values of one utf8 column under construction, in the layout of Arrow.
///
/// Its memory belongs to whoever holds the struct in a `BatchWriter`; copies are views.
struct ColumnBuffer {
    /// Bytes that a short copy may write behind a value.
    private static let slack = 16

    private(set) var values: UnsafeMutablePointer<UInt8>
    private(set) var used = 0
    private var capacity: Int
    /// `rows + 1` offsets, the first 0.
    private(set) var offsets: UnsafeMutablePointer<Int32>
    /// One bit a row, 1 until a null is put.
    private(set) var validity: UnsafeMutablePointer<UInt8>

    init(rows: Int, valueBytes: Int) {
        capacity = valueBytes + ColumnBuffer.slack
        values = ColumnBuffer.block(capacity).assumingMemoryBound(to: UInt8.self)
        offsets = ColumnBuffer.block((rows + 1) * 4).assumingMemoryBound(to: Int32.self)
        offsets[0] = 0
        let bitmap = (rows + 7) / 8
        validity = ColumnBuffer.block(bitmap).assumingMemoryBound(to: UInt8.self)
        memset(validity, 0xFF, bitmap)
    }

    func deallocate() {
        free(values)
        free(offsets)
        free(validity)
    }

    /// Memory that runs out ends the process, as Swift's own arrays do.
    static func block(_ size: Int, growing old: UnsafeMutableRawPointer? = nil) -> UnsafeMutableRawPointer {
        guard let block = realloc(old, max(16, size)) else {
            preconditionFailure("Out of memory: a batch needs \(size) bytes.")
        }
        return block
    }

    /// Append bytes to the cell in hand. Up to 15 bytes behind the source are read, and must be readable.
    @inline(__always)
    mutating func append(_ source: UnsafePointer<UInt8>, _ count: Int) {
        if used + count + ColumnBuffer.slack > capacity { grow(count) }
        let target = UnsafeMutableRawPointer(values + used)
        if count <= 16 {
            let from = UnsafeRawPointer(source)
            let low = from.loadUnaligned(as: UInt64.self)
            let high = from.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            target.storeBytes(of: low, as: UInt64.self)
            target.storeBytes(of: high, toByteOffset: 8, as: UInt64.self)
        } else {
            memcpy(target, source, count)
        }
        used += count
    }

    @inline(never)
    private mutating func grow(_ count: Int) {
        capacity = max(used + count, used + used / 2) + ColumnBuffer.slack
        values = ColumnBuffer.block(capacity, growing: values).assumingMemoryBound(to: UInt8.self)
    }

    /// End the cell of `row` as a value.
    @inline(__always)
    mutating func endValue(row: Int) { offsets[row + 1] = Int32(truncatingIfNeeded: used) }

    /// End the cell of `row` as a null.
    @inline(__always)
    mutating func endNull(row: Int) {
        offsets[row + 1] = Int32(truncatingIfNeeded: used)
        validity[row >> 3] &= ~(1 << UInt8(truncatingIfNeeded: row & 7))
    }

    /// Forget what was put for `row`.
    mutating func rollBack(row: Int) {
        used = Int(offsets[row])
        validity[row >> 3] |= 1 << UInt8(truncatingIfNeeded: row & 7)
    }

    /// Nulls among the first `rows` rows.
    func nullCount(rows: Int) -> Int {
        var valid = 0
        for index in 0..<(rows / 8) { valid += validity[index].nonzeroBitCount }
        if rows & 7 != 0 {
            let mask = UInt8(truncatingIfNeeded: (1 << (rows & 7)) - 1)
            valid += (validity[rows / 8] & mask).nonzeroBitCount
        }
        return rows - valid
    }
}
