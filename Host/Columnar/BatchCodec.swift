internal import Foundations

/// A batch as it crosses to a runner and back: offsets and lengths in one frame (docs/runner-protocol.md).
///
/// The decoder trusts nothing: a frame is validated whole before a column of it exists.
public enum BatchCodec {
    /// Why a frame was refused; it names a place, never a value.
    public struct Failure: Error, Sendable, Equatable {
        public let reason: String
    }

    static let magic: UInt32 = 0x3142_4C53
    static let nullableFlag: UInt32 = 1
    /// Rows that one frame may hold.
    public static let maximumRows: UInt64 = 1 << 31 - 1
    public static let maximumColumns: UInt32 = 1 << 16

    // MARK: Encoding

    /// Appends the frame of a batch. The frame begins at a multiple of 8 counted from its own first byte.
    public static func encode(_ batch: Batch, into out: inout [UInt8]) {
        encode(schema: batch.schema, columns: batch.columns, rows: batch.rowCount, into: &out)
    }

    /// Appends the frame of a schema: a batch of no rows whose buffers have no bytes.
    public static func encode(_ schema: Schema, into out: inout [UInt8]) {
        encode(schema: schema, columns: [], rows: 0, into: &out)
    }

    private static func encode(schema: Schema, columns: [Column], rows: Int, into out: inout [UInt8]) {
        let start = out.count
        var head: [UInt8] = []
        func put<T: FixedWidthInteger>(_ value: T) {
            withUnsafeBytes(of: value.littleEndian) { head.append(contentsOf: $0) }
        }
        func aligned(_ size: Int) -> Int { (size + 7) & ~7 }
        put(magic)
        put(UInt32(schema.fields.count))
        put(UInt64(rows))
        // The head's own size comes first: names, then three buffers of 16 bytes each.
        let headSize = schema.fields.reduce(16) { $0 + 8 + 4 + $1.name.utf8.count + 8 + 48 }
        var at = aligned(headSize)
        var buffers: [Buffer] = []
        for (place, field) in schema.fields.enumerated() {
            put(field.type.rawValue)
            put(field.nullable ? nullableFlag : UInt32(0))
            put(UInt32(field.name.utf8.count))
            head.append(contentsOf: field.name.utf8)
            let column = columns.isEmpty ? nil : columns[place]
            put(UInt64(column?.nullCount ?? 0))
            for buffer in [column?.validity, column?.offsets, column?.values] {
                guard let buffer, rows > 0 else {
                    put(UInt64(at))
                    put(UInt64(0))
                    continue
                }
                put(UInt64(at))
                put(UInt64(buffer.count))
                at += aligned(buffer.count)
                buffers.append(buffer)
            }
        }
        out.reserveCapacity(start + at)
        out.append(contentsOf: head)
        out.append(contentsOf: repeatElement(0, count: aligned(headSize) - head.count))
        for buffer in buffers {
            buffer.withUnsafeBytes { out.append(contentsOf: $0) }
            out.append(contentsOf: repeatElement(0, count: aligned(buffer.count) - buffer.count))
        }
    }

    // MARK: Decoding

