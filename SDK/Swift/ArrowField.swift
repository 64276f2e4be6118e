public import SluiceABI

#if canImport(Glibc)
internal import Glibc
#endif

/// The types of values that may cross the boundary (connector.h).
public enum ArrowType: Hashable, Sendable, CaseIterable {
    case bool, int64, float64, utf8, binary
    /// Days since 1970-01-01, 32 bits.
    case date32
    /// Microseconds since 1970-01-01 00:00 UTC, 64 bits.
    case timestamp

    /// The format string of the Arrow C Data Interface.
    public var format: StaticString {
        switch self {
        case .bool: "b"
        case .int64: "l"
        case .float64: "g"
        case .utf8: "u"
        case .binary: "z"
        case .date32: "tdD"
        case .timestamp: "tsu:UTC"
        }
    }

    /// The type of a format string; nil for a format that may not cross.
    public init?(format: String) {
        guard let known = ArrowType.allCases.first(where: { $0.format.description == format }) else { return nil }
        self = known
    }

    /// Validity, then values; for utf8 and binary offsets between them.
    var bufferCount: Int { isVariable ? 3 : 2 }

    var isVariable: Bool { self == .utf8 || self == .binary }

    /// Bytes that `length` fixed-width values take; offsets are not counted.
    func byteCount(_ length: Int) -> Int {
        switch self {
        case .bool: (length + 7) / 8
        case .int64, .float64, .timestamp: length * 8
        case .date32: length * 4
        case .utf8, .binary: 0
        }
    }
}

/// One column of a table: its name, its type, and whether it may hold nulls.
public struct ArrowField: Hashable, Sendable {
    public var name: String
    public var type: ArrowType
    public var isNullable: Bool

    public init(_ name: String, _ type: ArrowType, isNullable: Bool = true) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
    }
}

/// Schemas in and out of the Arrow C Data Interface: a struct ("+s") with one child a column.
public enum ArrowSchemaBridge {
    /// Fill `out` with a schema that the receiver owns and releases.
    public static func export(_ fields: [ArrowField], into out: UnsafeMutablePointer<ArrowSchema>) {
        let children = UnsafeMutablePointer<UnsafeMutablePointer<ArrowSchema>?>.allocate(capacity: max(1, fields.count))
        for (index, field) in fields.enumerated() {
            let child = UnsafeMutablePointer<ArrowSchema>.allocate(capacity: 1)
            child.initialize(to: node(format: field.type.format, name: field.name, isNullable: field.isNullable))
            children[index] = child
        }
        out.initialize(to: node(format: "+s", name: "", isNullable: false))
        out.pointee.n_children = Int64(fields.count)
        out.pointee.children = children
    }

    /// A node that owns its name alone; `release` frees the children that were not moved away.
    private static func node(format: StaticString, name: String, isNullable: Bool) -> ArrowSchema {
        var schema = ArrowSchema()
        // A StaticString's bytes are NUL-terminated and live as long as the process.
        schema.format = UnsafeRawPointer(format.utf8Start).assumingMemoryBound(to: CChar.self)
        schema.name = UnsafePointer(strdup(name))
        schema.flags = isNullable ? Int64(ARROW_FLAG_NULLABLE) : 0
        schema.release = { itself in
            guard let itself else { return }
            if let children = itself.pointee.children {
                for index in 0..<Int(itself.pointee.n_children) {
                    guard let child = children[index] else { continue }
                    if let release = child.pointee.release { release(child) }
                    child.deallocate()
                }
                children.deallocate()
            }
            free(UnsafeMutableRawPointer(mutating: itself.pointee.name))
            itself.pointee.children = nil
            itself.pointee.name = nil
            itself.pointee.release = nil
        }
        return schema
    }

    /// The fields of a borrowed schema; throws when it is no flat struct of types that may cross.
    public static func fields(of schema: UnsafePointer<ArrowSchema>) throws(PluginFailure) -> [ArrowField] {
        let top = schema.pointee
        guard top.release != nil else { throw PluginFailure(message: "The schema was already released.") }
        guard let format = top.format, String(cString: format) == "+s" else {
            throw PluginFailure(message: "The schema of a batch is not a struct.")
        }
        var fields: [ArrowField] = []
        for index in 0..<Int(top.n_children) {
            guard let child = top.children?[index]?.pointee, let format = child.format else {
                throw PluginFailure(message: "Column \(index + 1) of the schema is missing.")
            }
            guard let type = ArrowType(format: String(cString: format)), child.dictionary == nil else {
                throw PluginFailure(message: "Column \(index + 1) has a type that may not cross the boundary.")
            }
            let name = child.name.map { String(cString: $0) } ?? ""
            fields.append(ArrowField(name, type, isNullable: child.flags & Int64(ARROW_FLAG_NULLABLE) != 0))
        }
        return fields
    }
}
