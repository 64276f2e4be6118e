public import Foundations

/// The physical type of a column; raw values are those of the runner's protocol.
@frozen
public enum ColumnType: UInt32, Sendable, CaseIterable {
    /// Bits, least significant first. Arrow "b".
    case bool = 1
    /// 64-bit signed integers. Arrow "l".
    case int64 = 2
    /// IEEE 754 doubles. Arrow "g".
    case float64 = 3
    /// UTF-8 with 32-bit offsets. Arrow "u".
    case text = 4
    /// Days since 1970-01-01, 32 bits. Arrow "tdD".
    case date = 5
    /// Microseconds since 1970-01-01T00:00:00Z, 64 bits. Arrow "tsu:UTC".
    case timestamp = 6
    /// Bytes with 32-bit offsets. Arrow "z".
    case binary = 7

    /// As artifacts and DSL plans name it.
    public var name: String {
        switch self {
        case .bool: "bool"
        case .int64: "int64"
        case .float64: "float64"
        case .text: "text"
        case .date: "date"
        case .timestamp: "timestamp"
        case .binary: "binary"
        }
    }

    public init?(name: String) {
        guard let type = ColumnType.allCases.first(where: { $0.name == name }) else { return nil }
        self = type
    }

    /// Bytes a value; nil for bits and for types of variable width.
    @inlinable public var width: Int? {
        switch self {
        case .int64, .float64, .timestamp: 8
        case .date: 4
        case .bool, .text, .binary: nil
        }
    }

    @inlinable public var hasOffsets: Bool { self == .text || self == .binary }
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
