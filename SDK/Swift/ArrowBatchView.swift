public import SluiceABI

/// A batch of the host, moved here: read-only, bounds-checked, released when the last reference goes.
///
/// Use it from one thread at a time.
public final class ArrowBatchView {
    public let fields: [ArrowField]
    public let rowCount: Int
    private var array: ArrowArray

    /// Move `source` here (its `release` becomes NULL) and check its layout against `fields`.
    ///
    /// Throws when a column or a buffer is missing or too short, offsets are not monotone, or the top holds nulls.
    public init(moving source: UnsafeMutablePointer<ArrowArray>, fields: [ArrowField]) throws(PluginFailure) {
        guard source.pointee.release != nil else { throw PluginFailure(message: "The batch was already released.") }
        array = source.pointee
        source.pointee.release = nil
        self.fields = fields
        rowCount = max(0, Int(array.length))
        // From here on deinit releases the array, also when a check throws.
        guard array.length >= 0, array.offset >= 0, array.n_children == Int64(fields.count) else {
            throw PluginFailure(message: "The batch does not have the columns of its schema.")
        }
        guard array.null_count == 0 || array.n_buffers == 0 || array.buffers?[0] == nil else {
            throw PluginFailure(message: "The batch holds nulls at its top.")
        }
        for index in fields.indices { try check(index) }
    }

    deinit { array.release?(&array) }

    /// A column by position; the view keeps the batch alive.
    public func column(_ index: Int) -> ArrowColumnView {
        precondition(fields.indices.contains(index), "A batch has no such column.")
        // `check` proved that the child is there.
        guard let child = array.children?[index] else { preconditionFailure("A checked batch has all its children.") }
        return ArrowColumnView(
            batch: self, type: fields[index].type, count: rowCount, start: Int(array.offset + child.pointee.offset),
            array: UnsafePointer(child))
    }

    /// A column by name; nil when the batch has none.
    public func column(named name: String) -> ArrowColumnView? {
        fields.firstIndex { $0.name == name }.map { column($0) }
    }

    private func check(_ index: Int) throws(PluginFailure) {
        let broken = PluginFailure(message: "Column \(index + 1) of a batch is not laid out as its type demands.")
        guard let child = array.children?[index]?.pointee, child.dictionary == nil else { throw broken }
        let type = fields[index].type
        guard child.offset >= 0, child.length >= array.length + array.offset,
            child.n_buffers == Int64(type.bufferCount), let buffers = child.buffers
        else { throw broken }
        guard rowCount > 0 else { return }
        guard child.null_count == 0 || child.null_count == -1 || buffers[0] != nil else { throw broken }
        guard let second = buffers[1] else { throw broken }
        guard type.isVariable else { return }
        let start = Int(array.offset + child.offset)
        let offsets = second.assumingMemoryBound(to: Int32.self)
        var last = offsets[start]
        guard last >= 0 else { throw broken }
        for row in start..<(start + rowCount) {
            let next = offsets[row + 1]
            guard next >= last else { throw broken }
            last = next
        }
        guard last == offsets[start] || buffers[2] != nil else { throw broken }
    }
}

/// One column of a moved batch. Rows count from 0 and are checked; offsets of slices are honoured.
public struct ArrowColumnView {
    private let batch: ArrowBatchView
    public let type: ArrowType
    public let count: Int
    private let start: Int
    private let array: UnsafePointer<ArrowArray>

    fileprivate init(
        batch: ArrowBatchView, type: ArrowType, count: Int, start: Int, array: UnsafePointer<ArrowArray>
    ) {
        self.batch = batch
        self.type = type
        self.count = count
        self.start = start
        self.array = array
    }

    private func buffer(_ index: Int) -> UnsafeRawPointer? { array.pointee.buffers?[index] }

    private func at(_ row: Int) -> Int {
        precondition(row >= 0 && row < count, "A row is outside its batch.")
        return start + row
    }

    public func isNull(_ row: Int) -> Bool {
        let place = at(row)
        guard let bitmap = buffer(0) else { return false }
        return bitmap.load(fromByteOffset: place >> 3, as: UInt8.self) & (1 << UInt8(place & 7)) == 0
    }

    /// Nulls among the rows of this view, counted from the bitmap.
    public var nullCount: Int {
        guard count > 0, let bitmap = buffer(0) else { return 0 }
        var valid = 0
        var place = start
        let end = start + count
        while place < end {
            let byte = bitmap.load(fromByteOffset: place >> 3, as: UInt8.self)
            let first = place & 7
            let width = min(8 - first, end - place)
            valid += ((byte >> UInt8(first)) & UInt8(truncatingIfNeeded: (1 << width) - 1)).nonzeroBitCount
            place += width
        }
        return count - valid
    }

    /// A value of a bool column; nil for null.
    public func bool(_ row: Int) -> Bool? {
        precondition(type == .bool, "The column holds no booleans.")
        guard !isNull(row), let values = buffer(1) else { return nil }
        let place = at(row)
        return values.load(fromByteOffset: place >> 3, as: UInt8.self) & (1 << UInt8(place & 7)) != 0
    }

    /// A value of an int64 or timestamp (microseconds) column; nil for null.
    public func int64(_ row: Int) -> Int64? {
        precondition(type == .int64 || type == .timestamp, "The column holds no 64-bit whole numbers.")
        guard !isNull(row), let values = buffer(1) else { return nil }
        return values.loadUnaligned(fromByteOffset: at(row) * 8, as: Int64.self)
    }

    /// A value of a float64 column; nil for null.
    public func float64(_ row: Int) -> Double? {
        precondition(type == .float64, "The column holds no floating-point numbers.")
        guard !isNull(row), let values = buffer(1) else { return nil }
        return values.loadUnaligned(fromByteOffset: at(row) * 8, as: Double.self)
    }

    /// A value of a date32 column, in days since 1970-01-01; nil for null.
    public func date32(_ row: Int) -> Int32? {
        precondition(type == .date32, "The column holds no dates.")
        guard !isNull(row), let values = buffer(1) else { return nil }
        return values.loadUnaligned(fromByteOffset: at(row) * 4, as: Int32.self)
    }

    /// Lend the bytes of a utf8 or binary value for one call; nil for null.
    public func withBytes<Result>(_ row: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        precondition(type.isVariable, "The column holds no text and no bytes.")
        guard !isNull(row), let offsets = buffer(1) else { return nil }
        let place = at(row)
        let low = Int(offsets.loadUnaligned(fromByteOffset: place * 4, as: Int32.self))
        let high = Int(offsets.loadUnaligned(fromByteOffset: place * 4 + 4, as: Int32.self))
        return withExtendedLifetime(batch) {
            body(UnsafeRawBufferPointer(start: buffer(2).map { $0 + low }, count: high - low))
        }
    }

    /// A copy of a utf8 value; nil for null.
    public func string(_ row: Int) -> String? {
        withBytes(row) { String(decoding: $0, as: UTF8.self) }
    }
}
