internal import CVector
internal import Glibc

/// A text where its bytes lie, or null, without owning them.
///
/// The layout is that of `cvector_cell`.
@frozen
public struct Cell {
    /// nil for a null, for nothing else.
    public var base: UnsafePointer<UInt8>?
    /// Bytes; 0 for a null.
    public var count: Int

    @inlinable
    @inline(__always)
    public init(_ base: UnsafePointer<UInt8>?, _ count: Int) {
        self.base = base
        self.count = count
    }

    public static var null: Cell { Cell(nil, 0) }

    /// The bytes; of a null none.
    @inlinable
    @inline(__always)
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}

/// Makes one column a block of rows at a time. Values that are not text come as 64-bit words: integers, units,
/// microseconds and days as they are, bools as 0 and 1, doubles by their bits.
///
/// Every block but the last has a multiple of eight rows. The memory becomes the column's: nothing is copied at the end.
public struct ColumnWriter: ~Copyable {
    /// Most bytes of a text column: its offsets have 32 bits.
    public static let maximumBytes = Int(Int32.max)

    public let type: ColumnType
    private let capacity: Int
    private var rows = 0
    private var nullCount = 0
    private var validity: GrowingBytes
    private var offsets: GrowingBytes
    private var values: GrowingBytes

    /// - Parameters:
    ///   - rows: most rows that will come.
    ///   - valueBytes: bytes of text to expect.
    public init(_ type: ColumnType, rows: Int, valueBytes: Int = 0) {
        self.type = type
        capacity = rows
        validity = GrowingBytes(capacity: rows / 8 + 8)
        offsets = GrowingBytes(capacity: type.hasOffsets ? (rows + 1) * 4 : 0)
        values = GrowingBytes(
            capacity: type.hasOffsets ? valueBytes : type == .bool ? rows / 8 + 8 : rows * (type.width ?? 0))
        if type.hasOffsets { offsets.append(Int32(0)) }
    }

    /// Rows so far.
    public var count: Int { rows }

    private mutating func begin(_ count: Int) {
        precondition(rows & 7 == 0 && rows + count <= capacity, "a block does not fit its column")
        validity.reserve(count / 8 + 1)
    }

    private mutating func end(_ count: Int, nulls: Int) {
        validity.count += (count + 7) / 8
        nullCount += nulls
        rows += count
    }

    /// Where texts of the next block may be written, one behind the other, before their cells are appended: they are then
    /// not copied. nil when the column would exceed ``maximumBytes``. Good until the next block but one call.
    public mutating func room(_ bytes: Int) -> UnsafeMutablePointer<UInt8>? {
        guard type.hasOffsets, bytes <= Self.maximumBytes - values.count else { return nil }
        values.reserve(bytes)
        return (values.memory + values.count).assumingMemoryBound(to: UInt8.self)
    }

    /// Appends texts. `false`, and nothing appended, when the column would exceed ``maximumBytes``.
    public mutating func append(_ cells: UnsafePointer<Cell>, count: Int) -> Bool {
        precondition(type.hasOffsets, "cells for a column that has no bytes")
        begin(count)
        // The layouts are one.
        let cells = UnsafeRawPointer(cells).assumingMemoryBound(to: cvector_cell.self)
        let size = cvector_cells_size(cells, count, Self.maximumBytes - values.count)
        // Too much is SIZE_MAX, which Swift sees as -1.
        guard size >= 0, size <= Self.maximumBytes - values.count else { return false }
        values.reserve(size)
        let nulls = cvector_gather(
            cells, count, (values.memory + values.count).assumingMemoryBound(to: UInt8.self),
            Int32(truncatingIfNeeded: values.count),
            (offsets.memory + offsets.count).assumingMemoryBound(to: Int32.self),
            (validity.memory + validity.count).assumingMemoryBound(to: UInt8.self))
        values.count += size
        offsets.count += count * 4
        end(count, nulls: nulls)
        return true
    }

    /// Appends values that are not text; `valid` has a 1 for each, a 0 for a null, whose word is 0.
    public mutating func append(words: UnsafePointer<Int64>, valid: UnsafePointer<UInt8>, count: Int) {
        precondition(!type.hasOffsets, "words for a column of bytes")
        begin(count)
        let out = values.memory + values.count
        switch type {
        case .date:
            let days = out.assumingMemoryBound(to: Int32.self)
            for row in 0..<count { days[row] = Int32(truncatingIfNeeded: words[row]) }
            values.count += count * 4
        case .bool:
            let bits = out.assumingMemoryBound(to: UInt8.self)
            for first in stride(from: 0, to: count, by: 8) {
                var byte: UInt8 = 0
                for row in first..<min(first + 8, count) where words[row] != 0 { byte |= 1 << UInt8(row - first) }
                bits[first >> 3] = byte
            }
            values.count += (count + 7) / 8
        default:
            memcpy(out, words, count * 8)
            values.count += count * 8
        }
        end(
            count,
            nulls: cvector_pack(
                valid, count, (validity.memory + validity.count).assumingMemoryBound(to: UInt8.self)))
    }

    public consuming func finish() -> Column {
        let hasNulls = nullCount > 0
        let hasOffsets = type.hasOffsets
        return Column(
            type: type, count: rows, nullCount: nullCount, validity: hasNulls ? Buffer(validity.freeze()) : nil,
            offsets: hasOffsets ? Buffer(offsets.freeze()) : nil, values: Buffer(values.freeze()))
    }
}

extension ColumnView {
    /// Cells over `count` rows of a text column from `first` on, at `out`; valid as long as the view is.
    public func cells(_ first: Int, _ count: Int, into out: UnsafeMutablePointer<Cell>) {
        guard let offsets else { return }
        cvector_cells(
            offsets, values.assumingMemoryBound(to: UInt8.self), validity, first, count,
            UnsafeMutableRawPointer(out).assumingMemoryBound(to: cvector_cell.self))
    }

    /// Whether every row has a value.
    public var isFull: Bool { validity == nil }

    /// A 1 for each of `count` rows from `first` on that has a value, otherwise a 0.
    public func validity(_ first: Int, _ count: Int, into out: UnsafeMutablePointer<UInt8>) {
        if let validity { cvector_unpack(validity, first, count, out) } else { memset(out, 1, count) }
    }

    /// Values that are not text as the words that ``ColumnWriter`` takes.
    public func words(_ first: Int, _ count: Int, into out: UnsafeMutablePointer<Int64>) {
        switch type {
        case .date: for row in 0..<count { out[row] = Int64(date(first + row)) }
        case .bool:
            values.withMemoryRebound(to: UInt8.self, capacity: (first + count + 7) / 8) { bits in
                for row in first..<(first + count) { out[row - first] = Int64(bits[row >> 3] >> UInt8(row & 7) & 1) }
            }
        case .text, .binary: break
        default: memcpy(out, values + first * 8, count * 8)
        }
    }
}