    /// The batch in `frame[offset...]`. Columns share the frame's memory, which must be the host's own copy.
    public static func decode(_ frame: Bytes, offset: Int = 0) throws(Failure) -> Batch {
        var reader = try FrameReader(frame, offset: offset)
        guard try reader.uint32() == magic else { throw Failure(reason: "the magic number is wrong") }
        let columnCount = try reader.uint32()
        let rowCount = try reader.uint64()
        guard columnCount <= maximumColumns else { throw Failure(reason: "it has too many columns") }
        guard rowCount <= maximumRows else { throw Failure(reason: "it has too many rows") }
        // Without columns no buffer bounds the count: a few bytes could claim two billion rows.
        guard rowCount == 0 || columnCount > 0 else { throw Failure(reason: "it has rows and no columns") }
        let rows = Int(rowCount)
        var fields: [Field] = []
        var columns: [Column] = []
        for place in 0..<Int(columnCount) {
            guard let type = ColumnType(rawValue: try reader.uint32()) else {
                throw Failure(reason: "column \(place) has an unknown type")
            }
            let flags = try reader.uint32()
            guard flags & ~nullableFlag == 0 else { throw Failure(reason: "column \(place) has unknown flags") }
            let name = try reader.text()
            let nullCount = try reader.uint64()
            let validity = try reader.buffer()
            let offsets = try reader.buffer()
            let values = try reader.buffer()
            fields.append(Field(name, type, nullable: flags & nullableFlag != 0))
            columns.append(
                try column(
                    type, rows: rows, isNullable: flags & nullableFlag != 0, nullCount: nullCount, validity: validity,
                    offsets: offsets, values: values,
                    place: place))
        }
        try reader.finish()
        return Batch(schema: Schema(fields), columns: columns, rowCount: rows)
    }

    private static func column(
        _ type: ColumnType, rows: Int, isNullable: Bool, nullCount: UInt64, validity: Buffer, offsets: Buffer,
        values: Buffer, place: Int
    ) throws(Failure) -> Column {
        func refuse(_ reason: String) -> Failure { Failure(reason: "column \(place): \(reason)") }
        guard nullCount <= UInt64(rows) else { throw refuse("more nulls than rows") }
        guard nullCount == 0 || isNullable else { throw refuse("nulls where there may be none") }
        let bitBytes = (rows + 7) / 8
        guard validity.count == 0 ? nullCount == 0 : validity.count >= bitBytes else {
            throw refuse("validity is short")
        }
        if validity.count > 0 {
            let valid = validity.withUnsafeBytes { countBits($0, rows: rows) }
            guard rows - valid == Int(nullCount) else { throw refuse("the null count is not that of its bits") }
        }
        guard validity.count == 0 || nullCount > 0 else { throw refuse("validity without nulls") }
        switch type {
        case .bool: guard values.count >= bitBytes else { throw refuse("values are short") }
        case .int64, .float64, .timestamp: guard values.count >= rows * 8 else { throw refuse("values are short") }
        case .date: guard values.count >= rows * 4 else { throw refuse("values are short") }
        case .text, .binary:
            guard rows > 0 else { break }
            guard offsets.count >= (rows + 1) * 4 else { throw refuse("offsets are short") }
            let reason = offsets.withUnsafeBytes { offsets in
                values.withUnsafeBytes { fault(offsets: offsets, values: $0, rows: rows, isText: type == .text) }
            }
            if let reason { throw refuse(reason) }
        }
        let emptyOffsets = rows == 0 && type.hasOffsets
        return Column(
            type: type, count: rows, nullCount: Int(nullCount), validity: nullCount == 0 ? nil : validity,
            offsets: emptyOffsets ? Buffer(Bytes.copy([0, 0, 0, 0])) : (type.hasOffsets ? offsets : nil),
            values: values)
    }

    private static func fault(
        offsets: UnsafeRawBufferPointer, values: UnsafeRawBufferPointer, rows: Int, isText: Bool
    ) -> String? {
        var previous = offsets.load(fromByteOffset: 0, as: Int32.self)
        guard previous >= 0 else { return "an offset is negative" }
        let first = previous
        for row in 1...rows {
            let next = offsets.load(fromByteOffset: row * 4, as: Int32.self)
            guard next >= previous else { return "offsets are not monotone" }
            previous = next
        }
        guard first == 0 else { return "the first offset is not 0" }
        guard Int(previous) <= values.count else { return "offsets reach behind the values" }
        guard isText else { return nil }
        guard isValidUTF8(UnsafeRawBufferPointer(rebasing: values[..<Int(previous)])) else {
            return "text is not UTF-8"
        }
        // Whole text valid and every cut on a scalar's first byte: every value is valid.
        for row in 1..<max(1, rows) {
            let cut = Int(offsets.load(fromByteOffset: row * 4, as: Int32.self))
            if cut < Int(previous), values[cut] & 0xC0 == 0x80 { return "text is not UTF-8" }
        }
        return nil
    }

