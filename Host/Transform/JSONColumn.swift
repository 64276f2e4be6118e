public import Columnar
public import Foundations

/// A column of values of JSON documents, one a row.
///
/// A value has its type's form: texts, dates (`YYYY-MM-DD`) and timestamps (RFC 3339) are strings; int64 is an integer;
/// decimals are strings or integers, `"12.30"`; float64 is a number; bool is true or false. A string with the text of a
/// value stands for the value too, since many readers of JSON round large numbers. Null, and a value that is not there,
/// is null of any type. Used by one thread.
public final class JSONColumn {
    public let type: ColumnType
    private var builder: ColumnBuilder
    /// Rows that have a value or null.
    public private(set) var count = 0

    public init(_ type: ColumnType) {
        self.type = type
        builder = ColumnBuilder(type)
    }

    /// Bytes that the values take.
    public var byteCount: Int { builder.valueByteCount }

    /// Appends a value, or null where it has not the form of the type.
    ///
    /// - Returns: whether it has.
    public func append(_ json: JSON?) -> Bool {
        count += 1
        guard let json, json != .null else {
            builder.appendNull()
            return true
        }
        guard put(json) else {
            builder.appendNull()
            return false
        }
        return true
    }

    private func put(_ json: JSON) -> Bool {
        switch (type, json) {
        case (.text, .string(let value)): builder.append(text: value)
        case (.bool, .bool(let value)): builder.append(bool: value)
        case (.int64, .int(let value)): builder.append(int64: value)
        case (.int64, .string(let text)):
            guard let value = Int64(text), String(value) == text else { return false }
            builder.append(int64: value)
        case (.bool, .string("true")): builder.append(bool: true)
        case (.bool, .string("false")): builder.append(bool: false)
        case (.float64, .string(let text)):
            var value = 0.0
            guard Self.read(text, { TextGuard.float64($0, &value) }) else { return false }
            builder.append(float64: value)
        case (.float64, .int), (.float64, .double):
            guard let value = json.doubleValue, value.isFinite else { return false }
            builder.append(float64: value)
        case (.date, .string(let text)):
            var days: Int32 = 0
            guard Self.read(text, { TextGuard.date($0, &days) }) else { return false }
            builder.append(date: days)
        case (.timestamp, .string(let text)):
            var microseconds: Int64 = 0
            guard Self.read(text, { TextGuard.timestamp($0, &microseconds) }) else { return false }
            builder.append(int64: microseconds)
        case (.decimal(let precision, let scale), .string(let text)):
            guard let literal = DecimalLiteral(text),
                let units = literal.units(precision: Int(precision), scale: Int(scale))
            else { return false }
            builder.append(int64: units)
        case (.decimal(let precision, let scale), .int(let value)):
            let literal = DecimalLiteral(units: value, precision: UInt8(ColumnType.maximumPrecision), scale: 0)
            guard let units = literal.units(precision: Int(precision), scale: Int(scale)) else { return false }
            builder.append(int64: units)
        default: return false
        }
        return true
    }

    private static func read(_ text: String, _ guarding: (UnsafeRawBufferPointer) -> Reason?) -> Bool {
        var text = text
        return text.withUTF8 { guarding(UnsafeRawBufferPointer($0)) == nil }
    }

    /// The column; what is appended afterwards begins another one.
    public func finish() -> Column {
        var next = ColumnBuilder(type)
        swap(&next, &builder)
        count = 0
        return next.finish()
    }
}

extension DecimalLiteral {
    /// The same number in units of 10^-scale; nil when it has more digits than fit.
    func units(precision: Int, scale: Int) -> Int64? {
        var units = units
        var digits = Int(self.scale)
        while digits > scale {
            guard units % 10 == 0 else { return nil }
            units /= 10
            digits -= 1
        }
        while digits < scale {
            let (more, overflow) = units.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            units = more
            digits += 1
        }
        return units == 0 || String(units.magnitude).utf8.count <= precision ? units : nil
    }
}
