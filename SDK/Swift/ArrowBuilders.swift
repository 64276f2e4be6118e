/// What every builder of a column can do.
public protocol ArrowColumnBuilder: AnyObject {
    var type: ArrowType { get }
    /// Rows so far.
    var count: Int { get }
    func appendNull()
    /// The column; the builder is empty afterwards and may be used anew.
    func finish() -> ArrowColumn
}

/// The validity bitmap of a column under construction; it costs nothing until the first null.
struct ValidityBuilder {
    private(set) var count = 0
    private(set) var nullCount = 0
    private var bitmap: ArrowBuffer?

    mutating func append(isValid: Bool) {
        if !isValid, bitmap == nil {
            let fresh = ArrowBuffer()
            for index in 0..<count { fresh.appendBit(true, at: index) }
            bitmap = fresh
        }
        bitmap?.appendBit(isValid, at: count)
        count += 1
        if !isValid { nullCount += 1 }
    }

    mutating func finish() -> (bitmap: ArrowBuffer?, count: Int, nullCount: Int) {
        let result = (bitmap, count, nullCount)
        self = ValidityBuilder()
        return result
    }
}

/// Builds int64, float64, date32 and timestamp columns.
public final class ArrowFixedBuilder<Value: BitwiseCopyable & AdditiveArithmetic>: ArrowColumnBuilder {
    public let type: ArrowType
    private var validity = ValidityBuilder()
    private var values = ArrowBuffer()

    fileprivate init(type: ArrowType) { self.type = type }

    public var count: Int { validity.count }

    public func append(_ value: Value?) {
        values.append(value ?? .zero)
        validity.append(isValid: value != nil)
    }

    public func appendNull() { append(nil) }

    public func finish() -> ArrowColumn {
        let (bitmap, count, nulls) = validity.finish()
        let column = ArrowColumn(type: type, length: count, nullCount: nulls, buffers: [bitmap, values])
        values = ArrowBuffer()
        return column
    }
}

extension ArrowFixedBuilder where Value == Int64 {
    /// 64-bit whole numbers.
    public static func int64() -> ArrowFixedBuilder<Int64> { ArrowFixedBuilder(type: .int64) }
    /// Microseconds since 1970-01-01 00:00 UTC.
    public static func timestamp() -> ArrowFixedBuilder<Int64> { ArrowFixedBuilder(type: .timestamp) }
}

extension ArrowFixedBuilder where Value == Double {
    /// 64-bit binary floating point.
    public static func float64() -> ArrowFixedBuilder<Double> { ArrowFixedBuilder(type: .float64) }
}

extension ArrowFixedBuilder where Value == Int32 {
    /// Days since 1970-01-01.
    public static func date32() -> ArrowFixedBuilder<Int32> { ArrowFixedBuilder(type: .date32) }
}

/// Builds bool columns, one bit a value.
public final class ArrowBoolBuilder: ArrowColumnBuilder {
    private var validity = ValidityBuilder()
    private var values = ArrowBuffer()

    public init() {}

    public var type: ArrowType { .bool }
    public var count: Int { validity.count }

    public func append(_ value: Bool?) {
        values.appendBit(value ?? false, at: validity.count)
        validity.append(isValid: value != nil)
    }

    public func appendNull() { append(nil) }

    public func finish() -> ArrowColumn {
        let (bitmap, count, nulls) = validity.finish()
        let column = ArrowColumn(type: .bool, length: count, nullCount: nulls, buffers: [bitmap, values])
        values = ArrowBuffer()
        return column
    }
}

/// Builds utf8 and binary columns with 32-bit offsets: at most 2 GiB of values.
public final class ArrowBytesBuilder: ArrowColumnBuilder {
    public let type: ArrowType
    private var validity = ValidityBuilder()
    private var offsets = ArrowBuffer()
    private var values = ArrowBuffer()

    private init(type: ArrowType) {
        self.type = type
        offsets.append(Int32(0))
    }

    /// Text in UTF-8.
    public static func utf8() -> ArrowBytesBuilder { ArrowBytesBuilder(type: .utf8) }
    /// Bytes of any kind.
    public static func binary() -> ArrowBytesBuilder { ArrowBytesBuilder(type: .binary) }

    public var count: Int { validity.count }
    /// Bytes of values so far.
    public var valueBytes: Int { values.count }

    /// Append bytes as they are; for utf8 the author answers for their being well-formed.
    public func append(bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= Int(Int32.max) - values.count, "A batch holds at most 2 GiB of text a column.")
        values.append(bytes)
        offsets.append(Int32(values.count))
        validity.append(isValid: true)
    }

    public func append(_ text: String?) {
        guard var text else { return appendNull() }
        text.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
    }

    public func appendNull() {
        offsets.append(Int32(values.count))
        validity.append(isValid: false)
    }

    public func finish() -> ArrowColumn {
        let (bitmap, count, nulls) = validity.finish()
        let column = ArrowColumn(type: type, length: count, nullCount: nulls, buffers: [bitmap, offsets, values])
        offsets = ArrowBuffer()
        offsets.append(Int32(0))
        values = ArrowBuffer()
        return column
    }
}