    private static func countBits(_ bits: UnsafeRawBufferPointer, rows: Int) -> Int {
        var count = 0
        for byte in 0..<(rows / 8) { count += bits[byte].nonzeroBitCount }
        if rows % 8 != 0 { count += (bits[rows / 8] & (1 << UInt8(rows % 8) - 1)).nonzeroBitCount }
        return count
    }
}

/// Reads the head of a frame without trusting a length.
private struct FrameReader {
    private let frame: Bytes
    private let base: Int
    private var at = 0
    private let size: Int
    /// Where the first buffer begins, and where the last one ends so far; 0 while there is none.
    private var bodyStart = 0
    private var bodyEnd = 0

    init(_ frame: Bytes, offset: Int) throws(BatchCodec.Failure) {
        guard offset >= 0, offset <= frame.count else { throw BatchCodec.Failure(reason: "it is too short") }
        self.frame = frame
        base = offset
        size = frame.count - offset
    }

    private mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(BatchCodec.Failure) -> T {
        guard size - at >= MemoryLayout<T>.size else { throw BatchCodec.Failure(reason: "it is too short") }
        let value = frame.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: base + at, as: T.self) }
        at += MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    mutating func uint32() throws(BatchCodec.Failure) -> UInt32 { try integer(UInt32.self) }
    mutating func uint64() throws(BatchCodec.Failure) -> UInt64 { try integer(UInt64.self) }

    mutating func text() throws(BatchCodec.Failure) -> String {
        let length = Int(try uint32())
        guard length <= size - at else { throw BatchCodec.Failure(reason: "a name reaches behind the frame") }
        let bytes = frame.withUnsafeBytes { Array($0[(base + at)..<(base + at + length)]) }
        at += length
        guard isValidUTF8(bytes) else { throw BatchCodec.Failure(reason: "a name is not UTF-8") }
        // Arrow's own names end at the first of these, and no SQL can hold one.
        guard !bytes.contains(0) else { throw BatchCodec.Failure(reason: "a name holds a NUL") }
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func buffer() throws(BatchCodec.Failure) -> Buffer {
        let offset = try uint64()
        let count = try uint64()
        guard offset <= UInt64(size), count <= UInt64(size) - offset,
            let buffer = Buffer(frame, offset: base + Int(offset), count: Int(count))
        else { throw BatchCodec.Failure(reason: "a buffer reaches behind the frame") }
        guard (base + Int(offset)) % 8 == 0 else { throw BatchCodec.Failure(reason: "a buffer is not aligned") }
        if count > 0 {
            // One behind the other: bytes that many buffers share would be looked at once for each of them.
            guard bodyEnd == 0 || Self.follows(Int(offset), bodyEnd) else {
                throw BatchCodec.Failure(reason: "a buffer does not follow the one before it")
            }
            if bodyEnd == 0 { bodyStart = Int(offset) }
            bodyEnd = Int(offset) + Int(count)
        }
        return buffer
    }

    /// Whether nothing but the padding to 8 lies between an end and the next start.
    private static func follows(_ start: Int, _ end: Int) -> Bool { start >= end && start - end < 8 }

    /// Nothing follows the last buffer, or the head when there is none, but its padding to 8.
    func finish() throws(BatchCodec.Failure) {
        guard bodyEnd == 0 || Self.follows(bodyStart, at) else {
            throw BatchCodec.Failure(reason: "the first buffer does not follow the head")
        }
        let end = max(at, bodyEnd)
        guard size - end <= (8 - end % 8) % 8 else { throw BatchCodec.Failure(reason: "it is too long") }
    }
}
