#if canImport(Glibc)
internal import Glibc
#endif

/// A growing block of `malloc`ed bytes that one column owns.
///
/// Exclusive to the thread that fills it; once exported, the receiver's release frees it.
public final class ArrowBuffer {
    public private(set) var base: UnsafeMutableRawPointer?
    /// Bytes in use.
    public private(set) var count: Int
    private var capacity: Int

    public init() {
        base = nil
        count = 0
        capacity = 0
    }

    /// Take over a block that came from `malloc`; nil is an empty buffer.
    public init(adopting block: UnsafeMutableRawPointer?, count: Int) {
        base = block
        self.count = block == nil ? 0 : count
        capacity = self.count
    }

    deinit { free(base) }

    /// Append bytes; memory that runs out ends the process, as Swift's own arrays do.
    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Append one fixed-width value.
    func append<Value: BitwiseCopyable>(_ value: Value) {
        let size = MemoryLayout<Value>.size
        reserve(size).storeBytes(of: value, as: Value.self)
        count += size
    }

    /// Append one bit; `index` counts the bits before it.
    func appendBit(_ bit: Bool, at index: Int) {
        if index & 7 == 0 { append(UInt8(0)) }
        guard bit, let base else { return }
        let byte = base.assumingMemoryBound(to: UInt8.self) + index >> 3
        byte.pointee |= 1 << UInt8(index & 7)
    }

    private func reserve(_ extra: Int) -> UnsafeMutableRawPointer {
        let needed = count + extra
        if needed > capacity || base == nil {
            let grown = max(64, needed, capacity + capacity / 2)
            guard let block = realloc(base, grown) else {
                preconditionFailure("Out of memory: an Arrow buffer cannot grow to \(grown) bytes.")
            }
            base = block
            capacity = grown
            return block + count
        }
        guard let base else { preconditionFailure("A buffer with capacity has a block.") }
        return base + count
    }
}

/// A finished column: its type, its length and its Arrow buffers.
public final class ArrowColumn {
    public let type: ArrowType
    public let length: Int
    public let nullCount: Int
    /// Validity (nil: no nulls), then offsets for utf8 and binary, then values.
    let buffers: [ArrowBuffer?]

    init(type: ArrowType, length: Int, nullCount: Int, buffers: [ArrowBuffer?]) {
        self.type = type
        self.length = length
        self.nullCount = nullCount
        self.buffers = buffers
    }

    /// A utf8 column over `malloc`ed blocks, which it takes over: nothing is copied, and nothing is checked.
    ///
    /// `offsets` holds `length + 1` Int32, monotone, the last being `valueBytes`; the values are well-formed UTF-8;
    /// `validity` is a bitmap (1: present), or nil when `nullCount` is 0.
    public static func utf8(
        adoptingValues values: UnsafeMutableRawPointer?, valueBytes: Int, offsets: UnsafeMutableRawPointer,
        validity: UnsafeMutableRawPointer?, length: Int, nullCount: Int
    ) -> ArrowColumn {
        ArrowColumn(
            type: .utf8, length: length, nullCount: nullCount,
            buffers: [
                validity.map { ArrowBuffer(adopting: $0, count: (length + 7) / 8) },
                ArrowBuffer(adopting: offsets, count: (length + 1) * 4),
                ArrowBuffer(adopting: values, count: valueBytes),
            ])
    }

    /// An int64 column without nulls over a `malloc`ed block of `length` Int64, which it takes over.
    public static func int64(adopting values: UnsafeMutableRawPointer?, length: Int) -> ArrowColumn {
        ArrowColumn(
            type: .int64, length: length, nullCount: 0,
            buffers: [nil, ArrowBuffer(adopting: values, count: length * 8)])
    }
}
