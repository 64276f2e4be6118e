internal import Glibc

/// Builds one column row by row; memory doubles, so there is no allocation per row.
@frozen
public struct ColumnBuilder: ~Copyable {
    public let type: ColumnType
    @usableFromInline var rows = 0
    /// Rows so far.
    @inlinable public var count: Int { rows }
    @usableFromInline var nullCount = 0
    @usableFromInline var validity: GrowingBytes
    @usableFromInline var offsets: GrowingBytes
    @usableFromInline var values: GrowingBytes

    /// - Parameter capacity: rows to expect.
    public init(_ type: ColumnType, capacity: Int = 0, valueBytes: Int = 0) {
        self.type = type
        validity = GrowingBytes(capacity: capacity / 8 + 8)
        offsets = GrowingBytes(capacity: type.hasOffsets ? (capacity + 1) * 4 : 0)
        values = GrowingBytes(capacity: max(valueBytes, capacity * (type.width ?? 1) / (type == .bool ? 8 : 1)))
        if type.hasOffsets { offsets.append(Int32(0)) }
    }

    /// Bytes of values so far; a text column may hold at most 2^31 - 1.
    public var valueByteCount: Int { values.count }

    @inlinable
    @inline(__always)
    mutating func mark(_ valid: Bool) {
        if rows & 7 == 0 { validity.append(UInt8(0)) }
        if valid { validity.setBit(rows) } else { nullCount += 1 }
        rows += 1
    }

    /// A null; its place in the values holds zero.
    @inlinable
    public mutating func appendNull() {
        switch type {
        case .bool: if count & 7 == 0 { values.append(UInt8(0)) }
        case .int64, .float64, .timestamp, .decimal: values.append(Int64(0))
        case .date: values.append(Int32(0))
        case .text, .binary: offsets.append(Int32(truncatingIfNeeded: values.count))
        }
        mark(false)
    }

    @inlinable
    public mutating func append(bool value: Bool) {
        if count & 7 == 0 { values.append(UInt8(0)) }
        if value { values.setBit(count) }
        mark(true)
    }

    /// An int64, a timestamp, or the units of a decimal.
    @inlinable
    @inline(__always)
    public mutating func append(int64 value: Int64) {
        values.append(value)
        mark(true)
    }

    @inlinable
    @inline(__always)
    public mutating func append(float64 value: Double) {
        values.append(value)
        mark(true)
    }

    @inlinable
    @inline(__always)
    public mutating func append(date value: Int32) {
        values.append(value)
        mark(true)
    }

    /// A text or binary value; text must be UTF-8.
    @inlinable
    @inline(__always)
    public mutating func append(bytes value: UnsafeRawBufferPointer) {
        values.append(contentsOf: value)
        offsets.append(Int32(truncatingIfNeeded: values.count))
        mark(true)
    }

    public mutating func append(text value: String) {
        var value = value
        value.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
    }

    public mutating func append(text value: String?) {
        if let value { append(text: value) } else { appendNull() }
    }

    /// A row of another column of the same type; one of another type ends the process before memory is misread.
    @inlinable
    public mutating func append(_ view: ColumnView, row: Int) {
        precondition(view.type == type, "a row of a column of another type")
        guard view.isValid(row) else { return appendNull() }
        switch type {
        case .bool: append(bool: view.bool(row))
        case .int64, .timestamp, .decimal: append(int64: view.int64(row))
        case .float64: append(float64: view.float64(row))
        case .date: append(date: view.date(row))
        case .text, .binary: append(bytes: view.bytes(row))
        }
    }

    /// Bytes for a value under construction: append pieces, then `endValue()`. Text and binary alone.
    @inlinable
    public mutating func appendPiece(_ piece: UnsafeRawBufferPointer) { values.append(contentsOf: piece) }
    @inlinable
    public mutating func appendPiece(byte: UInt8) { values.append(byte) }

    /// Ends the value whose pieces were appended since the last one.
    @inlinable
    public mutating func endValue() {
        offsets.append(Int32(truncatingIfNeeded: values.count))
        mark(true)
    }

    /// Drops the pieces of the value under construction and puts a null in its place.
    public mutating func abandonValue() {
        values.truncate(to: Int(offsets.lastInt32))
        appendNull()
    }

    public consuming func finish() -> Column {
        let hasNulls = nullCount > 0
        let hasOffsets = type.hasOffsets
        return Column(
            type: type, count: rows, nullCount: nullCount, validity: hasNulls ? Buffer(validity.freeze()) : nil,
            offsets: hasOffsets ? Buffer(offsets.freeze()) : nil, values: Buffer(values.freeze()))
    }
}

/// Memory that doubles.
@usableFromInline
@frozen
struct GrowingBytes: ~Copyable {
    @usableFromInline var memory: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var count = 0

    init(capacity: Int) {
        self.capacity = max(64, capacity)
        memory = Bytes.allocate(self.capacity)
    }

    @usableFromInline
    deinit { free(memory) }

    @inlinable
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    @usableFromInline
    @inline(never)
    mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = Bytes.allocate(capacity)
        larger.copyMemory(from: memory, byteCount: count)
        free(memory)
        memory = larger
    }

    @inlinable
    @inline(__always)
    mutating func append<T: BitwiseCopyable>(_ value: T) {
        reserve(MemoryLayout<T>.size)
        (memory + count).storeBytes(of: value, as: T.self)
        count += MemoryLayout<T>.size
    }

    @inlinable
    @inline(__always)
    mutating func append(contentsOf bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        (memory + count).copyMemory(from: base, byteCount: bytes.count)
        count += bytes.count
    }

    @inlinable
    @inline(__always)
    mutating func setBit(_ bit: Int) {
        let byte = memory + (bit >> 3)
        byte.storeBytes(of: byte.load(as: UInt8.self) | 1 << UInt8(bit & 7), as: UInt8.self)
    }

    var lastInt32: Int32 { (memory + (count - 4)).loadUnaligned(as: Int32.self) }

    mutating func truncate(to size: Int) { count = size }

    /// The bytes, which take the memory over.
    consuming func freeze() -> Bytes {
        let bytes = Bytes(adopting: memory, count: count)
        discard self
        return bytes
    }
}
