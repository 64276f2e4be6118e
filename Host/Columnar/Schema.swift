public import Foundations

/// The type of a column.
@frozen
public enum ColumnType: Sendable, Hashable {
    /// Bits, least significant first. Arrow "b".
    case bool
    /// 64-bit signed integers. Arrow "l".
    case int64
    /// IEEE 754 doubles. Arrow "g".
    case float64
    /// UTF-8 with 32-bit offsets. Arrow "u".
    case text
    /// Days since 1970-01-01, 32 bits. Arrow "tdD".
    case date
    /// Microseconds since 1970-01-01T00:00:00Z, 64 bits. Arrow "tsu:UTC".
    case timestamp
    /// Bytes with 32-bit offsets. Arrow "z".
    case binary
    /// 64-bit signed integers that count units of 10^-scale: precision 1–18, scale 0–precision. Plans make it; it never
    /// crosses to a runner.
    case decimal(precision: UInt8, scale: UInt8)

    /// The types that may cross to a runner; a type's code is its place, from 1.
    public static let crossing: [ColumnType] = [.bool, .int64, .float64, .text, .date, .timestamp, .binary]
    /// Most digits of a decimal: so many always fit 64 bits.
    public static let maximumPrecision = 18

    /// The number that the runner's protocol has for the type; 0 for a type that must not cross.
    public var code: UInt32 {
        switch self {
        case .bool: 1
        case .int64: 2
        case .float64: 3
        case .text: 4
        case .date: 5
        case .timestamp: 6
        case .binary: 7
        case .decimal: 0
        }
    }

    public init?(code: UInt32) {
        guard code >= 1, code <= Self.crossing.count else { return nil }
        self = Self.crossing[Int(code) - 1]
    }

    /// As artifacts and DSL plans name it, for example `int64` or `decimal(12,2)`.
    public var name: String {
        switch self {
        case .bool: "bool"
        case .int64: "int64"
        case .float64: "float64"
        case .text: "text"
        case .date: "date"
        case .timestamp: "timestamp"
        case .binary: "binary"
        case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
        }
    }

    /// The type of a name; a decimal's digits are written without leading zeros or blanks.
    public init?(name: String) {
        if let type = Self.crossing.first(where: { $0.name == name }) {
            self = type
            return
        }
        guard name.hasPrefix("decimal("), name.hasSuffix(")") else { return nil }
        let parts = name.dropFirst(8).dropLast().split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, let precision = UInt8(parts[0]), let scale = UInt8(parts[1]), precision >= 1,
            precision <= Self.maximumPrecision, scale <= precision
        else { return nil }
        self = .decimal(precision: precision, scale: scale)
        guard self.name == name else { return nil }
    }

    /// Bytes a value; nil for bits and for types of variable width.
    @inlinable public var width: Int? {
        switch self {
        case .int64, .float64, .timestamp, .decimal: 8
        case .date: 4
        case .bool, .text, .binary: nil
        }
    }

    @inlinable public var hasOffsets: Bool { self == .text || self == .binary }

    @inlinable public var isDecimal: Bool { if case .decimal = self { true } else { false } }
}

/// A column's name and type.
public struct Field: Sendable, Equatable {
    public let name: String
    public let type: ColumnType
    public let nullable: Bool

    public init(_ name: String, _ type: ColumnType, nullable: Bool = true) {
        self.name = name
        self.type = type
        self.nullable = nullable
    }

    public var json: JSON { ["name": .string(name), "type": .string(type.name), "nullable": .bool(nullable)] }
}

/// The columns of a table, in order.
public struct Schema: Sendable, Equatable {
    public let fields: [Field]

    public init(_ fields: [Field]) { self.fields = fields }

    public func index(of name: String) -> Int? { fields.firstIndex { $0.name == name } }

    public var json: JSON { .array(fields.map(\.json)) }

    /// SHA-256 over names, types and nullability in order.
    public var hash: SHA256.Digest { json.canonicalHash }
}
