/// One column of a batch: validity, offsets and values as Arrow lays them out. Immutable.
public struct Column: Sendable {
    public let type: ColumnType
    public let count: Int
    public let nullCount: Int
    /// Bits, least significant first, 1 = valid; nil when there are no nulls.
    public let validity: Buffer?
    /// `count + 1` 32-bit offsets into `values`; text and binary alone.
    public let offsets: Buffer?
    public let values: Buffer

    /// Trusts its buffers: builders and the validated decoder alone make columns.
    init(type: ColumnType, count: Int, nullCount: Int, validity: Buffer?, offsets: Buffer?, values: Buffer) {
        self.type = type
        self.count = count
        self.nullCount = nullCount
        self.validity = validity
        self.offsets = offsets
        self.values = values
    }

    /// Valid as long as the column lives.
    var view: ColumnView {
        ColumnView(
            type: type, count: count, validity: validity?.pointer.assumingMemoryBound(to: UInt8.self),
            offsets: offsets?.pointer.assumingMemoryBound(to: Int32.self), values: values.pointer)
    }

    /// Direct access for one loop: the view is valid inside `body` only.
    public func withView<R, E: Error>(_ body: (ColumnView) throws(E) -> R) throws(E) -> R {
        let view = view
        return try withExtendedLifetime((validity?.owner, offsets?.owner, values.owner)) { () throws(E) -> R in
            try body(view)
        }
    }

    /// Direct access to several columns: the views, in order, are valid inside `body` only.
    public static func withViews<R, E: Error>(
        _ columns: [Column], _ body: ([ColumnView]) throws(E) -> R
    ) throws(E) -> R {
        let views = columns.map(\.view)
        return try withExtendedLifetime(columns) { () throws(E) -> R in try body(views) }
    }

    /// A text column with the same nulls and an empty text for every value.
    public func blanked() -> Column {
        let offsets = Bytes.make(count: (count + 1) * 4) { _ in }
        let bits = validity.map { validity in validity.withUnsafeBytes { Buffer(Bytes.copy($0)) } }
        return Column(
            type: .text, count: count, nullCount: nullCount, validity: bits, offsets: Buffer(offsets),
            values: Buffer(Bytes.make(count: 0) { _ in }))
    }

    /// Bytes that the buffers take.
    public var byteCount: Int { (validity?.count ?? 0) + (offsets?.count ?? 0) + values.count }

    /// The rows named, in the order named. Each index must be below `count`.
    public func gather(_ rows: [Int]) -> Column {
        withView { view in
            var builder = ColumnBuilder(type, capacity: rows.count)
            for row in rows { builder.append(view, row: row) }
            return builder.finish()
        }
    }
}

/// Pointers into one column, for hot loops. Every index must be below `count`.
@frozen
public struct ColumnView {
    public let type: ColumnType
    public let count: Int
    @usableFromInline let validity: UnsafePointer<UInt8>?
    @usableFromInline let offsets: UnsafePointer<Int32>?
    @usableFromInline let values: UnsafeRawPointer

    @inlinable
    @inline(__always)
    public func isValid(_ row: Int) -> Bool {
        guard let validity else { return true }
        return validity[row >> 3] >> UInt8(row & 7) & 1 == 1
    }

    @inlinable
    @inline(__always)
    public func bool(_ row: Int) -> Bool {
        values.load(fromByteOffset: row >> 3, as: UInt8.self) >> UInt8(row & 7) & 1 == 1
    }

    /// An int64, a timestamp, or the units of a decimal.
    @inlinable
    @inline(__always)
    public func int64(_ row: Int) -> Int64 { values.load(fromByteOffset: row << 3, as: Int64.self) }

    @inlinable
    @inline(__always)
    public func float64(_ row: Int) -> Double { values.load(fromByteOffset: row << 3, as: Double.self) }

    @inlinable
    @inline(__always)
    public func date(_ row: Int) -> Int32 { values.load(fromByteOffset: row << 2, as: Int32.self) }

    /// The bytes of a text or binary value; empty for a null.
    @inlinable
    @inline(__always)
    public func bytes(_ row: Int) -> UnsafeRawBufferPointer {
        guard let offsets else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let start = Int(offsets[row])
        return UnsafeRawBufferPointer(start: values + start, count: Int(offsets[row + 1]) - start)
    }

    /// A text value; nil for a null. For previews and tests, not for hot loops.
    public func text(_ row: Int) -> String? { isValid(row) ? String(decoding: bytes(row), as: UTF8.self) : nil }
}
