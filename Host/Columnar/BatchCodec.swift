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
        BatchLayout(batch).append(to: &out)
    }

    /// Appends the frame of a schema: a batch of no rows whose buffers have no bytes.
    public static func encode(_ schema: Schema, into out: inout [UInt8]) {
        BatchLayout(schema).append(to: &out)
    }

    // MARK: Decoding

    /// The batch in `frame[offset...]`. Columns share the frame's memory, which must be the host's own copy.
    public static func decode(_ frame: Bytes, offset: Int = 0) throws(Failure) -> Batch {
        try decode(Arrival(frame), offset: offset)
    }

    /// The batch in memory that somebody else can write meanwhile: copied once, and the copy is what is checked.
    ///
    /// - Parameters:
    ///   - source: the whole frame; used during the call alone.
    ///   - pool: where the copy's memory comes from and goes back to.
    public static func decode(
        copying source: UnsafeRawBufferPointer, pool: WarmMemory
    ) throws(Failure) -> Batch {
        let arrival = Arrival(copying: source, pool: pool)
        let batch = try decode(arrival, offset: 0)
        arrival.need(arrival.bytes.count)
        return batch
    }

    private static func decode(_ arrival: Arrival, offset: Int) throws(Failure) -> Batch {
        var reader = try FrameReader(arrival, offset: offset)
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
            guard let type = ColumnType(code: try reader.uint32()) else {
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
                    offsets: offsets, values: values, place: place, arrival: arrival))
        }
        try reader.finish()
        return Batch(schema: Schema(fields), columns: columns, rowCount: rows)
    }

    private static func column(
        _ type: ColumnType, rows: Int, isNullable: Bool, nullCount: UInt64, validity: Buffer, offsets: Buffer,
        values: Buffer, place: Int, arrival: Arrival
    ) throws(Failure) -> Column {
        func refuse(_ reason: String) -> Failure { Failure(reason: "column \(place): \(reason)") }
        guard nullCount <= UInt64(rows) else { throw refuse("more nulls than rows") }
        guard nullCount == 0 || isNullable else { throw refuse("nulls where there may be none") }
        let bitBytes = (rows + 7) / 8
        guard validity.count == 0 ? nullCount == 0 : validity.count >= bitBytes else {
            throw refuse("validity is short")
        }
        if validity.count > 0 {
            arrival.need(validity.end)
            let valid = validity.withUnsafeBytes { countBits($0, rows: rows) }
            guard rows - valid == Int(nullCount) else { throw refuse("the null count is not that of its bits") }
        }
        guard validity.count == 0 || nullCount > 0 else { throw refuse("validity without nulls") }
        switch type {
        case .bool: guard values.count >= bitBytes else { throw refuse("values are short") }
        case .int64, .float64, .timestamp, .decimal:
            guard values.count >= rows * 8 else { throw refuse("values are short") }
        case .date: guard values.count >= rows * 4 else { throw refuse("values are short") }
        case .text, .binary:
            guard rows > 0 else { break }
            guard offsets.count >= (rows + 1) * 4 else { throw refuse("offsets are short") }
            let check = OffsetCheck(offsets: offsets, values: values, rows: rows, arrival: arrival)
            if let reason = check.fault(isText: type == .text) { throw refuse(reason) }
        }
        arrival.need(offsets.end)
        arrival.need(values.end)
        let emptyOffsets = rows == 0 && type.hasOffsets
        return Column(
            type: type, count: rows, nullCount: Int(nullCount), validity: nullCount == 0 ? nil : validity,
            offsets: emptyOffsets ? Buffer(Bytes.copy([0, 0, 0, 0])) : (type.hasOffsets ? offsets : nil),
            values: values)
    }

    private static func countBits(_ bits: UnsafeRawBufferPointer, rows: Int) -> Int {
        var count = 0
        let words = rows / 64
        for word in 0..<words {
            count += bits.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self).nonzeroBitCount
        }
        for byte in (words * 8)..<(rows / 8) { count += bits[byte].nonzeroBitCount }
        if rows % 8 != 0 { count += (bits[rows / 8] & (1 << UInt8(rows % 8) - 1)).nonzeroBitCount }
        return count
    }
}

/// Reads the head of a frame without trusting a length.
private struct FrameReader {
    private let arrival: Arrival
    private let frame: Bytes
    private let base: Int
    private var at = 0
    private let size: Int
    /// Where the first buffer begins, and where the last one ends so far; 0 while there is none.
    private var bodyStart = 0
    private var bodyEnd = 0

    init(_ arrival: Arrival, offset: Int) throws(BatchCodec.Failure) {
        frame = arrival.bytes
        guard offset >= 0, offset <= frame.count else { throw BatchCodec.Failure(reason: "it is too short") }
        self.arrival = arrival
        base = offset
        size = frame.count - offset
    }

    private mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(BatchCodec.Failure) -> T {
        guard size - at >= MemoryLayout<T>.size else { throw BatchCodec.Failure(reason: "it is too short") }
        arrival.need(base + at + MemoryLayout<T>.size)
        let value = frame.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: base + at, as: T.self) }
        at += MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    mutating func uint32() throws(BatchCodec.Failure) -> UInt32 { try integer(UInt32.self) }
    mutating func uint64() throws(BatchCodec.Failure) -> UInt64 { try integer(UInt64.self) }

    mutating func text() throws(BatchCodec.Failure) -> String {
        let length = Int(try uint32())
        guard length <= size - at else { throw BatchCodec.Failure(reason: "a name reaches behind the frame") }
        arrival.need(base + at + length)
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
