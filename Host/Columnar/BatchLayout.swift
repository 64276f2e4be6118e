/// A batch as it will lie on the wire: how many bytes that takes is known before one is written.
///
/// A head of fixed-width fields, then the buffers, each at a multiple of 8 (docs/runner-protocol.md). What lies between
/// them is zero.
public struct BatchLayout {
    /// Bytes of the whole frame, a multiple of 8.
    public let byteCount: Int
    private let head: [UInt8]
    private let buffers: [Buffer]

    public init(_ batch: Batch) { self.init(schema: batch.schema, columns: batch.columns, rows: batch.rowCount) }

    /// A batch of no rows whose buffers have no bytes.
    public init(_ schema: Schema) { self.init(schema: schema, columns: [], rows: 0) }

    private init(schema: Schema, columns: [Column], rows: Int) {
        var head: [UInt8] = []
        func put<T: FixedWidthInteger>(_ value: T) {
            withUnsafeBytes(of: value.littleEndian) { head.append(contentsOf: $0) }
        }
        put(BatchCodec.magic)
        put(UInt32(schema.fields.count))
        put(UInt64(rows))
        // The head's own size comes first: names, then three buffers of 16 bytes each.
        let headSize = schema.fields.reduce(16) { $0 + 8 + 4 + $1.name.utf8.count + 8 + 48 }
        var at = Self.aligned(headSize)
        head.reserveCapacity(at)
        var buffers: [Buffer] = []
        for (place, field) in schema.fields.enumerated() {
            put(field.type.code)
            put(field.nullable ? BatchCodec.nullableFlag : UInt32(0))
            put(UInt32(field.name.utf8.count))
            head.append(contentsOf: field.name.utf8)
            let column = columns.isEmpty ? nil : columns[place]
            put(UInt64(column?.nullCount ?? 0))
            for buffer in [column?.validity, column?.offsets, column?.values] {
                put(UInt64(at))
                guard let buffer, rows > 0 else {
                    put(UInt64(0))
                    continue
                }
                put(UInt64(buffer.count))
                at += Self.aligned(buffer.count)
                buffers.append(buffer)
            }
        }
        head.append(contentsOf: repeatElement(0, count: Self.aligned(headSize) - head.count))
        self.head = head
        self.buffers = buffers
        byteCount = at
    }

    private static func aligned(_ size: Int) -> Int { (size + 7) & ~7 }

    public func append(to out: inout [UInt8]) {
        out.reserveCapacity(out.count + byteCount)
        out.append(contentsOf: head)
        for buffer in buffers {
            buffer.withUnsafeBytes { out.append(contentsOf: $0) }
            out.append(contentsOf: repeatElement(0, count: Self.aligned(buffer.count) - buffer.count))
        }
    }

    /// Writes the frame over the first `byteCount` bytes, which must be there; the others stay as they are.
    public func write(to memory: UnsafeMutableRawBufferPointer) {
        precondition(memory.count >= byteCount, "a batch does not fit the memory that it is written to")
        var at = 0
        func put(_ bytes: UnsafeRawBufferPointer) {
            let whole = Self.aligned(bytes.count)
            UnsafeMutableRawBufferPointer(rebasing: memory[at..<(at + bytes.count)]).copyMemory(from: bytes)
            for place in bytes.count..<whole { memory[at + place] = 0 }
            at += whole
        }
        head.withUnsafeBytes { put($0) }
        for buffer in buffers { buffer.withUnsafeBytes { put($0) } }
    }
}
